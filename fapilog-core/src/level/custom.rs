//! Levels beside those that every pipeline knows.

use std::{error::Error, fmt, sync::RwLock};

use super::Level;
use crate::sync::unpoisoned;

/// The name and priority of a level made by [`Level::custom`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomLevel {
    pub(super) name: &'static str,
    pub(super) priority: u8,
}

/// What settings can name.
static REGISTERED: RwLock<Vec<CustomLevel>> = RwLock::new(Vec::new());

impl Level {
    /// A level of your own, between the others by its priority, 0 to 99. From that of ERROR, 40,
    /// on its events are protected when the queue is full.
    ///
    /// ```
    /// use fapilog_core::{Level, event};
    ///
    /// const NOTICE: Level = Level::custom("NOTICE", 25);
    ///
    /// event!(NOTICE, user = 7, "plan changed");
    /// ```
    ///
    /// Settings can name it once it is [registered](Self::register).
    ///
    /// # Panics
    ///
    /// If the name is not made of `A` to `Z`, `0` to `9` and `_`, beginning with a letter, or if
    /// the priority is above 99; for a constant, when it is compiled.
    pub const fn custom(name: &'static str, priority: u8) -> Self {
        assert!(
            is_name(name.as_bytes()),
            "the name of a level is made of A to Z, 0 to 9 and _"
        );
        assert!(priority <= 99, "the priority of a level is 0 to 99");
        Level::Custom(CustomLevel { name, priority })
    }

    /// Lets settings name a level made by [`custom`](Self::custom), as in
    /// `FAPILOG_CORE__LOG_LEVEL=notice`. Twice the same is fine; so is a level that is always
    /// there.
    ///
    /// # Errors
    ///
    /// If another level has the name.
    pub fn register(self) -> Result<(), LevelTaken> {
        let Level::Custom(new) = self else {
            return Ok(());
        };
        let mut registered = unpoisoned(REGISTERED.write());
        let known = registered.iter().find(|known| known.name == new.name);
        if known == Some(&new) {
            return Ok(());
        }
        if known.is_some() || Level::built_in(new.name).is_some() {
            return Err(LevelTaken(new.name));
        }
        registered.push(new);
        Ok(())
    }
}

/// The level that was registered under this name, in any case.
pub(super) fn registered(name: &str) -> Option<Level> {
    let registered = unpoisoned(REGISTERED.read());
    let mut levels = registered.iter();
    let found = levels.find(|level| name.eq_ignore_ascii_case(level.name));
    found.copied().map(Level::Custom)
}

const fn is_name(name: &[u8]) -> bool {
    let mut index = 0;
    while index < name.len() {
        if !matches!(name[index], b'A'..=b'Z' | b'0'..=b'9' | b'_') {
            return false;
        }
        index += 1;
    }
    index > 0 && name[0].is_ascii_uppercase()
}

/// The name of a level that is another's already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelTaken(&'static str);

impl fmt::Display for LevelTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is another level {}; choose another name", self.0)
    }
}

impl Error for LevelTaken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_level_is_read_by_name_and_ranks_by_priority() {
        const NOTICE: Level = Level::custom("NOTICE", 25);
        assert!("notice".parse::<Level>().is_err());
        assert_eq!([NOTICE.register(), NOTICE.register()], [Ok(()), Ok(())]);
        assert_eq!("Notice".parse(), Ok(NOTICE));
        assert!(Level::Info < NOTICE && NOTICE < Level::Warning);
        assert!(!NOTICE.is_protected() && Level::custom("ALARM", 45).is_protected());
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        assert_eq!(Level::Info.register(), Ok(()));
        for name in ["INFO", "WARN", "FATAL"] {
            let taken = Level::custom(name, 20).register();
            assert_eq!(taken, Err(LevelTaken(name)));
        }
        assert_eq!(Level::custom("TAKEN", 1).register(), Ok(()));
        assert!(Level::custom("TAKEN", 2).register().is_err());
    }
}
