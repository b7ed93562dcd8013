//! [`Names`]: what the files of a sink are called.

use std::{
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::tz::Offset;

use crate::{clock::moment, settings::FileMode};

/// The ending of what is compressed.
pub(super) const COMPRESSED: &str = ".gz";

/// The names of one sink's files, and where these are.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) directory: PathBuf,
    prefix: String,
    /// The first one is that of new files.
    endings: Vec<String>,
    /// The name of the active file, if it has always the same one.
    pub(super) fixed: Option<String>,
}

/// What a name says: when a file was begun, or put aside, and the how manieth of that second it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dated {
    stamp: String,
    number: u32,
    pub(super) is_compressed: bool,
}

impl Names {
    /// `{prefix}-{stamp}.jsonl`, or `.log` if there are lines for people in it.
    pub(super) fn dated_only(directory: PathBuf, prefix: &str, mode: FileMode) -> Self {
        let (own, other) = match mode {
            FileMode::Json => (".jsonl", ".log"),
            FileMode::Text => (".log", ".jsonl"),
        };
        Self {
            directory,
            prefix: prefix.to_owned(),
            endings: vec![own.to_owned(), other.to_owned()],
            fixed: None,
        }
    }

    /// The active file is at this path; older ones have a stamp before their extension.
    pub(super) fn fixed_at(path: &Path) -> io::Result<Self> {
        let name = path.file_name().and_then(OsStr::to_str);
        let name = name.ok_or_else(|| invalid("a log file needs a name that is text", path))?;
        let (prefix, ending) = match name.rfind('.') {
            None | Some(0) => (name, ""),
            Some(dot) => name.split_at(dot),
        };
        Ok(Self {
            directory: directory_of(path),
            prefix: prefix.to_owned(),
            endings: vec![ending.to_owned()],
            fixed: Some(name.to_owned()),
        })
    }

    /// Whether the names stay in their directory, and are not hidden.
    pub(super) fn check(&self) -> io::Result<()> {
        let strange = |c: char| c == '/' || c == '\\' || c.is_control();
        if self.prefix.is_empty() || self.prefix.starts_with('.') || self.prefix.contains(strange) {
            return Err(invalid("no name for log files", Path::new(&self.prefix)));
        }
        Ok(())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The name of a file of this second, which has so many before it.
    pub(super) fn dated(&self, stamp: &str, number: u32) -> String {
        let (prefix, ending) = (&self.prefix, &self.endings[0]);
        match number {
            0 => format!("{prefix}-{stamp}{ending}"),
            number => format!("{prefix}-{stamp}-{number}{ending}"),
        }
    }

    /// What the name of an own file says; `None` for all that is not one of ours to the last letter.
    pub(super) fn read(&self, name: &str) -> Option<Dated> {
        let rest = name.strip_prefix(&self.prefix)?.strip_prefix('-')?;
        let (rest, is_compressed) = match rest.strip_suffix(COMPRESSED) {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let of_ending = |ending: &String| read_stamp(rest.strip_suffix(ending.as_str())?);
        let (stamp, number) = self.endings.iter().find_map(of_ending)?;
        Some(Dated {
            stamp: stamp.to_owned(),
            number,
            is_compressed,
        })
    }

    /// Whether a new file could be called so.
    pub(super) fn is_of_new(&self, name: &str) -> bool {
        self.read(name).is_some() && name.ends_with(&self.endings[0])
    }

    /// The name of a file while it is compressed.
    #[cfg(any(test, feature = "gzip"))]
    pub(super) fn temporary(name: &str) -> String {
        format!(".{name}{COMPRESSED}.tmp")
    }

    /// The name of an own file that was being compressed under this name.
    pub(super) fn of_temporary<'n>(&self, name: &'n str) -> Option<&'n str> {
        let own = name.strip_prefix('.')?.strip_suffix(".gz.tmp")?;
        self.read(own).map(|_| own)
    }

    /// The name of the lock under which processes do this one after the other.
    pub(super) fn lock(&self, what: &str) -> String {
        format!(".{}{}.{what}", self.prefix, self.endings[0])
    }

