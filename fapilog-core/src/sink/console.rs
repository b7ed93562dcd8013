//! stdout and stderr, for the sinks that write to them.

use std::{
    fmt,
    io::{self, ErrorKind, IsTerminal, Write},
};

use crate::{error::SinkError, lane::BatchError};

/// Which stream of the process.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// A handle of our own: the one of `std` is locked while a write waits, and buffers.
#[cfg(unix)]
type Out = std::fs::File;
#[cfg(not(unix))]
type Out = Box<dyn Write + Send>;

/// Whole lines on a stream.
pub(crate) struct Console {
    stream: Stream,
    out: Option<Out>,
    /// The last write ended within a line.
    cut: bool,
}

impl Console {
    /// A stream that is not open yet.
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            out: None,
            cut: false,
        }
    }

    /// Stderr, not open yet.
    pub(crate) fn stderr() -> Self {
        Self::new(Stream::Stderr)
    }

    /// Takes hold of the stream as it is now: what the process does to it later changes nothing.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        self.out = Some(self.stream.handle()?);
        Ok(())
    }

    pub(super) fn is_terminal(&self) -> bool {
        match self.stream {
            Stream::Stdout => io::stdout().is_terminal(),
            Stream::Stderr => io::stderr().is_terminal(),
        }
    }

    /// Writes the events of a batch. `pieces` are whole lines; `lengths` says how many bytes of
    /// them belong to each event.
    pub(super) fn write_events<'a>(
        &mut self,
        pieces: impl IntoIterator<Item = &'a [u8]>,
        lengths: impl Iterator<Item = usize>,
    ) -> Result<(), BatchError> {
        let mut written = 0;
        for piece in pieces {
            match self.write(piece) {
                Ok(()) => written += piece.len(),
                Err(torn) => return Err(torn.failures(written, lengths)),
            }
        }
        Ok(())
    }

    /// Writes whole lines. If the last write was cut, they begin on a line of their own.
    pub(crate) fn write(&mut self, lines: &[u8]) -> Result<(), Torn> {
        let Some(out) = &mut self.out else {
            let error = io::Error::other(format!("{} is not open", self.stream));
            return Err(Torn { written: 0, error });
        };
        if self.cut {
            write_all(out, b"\n", wait).map_err(|torn| Torn { written: 0, ..torn })?;
            self.cut = false;
        }
        let result = write_all(out, lines, wait);
        if let Err(torn) = &result {
            let last = lines[..torn.written].last();
            self.cut = last.is_some_and(|byte| *byte != b'\n');
        }
        result
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("stream", &self.stream)
            .field("is_open", &self.out.is_some())
            .field("cut", &self.cut)
            .finish()
    }
}

impl Stream {
    #[cfg(unix)]
    fn handle(self) -> io::Result<Out> {
        use std::os::fd::AsFd;
        let own = match self {
            Stream::Stdout => io::stdout().as_fd().try_clone_to_owned(),
            Stream::Stderr => io::stderr().as_fd().try_clone_to_owned(),
        };
        own.map(Out::from)
    }

    #[cfg(not(unix))]
    fn handle(self) -> io::Result<Out> {
        Ok(match self {
            Stream::Stdout => Box::new(io::stdout()),
            Stream::Stderr => Box::new(io::stderr()),
        })
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        })
    }
}

/// A write that failed after so many bytes.
#[derive(Debug)]
pub(crate) struct Torn {
    pub(super) written: usize,
    pub(super) error: io::Error,
}

impl Torn {
    /// The events that were not written to their last byte; `before` bytes were written earlier.
    pub(super) fn failures(
        self,
        before: usize,
        lengths: impl Iterator<Item = usize>,
    ) -> BatchError {
        let written = before + self.written;
        let mut end = 0;
        let failed = lengths.enumerate().filter_map(|(index, length)| {
            end += length;
            (end > written).then(|| (index, SinkError::new(self.error.to_string())))
        });
        BatchError::some(failed.collect())
    }
}

