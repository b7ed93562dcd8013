//! What fapilog has to say about itself: JSON lines on stderr, never events of the pipeline.
//!
//! ```json
//! {"ts":"2026-01-15T10:30:00.123Z","level":"WARN","component":"sink","message":"…"}
//! ```
//!
//! By default each kind of problem (component and text up to the first `:`) is said once by a
//! pipeline; with `FAPILOG_CORE__INTERNAL_LOGGING_ENABLED=true` each occurrence is, five a second of
//! each component, and at most ten in any one second. A thread of its own writes the lines, so a full
//! stderr holds nobody up: what does not fit is left out. Nothing goes uncounted: `suppressed` says
//! how many like it were not said before a line, and lines of the component `diagnostics` how many
//! were left out, and at the end of a pipeline how many more there were. What looks like a secret is
//! masked.

mod reporter;
mod stderr;
mod voice;

use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

pub use self::{reporter::Reporter, stderr::say};
pub(crate) use voice::Voice;

use crate::{
    clock::{Clock, SystemClock, WallOffset, monotonic},
    envelope,
    panics::region,
    redact,
    sync::unpoisoned,
};

/// One thing that fapilog has to say about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The part that speaks: `sink`, `redactor`, `backpressure`, …
    pub component: &'static str,
    /// What happened.
    pub message: String,
    /// How many like it were not said since the last one that was.
    pub suppressed: u64,
}

/// Takes diagnostics instead of stderr.
pub(crate) type Receiver = dyn Fn(&Diagnostic) + Send + Sync;

/// Where diagnostics go, and how often. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Diagnostics(Arc<Inner>);

struct Inner {
    receiver: Option<Box<Receiver>>,
    /// Say each occurrence, not each kind.
    verbose: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    said: HashMap<String, Bucket>,
    /// How many were not said because there were too many kinds.
    beyond: u64,
    last: Option<String>,
}

/// Five tokens, and five new ones a second.
struct Bucket {
    tokens: f64,
    filled: Instant,
    suppressed: u64,
}

/// Kinds beyond this number are not said at all: their texts come from outside.
const MOST_KINDS: usize = 256;
const TOKENS: f64 = 5.0;

impl Diagnostics {
    pub(crate) fn new(receiver: Option<Box<Receiver>>, verbose: bool) -> Self {
        Self(Arc::new(Inner {
            receiver,
            verbose,
            state: Mutex::default(),
        }))
    }

    /// Says that something went wrong, without secrets that can be known by what they look like.
    /// Never waits, never fails.
    pub(crate) fn report(&self, component: &'static str, message: &str) {
        let message = &*redact::clean(message);
        let said = {
            let mut state = self.state();
            state.last = Some(format!("{component}: {message}"));
            state.may_say(component, message, self.0.verbose, Instant::now())
        };
        let Some(suppressed) = said else {
            return;
        };
        let diagnostic = Diagnostic {
            component,
            message: message.to_owned(),
            suppressed,
        };
        match &self.0.receiver {
            // A receiver that panics has had its say.
            Some(receive) => drop(region(|| receive(&diagnostic))),
            None => stderr::write(diagnostic),
        }
    }

    /// Says how many were not said, and waits until all is written, but no longer than `patience`.
    ///
    /// Not to a receiver: it might hang, and whoever ends the pipeline with it.
    pub(crate) fn settle(&self, patience: Duration) {
        let rest = self.state().take_rest();
        if rest > 0 && self.0.receiver.is_none() {
            let message = format!("not said: {rest} more");
            stderr::write(Diagnostic::of_ours(message, rest));
        }
        stderr::settle(patience);
    }

    /// The last thing that went wrong, and where.
    pub(crate) fn last(&self) -> Option<String> {
        self.state().last.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.0.state.lock())
    }
}

impl Diagnostic {
    /// One about diagnostics.
    fn of_ours(message: String, suppressed: u64) -> Self {
        Self {
            component: "diagnostics",
            message,
            suppressed,
        }
    }
}

impl State {
    /// How many like it were not said before, if this one may be said.
    fn may_say(
        &mut self,
        component: &str,
        message: &str,
        verbose: bool,
        now: Instant,
    ) -> Option<u64> {
        let kind = if verbose {
            component.to_owned()
        } else {
            let about = message.split(':').next().unwrap_or_default();
            format!("{component}: {about}")
        };
        if !self.said.contains_key(&kind) && self.said.len() >= MOST_KINDS {
            self.beyond += 1;
            return None;
        }
        let bucket = self.said.entry(kind).or_insert(Bucket {
            tokens: if verbose { TOKENS } else { 1.0 },
            filled: now,
            suppressed: 0,
        });
        if verbose {
            bucket.refill(now);
        }
        bucket.take()
    }

