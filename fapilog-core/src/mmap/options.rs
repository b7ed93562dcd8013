//! [`MmapOptions`]: how a file is kept.

use std::{path::Path, time::Duration};

use super::{
    MemoryMappedPersistence,
    error::MmapError,
    header::{self, Layout},
};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// Bytes by which a file grows at most, unless the least step is larger.
const LARGEST_STEP: u64 = 64 * MIB;

/// What stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MmapMode {
    /// Any bytes, with their length and a checksum, so that damage is found.
    Framed,
    /// Lines of text, for `cat`, `jq` and `tail`; 4 GiB at most. The first one is the header. A record
    /// must not have line breaks or NUL bytes in it.
    Lines,
}

/// When the disk has what was appended. Without that, it outlives the process, but not a loss of
/// power: the system writes to the disk in its own time, within half a minute or so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MmapSync {
    /// After [`flush`](MemoryMappedPersistence::flush) and
    /// [`close`](MemoryMappedPersistence::close).
    Never,
    /// The same, and an append that finds so much time gone by waits for the disk. In a pause, nobody
    /// does.
    Interval(Duration),
    /// Each append, or batch, waits for the disk.
    EveryAppend,
}

/// How a file is made, grows, and reaches the disk; from [`MemoryMappedPersistence::options`].
#[derive(Clone, Debug)]
#[must_use = "`open` opens the file"]
pub struct MmapOptions {
    initial_size: u64,
    growth_factor: f64,
    growth_step: u64,
    max_size: Option<u64>,
    pub(super) mode: Option<MmapMode>,
    pub(super) sync: MmapSync,
}

impl MmapOptions {
    pub(super) fn new() -> Self {
        Self {
            initial_size: MIB,
            growth_factor: 2.0,
            growth_step: MIB,
            max_size: None,
            mode: None,
            sync: MmapSync::Never,
        }
    }

    /// Sets the bytes that a file has at least while it is open. Defaults to 1 MiB; from 4 KiB.
    pub fn initial_size(mut self, bytes: u64) -> Self {
        self.initial_size = bytes;
        self
    }

    /// Sets by what its size is multiplied when a file grows. Defaults to 2; from 1. A step is 64 MiB
    /// at most, and [`growth_step`](Self::growth_step) at least.
    pub fn growth_factor(mut self, factor: f64) -> Self {
        self.growth_factor = factor;
        self
    }

    /// Sets the bytes by which a file grows at least. Defaults to 1 MiB; from 4 KiB. Where the disk or
    /// [`max_size`](Self::max_size) has no room for them, it grows by what a record needs.
    pub fn growth_step(mut self, bytes: u64) -> Self {
        self.growth_step = bytes;
        self
    }

    /// Sets the bytes that a file has at most: an append beyond them fails. None by default.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Sets what stands in the file. Defaults to what does already, or to [`MmapMode::Framed`] in a new
    /// one.
    pub fn mode(mut self, mode: MmapMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sets when the disk has what was appended. Defaults to [`MmapSync::Never`].
    pub fn sync(mut self, sync: MmapSync) -> Self {
        self.sync = sync;
        self
    }

    /// Opens a file, or makes it; see [`MemoryMappedPersistence::open`].
    ///
    /// # Errors
    ///
    /// Those of that function; a value that cannot work; a file that was made in another mode.
    pub fn open(self, path: impl AsRef<Path>) -> Result<MemoryMappedPersistence, MmapError> {
        self.check(path.as_ref())?;
        MemoryMappedPersistence::open_with(path.as_ref(), self)
    }

    /// Names the first value that cannot work.
    fn check(&self, path: &Path) -> Result<(), MmapError> {
        let least = 4 * KIB;
        let (initial, step, factor) = (self.initial_size, self.growth_step, self.growth_factor);
        let largest = Layout::new(self.mode.unwrap_or(MmapMode::Framed)).largest();
        let problem = if !(least..=largest).contains(&initial) {
            format!("initial_size is {initial}: give it {least} to {largest} bytes")
        } else if step < least {
            format!("growth_step is {step}: give it {least} bytes or more")
        } else if !(factor.is_finite() && factor >= 1.0) {
            format!("growth_factor is {factor}: give it a number from 1")
        } else if let Some(max) = self.max_size.filter(|max| *max < initial) {
            format!("max_size is {max}: give it {initial} bytes, the initial_size, or more")
        } else if self.sync == MmapSync::Interval(Duration::ZERO) {
            "sync is an interval of 0 s: give it more, or take MmapSync::EveryAppend".to_owned()
        } else {
            return Ok(());
        };
        let what = format!("cannot be opened: {problem}");
        Err(MmapError::other(path, what))
    }

    /// The bytes of a file that has just been opened.
    pub(super) fn size_at_first(&self, layout: Layout, committed: u64) -> u64 {
        let size = self.initial_size.min(self.limit(layout));
        size.max(committed)
    }

    /// The bytes that a file should have next, if it has `size` and needs `needed`.
    pub(super) fn next_size(&self, layout: Layout, size: u64, needed: u64) -> u64 {
        let most = LARGEST_STEP.max(self.growth_step);
        // Of a number that is too large for it, a cast makes the largest.
        let step = (size as f64 * (self.growth_factor - 1.0)) as u64;
        let next = size.saturating_add(step.clamp(self.growth_step, most));
        next.max(needed).min(self.limit(layout))
    }

    /// The bytes that a file has at most.
    pub(super) fn limit(&self, layout: Layout) -> u64 {
        let largest = layout.largest();
        self.max_size.map_or(largest, |max| max.min(largest))
    }
}

const _: () = assert!(header::LENGTH <= 4 * KIB);