impl From<Torn> for SinkError {
    fn from(torn: Torn) -> Self {
        torn.error.into()
    }
}

/// Writes to the end, however short the writes and however often they are interrupted; `wait` is
/// called when a non-blocking stream is full.
fn write_all<W: Write>(
    out: &mut W,
    bytes: &[u8],
    mut wait: impl FnMut(&mut W) -> io::Result<()>,
) -> Result<(), Torn> {
    let mut written = 0;
    while written < bytes.len() {
        let step = match out.write(&bytes[written..]) {
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                written += count;
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait(out),
            Err(error) => Err(error),
        };
        step.map_err(|error| Torn { written, error })?;
    }
    Ok(())
}

/// Waits until the stream takes bytes again, or has broken.
#[cfg(unix)]
fn wait(out: &mut Out) -> io::Result<()> {
    use rustix::{
        event::{PollFd, PollFlags, poll},
        io::Errno,
    };
    match poll(&mut [PollFd::new(out, PollFlags::OUT)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn wait(_: &mut Out) -> io::Result<()> {
    std::thread::sleep(std::time::Duration::from_millis(10));
    Ok(())
}

/// Lets a sink, made of a [`Console`], write each event as a line of JSON.
macro_rules! json_lines {
    ($sink:ident, $name:literal) => {
        impl $crate::sink::BlockingSink for $sink {
            fn name(&self) -> &str {
                $name
            }

            fn takes_serialized(&self) -> bool {
                true
            }

            fn start(&mut self) -> Result<(), $crate::SinkError> {
                Ok(self.console.open()?)
            }

            fn write(&mut self, event: &$crate::Event<'static>) -> Result<(), $crate::SinkError> {
                let line = event.to_json() + "\n";
                Ok(self.console.write(line.as_bytes())?)
            }

            fn write_serialized(
                &mut self,
                view: $crate::SerializedView<'_>,
            ) -> Result<(), $crate::SinkError> {
                Ok(self.console.write(&[view.data, b"\n"].concat())?)
            }

            fn write_batch(&mut self, batch: &$crate::Batch) -> Result<(), $crate::BatchError> {
                self.console.write_events(batch.slices(), batch.lengths())
            }

            fn flush(&mut self) -> Result<(), $crate::SinkError> {
                Ok(self.console.flush()?)
            }
        }
    };
}

pub(super) use json_lines;

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers writes by a script: how many bytes it takes, or why none.
    struct Scripted(Vec<Result<usize, ErrorKind>>, Vec<u8>);

    impl Write for Scripted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.0.remove(0)?.min(bytes.len());
            self.1.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn short_interrupted_and_refused_writes_are_continued_where_they_ended() {
        use ErrorKind::{Interrupted, WouldBlock};
        let script = [Ok(2), Err(Interrupted), Ok(1), Err(WouldBlock), Ok(99)];
        let mut out = Scripted(script.into(), Vec::new());
        let mut waited = 0;
        let result = write_all(&mut out, b"a line\n", |_| {
            waited += 1;
            Ok(())
        });
        assert!(result.is_ok());
        assert_eq!(out.1, b"a line\n");
        assert_eq!(waited, 1);
    }

    #[test]
    fn a_write_that_fails_tells_how_far_it_came() {
        for failure in [Err(ErrorKind::StorageFull), Ok(0)] {
            let mut out = Scripted(vec![Ok(4), failure], Vec::new());
            let torn = write_all(&mut out, b"a line\n", |_| Ok(())).unwrap_err();
            assert_eq!(torn.written, 4);
        }
    }

    #[test]
    fn only_events_that_were_written_to_the_end_are_delivered() {
        let torn = |written| Torn {
            written,
            error: ErrorKind::BrokenPipe.into(),
        };
        let failures = |written| torn(written).failures(10, [10, 5, 5].into_iter()).count(3);
        assert_eq!([0, 4, 5, 9, 10].map(failures), [2, 2, 1, 1, 0]);
    }
}
