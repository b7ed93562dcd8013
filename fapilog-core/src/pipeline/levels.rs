//! What the living pipelines take together: the gate that every call passes first.

use std::sync::{Mutex, MutexGuard};

use crate::{callsite, filter::LevelFilter, sync::unpoisoned};

static LEVELS: Mutex<Levels> = Mutex::new(Levels {
    stamps: 0,
    pipelines: Vec::new(),
});

struct Levels {
    stamps: u64,
    /// Each pipeline and the least priority that it may take.
    pipelines: Vec<(u64, u8)>,
}

/// Sets what a pipeline takes; returns a stamp that no other filter in the process has.
pub(crate) fn register(pipeline: u64, filter: &LevelFilter) -> u64 {
    let mut levels = levels();
    levels.pipelines.retain(|(id, _)| *id != pipeline);
    levels.pipelines.push((pipeline, filter.least_priority()));
    levels.stamps += 1;
    levels.publish();
    levels.stamps
}

pub(crate) fn unregister(pipeline: u64) {
    let mut levels = levels();
    levels.pipelines.retain(|(id, _)| *id != pipeline);
    levels.publish();
}

impl Levels {
    fn publish(&self) {
        let priorities = self.pipelines.iter().map(|(_, priority)| *priority);
        callsite::set_threshold(priorities.min().unwrap_or(u8::MAX));
    }
}

fn levels() -> MutexGuard<'static, Levels> {
    unpoisoned(LEVELS.lock())
}
