//! Keeping as many events a second as wanted, however many come.

use std::time::Duration;

use super::{Filter, Verdict, sampling, watch::Watch};
use crate::event::Event;

/// A filter that keeps a share of events, each by chance, and lets the share follow the load: the
/// more come, the fewer of them are kept.
///
/// What is measured is what comes, not what is kept, so the share comes to `target / load`, within
/// its limits. After each tenth of the window the share moves towards that of the load within the
/// last window; so a new load is followed in about two windows. Events of protected levels are
/// always kept, and count neither as load nor for the target. A kept event tells the share in
/// `data.sample_rate`. The books call it `adaptive_sampling`.
#[derive(Clone, Debug)]
pub struct AdaptiveSampling {
    target: f64,
    least: f64,
    most: f64,
    smoothing: f64,
    /// Milliseconds.
    tick: u64,
    /// What came in the last ticks.
    counts: [u64; TICKS],
    /// The tick that it is now, counted from the first event.
    now: u64,
    rate: f64,
    watch: Watch,
    random: fastrand::Rng,
}

/// Of a window.
const TICKS: usize = 10;

impl AdaptiveSampling {
    /// Aims at so many events a second: over a window of 10 s, with a share of 0.01 to 1, that moves
    /// by 0.3 of the way.
    pub fn new(events_per_second: f64) -> Self {
        Self {
            target: events_per_second,
            least: 0.01,
            most: 1.0,
            smoothing: 0.3,
            tick: 1000,
            counts: [0; TICKS],
            now: 0,
            rate: 1.0,
            watch: Watch::default(),
            random: fastrand::Rng::new(),
        }
    }

    /// Sets the limits of the share. Defaults to 0.01 and 1.
    #[must_use]
    pub fn rates(mut self, least: f64, most: f64) -> Self {
        self.most = sampling::share(most);
        self.least = sampling::share(least).min(self.most);
        self.rate = self.most;
        self
    }

    /// Sets the time over which the load is measured. Defaults to 10 s; at least 10 ms.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        let millis = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        self.tick = (millis / TICKS as u64).max(1);
        self
    }

    /// Sets how far the share moves each time, as a part of the way: 1 all of it, less the calmer.
    /// Defaults to 0.3; 0.01 to 1.
    #[must_use]
    pub fn smoothing(mut self, part: f64) -> Self {
        self.smoothing = part.clamp(0.01, 1.0);
        self
    }

    /// Lets the ticks that have gone by since the last event go by.
    fn catch_up(&mut self, now: u64) {
        let passed = now - self.now;
        for _ in 0..passed.min(TICKS as u64) {
            self.now += 1;
            let wanted = self.wanted();
            self.rate += self.smoothing * (wanted - self.rate);
            self.counts[self.slot()] = 0;
        }
        // Nothing is left of the window by now: it only remains to move towards the most.
        let quiet = i32::try_from(now - self.now).unwrap_or(i32::MAX);
        self.rate = self.most + (self.rate - self.most) * (1.0 - self.smoothing).powi(quiet);
        self.now = now;
    }

    /// The share that brings the load of the window to the target.
    fn wanted(&self) -> f64 {
        let ticks = self.now.min(TICKS as u64);
        let seconds = (ticks * self.tick) as f64 / 1000.0;
        let load = self.counts.iter().sum::<u64>() as f64 / seconds;
        if load > 0.0 {
            (self.target / load).max(self.least).min(self.most)
        } else {
            self.most
        }
    }

    fn slot(&self) -> usize {
        (self.now % TICKS as u64) as usize
    }
}

impl Filter for AdaptiveSampling {
    fn name(&self) -> &str {
        "adaptive_sampling"
    }

    fn spares_protected(&self) -> bool {
        true
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        let now = self.watch.read(event) / self.tick;
        self.catch_up(now);
        let slot = self.slot();
        self.counts[slot] += 1;
        sampling::by_chance(&mut self.random, self.rate)
    }
}
