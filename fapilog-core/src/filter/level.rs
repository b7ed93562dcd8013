//! Levels as filters: the gate at the call, and a stage.

use std::{error::Error, fmt, str::FromStr};

use super::{Filter, Verdict};
use crate::{Level, UnknownLevel, event::Event};

/// The least level that a pipeline takes, with exceptions by module.
///
/// Read from text such as `info` or `info,my_app=debug,hyper=warn`: a level, and levels for
/// targets. A target stands for itself and the modules below it; the longest that fits decides.
/// `AUDIT` and `SECURITY` always pass; with `off`, nothing else does. Defaults to `info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelFilter {
    default: Level,
    targets: Vec<(String, Level)>,
}

impl LevelFilter {
    /// Takes events of `level` and above.
    pub fn new(level: Level) -> Self {
        Self {
            default: level,
            targets: Vec::new(),
        }
    }

    /// Whether an event of this level, logged from this module, passes.
    pub fn enables(&self, level: Level, target: &str) -> bool {
        level.reaches(self.threshold(target))
    }

    fn threshold(&self, target: &str) -> Level {
        let fits = |name: &str| {
            let rest = target.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let named = self.targets.iter().filter(|(name, _)| fits(name));
        let longest = named.max_by_key(|(name, _)| name.len());
        longest.map_or(self.default, |(_, level)| *level)
    }

    /// The lowest priority that may pass for some target.
    pub(crate) fn least_priority(&self) -> u8 {
        let targets = self.targets.iter().map(|(_, level)| *level);
        let all = targets.chain([self.default, Level::Audit]);
        all.map(Level::priority).min().unwrap_or(0)
    }
}

impl Default for LevelFilter {
    fn default() -> Self {
        Self::new(Level::Info)
    }
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        Self::new(level)
    }
}

impl FromStr for LevelFilter {
    type Err = LevelFilterError;

    fn from_str(text: &str) -> Result<Self, LevelFilterError> {
        let mut filter = Self::default();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let wrong = |reason: String| LevelFilterError {
                part: part.to_owned(),
                reason,
            };
            match part.split_once('=') {
                None => filter.default = threshold(part).map_err(wrong)?,
                Some((target, level)) => {
                    let target = target.trim();
                    if target.is_empty() || target.contains('-') {
                        let module = target.replace('-', "_");
                        return Err(wrong(format!(
                            "a target is a module path such as my_app::db; did you mean {module:?}?"
                        )));
                    }
                    let level = threshold(level.trim()).map_err(wrong)?;
                    filter.targets.push((target.to_owned(), level));
                }
            }
        }
        Ok(filter)
    }
}

/// Reads a level, or `off`.
fn threshold(text: &str) -> Result<Level, String> {
    if text.eq_ignore_ascii_case("off") {
        // What is above it always passes.
        return Ok(Level::Security);
    }
    text.parse()
        .map_err(|error: UnknownLevel| error.to_string())
}

impl fmt::Display for LevelFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.default)?;
        let mut targets = self.targets.iter();
        targets.try_for_each(|(target, level)| write!(f, ",{target}={level}"))
    }
}

/// A part of a level filter that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelFilterError {
    part: String,
    reason: String,
}

impl fmt::Display for LevelFilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {:?}: {}", self.part, self.reason)
    }
}

impl Error for LevelFilterError {}

/// A stage that keeps events of a level and above, and always `AUDIT` and `SECURITY`.
///
/// The books call it `level`. It works besides the gate of the pipeline, which turns calls away
/// before they cost anything and before they are counted.
#[derive(Clone, Copy, Debug)]
pub struct MinLevel(pub Level);

impl Filter for MinLevel {
    fn name(&self) -> &str {
        "level"
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        if event.level().reaches(self.0) {
            Verdict::Keep
        } else {
            Verdict::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_target_decides() {
        let filter: LevelFilter = "warn,app=debug,app::db=error".parse().unwrap();
        assert!(filter.enables(Level::Debug, "app::web"));
        assert!(!filter.enables(Level::Warning, "app::db::pool"));
        assert!(!filter.enables(Level::Info, "application"));
        assert!(filter.enables(Level::Audit, "app::db"));
        assert_eq!(filter.least_priority(), Level::Debug.priority());
    }

    #[test]
    fn text_is_read_back() {
        let filter: LevelFilter = "warn,app=debug".parse().unwrap();
        assert_eq!(filter.to_string().parse(), Ok(filter));
    }

    #[test]
    fn a_crate_name_with_a_hyphen_gets_a_hint() {
        let error = "my-app=debug".parse::<LevelFilter>().unwrap_err();
        assert!(error.to_string().contains("\"my_app\""), "{error}");
    }
}
