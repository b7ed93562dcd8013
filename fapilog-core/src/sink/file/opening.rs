//! Opening files: the one that is there, or one of a name that there is not yet.

use std::{
    fs::File,
    io::{self, ErrorKind},
    thread,
    time::{Duration, SystemTime},
};

use super::{
    active::{Active, is_free},
    directory::Directory,
    files::Files,
    name::{COMPRESSED, stamp},
};
use crate::settings::FileMode;

impl Files {
    /// Opens the file that is there, or begins one.
    pub(super) fn open(&mut self, now: SystemTime) -> io::Result<()> {
        let directory = Directory::open(&self.names.directory)?;
        let appends = self.settings.append || !self.is_first;
        let found = match self.names.fixed.clone() {
            Some(name) => self.open_fixed(&directory, &name, now, appends)?,
            None if appends && self.is_first => self.newest(&directory)?,
            None => None,
        };
        let active = match found {
            Some(active) => active,
            None => self.begin(&directory, now)?,
        };
        // The period goes on in which it was written to last.
        let changed = active.changed().ok().filter(|_| active.size > 0);
        self.schedule.begin(changed.unwrap_or(now));
        self.take(&directory, active);
        Ok(())
    }

    /// The file of the fixed name; one that must not be continued is put aside first.
    pub(super) fn open_fixed(
        &mut self,
        directory: &Directory,
        name: &str,
        now: SystemTime,
        appends: bool,
    ) -> io::Result<Option<Active>> {
        const ATTEMPTS: usize = 50;
        let mut is_to_go = !appends;
        for _ in 0..ATTEMPTS {
            let opened = match directory.append_to(name) {
                Err(error) if error.kind() == ErrorKind::NotFound => directory.create(name),
                opened => opened,
            };
            let file = match opened {
                // Another process was faster: this one appends to that file.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                opened => opened?,
            };
            if std::mem::take(&mut is_to_go) && file.metadata()?.len() > 0 {
                self.put_aside(directory, name, &file, now)?;
                continue;
            }
            if let Some(active) = self.adopt(directory, file, name)? {
                return Ok(Some(active));
            }
            // Somebody mends it, or has just put it aside.
            thread::sleep(Duration::from_millis(1));
        }
        Err(ErrorKind::WouldBlock.into())
    }

    /// The newest file of ours that no other process uses.
    fn newest(&self, directory: &Directory) -> io::Result<Option<Active>> {
        let files = directory.files()?;
        let new = files
            .into_iter()
            .filter(|it| self.names.is_of_new(&it.name));
        let dated = new.filter_map(|it| Some((self.names.read(&it.name)?, it.name)));
        let Some((_, name)) = dated.max() else {
            return Ok(None);
        };
        let file = directory.append_to(&name)?;
        match is_free(&file) {
            true => self.adopt(directory, file, &name),
            false => Ok(None),
        }
    }

    /// Begins a file of a name that there is not yet.
    pub(super) fn begin(&mut self, directory: &Directory, now: SystemTime) -> io::Result<Active> {
        loop {
            let name = self.next_name(directory, now)?;
            match directory.create(&name) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => {
                    if let Some(active) = self.adopt(directory, created?, &name)? {
                        return Ok(active);
                    }
                }
            }
        }
    }

    /// Takes a file over, unless another process has it for itself, or has just removed it, put it
    /// aside, or taken it for an old one. From now on none does.
    fn adopt(&self, directory: &Directory, file: File, name: &str) -> io::Result<Option<Active>> {
        let is_json = self.settings.mode == FileMode::Json;
        let Some(active) = Active::new(file, name.to_owned(), is_json)? else {
            return Ok(None);
        };
        Ok(directory.is(name, active.file())?.then_some(active))
    }

    /// A name of this second that was not tried yet, and is not that of a compressed file.
    fn next_name(&mut self, directory: &Directory, now: SystemTime) -> io::Result<String> {
        let stamp = stamp(now);
        if self.last.0 != stamp {
            self.last = (stamp, 0);
        }
        loop {
            let name = self.names.dated(&self.last.0, self.last.1);
            self.last.1 += 1;
            if !directory.has(&format!("{name}{COMPRESSED}"))? && !directory.has(&name)? {
                return Ok(name);
            }
        }
    }

    /// Gives the file of the fixed name another one, unless another process is about to, or has
    /// done so. Returns whether the name is free now.
    pub(super) fn put_aside(
        &mut self,
        directory: &Directory,
        name: &str,
        file: &File,
        now: SystemTime,
    ) -> io::Result<bool> {
        let Some(lock) = directory.try_lock(&self.names.lock("lock"))? else {
            return Ok(false);
        };
        if !directory.is(name, file)? {
            return Ok(true);
        }
        // A file holds the name for the one that comes there: nothing is ever overwritten. It is in
        // use until then, or it would be compressed or removed as an old one, whatever is there by
        // the time.
        let held = self.begin(directory, now)?;
        if let Err(error) = directory.rename(name, &held.name) {
            let _ = directory.remove(&held.name);
            return Err(error);
        }
        drop((held, lock));
        Ok(true)
    }
}
