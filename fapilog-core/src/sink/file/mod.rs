//! Events in files.

mod active;
#[cfg_attr(not(feature = "gzip"), path = "no_compress.rs")]
mod compress;
#[cfg_attr(not(unix), path = "directory_any.rs")]
mod directory;
mod files;
mod gap;
#[cfg_attr(not(unix), path = "no_hangup.rs")]
mod hangup;
mod keeper;
mod mend;
mod name;
mod opening;
mod options;
mod private;
mod reopen;
mod retention;
mod rotation;
mod sync;
mod writing;

use std::{fmt, io, path::PathBuf, sync::Arc};

use jiff::tz::TimeZone;

pub(crate) use self::private::append_in_private;
pub use self::reopen::FileHandle;
use self::{
    files::Files,
    gap::{Gap, Like},
    hangup::Hangup,
    keeper::{Keeper, Work},
    name::Names,
    retention::Retention,
    rotation::Schedule,
    sync::Syncer,
};
use super::{BlockingSink, pretty::Layout};
use crate::{
    clock::{Clock, SystemClock},
    diagnostics::Voice,
    error::SinkError,
    event::Event,
    lane::{Batch, BatchError},
    settings::{FileMode, FileSettings, FileSync, read_size},
};

/// Writes events to a file, and begins a new one when it is full or its time is over.
///
/// The books call it `rotating_file`. There are two forms. [`within`](Self::within) a directory,
/// files are called after the moment of their first event, and the last one is written to:
///
/// ```text
/// fapilog-20260115-103000.jsonl.gz
/// fapilog-20260115-114210.jsonl        this is the active one
/// ```
///
/// [`at`](Self::at) a path, that is the active file, and older ones get the moment at which they were
/// put aside:
///
/// ```text
/// app.log                              this is the active one
/// app-20260115-114210.log
/// ```
///
/// All stamps are UTC. Of several files of one second, all but the first have a number, `-1`, `-2`.
/// What is no log file begins with a dot, but for the link `-latest`. A line is that of
/// [`StdoutJson`](super::StdoutJson), or with [`FileMode::Text`] that of
/// [`StdoutPretty`](super::StdoutPretty), without colour.
///
/// # Minimal setup
///
/// ```no_run
/// use fapilog_core::{LoggerBuilder, RotatingFile};
///
/// let file = RotatingFile::at("logs/app.log").max_bytes(50 << 20).max_files(7);
/// let (log, pipeline) = LoggerBuilder::new().sink(file).build()?;
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// or `FAPILOG_FILE__DIRECTORY=/var/log/shop`, and nothing in code.
///
/// # Delivery
///
/// **Delivered** means that `write(2)` took the whole event; with [`FileSync::Batch`](crate::settings::FileSync)
/// that the disk has it. One `write(2)` carries a batch of up to 64 KiB, unless it ends a file. After
/// a restart nothing is delivered twice. Nothing is tried again after an error.
///
/// Several processes may write to one path: each write is appended as a whole, one of them rotates,
/// and the others follow with their next batch. Not over NFS, where writes are not appended.
///
/// # Failures
///
/// | failure | what happens |
/// |---|---|
/// | disk full, quota, `EIO`, read-only | events that were written as a whole are delivered, the others of the batch dropped, `sink_failed`; the next batch tries again |
/// | events were lost so | the first line that can be written again is an event `gap`, beside the books, with how many, since when and why: before the next event, or with a flush or the end, if none comes |
/// | a line was cut by that | what is there of it is overwritten with blanks; only a disk that refuses even that keeps half a line |
/// | a line was cut by the death of a process | it is removed when the next one opens the file; if others use it, they overwrite it with blanks |
/// | file or directory renamed, removed or replaced | seen before the next write, which goes to a new file; nothing is lost but what a removed file held |
/// | the next file cannot be begun (`EMFILE`, `EACCES`, …) | the old one is written to, however long; each batch tries again |
/// | the system lets a file grow no more (`EFBIG`) | the next one is begun; an event that is too long for any is dropped, `sink_failed` |
/// | `logrotate` with `copytruncate` | writes go on at the new end |
/// | a write that never returns | this sink's thread waits; the shutdown leaves it behind and names it |
/// | `fsync` fails | the events of the batch are dropped, `sink_failed`, as nobody knows; a new file is begun. With [`FileSync::Interval`](crate::settings::FileSync) they count as delivered by then: it is [said](crate::diagnostics) |
/// | the link, pipe, device or file of several names in the place of a log file, a directory that anybody may change | nothing is written, the events are dropped, `sink_failed` |
///
/// # Limits and permissions
///
/// A file has at most [`max_bytes`](Self::max_bytes), or one event. Files get the mode 0640,
/// directories that are missing 0750, whatever the umask. Only files are removed or compressed whose
/// whole name is one of this sink's, that are regular, have one name, and are used by nobody.
///
/// # Counters
///
/// Its figures stand under its name in [`Stats::sinks`](crate::Stats::sinks). What costs no event,
/// such as a file that cannot be compressed, is [said](crate::diagnostics), and kept for
/// [`FileHandle::health_check`].
pub struct RotatingFile {
    name: String,
    place: Place,
    settings: FileSettings,
    clock: Arc<dyn Clock>,
    handle: FileHandle,
    files: Option<Files>,
    syncer: Option<Syncer>,
    hangup: Option<Hangup>,
    gap: Gap,
    layout: Layout,
    /// The bytes of a batch in one piece, and how many of them each event has.
    bytes: Vec<u8>,
    lengths: Vec<usize>,
}

/// Where the files are.
#[derive(Clone, Debug, Default)]
enum Place {
    /// In the directory of the settings, under their prefix.
    #[default]
    Within,
    At(PathBuf),
}

