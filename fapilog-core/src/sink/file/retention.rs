//! Which old files are kept.

use std::time::{Duration, SystemTime};

use super::{
    directory::Found,
    name::{Dated, Names},
};
use crate::settings::FileSettings;

/// How much is kept of what is old.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    files: Option<usize>,
    bytes: Option<u64>,
    age: Option<Duration>,
}

impl Retention {
    pub(super) fn new(settings: &FileSettings) -> Self {
        Self {
            files: settings.max_files,
            bytes: settings.max_total_bytes.map(|bytes| bytes as u64),
            age: settings.max_age,
        }
    }

    /// Whether all is kept for ever.
    pub(super) fn keeps_all(&self) -> bool {
        self.files.is_none() && self.bytes.is_none() && self.age.is_none()
    }

    /// Those of the old files that are not kept, the oldest first.
    pub(super) fn outdated<'f>(&self, old: &'f [Old], now: SystemTime) -> Vec<&'f Old> {
        let mut newest_first: Vec<_> = old.iter().collect();
        newest_first.sort_by(|a, b| b.dated.cmp(&a.dated));
        let (mut files, mut bytes) = (0, 0);
        newest_first.retain(|old| {
            files += 1;
            bytes += old.found.bytes;
            let age = now.duration_since(old.found.changed).unwrap_or_default();
            self.files.is_some_and(|most| files > most)
                || self.bytes.is_some_and(|most| bytes > most)
                || self.age.is_some_and(|most| age > most)
        });
        newest_first.reverse();
        newest_first
    }
}

/// A file of ours that is no longer the active one.
#[derive(Clone, Debug)]
pub(super) struct Old {
    pub(super) found: Found,
    pub(super) dated: Dated,
}

/// Ours among the files of a directory.
pub(super) fn own(names: &Names, files: Vec<Found>, active: &str) -> Vec<Old> {
    let others = files.into_iter().filter(|found| found.name != active);
    let own = others.filter_map(|found| {
        let dated = names.read(&found.name)?;
        Some(Old { found, dated })
    });
    own.collect()
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, time::UNIX_EPOCH};

    use super::*;
    use crate::settings::FileMode;

    const HOUR: Duration = Duration::from_secs(3600);

    fn outdated(change: impl FnOnce(&mut FileSettings)) -> Vec<u32> {
        let mut settings = FileSettings::default();
        change(&mut settings);
        let names = Names::dated_only(PathBuf::new(), "app", FileMode::Json);
        let files = [10, 2, 1, 3].map(|hour: u32| Found {
            name: format!("app-20260115-{hour:02}0000.jsonl"),
            bytes: 100,
            changed: UNIX_EPOCH + HOUR * hour,
        });
        let old = own(&names, files.into(), "app-20260115-110000.jsonl");
        let now = UNIX_EPOCH + HOUR * 11;
        let outdated = Retention::new(&settings).outdated(&old, now);
        let hour = |old: &&Old| old.found.name[13..15].parse().unwrap();
        outdated.iter().map(hour).collect()
    }

    #[test]
    fn the_newest_files_are_kept_by_number_bytes_and_age() {
        assert_eq!(outdated(|_| {}), [0; 0]);
        assert_eq!(outdated(|it| it.max_files = Some(3)), [1]);
        assert_eq!(outdated(|it| it.max_files = Some(1)), [1, 2, 3]);
        assert_eq!(outdated(|it| it.max_total_bytes = Some(250)), [1, 2]);
        assert_eq!(outdated(|it| it.max_age = Some(HOUR * 8)), [1, 2]);
        let all = outdated(|it| {
            it.max_files = Some(3);
            it.max_age = Some(HOUR * 9);
        });
        assert_eq!(all, [1]);
    }
}
