//! Colours, and when to use them.

use std::{env, ffi::OsStr};

use crate::Level;

/// When a sink writes in colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Color {
    /// As the environment says. The first that applies, decides:
    ///
    /// 1. `NO_COLOR` is set and not empty: no colour.
    /// 2. `FORCE_COLOR` is set, not empty and not `0`: colour.
    /// 3. Stdout is a terminal and `TERM` is not `dumb`: colour.
    /// 4. No colour.
    #[default]
    Auto,
    /// In colour, whatever the environment says.
    Always,
    /// Without colour, whatever the environment says.
    Never,
}

impl Color {
    /// Whether to write in colour.
    pub(super) fn is_on(self, is_terminal: bool) -> bool {
        self.decide(is_terminal, |name| env::var_os(name))
    }

    fn decide<T: AsRef<OsStr>>(self, is_terminal: bool, get: impl Fn(&str) -> Option<T>) -> bool {
        let is_set = |name| get(name).is_some_and(|value| !value.as_ref().is_empty());
        let is = |name, text: &str| get(name).is_some_and(|value| value.as_ref() == text);
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if is_set("NO_COLOR") => false,
            Color::Auto if is_set("FORCE_COLOR") && !is("FORCE_COLOR", "0") => true,
            Color::Auto => is_terminal && !is("TERM", "dumb"),
        }
    }
}

/// A parameter of the terminal sequence that selects a style.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style(&'static str);

impl Style {
    pub(super) const DIM: Style = Style("2");
    pub(super) const BOLD: Style = Style("1");

    pub(super) fn of_level(level: Level) -> Self {
        Style(match (level, level.priority()) {
            (Level::Audit, _) => "35",
            (Level::Security, _) => "1;35",
            (_, 0..20) => "90",
            (_, 20..30) => "34",
            (_, 30..40) => "33",
            (_, 40..50) => "31",
            (_, 50..) => "1;31",
        })
    }

    /// The same for the same text, at any time and in any process.
    pub(super) fn of_id(id: &str) -> Self {
        const STYLES: [&str; 7] = ["32", "36", "92", "93", "94", "95", "96"];
        let fnv = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let hash = id.bytes().fold(0x811c_9dc5, fnv);
        Style(STYLES[hash as usize % STYLES.len()])
    }
}

/// Writes in colour, or not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Paint {
    pub(super) is_on: bool,
}

impl Paint {
    /// Appends what `inside` appends, in a style.
    pub(super) fn paint(self, out: &mut Vec<u8>, style: Style, inside: impl FnOnce(&mut Vec<u8>)) {
        if !self.is_on {
            return inside(out);
        }
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(style.0.as_bytes());
        out.push(b'm');
        inside(out);
        out.extend_from_slice(b"\x1b[0m");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(color: Color, is_terminal: bool, variables: &[(&str, &'static str)]) -> bool {
        color.decide(is_terminal, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value)
        })
    }

    #[test]
    fn the_first_rule_that_applies_decides() {
        let auto = |is_terminal, variables: &[_]| decide(Color::Auto, is_terminal, variables);
        assert!(auto(true, &[("TERM", "xterm")]));
        assert!(!auto(false, &[("TERM", "xterm")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
        assert!(auto(false, &[("FORCE_COLOR", "1"), ("TERM", "dumb")]));
        assert!(!auto(false, &[("FORCE_COLOR", "0")]));
        assert!(!auto(false, &[("FORCE_COLOR", "")]));
        assert!(!auto(true, &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]));
        assert!(auto(true, &[("NO_COLOR", "")]));
    }

    #[test]
    fn code_wins_over_the_environment() {
        assert!(decide(Color::Always, false, &[("NO_COLOR", "1")]));
        assert!(!decide(Color::Never, true, &[("FORCE_COLOR", "1")]));
    }
}
