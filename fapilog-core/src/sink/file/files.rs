//! [`Files`]: which file is written to, and when the next one begins.

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::SystemTime,
};

use super::{
    active::{Active, Look},
    directory::Directory,
    keeper::Keeper,
    name::Names,
    reopen::FileHandle,
    rotation::Schedule,
};
use crate::{
    diagnostics::Voice,
    settings::{FileSettings, FileSync},
    sink::console::Torn,
};

/// Why a file is not written to that could not be forced onto the disk.
pub(super) const SPOILT: &str = "what was written may be lost";

/// The file that is open, and all that decides on the next one.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) settings: FileSettings,
    pub(super) names: Names,
    pub(super) schedule: Schedule,
    active: Option<Active>,
    handle: FileHandle,
    /// The stamp and number of the last file, lest all names of a second are tried for each.
    pub(super) last: (String, u32),
    /// No file of this process has been open yet.
    pub(super) is_first: bool,
    /// The file that is open must not be written to any more.
    is_spoilt: bool,
    /// The system lets the file that is open not grow any more.
    is_full: bool,
    /// The next file could not be begun: the rest of the batch goes to the one that is open.
    is_stuck: bool,
    keeper: Option<Keeper>,
    voice: Voice,
}

impl Files {
    pub(super) fn new(
        settings: FileSettings,
        names: Names,
        schedule: Schedule,
        handle: FileHandle,
        keeper: Option<Keeper>,
        voice: Voice,
    ) -> Self {
        Self {
            settings,
            names,
            schedule,
            active: None,
            handle,
            last: (String::new(), 0),
            is_first: true,
            is_spoilt: false,
            is_full: false,
            is_stuck: false,
            keeper,
            voice,
        }
    }

    /// Begins a batch: what went wrong with the last one is tried again.
    pub(super) fn begin_batch(&mut self) {
        self.handle.trouble(None);
        self.is_stuck = false;
    }

    /// Makes a file ready to write so many bytes to: the one that is open, unless it was moved, is
    /// full, or of a time that is over.
    ///
    /// # Errors
    ///
    /// If no file can be opened. What only keeps the next one from being begun is no error: the old
    /// one takes the events.
    pub(super) fn ready(&mut self, now: SystemTime, bytes: usize) -> io::Result<()> {
        let is_to_reopen = self.handle.is_to_reopen();
        match self.look() {
            Some(Look::Same) if !is_to_reopen => {}
            Some(Look::Same | Look::Renamed) if self.is_stuck => {}
            Some(Look::Same | Look::Renamed) => {
                if let Err(error) = self.open(now) {
                    self.trouble("cannot reopen", &error);
                    self.is_stuck = true;
                }
            }
            Some(Look::Deleted) | None => {
                self.close();
                self.open(now)?;
            }
        }
        if is_to_reopen && self.is_stuck {
            self.handle.reopen();
        }
        // The file of an earlier process, too, may be full or of another day.
        if !self.is_stuck && self.is_due(now, bytes) {
            let rolled = self.roll(now);
            self.is_stuck = !matches!(rolled, Ok(true));
            if let Err(error) = rolled {
                self.trouble("cannot rotate", &error);
            }
        }
        match self.is_spoilt {
            true => Err(io::Error::other(SPOILT)),
            false => Ok(()),
        }
    }

    /// How many bytes the file takes before the next one is begun.
    pub(super) fn room(&self) -> u64 {
        let size = self.active.as_ref().map_or(0, |active| active.size);
        match self.is_stuck {
            true => u64::MAX,
            false => (self.settings.max_bytes as u64).saturating_sub(size),
        }
    }

    /// Writes whole lines to the file that is ready.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<(), Torn> {
        let Some(active) = &mut self.active else {
            let error = ErrorKind::NotFound.into();
            return Err(Torn { written: 0, error });
        };
        let size = active.size;
        let written = active.write(lines);
        if let Err(torn) = &written {
            let has_begun = size > 0 || torn.written > 0;
            self.is_full = torn.error.kind() == ErrorKind::FileTooLarge && has_begun;
        }
        written
    }

    /// Whether the last write went wrong in a way that the next file may not.
    pub(super) fn may_go_on(&self) -> bool {
        self.is_full && !self.is_stuck
    }

    /// Never uses the open file again: what was written to it may be lost.
    pub(super) fn spoil(&mut self) {
        self.is_spoilt = true;
    }

    pub(super) fn is_spoilt(&self) -> bool {
        self.is_spoilt
    }

    /// Closes the file, which is forced onto the disk before, unless that is left to the system. The
    /// next event opens one.
    fn close(&mut self) {
        if let Some(active) = self.active.take()
            && self.settings.sync != FileSync::Never
            && !self.is_spoilt
            && let Err(error) = active.file().sync_data()
        {
            self.trouble("cannot sync", &error);
        }
    }

    pub(super) fn active(&self) -> Option<&Active> {
        self.active.as_ref()
    }

    /// Ends what is done in the background, at the next point where it can be left.
    pub(super) fn stop(&mut self) {
        self.active = None;
        if let Some(keeper) = &mut self.keeper {
            keeper.stop();
        }
    }

    fn look(&mut self) -> Option<Look> {
        let active = self.active.as_mut()?;
        Some(active.look(&self.names.path(&active.name)))
    }

    fn is_due(&mut self, now: SystemTime, bytes: usize) -> bool {
        let size = self.active.as_ref().map_or(0, |active| active.size);
        if size == 0 {
            self.schedule.begin(now);
            return self.is_spoilt;
        }
        let is_full = size.saturating_add(bytes as u64) > self.settings.max_bytes as u64;
        is_full || self.is_full || self.is_spoilt || self.schedule.is_due(now)
    }

    /// Begins the next file. Until that is there, the old one is the one that is written to. Returns
    /// false if another process is about to.
    fn roll(&mut self, now: SystemTime) -> io::Result<bool> {
        let directory = Directory::open(&self.names.directory)?;
        let next = match (self.names.fixed.clone(), self.active.as_ref()) {
            (Some(name), Some(active)) => {
                let file = Arc::clone(active.file());
                if !self.put_aside(&directory, &name, &file, now)? {
                    return Ok(false);
                }
                self.open_fixed(&directory, &name, now, true)?
            }
            _ => None,
        };
        let next = match next {
            Some(next) => next,
            None => self.begin(&directory, now)?,
        };
        self.schedule.begin(now);
        self.take(&directory, next);
        Ok(true)
    }

    /// Writes to this file from now on.
    pub(super) fn take(&mut self, directory: &Directory, active: Active) {
        if self.settings.latest_link && self.names.fixed.is_none() {
            let linked = directory.link(&self.names.latest(), &active.name);
            if let Err(error) = linked {
                self.trouble("cannot link to the latest file", &error);
            }
        }
        self.close();
        self.is_first = false;
        self.is_spoilt = false;
        self.is_full = false;
        if let Some(keeper) = &self.keeper {
            keeper.tidy(&active.name);
        }
        self.active = Some(active);
    }

    /// Tells what went wrong and cost no event.
    fn trouble(&self, what: &str, error: &io::Error) {
        let text = format!("{what}: {error}");
        self.voice.say(&text);
        self.handle.trouble(Some(text));
    }
}
