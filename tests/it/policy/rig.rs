//! A pipeline, the steps of a sequence, and what is judged after each.

use std::{
    collections::HashMap,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use fapilog_core::{Level, Logger, LoggerBuilder, Pipeline, SinkOptions, settings::Settings};
use fapilog_tests::{
    PATIENCE,
    oracle::assert_settled,
    sinks::{Gated, Lines},
};

use super::{
    Step, Way,
    calls::{Waiting, emit},
    judge::{Outcome, Seen},
    model::{Mark, Rules},
};

pub(super) struct Rig {
    seed: u64,
    pub(super) rules: Rules,
    steps: Vec<Step>,
    pub(super) sink: Gated,
    other: Lines,
    pub(super) log: Logger,
    pub(super) pipeline: Pipeline,
    is_open: bool,
    pub(super) line: Vec<Waiting>,
    pub(super) threads: Vec<Blocked>,
    /// By id, when the call began and when it had returned, of events that were taken.
    pub(super) taken: HashMap<u64, (u64, u64)>,
    now: u64,
    /// A wait was in vain, and this is what could be seen then.
    pub(super) latched: Option<Mark>,
    /// No wait has been in vain since usage was low.
    pub(super) is_patient: bool,
    pub(super) judged: usize,
}

fn build(rules: &Rules) -> (Gated, Lines, Logger, Pipeline) {
    let (sink, other) = (Gated::default(), Lines::default());
    let mut settings = Settings::default();
    settings.core.max_string_bytes = 1 << 20;
    settings.core.queue_budget = rules.budget;
    settings.core.protected_reserve = rules.reserve;
    settings.core.backpressure_wait = rules.wait;
    settings.core.drop_on_full = rules.drop_on_full;
    let options = |pressure| {
        let mut options = SinkOptions::default();
        options.pressure = pressure;
        options
    };
    let mut builder = LoggerBuilder::new()
        .settings(settings)
        .sink_with(sink.clone(), options(rules.gated));
    if let Some(pressure) = rules.other {
        builder = builder.sink_with(other.clone(), options(pressure));
    }
    let (log, pipeline) = builder.build().unwrap();
    (sink, other, log, pipeline)
}

impl Rig {
    pub(super) fn new(seed: u64, rules: Rules) -> Self {
        let (sink, other, log, pipeline) = build(&rules);
        Self {
            seed,
            rules,
            steps: Vec::new(),
            sink,
            other,
            log,
            pipeline,
            is_open: false,
            line: Vec::new(),
            threads: Vec::new(),
            taken: HashMap::new(),
            now: 0,
            latched: None,
            is_patient: true,
            judged: 0,
        }
    }

    pub(super) fn run(&mut self, step: Step) {
        self.steps.push(step);
        match step {
            Step::Call(way, level, size) => self.call(way, level, size),
            Step::Fill(level, size) => self.fill(level, size),
            Step::Compare(size) => self.compare(size),
            Step::LetThrough(count) => self.sink.gate.let_through(count),
            Step::Open => self.set_open(true),
            Step::Close => self.set_open(false),
            Step::Flush => self.flush(),
            Step::Poll => self.poll(),
            Step::Cancel(place) => {
                if !self.line.is_empty() {
                    self.line.remove(place % self.line.len());
                }
            }
            Step::Rest => self.rest(),
        }
    }

    fn set_open(&mut self, open: bool) {
        self.is_open = open;
        match open {
            true => self.sink.gate.open(),
            false => self.sink.gate.close(),
        }
    }

    pub(super) fn look(&self) -> (Mark, u64) {
        let stats = self.pipeline.stats();
        let most = self.rules.most();
        assert!(stats.queue_bytes <= most, "{} held", stats.queue_bytes);
        (Mark::of(&stats), stats.refused.total())
    }

    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    fn call(&mut self, way: Way, level: Level, size: usize) {
        if self.rules.drop_on_full || way == Way::Async {
            let seen = self.attempt(way, level, size);
            self.judge(&seen);
        } else if self.threads.len() < 3 && self.rules.fits_for_sure(level, size) {
            // It may wait until the end.
            let (id, log) = (self.tick(), self.log.clone());
            let thread = thread::spawn(move || emit(&log, way, level, id, size));
            self.threads.push(Blocked {
                id,
                level,
                size,
                thread,
            });
        }
    }

    /// Makes a call that returns in any case.
    pub(super) fn attempt(&mut self, way: Way, level: Level, size: usize) -> Seen {
        let (before, refused) = self.look();
        let id = self.tick();
        let begun = Instant::now();
        let waiting = match way {
            Way::Async => Waiting::begin(&self.log, level, id, size),
            _ => {
                emit(&self.log, way, level, id, size);
                None
            }
        };
        let took = begun.elapsed();
        let (after, refused_now) = self.look();
        let outcome = if waiting.is_some() {
            Outcome::Waits
        } else if refused_now > refused {
            Outcome::Refused
        } else {
            let returned = self.tick();
            self.taken.insert(id, (id, returned));
            Outcome::Taken
        };
        let seen = Seen {
            way,
            level,
            size,
            before,
            after,
            outcome,
            took,
        };
        if waiting.is_some() {
            self.judge_wait(&seen);
        }
        self.line.extend(waiting);
        seen
    }

    fn fill(&mut self, level: Level, size: usize) {
        let way = if self.rules.drop_on_full {
            Way::RuntimeThread
        } else {
            Way::Async
        };
        // An open sink takes it all.
        let most = (self.rules.budget + self.rules.reserve) / size + 2;
        for _ in 0..most {
            let seen = self.attempt(way, level, size);
            self.judge(&seen);
            if seen.outcome != Outcome::Taken {
                break;
            }
        }
    }

    /// Of two like events, it is never the protected one that is refused.
    fn compare(&mut self, size: usize) {
        if !self.rules.drop_on_full || self.somebody_waits(Level::Error) {
            return;
        }
        let levels = [Level::Error, Level::Info, Level::Error, Level::Info];
        let seen = levels.map(|level| self.attempt(Way::RuntimeThread, level, size));
        let is_still = seen.iter().all(|it| it.after.used == seen[0].before.used);
        let outcomes = seen.map(|it| it.outcome);
        let wrong = [
            Outcome::Refused,
            Outcome::Taken,
            Outcome::Refused,
            Outcome::Taken,
        ];
        assert!(
            !is_still || outcomes != wrong,
            "the other one was taken: {seen:#?}"
        );
    }

    fn poll(&mut self) {
        for mut waiting in std::mem::take(&mut self.line) {
            let (before, refused) = self.look();
            if !waiting.poll() {
                waiting.is_first_wait = false;
                self.line.push(waiting);
                continue;
            }
            let (after, refused_now) = self.look();
            let returned = self.tick();
            if refused_now == refused {
                self.taken.insert(waiting.id, (waiting.began, returned));
            } else {
                let never_fits = !self.rules.fits_for_sure(waiting.level, waiting.size);
                assert!(self.rules.drop_on_full || never_fits, "nothing is refused");
                self.has_waited_in_vain(before, after);
            }
        }
    }

    fn flush(&mut self) {
        let patience = if self.is_open {
            PATIENCE
        } else {
            Duration::ZERO
        };
        let report = self.pipeline.flush_blocking(patience);
        if self.is_open {
            assert!(report.is_complete(), "{report:?}");
            self.judge_arrived(self.rules.gated, &self.sink.lines, false);
        }
    }

    /// What was taken arrives once, in order; returns the number of events that were judged.
    pub(super) fn finish(mut self) -> usize {
        self.set_open(true);
        let begun = Instant::now();
        while !self.line.is_empty() {
            self.poll();
            assert!(begun.elapsed() < PATIENCE, "some wait for ever");
            thread::yield_now();
        }
        for blocked in std::mem::take(&mut self.threads) {
            self.wait_until("lets a thread in", |_| blocked.thread.is_finished());
            blocked.thread.join().unwrap();
            let returned = self.tick();
            self.taken.insert(blocked.id, (blocked.id, returned));
        }
        let stats = self.pipeline.shutdown_blocking(PATIENCE).stats;
        assert_settled(&stats);
        assert_eq!(stats.queue_bytes, 0);
        assert!(stats.queue_high_watermark <= self.rules.most());
        self.judge_arrived(self.rules.gated, &self.sink.lines, true);
        if let Some(pressure) = self.rules.other {
            self.judge_arrived(pressure, &self.other, true);
        }
        self.judged
    }
}

/// A call that blocks a thread of its own until it is let in; its id is also when it began.
pub(super) struct Blocked {
    id: u64,
    level: Level,
    size: usize,
    thread: JoinHandle<()>,
}

impl Blocked {
    /// Whether it may keep those behind it waiting, because it waits for more than there is.
    pub(super) fn may_keep_waiting(&self, level: Level, rules: &Rules, used: usize) -> bool {
        !self.thread.is_finished()
            && self.level.is_protected() == level.is_protected()
            && !rules.has_room(level, self.size, used)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if thread::panicking() {
            let (seed, rules, steps) = (self.seed, &self.rules, &self.steps);
            println!("replay with FAPILOG_TEST_SEED={seed}\n{rules:?}\n{steps:?}");
        }
        self.sink.gate.open();
    }
}
