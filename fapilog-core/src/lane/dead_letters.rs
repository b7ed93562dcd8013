//! [`DeadLetters`]: the file for events that nobody takes.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde_json::json;

use super::{batch::Batch, exit::Reason};
use crate::{clock, envelope, sink};

/// Where dead letters go, and how many bytes of them at most.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetterOffice {
    pub(crate) path: PathBuf,
    pub(crate) most: u64,
}

/// A file that dead letters are appended to, opened when there is one.
#[derive(Debug)]
pub(super) struct DeadLetters {
    office: DeadLetterOffice,
    file: Option<File>,
    /// The last write has left a part of a line.
    is_torn: bool,
}

impl DeadLetters {
    pub(super) fn new(office: DeadLetterOffice) -> Self {
        Self {
            office,
            file: None,
            is_torn: false,
        }
    }

    /// Appends the events of a batch, all in one write, each with what is known of its end.
    ///
    /// # Errors
    ///
    /// Also if the file would become larger than it may; then nothing is written.
    pub(super) fn write(
        &mut self,
        sink: &str,
        batch: &Batch,
        reason: Reason,
        error: &str,
    ) -> io::Result<()> {
        let now = clock::unix_millis(SystemTime::now());
        let told = json!({
            "time": envelope::timestamp(now),
            "sink": sink,
            "reason": reason.as_str(),
            "error": error,
            "batch": batch.id().to_string(),
        });
        let mut lines = Vec::with_capacity(batch.size() + 256 * batch.len());
        if self.is_torn {
            lines.push(b'\n');
        }
        for event in batch.serialized() {
            write!(lines, "{{\"dead_letter\":{told},\"event\":")?;
            lines.extend_from_slice(event.data);
            lines.extend_from_slice(b"}\n");
        }
        let most = self.office.most;
        let mut file = self.open()?;
        if file.metadata()?.len() + lines.len() as u64 > most {
            let path = self.office.path.display();
            let text = format!("{path} would have more than {most} bytes");
            return Err(io::Error::other(text));
        }
        let written = file.write_all(&lines);
        self.is_torn = written.is_err();
        written
    }

    /// The file, unless it has been taken away: then a new one.
    fn open(&mut self) -> io::Result<&File> {
        let path: &Path = &self.office.path;
        if self.file.is_none() || !path.exists() {
            self.file = Some(sink::append_in_private(path)?);
        }
        self.file
            .as_ref()
            .ok_or_else(|| io::Error::other("no file"))
    }
}
