//! What fapilog has to say about itself: JSON lines on stderr, never events of the pipeline.
//!
//! ```json
//! {"ts":"2026-01-15T10:30:00.123Z","level":"WARN","component":"sink","message":"…"}
//! ```
//!
//! By default each kind of problem (component and text up to the first `:`) is said once in a
//! process; with `FAPILOG_CORE__INTERNAL_LOGGING_ENABLED=true` each occurrence is, at most five a
//! second of each component. A thread of its own writes the lines, so a full stderr holds nobody
//! up: what does not fit is left out.

mod stderr;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

pub use stderr::say;
pub(crate) use stderr::settle;

use crate::{
    clock::{Clock, SystemClock, WallOffset, monotonic},
    envelope,
    panics::region,
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
    last: Option<String>,
}

/// Five tokens, and five new ones a second.
struct Bucket {
    tokens: f64,
    filled: Instant,
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

    /// Says that something went wrong. Never waits, never fails.
    pub(crate) fn report(&self, component: &'static str, message: &str) {
        let message = message.to_owned();
        {
            let mut state = self.state();
            state.last = Some(format!("{component}: {message}"));
            if !state.may_say(component, &message, self.0.verbose) {
                return;
            }
        }
        let diagnostic = Diagnostic { component, message };
        match &self.0.receiver {
            // A receiver that panics has had its say.
            Some(receive) => drop(region(|| receive(&diagnostic))),
            None => stderr::write(line(&diagnostic)),
        }
    }

    /// The last thing that went wrong, and where.
    pub(crate) fn last(&self) -> Option<String> {
        self.state().last.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.0.state.lock())
    }
}

impl State {
    fn may_say(&mut self, component: &str, message: &str, verbose: bool) -> bool {
        let kind = if verbose {
            component.to_owned()
        } else {
            let about = message.split(':').next().unwrap_or_default();
            format!("{component}: {about}")
        };
        if !self.said.contains_key(&kind) && self.said.len() >= MOST_KINDS {
            return false;
        }
        let now = Instant::now();
        let bucket = self.said.entry(kind).or_insert(Bucket {
            tokens: if verbose { TOKENS } else { 1.0 },
            filled: now,
        });
        if verbose {
            let elapsed = now.duration_since(bucket.filled).as_secs_f64();
            bucket.tokens = (bucket.tokens + elapsed * TOKENS).min(TOKENS);
            bucket.filled = now;
        }
        let may = bucket.tokens >= 1.0;
        if may {
            bucket.tokens -= 1.0;
        }
        may
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
    envelope::timestamp(&mut out, millis);
    out.extend_from_slice(b"\",\"level\":\"WARN\",\"component\":");
    envelope::value(&mut out, &diagnostic.component.into());
    out.extend_from_slice(b",\"message\":");
    envelope::value(&mut out, &diagnostic.message.as_str().into());
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
    fn a_storm_of_one_component_is_held_to_five_a_second() {
        let (diagnostics, said) = counted(true);
        for number in 0..1000 {
            diagnostics.report("sink", &format!("failed: {number}"));
        }
        assert!((5..=10).contains(&said.lock().unwrap().len()));
    }

    #[test]
    fn a_line_is_json_whatever_the_text() {
        let line = line(&Diagnostic {
            component: "sink",
            message: "a\n\"b\"\u{1b}[0m".to_owned(),
        });
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value["message"], "a\n\"b\"\u{1b}[0m");
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    }
}
