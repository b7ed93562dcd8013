//! [`Level`]: how severe an event is.

mod custom;
mod protected;

pub use self::custom::{CustomLevel, LevelTaken};
pub(crate) use self::protected::ProtectedLevels;

use std::{cmp::Ordering, error::Error, fmt, str::FromStr};

/// How severe an event is.
///
/// Levels are ordered by [priority](Level::priority). `AUDIT` and `SECURITY` pass every level
/// filter, whatever its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// The finest detail. Priority 5.
    Trace,
    /// For whoever debugs the service. Priority 10.
    Debug,
    /// The ordinary course of things. Priority 20.
    Info,
    /// Something to look at, nothing has failed. Priority 30.
    Warning,
    /// An operation failed. Priority 40; protected when the queue is full.
    Error,
    /// The service itself is in danger. Priority 50; protected when the queue is full.
    Critical,
    /// A record kept for auditors. Priority 60; protected, and passes every level filter.
    Audit,
    /// A record kept for security. Priority 70; protected, and passes every level filter.
    Security,
    /// A level of your own; see [`Level::custom`].
    Custom(CustomLevel),
}

impl Level {
    /// The levels that every pipeline knows, least severe first.
    pub const ALL: [Level; 8] = [
        Level::Trace,
        Level::Debug,
        Level::Info,
        Level::Warning,
        Level::Error,
        Level::Critical,
        Level::Audit,
        Level::Security,
    ];

    /// The rank of the level: a filter with a threshold keeps what ranks at least as high.
    pub const fn priority(self) -> u8 {
        match self {
            Level::Trace => 5,
            Level::Debug => 10,
            Level::Info => 20,
            Level::Warning => 30,
            Level::Error => 40,
            Level::Critical => 50,
            Level::Audit => 60,
            Level::Security => 70,
            Level::Custom(custom) => custom.priority,
        }
    }

    /// The name as it stands in events: upper case, `WARNING` and not `WARN`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Trace => "TRACE",
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
            Level::Critical => "CRITICAL",
            Level::Audit => "AUDIT",
            Level::Security => "SECURITY",
            Level::Custom(custom) => custom.name,
        }
    }

    /// Whether events of this level may use the protected reserve of the queue, unless the setting
    /// `core.protected_levels` says otherwise.
    pub const fn is_protected(self) -> bool {
        self.priority() >= Level::Error.priority()
    }

    fn built_in(name: &str) -> Option<Self> {
        let aliases = [("WARN", Level::Warning), ("FATAL", Level::Critical)];
        let names = Level::ALL.map(|level| (level.as_str(), level));
        let mut names = names.into_iter().chain(aliases);
        let found = names.find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(_, level)| level)
    }

    /// Whether the level passes every level filter.
    pub const fn passes_filters(self) -> bool {
        matches!(self, Level::Audit | Level::Security)
    }

    /// Whether the level passes a filter that takes this one and those above.
    #[inline]
    pub(crate) const fn reaches(self, least: Level) -> bool {
        self.passes_filters() || self.priority() >= least.priority()
    }
}

impl Ord for Level {
    /// By priority; levels of the same priority by name.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |level: &Level| (level.priority(), level.as_str());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    /// Reads a level name in any case; `WARN` and `FATAL` are aliases of `WARNING` and `CRITICAL`.
    /// Of custom levels, those are known that are [registered](Level::register).
    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let name = text.trim();
        let level = Level::built_in(name).or_else(|| custom::registered(name));
        level.ok_or_else(|| UnknownLevel(name.to_owned()))
    }
}

/// A text that names no level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel(String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown level {:?}; expected one of TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL, AUDIT, SECURITY",
            self.0
        )
    }
}

impl Error for UnknownLevel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_in_any_case() {
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
            assert_eq!(level.as_str().to_lowercase().parse(), Ok(level));
        }
        assert_eq!("warn".parse(), Ok(Level::Warning));
        assert_eq!("Fatal".parse(), Ok(Level::Critical));
    }

    #[test]
    fn an_unknown_name_is_named_in_the_error() {
        let error = "loud".parse::<Level>().unwrap_err();
        assert!(error.to_string().contains("\"loud\""), "{error}");
    }

    #[test]
    fn order_follows_priority() {
        let mut sorted = Level::ALL;
        sorted.sort_by_key(|level| level.priority());
        assert_eq!(sorted, Level::ALL);
    }
}
