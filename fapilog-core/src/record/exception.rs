//! Errors: their message, what caused them, and where they were made.

use std::{
    error::Error,
    fmt::{self, Debug},
};

use super::{
    writer::{formatted, text_of},
    *,
};
use crate::panics::region;

/// How many causes are told: the innermost.
const CAUSES: usize = 16;
/// A chain that is longer has no end.
const LONGEST: usize = 1000;
/// Bytes of each of its texts.
const TEXT: usize = 20_000;

/// An error and what is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Exception<'a> {
    pub(crate) error: &'a dyn Error,
    /// The name of its type.
    pub(crate) kind: Option<&'a str>,
    /// Its `Debug`, where that may show a backtrace.
    pub(crate) debug: Option<&'a dyn Debug>,
}

impl Exception<'_> {
    /// Writes it in the form of a map, under a tag of its own.
    pub(crate) fn write(&self, writer: ValueWriter<'_>) {
        let ValueWriter { out, limits } = writer;
        // The many texts of an error must not push out the rest of the event together.
        let limits = &Limits {
            string: limits.string.min(limits.event / 32).min(TEXT),
            ..*limits
        };
        let mut map = Map::begin(out, limits);
        if let Some(kind) = self.kind {
            map.entry("error.type").str(kind);
        }
        map.entry("error.message").display(&self.error);
        let causes = Causes::of(self.error);
        if let Some(innermost) = causes.told().last() {
            map.entry("error.cause").display(innermost);
            causes.write(map.entry("error.chain"));
        }
        let debug = self.debug.filter(|_| limits.stack > 0);
        if let Some(stack) = debug.and_then(stack) {
            let mut entry = map.entry("error.stack");
            let shorter = Limits {
                string: limits.string.min(limits.stack),
                ..*limits
            };
            entry.limits = &shorter;
            entry.str(&stack);
            frames(&stack, map.entry("error.frames"));
        }
    }
}

/// A map under way.
struct Map<'a> {
    out: &'a mut Vec<u8>,
    limits: &'a Limits,
    start: usize,
    count: u32,
}

impl<'a> Map<'a> {
    fn begin(out: &'a mut Vec<u8>, limits: &'a Limits) -> Self {
        let start = out.len();
        out.push(ERROR);
        out.extend_from_slice(&[0; 4]);
        Self {
            out,
            limits,
            start,
            count: 0,
        }
    }

    fn entry(&mut self, key: &str) -> ValueWriter<'_> {
        self.count += 1;
        self.out[self.start + 1..self.start + 5].copy_from_slice(&self.count.to_le_bytes());
        text_of(self.out, self.limits, key);
        ValueWriter::new(self.out, self.limits)
    }
}

/// What caused an error, outermost first.
struct Causes<'a> {
    /// The last ones, round and round.
    last: [Option<&'a dyn Error>; CAUSES],
    seen: usize,
}

impl<'a> Causes<'a> {
    fn of(error: &'a dyn Error) -> Self {
        let mut causes = Self {
            last: [None; CAUSES],
            seen: 0,
        };
        // A `source` that panics ends the chain.
        let _ = region(|| {
            let mut next = error.source();
            while let Some(cause) = next {
                causes.last[causes.seen % CAUSES] = Some(cause);
                causes.seen += 1;
                next = (causes.seen < LONGEST).then(|| cause.source()).flatten();
            }
        });
        causes
    }

    fn told(&self) -> impl ExactSizeIterator<Item = &'a dyn Error> {
        let first = self.seen.saturating_sub(CAUSES);
        let told = (first..self.seen).filter_map(|index| self.last[index % CAUSES]);
        told.collect::<Vec<_>>().into_iter()
    }

    fn write(&self, writer: ValueWriter<'_>) {
        let ValueWriter { out, limits } = writer;
        let told = self.told();
        let is_cut = self.seen > told.len();
        out.push(LIST);
        out.extend_from_slice(&((told.len() + usize::from(is_cut)) as u32).to_le_bytes());
        if is_cut {
            ValueWriter::new(out, limits).str(CUT_MARK);
        }
        for cause in told {
            ValueWriter::new(out, limits).display(&cause);
        }
    }
}

/// The backtrace that `Debug` of an error shows, if one was captured.
fn stack(debug: &dyn Debug) -> Option<String> {
    let mut text = Vec::new();
    formatted(&mut text, &Limits::DEFAULT, "Debug", |text| {
        fmt::Write::write_fmt(text, format_args!("{debug:?}"))
    });
    let text = String::from_utf8_lossy(text.get(4..)?).into_owned();
    let (_, stack) = text.split_once("Stack backtrace:\n")?;
    Some(stack.trim_end().to_owned())
}

/// The innermost frames of a backtrace in the form in which `std` prints it:
///
/// ```text
///    0: shop::order::place
///              at ./src/order.rs:42:17
/// ```
fn frames(stack: &str, writer: ValueWriter<'_>) {
    let ValueWriter { out, limits } = writer;
    let count_at = out.len() + 1;
    out.push(LIST);
    out.extend_from_slice(&[0; 4]);
    let mut lines = stack.lines().peekable();
    let mut count = 0_u32;
    while let Some(line) = lines.next() {
        let Some((number, function)) = line.trim().split_once(": ") else {
            continue;
        };
        if number.parse::<u32>().is_err() || count as usize >= limits.frames {
            continue;
        }
        let place = lines
            .peek()
            .and_then(|line| line.trim().strip_prefix("at "));
        frame(out, limits, function, place);
        count += 1;
    }
    out[count_at..count_at + 4].copy_from_slice(&count.to_le_bytes());
}

/// Writes `{function, file, line}`, the last two as far as they are known.
fn frame(out: &mut Vec<u8>, limits: &Limits, function: &str, place: Option<&str>) {
    let mut parts = place.unwrap_or_default().rsplitn(3, ':');
    let (_column, line, file) = (parts.next(), parts.next(), parts.next());
    let line = line.and_then(|line| line.parse().ok());
    let is_known = file.is_some() && line.is_some();
    out.push(MAP);
    out.extend_from_slice(&(if is_known { 3_u32 } else { 1 }).to_le_bytes());
    text_of(out, limits, "function");
    ValueWriter::new(out, limits).str(function);
    if let (Some(file), Some(line)) = (file, line) {
        text_of(out, limits, "file");
        ValueWriter::new(out, limits).str(file);
        text_of(out, limits, "line");
        ValueWriter::new(out, limits).u64(line);
    }
}
