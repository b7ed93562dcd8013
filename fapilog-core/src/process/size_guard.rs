//! Events that are too large for those who take them.

use std::cmp::Reverse;

use super::{
    Next, Processor,
    piece::{Piece, most_bytes},
};
use crate::{
    diagnostics::Reporter,
    envelope,
    error::StageError,
    event::Event,
    filter::EventPath,
    settings::{Envelope, SizeAction, SizeGuardSettings},
};

/// A processor that sees to it that no event has more bytes than a sink takes, such as CloudWatch's
/// 256 KB. What is counted is the JSON that sinks get, without the line break.
///
/// An event that is too large is cut, dropped (counted as `processor`), or told of, as its
/// [`action`](Self::action) says. Cut, it has `_truncated` and `_original_size` in its data, and has
/// lost the largest pieces first: fields, the end of long texts, which then end in
/// `...[truncated]`, and the message down to its first 32 characters. Only if that is not enough, it
/// loses what enrichers add to every event, the end of the logger's name, and what was to be
/// [preserved](Self::preserve). Should even that be too much, it is dropped: no event passes that is
/// too large.
#[derive(Debug)]
pub struct SizeGuard {
    most: usize,
    action: SizeAction,
    preserved: Vec<EventPath>,
    writer: envelope::Writer,
    /// Memory of the last event, for the next one.
    buffer: Vec<u8>,
    reporter: Reporter,
}

impl SizeGuard {
    /// Cuts events to so many bytes. An event takes about 500 without any field.
    pub fn new(max_bytes: usize) -> Self {
        let settings = SizeGuardSettings::default();
        Self {
            most: max_bytes,
            action: settings.action,
            preserved: settings.preserve_fields,
            writer: envelope::Writer::default(),
            buffer: Vec::new(),
            reporter: Reporter::default(),
        }
    }

    /// Sets what happens to what is too large. Defaults to [`SizeAction::Truncate`].
    #[must_use]
    pub fn action(mut self, action: SizeAction) -> Self {
        self.action = action;
        self
    }

    /// Sets what is cut last: the fields in which these values lie. Defaults to `level`, `timestamp`,
    /// `logger` and `correlation_id`; the first two are never cut.
    #[must_use]
    pub fn preserve(mut self, paths: impl IntoIterator<Item = EventPath>) -> Self {
        self.preserved = paths.into_iter().collect();
        self
    }

    /// Sets the form in which the pipeline writes events. Defaults to [`Envelope::Flat`].
    #[must_use]
    pub fn envelope(mut self, form: Envelope) -> Self {
        self.writer = envelope::Writer::new(form);
        self
    }

    fn size(&mut self, event: &Event<'_>) -> usize {
        self.buffer.clear();
        self.writer.event(&mut self.buffer, event);
        self.buffer.len()
    }

    /// Cuts an event until it fits; false if it cannot.
    fn cut(&mut self, event: &mut Event<'_>, original: usize) -> bool {
        event.data.insert("_truncated", true);
        event.data.insert("_original_size", original as u64);
        let mut size = self.size(event);
        while size > self.most {
            self.cut_by(event, size - self.most);
            let before = size;
            size = self.size(event);
            if size >= before {
                return false;
            }
        }
        true
    }

    /// Cuts pieces until at least so many bytes are gone, or none is left.
    fn cut_by(&mut self, event: &mut Event<'_>, bytes: usize) {
        let mut pieces = Piece::all(event);
        pieces.sort_by_cached_key(|piece| {
            let is_preserved = self.preserved.iter().any(|path| piece.holds(path));
            (is_preserved, piece.is_last(), Reverse(piece.size(event)))
        });
        let mut excess = bytes;
        for piece in pieces {
            if excess == 0 {
                break;
            }
            let before = piece.size(event);
            piece.cut(event, excess);
            excess = excess.saturating_sub(before.saturating_sub(piece.size(event)));
        }
    }
}

impl Processor for SizeGuard {
    fn name(&self) -> &str {
        "size_guard"
    }

    fn start(&mut self, reporter: &Reporter) {
        self.reporter = reporter.clone();
    }

    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError> {
        // Most events are small, which is seen without writing them.
        if most_bytes(event) <= self.most {
            return Ok(Next::Continue);
        }
        let (size, most) = (self.size(event), self.most);
        if size <= most {
            return Ok(Next::Continue);
        }
        let fits = match self.action {
            SizeAction::Truncate => self.cut(event, size),
            SizeAction::Drop => false,
            SizeAction::Warn => {
                let text = format!("an event has {size} bytes, more than {most}");
                self.reporter.report(&text);
                true
            }
        };
        if fits {
            return Ok(Next::Continue);
        }
        let text = format!("an event of {size} bytes is dropped, as it has more than {most}");
        self.reporter.report(&text);
        Ok(Next::Drop)
    }
}
