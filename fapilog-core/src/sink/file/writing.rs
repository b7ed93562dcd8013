//! How a batch gets into files.

use std::{io, mem, time::SystemTime};

use super::{
    RotatingFile,
    files::{Files, SPOILT},
    gap::{Form, Like},
    sync::Syncer,
};
use crate::{
    error::SinkError,
    event::Event,
    lane::{Batch, BatchError},
    settings::{FileMode, FileSync},
    sink::console::Torn,
};

/// Memory that is kept from one batch to the next.
const KEPT: usize = 64 * 1024;

impl RotatingFile {
    pub(super) fn write_events(&mut self, batch: &Batch) -> Result<(), BatchError> {
        let (mut bytes, mut lengths) = (mem::take(&mut self.bytes), mem::take(&mut self.lengths));
        let mut slices = batch.slices();
        let result = match (self.settings.mode, slices.next(), slices.next()) {
            (FileMode::Text, _, _) => {
                for event in batch.events() {
                    let before = bytes.len();
                    self.layout.event(&mut bytes, event);
                    lengths.push(bytes.len() - before);
                }
                let like = batch.events().next().map(Like::Event);
                self.deliver(&bytes, &lengths, like)
            }
            (FileMode::Json, first, second) => {
                lengths.extend(batch.lengths());
                let like = batch.serialized().next();
                let like = like.map(|view| Like::Line(view.data));
                match (first, second) {
                    (Some(whole), None) => self.deliver(whole, &lengths, like),
                    _ => {
                        batch.slices().for_each(|it| bytes.extend_from_slice(it));
                        self.deliver(&bytes, &lengths, like)
                    }
                }
            }
        };
        let result = result.map_err(|torn| torn.failures(0, lengths.iter().copied()));
        bytes.clear();
        bytes.shrink_to(KEPT);
        lengths.clear();
        (self.bytes, self.lengths) = (bytes, lengths);
        result
    }

    /// Writes whole events, so many bytes each; what was lost before them is told first. The gap is
    /// in the form of one of them.
    pub(super) fn deliver(
        &mut self,
        bytes: &[u8],
        lengths: &[usize],
        like: Option<Like<'_>>,
    ) -> Result<(), Torn> {
        let now = self.clock.now();
        let told = self.tell(now);
        let written = told.and_then(|()| self.put(now, bytes, lengths));
        if let (Err(torn), Some(like)) = (&written, like) {
            let mut end = 0;
            let lost = lengths.iter().filter(|length| {
                end += **length;
                end > torn.written
            });
            let reason = torn.error.to_string();
            self.gap.add(lost.count(), like, now, reason);
        }
        self.note(&written);
        written
    }

    /// Tells what was lost, should there be no more events to tell it before. What the disk does not
    /// even take now stays to be told.
    pub(super) fn tell_rest(&mut self) {
        if !self.gap.is_none() {
            let told = self.tell(self.clock.now());
            self.note(&told);
        }
    }

    fn note(&self, written: &Result<(), Torn>) {
        if let Err(torn) = written {
            let text = format!("cannot write: {}", torn.error);
            self.handle.trouble(Some(text));
        }
    }

    /// The lines of an event for people.
    pub(super) fn line(&mut self, event: &Event<'static>) -> Vec<u8> {
        let mut line = Vec::new();
        self.layout.event(&mut line, event);
        line
    }

    /// Begins a batch, and tells what was lost before it, if anything was.
    fn tell(&mut self, now: SystemTime) -> Result<(), Torn> {
        if let Some(files) = &mut self.files {
            files.begin_batch();
        }
        let line = match self.gap.form(now) {
            None => return Ok(()),
            Some(Form::Line(line)) => line,
            Some(Form::Event(event)) => self.line(&event),
        };
        let length = [line.len()];
        let told = self.put(now, &line, &length);
        // Of the events themselves nothing is written yet.
        told.map_err(|torn| Torn { written: 0, ..torn })?;
        self.gap.close();
        Ok(())
    }

    /// Writes to the file, and goes on with the next one where an event does not fit.
    fn put(&mut self, now: SystemTime, bytes: &[u8], lengths: &[usize]) -> Result<(), Torn> {
        let Some(files) = &mut self.files else {
            return Err(not_open());
        };
        if self.syncer.as_ref().is_some_and(Syncer::has_failed) {
            files.spoil();
        }
        let (mut written, mut next) = (0, 0);
        while let Some(first) = lengths.get(next) {
            let ready = files.ready(now, *first);
            ready.map_err(|error| Torn { written, error })?;
            let room = files.room();
            let mut part = whole(&lengths[next..], room).max(*first);
            let result = files.write(&bytes[written..written + part]);
            if let Err(torn) = result {
                if !files.may_go_on() {
                    let written = written + torn.written;
                    return Err(Torn { written, ..torn });
                }
                part = whole(&lengths[next..], torn.written as u64);
            }
            if self.settings.sync == FileSync::Batch {
                sync(files).map_err(|error| Torn { written, error })?;
            }
            if let (Some(syncer), Some(active)) = (&self.syncer, files.active()) {
                syncer.written(active.file());
            }
            let end = written + part;
            while written < end {
                written += lengths[next];
                next += 1;
            }
        }
        Ok(())
    }

    /// Forces what is written onto the disk, unless that is left to the system.
    pub(super) fn sync_now(&mut self) -> Result<(), SinkError> {
        match &mut self.files {
            Some(files) if self.settings.sync != FileSync::Never => Ok(sync(files)?),
            _ => Ok(()),
        }
    }
}

/// A file that could not be forced onto the disk is not trusted again: the next attempt would
/// succeed, whatever was lost.
fn sync(files: &mut Files) -> io::Result<()> {
    let Some(active) = files.active() else {
        return Ok(());
    };
    if files.is_spoilt() {
        return Err(io::Error::other(SPOILT));
    }
    let synced = active.file().sync_data();
    if synced.is_err() {
        files.spoil();
    }
    synced
}

/// The bytes of as many events as there is room for.
fn whole(lengths: &[usize], room: u64) -> usize {
    let fits = |end: &usize| *end as u64 <= room;
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    ends.take_while(fits).last().unwrap_or(0)
}

fn not_open() -> Torn {
    Torn {
        written: 0,
        error: io::Error::other("the file is not open"),
    }
}
