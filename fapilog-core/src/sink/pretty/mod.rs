//! Events for people, on stdout.

mod exception;
mod line;
mod style;
mod text;
mod time;
mod value;

pub use self::style::Color;

pub(super) use self::line::Layout;
use self::{style::Paint, time::Times};
use super::{
    BlockingSink,
    console::{Console, Stream},
};
use crate::{
    error::SinkError,
    event::Event,
    lane::{Batch, BatchError},
};

/// Writes events to stdout for people: one line an event, and what went wrong below it.
///
/// The books call it `stdout_pretty`. It is the sink of a pipeline that names none if stdout is a
/// terminal; see [`Format`](crate::settings::Format).
///
/// ```text
/// 2026-01-15 10:30:00.123Z INFO     [c08b4f82] shop::orders order placed  order_id=42 customer.name="Ada L."
/// 2026-01-15 10:30:00.127Z ERROR    [c08b4f82] shop::orders charge failed  order_id=42
///     CardError: card declined
///     caused by: connection reset
/// ```
///
/// A line has the time, the level, the last eight characters of the request id (if there is one,
/// and in a colour that is the same wherever that id stands), the logger, the message, and after
/// two blanks the fields: those of the context, of enrichers, of the call. Keys of nested values
/// are joined with dots. The id of the event and what is the same in all events (service, host and
/// the like) are left out.
///
/// Nothing in an event can forge a line, steer the terminal or turn the direction of reading:
/// control characters, line separators and bidirectional controls are escaped as `\n` or `\u{1b}`,
/// a backslash as `\\`. Values with blanks, quotes or `=` stand in quotes, and so does a message
/// that could pass for fields. Lines that begin with blanks belong to the event above.
///
/// # Minimal setup
///
/// ```
/// use fapilog_core::{LoggerBuilder, StdoutPretty, sink::Color};
///
/// let pretty = StdoutPretty::new().color(Color::Never).local_time(true);
/// let (log, pipeline) = LoggerBuilder::new().sink(pretty).build()?;
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// # Delivery, failures, limits and counters
///
/// Those of [`StdoutJson`](super::StdoutJson); an event is delivered when its last line is. Its
/// figures stand under `stdout_pretty` in [`Stats::sinks`](crate::Stats::sinks).
#[derive(Debug)]
pub struct StdoutPretty {
    console: Console,
    color: Color,
    local_time: bool,
    layout: Layout,
    /// The lines of a batch, and how many bytes of them each event has.
    lines: Vec<u8>,
    lengths: Vec<usize>,
}

/// Memory that is kept from one batch to the next.
const KEPT: usize = 64 * 1024;

impl StdoutPretty {
    /// Writes to the stdout of the process as it is when the pipeline starts.
    pub fn new() -> Self {
        Self {
            console: Console::new(Stream::Stdout),
            color: Color::default(),
            local_time: false,
            layout: Layout::default(),
            lines: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// Sets when to write in colour. Defaults to [`Color::Auto`].
    pub fn color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }

    /// Shows times in the time zone of the machine, without a `Z`. Defaults to false: times are
    /// UTC, with a `Z`.
    pub fn local_time(mut self, local: bool) -> Self {
        self.local_time = local;
        self
    }
}

impl Default for StdoutPretty {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockingSink for StdoutPretty {
    fn name(&self) -> &str {
        "stdout_pretty"
    }

    fn start(&mut self) -> Result<(), SinkError> {
        let is_on = self.color.is_on(self.console.is_terminal());
        self.layout = Layout {
            paint: Paint { is_on },
            times: match self.local_time {
                true => Times::local(),
                false => Times::utc(),
            },
        };
        Ok(self.console.open()?)
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        let mut lines = Vec::new();
        self.layout.event(&mut lines, event);
        Ok(self.console.write(&lines)?)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        self.lines.clear();
        self.lengths.clear();
        for event in batch.events() {
            let before = self.lines.len();
            self.layout.event(&mut self.lines, event);
            self.lengths.push(self.lines.len() - before);
        }
        let lengths = self.lengths.iter().copied();
        let result = self.console.write_events([&*self.lines], lengths);
        self.lines.clear();
        self.lines.shrink_to(KEPT);
        result
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        Ok(self.console.flush()?)
    }
}