/// Writes to the file at `path`; directories that are missing are made.
///
/// `rotation` is the size after which a new file is begun, as a number of bytes or a text such as
/// `"10 MB"`; `retention` how many old files are kept, `None` for all; `compression` whether these
/// are compressed. More can be set on what is returned.
///
/// ```no_run
/// use fapilog_core::{LoggerBuilder, rotating_file, settings::FileMode};
///
/// let file = rotating_file("logs/app.log", "10 MB", 7, false, FileMode::Json)?;
/// let (log, pipeline) = LoggerBuilder::new().sink(file).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the size cannot be read, or compression needs the feature `gzip`.
pub fn rotating_file(
    path: impl Into<PathBuf>,
    rotation: impl fmt::Display,
    retention: impl Into<Option<usize>>,
    compression: bool,
    mode: FileMode,
) -> Result<RotatingFile, SinkError> {
    let rotation = rotation.to_string();
    let Some(bytes) = read_size(&rotation).filter(|bytes| *bytes > 0) else {
        let text = format!("{rotation:?} is no size; try \"10 MB\"");
        return Err(SinkError::new(text));
    };
    let file = RotatingFile::at(path)
        .max_bytes(bytes)
        .max_files(retention)
        .compress_rotated(compression)
        .mode(mode);
    file.check()?;
    Ok(file)
}

impl RotatingFile {
    /// Writes to the file at this path, and continues it if it is there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::of_place(Place::At(path.into())).append(true)
    }

    /// Writes to files in this directory whose names begin with the prefix, and begins a new one
    /// with each process.
    pub fn within(directory: impl Into<PathBuf>, prefix: impl Into<String>) -> Self {
        let mut file = Self::of_place(Place::Within);
        file.settings.directory = Some(directory.into());
        file.settings.filename_prefix = prefix.into();
        file
    }

    /// Writes to the files of these settings.
    pub(crate) fn of_settings(settings: &FileSettings) -> Self {
        Self {
            settings: settings.clone(),
            ..Self::of_place(Place::Within)
        }
    }

    /// Whether files can be compressed.
    pub(crate) const COMPRESSES: bool = compress::IS_BUILT;

    fn check(&self) -> Result<(), SinkError> {
        if self.settings.compress_rotated && !Self::COMPRESSES {
            let text = "old files are compressed with the feature \"gzip\" of fapilog-core only";
            return Err(SinkError::new(text));
        }
        Ok(())
    }

    fn names(&self) -> io::Result<Names> {
        let names = match &self.place {
            Place::At(path) => Names::fixed_at(path)?,
            Place::Within => {
                let settings = &self.settings;
                Names::dated_only(self.directory(), &settings.filename_prefix, settings.mode)
            }
        };
        names.check()?;
        Ok(names)
    }

    fn open(&self, voice: Voice) -> Result<Files, SinkError> {
        self.check()?;
        let names = self.names()?;
        let settings = &self.settings;
        let zone = TimeZone::get(&settings.time_zone).map_err(SinkError::new)?;
        let schedule = Schedule::new(settings.interval, zone, self.clock.now());
        let keeper = match Work::is_needed(settings) {
            true => Some(Keeper::start(Work {
                names: names.clone(),
                retention: Retention::new(settings),
                compresses: settings.compress_rotated,
                clock: Arc::clone(&self.clock),
                handle: self.handle.clone(),
                voice: voice.clone(),
            })?),
            false => None,
        };
        let (settings, handle) = (settings.clone(), self.handle.clone());
        Ok(Files::new(settings, names, schedule, handle, keeper, voice))
    }
}

impl Default for RotatingFile {
    /// Writes to files in the working directory whose names begin with `fapilog`.
    fn default() -> Self {
        Self {
            name: "rotating_file".to_owned(),
            place: Place::default(),
            settings: FileSettings::default(),
            clock: Arc::new(SystemClock),
            handle: FileHandle::default(),
            files: None,
            syncer: None,
            hangup: None,
            gap: Gap::default(),
            layout: Layout::default(),
            bytes: Vec::new(),
            lengths: Vec::new(),
        }
    }
}

impl BlockingSink for RotatingFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes_serialized(&self) -> bool {
        self.settings.mode == FileMode::Json
    }

    fn start(&mut self) -> Result<(), SinkError> {
        let voice = Voice::of_thread();
        let mut files = self.open(voice.clone())?;
        // What stands in the way now may be gone with the first event.
        if let Err(error) = files.ready(self.clock.now(), 0) {
            let text = format!("cannot open a file yet: {error}");
            voice.say(&text);
            self.handle.trouble(Some(text));
        }
        self.files = Some(files);
        if self.settings.sync == FileSync::Interval {
            self.syncer = Some(Syncer::start(self.settings.sync_interval, voice)?);
        }
        if self.settings.reopen_on_hangup {
            self.hangup = Some(Hangup::watch(self.handle.clone())?);
        }
        Ok(())
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        let line = match self.settings.mode {
            FileMode::Json => (event.to_json() + "\n").into_bytes(),
            FileMode::Text => self.line(event),
        };
        let like = match self.settings.mode {
            FileMode::Json => Like::Line(&line),
            FileMode::Text => Like::Event(event),
        };
        let written = self.deliver(&line, &[line.len()], Some(like));
        written.map_err(SinkError::from)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        self.write_events(batch)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.tell_rest();
        self.sync_now()
    }

    fn stop(&mut self) -> Result<(), SinkError> {
        self.hangup = None;
        if let Some(syncer) = &mut self.syncer {
            syncer.stop();
        }
        if let Some(files) = &mut self.files {
            files.stop();
        }
        Ok(())
    }
}

impl fmt::Debug for RotatingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotatingFile")
            .field("name", &self.name)
            .field("place", &self.place)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