    /// The name of the link to the active file. No ending, or whoever reads all files of one would
    /// read that file twice.
    pub(super) fn latest(&self) -> String {
        format!("{}-latest", self.prefix)
    }
}

/// The stamp of this second, in UTC: `20260115-103000`.
pub(super) fn stamp(now: SystemTime) -> String {
    let second = match now.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |it| -it),
    };
    let at = Offset::UTC.to_datetime(moment(second, 0));
    format!(
        "{:04}{:02}{:02}-{:02}{:02}{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Reads a stamp and, behind another dash, a number from 1.
fn read_stamp(text: &str) -> Option<(&str, u32)> {
    const LENGTH: usize = "20260115-103000".len();
    let (stamp, rest) = text.split_at_checked(LENGTH)?;
    let is_digit = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (date, time) = stamp.split_at_checked(8)?;
    if !is_digit(date) || !is_digit(time.strip_prefix('-')?) {
        return None;
    }
    if rest.is_empty() {
        return Some((stamp, 0));
    }
    let digits = rest.strip_prefix('-')?;
    let is_plain = is_digit(digits) && !digits.starts_with('0');
    let number = digits.parse().ok().filter(|_| is_plain)?;
    Some((stamp, number))
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn invalid(text: &str, path: &Path) -> io::Error {
    let text = format!("{text}: {}", path.display());
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn names() -> Names {
        Names::dated_only(PathBuf::from("logs"), "app", FileMode::Json)
    }

    #[test]
    fn a_name_is_read_back_as_it_was_made() {
        let at = UNIX_EPOCH + Duration::from_secs(1_768_473_000);
        let stamp = stamp(at);
        assert_eq!(stamp, "20260115-103000");
        for (number, name) in [
            (0, "app-20260115-103000.jsonl"),
            (12, "app-20260115-103000-12.jsonl"),
        ] {
            assert_eq!(names().dated(&stamp, number), name);
            let read = names().read(name).unwrap();
            assert_eq!(
                (read.stamp, read.number, read.is_compressed),
                (stamp.clone(), number, false)
            );
            assert!(names().read(&format!("{name}.gz")).unwrap().is_compressed);
            assert_eq!(names().of_temporary(&Names::temporary(name)), Some(name));
        }
    }

    #[test]
    fn what_is_called_almost_so_is_not_ours() {
        for foreign in [
            "app.jsonl",
            "app-errors-20260115-103000.jsonl",
            "application-20260115-103000.jsonl",
            "app-20260115-103000",
            "app-20260115-103000.jsonl.bak",
            "app-20260115-103000.json",
            "app-20260115-103000.jsonl.gz.gz",
            "app-20260115-103000-0.jsonl",
            "app-20260115-103000-01.jsonl",
            "app-20260115-103000-.jsonl",
            "app-20260115-10300.jsonl",
            "app-20260115_103000.jsonl",
            "app-2026011é-103000.jsonl",
            "app-latest",
            ".app.jsonl.lock",
            "",
        ] {
            assert_eq!(names().read(foreign), None, "{foreign}");
        }
        assert!(
            names().read("app-20260115-103000.log").is_some(),
            "of the other mode"
        );
        assert!(!names().is_of_new("app-20260115-103000.log"));
    }

    #[test]
    fn a_fixed_name_keeps_its_extension_behind_the_stamp() {
        let names = Names::fixed_at(Path::new("logs/app.log")).unwrap();
        assert_eq!(names.dated("20260115-103000", 0), "app-20260115-103000.log");
        assert_eq!(names.directory, Path::new("logs"));
        let bare = Names::fixed_at(Path::new("app")).unwrap();
        assert_eq!(bare.dated("20260115-103000", 1), "app-20260115-103000-1");
        assert_eq!(bare.directory, Path::new("."));
        assert!(Names::fixed_at(Path::new("logs/..")).is_err());
    }

    #[test]
    fn a_clock_gone_mad_still_gives_a_stamp() {
        assert_eq!(stamp(UNIX_EPOCH - Duration::from_secs(1 << 40)).len(), 15);
        assert_eq!(
            &stamp(UNIX_EPOCH + Duration::from_secs(1 << 40))[..4],
            "9999"
        );
    }
}