    /// How many were not said, and were not told of.
    fn take_rest(&mut self) -> u64 {
        let buckets = self.said.values_mut();
        let rest: u64 = buckets.map(|it| mem::take(&mut it.suppressed)).sum();
        rest + mem::take(&mut self.beyond)
    }
}

impl Bucket {
    fn refill(&mut self, now: Instant) {
        let elapsed = now.duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + elapsed * TOKENS).min(TOKENS);
        self.filled = now;
    }

    /// A token, and how many went without one before.
    fn take(&mut self) -> Option<u64> {
        if self.tokens < 1.0 {
            self.suppressed += 1;
            return None;
        }
        self.tokens -= 1.0;
        Some(mem::take(&mut self.suppressed))
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verbose = &self.0.verbose;
        f.debug_struct("Diagnostics")
            .field("verbose", verbose)
            .finish_non_exhaustive()
    }
}

fn line(diagnostic: &Diagnostic) -> Vec<u8> {
    let mut out = Vec::new();
    let millis = WallOffset::sample(&SystemClock as &dyn Clock).millis(monotonic());
    out.extend_from_slice(b"{\"ts\":\"");
    out.extend_from_slice(envelope::timestamp(millis).as_bytes());
    out.extend_from_slice(b"\",\"level\":\"WARN\",\"component\":");
    envelope::value(&mut out, &diagnostic.component.into());
    out.extend_from_slice(b",\"message\":");
    envelope::value(&mut out, &diagnostic.message.as_str().into());
    if diagnostic.suppressed > 0 {
        out.extend_from_slice(b",\"suppressed\":");
        envelope::value(&mut out, &diagnostic.suppressed.into());
    }
    out.extend_from_slice(b"}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(verbose: bool) -> (Diagnostics, Arc<Mutex<Vec<String>>>) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let receiver = move |diagnostic: &Diagnostic| {
            sink.lock().unwrap().push(diagnostic.message.clone());
        };
        (Diagnostics::new(Some(Box::new(receiver)), verbose), said)
    }

    #[test]
    fn each_kind_is_said_once() {
        let (diagnostics, said) = counted(false);
        for number in 0..10 {
            diagnostics.report("sink", &format!("a failed: {number}"));
            diagnostics.report("sink", "b failed: always");
        }
        assert_eq!(*said.lock().unwrap(), ["a failed: 0", "b failed: always"]);
        assert_eq!(
            diagnostics.last().as_deref(),
            Some("sink: b failed: always")
        );
    }

    #[test]
    fn a_storm_of_one_component_is_held_to_ten_in_any_second_and_counted() {
        let mut state = State::default();
        let begun = Instant::now();
        let (mut said, mut suppressed) = (Vec::new(), 0);
        for number in 0..5000 {
            let now = begun + Duration::from_millis(number);
            if let Some(before) = state.may_say("sink", "failed", true, now) {
                said.push(number);
                suppressed += before;
            }
        }
        assert!((25..=30).contains(&said.len()), "{said:?}");
        assert!(said.windows(11).all(|it| it[10] - it[0] >= 1000));
        assert_eq!(said.len() as u64 + suppressed + state.take_rest(), 5000);
        assert_eq!(state.take_rest(), 0);
    }

    #[test]
    fn kinds_that_are_too_many_are_counted() {
        let mut state = State::default();
        let mut may_say = |kind: usize| {
            let text = format!("{kind}: failed");
            state.may_say("sink", &text, false, Instant::now())
        };
        let said = (0..300).filter_map(&mut may_say).count();
        assert_eq!(said, MOST_KINDS);
        assert_eq!(state.take_rest(), 300 - MOST_KINDS as u64);
    }

    #[test]
    fn a_line_is_json_whatever_the_text() {
        let line = line(&Diagnostic {
            component: "sink",
            message: "a\n\"b\"\u{1b}[0m".to_owned(),
            suppressed: 7,
        });
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value["suppressed"], 7);
        assert_eq!(value["message"], "a\n\"b\"\u{1b}[0m");
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    }
}
