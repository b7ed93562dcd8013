//! [`FileHandle`]: what can be asked of a file while a pipeline writes to it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering::AcqRel, Ordering::Release},
};

use crate::{SinkError, sync::unpoisoned};

/// A hold on a [`RotatingFile`](super::RotatingFile) that its pipeline has taken over. Clones are
/// the same.
#[derive(Clone, Debug, Default)]
pub struct FileHandle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    reopen: AtomicBool,
    trouble: Mutex<Option<String>>,
}

impl FileHandle {
    /// Lets the sink close its file and open it anew before it writes the next time: to be called
    /// after something else has put the file aside. Within a directory, the next file is begun.
    ///
    /// It is seldom needed: the sink sees before each write whether its file is still the one at its
    /// path.
    pub fn reopen(&self) {
        self.0.reopen.store(true, Release);
    }

    /// Whether all is well: the directory is there, the file open, and the last write, rotation and
    /// tidying went through.
    ///
    /// # Errors
    ///
    /// What the last trouble was, until the next batch is written without any.
    pub fn health_check(&self) -> Result<(), SinkError> {
        let trouble = unpoisoned(self.0.trouble.lock()).clone();
        trouble.map_or(Ok(()), |text| Err(SinkError::new(text)))
    }

    /// Whether the file is to be opened anew. True once for each time it was asked for.
    pub(super) fn is_to_reopen(&self) -> bool {
        self.0.reopen.swap(false, AcqRel)
    }

    pub(super) fn trouble(&self, text: Option<String>) {
        *unpoisoned(self.0.trouble.lock()) = text;
    }
}
