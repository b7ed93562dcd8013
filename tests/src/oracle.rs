//! The oracle: every event carries an id and a payload that follows from it; what arrives is
//! judged against what was issued.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use fapilog_core::{
    __private::{Callsite, begin},
    Level, Logger, Stats,
};
use serde_json::Value;

/// Issues ids.
#[derive(Debug, Default)]
pub struct Oracle {
    issued: AtomicU64,
}

impl Oracle {
    /// The oracle of a process that has issued so many ids.
    pub fn having_issued(count: u64) -> Self {
        Self {
            issued: count.into(),
        }
    }

    /// Logs an event with the next id. Its call has returned when this returns.
    pub fn log(&self, log: &Logger) -> u64 {
        self.log_at(log, Level::Info)
    }

    /// The same at another level.
    pub fn log_at(&self, log: &Logger, level: Level) -> u64 {
        static INFO: Callsite = Callsite::new(Level::Info, "oracle", "", 0, &["id", "payload"]);
        static ERROR: Callsite = Callsite::new(Level::Error, "oracle", "", 0, &["id", "payload"]);
        let id = self.issued.fetch_add(1, Ordering::Relaxed);
        let site = if level == Level::Error { &ERROR } else { &INFO };
        if let Some(call) = begin(site, Some(log)) {
            call.finish(&[&id, &payload(id)], format_args!("obligation"));
        }
        id
    }

    pub fn issued(&self) -> u64 {
        self.issued.load(Ordering::Relaxed)
    }

    /// Judges what arrived: nothing invented, nothing twice, nothing altered. Returns how many
    /// of the issued ids arrived.
    pub fn judge<'a>(&self, lines: impl IntoIterator<Item = &'a str>) -> u64 {
        let mut seen: HashMap<u64, u32> = HashMap::new();
        for line in lines {
            let event: Value = serde_json::from_str(line).expect("each line is JSON");
            if event["message"] != "obligation" {
                continue;
            }
            let id = event["data"]["id"].as_u64().expect("an id");
            assert!(id < self.issued(), "invented: {id}");
            assert_eq!(event["data"]["payload"], payload(id), "altered: {id}");
            *seen.entry(id).or_default() += 1;
        }
        let twice: Vec<_> = seen.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "arrived twice: {twice:?}");
        seen.len() as u64
    }
}

/// What the event with this id says besides it: 0 to 200 characters.
fn payload(id: u64) -> String {
    let mut random = fastrand::Rng::with_seed(id);
    let length = random.usize(0..200);
    std::iter::repeat_with(|| random.alphanumeric())
        .take(length)
        .collect()
}

/// The books balance, and nothing is left on the way.
pub fn assert_settled(stats: &Stats) {
    assert_eq!(stats.queued, 0, "{stats:#?}");
    assert_eq!(
        stats.submitted + stats.generated,
        stats.refused.total()
            + stats.filtered.total()
            + stats.dropped.total()
            + stats.unrouted
            + stats.routed,
        "{stats:#?}"
    );
    for sink in &stats.sinks {
        assert_eq!(sink.pending, 0, "{stats:#?}");
        assert_eq!(
            sink.routed,
            sink.delivered
                + sink.dropped.total()
                + sink.dead_lettered
                + sink.fell_back
                + sink.unknown,
            "{stats:#?}"
        );
    }
}
