//! [`Circuit`]: the circuit breaker of a lane.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use super::breaker::CircuitBreaker;
use crate::{clock, sync::unpoisoned};

/// What the breaker of a lane does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed {
        /// In a row.
        failures: usize,
    },
    Open {
        until: Instant,
    },
    HalfOpen {
        /// How many more may be tried.
        free: usize,
    },
}

/// The circuit breaker of a lane.
#[derive(Clone, Debug)]
pub(super) struct Circuit {
    options: CircuitBreaker,
    /// What the time is.
    now: fn() -> Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Counts the changes of phase: who was let in before one has no say after it.
    epoch: u64,
}

/// The right to make an attempt. Dropped without a word, it was a failure.
#[derive(Debug)]
#[must_use]
pub(super) struct Permit {
    circuit: Circuit,
    epoch: u64,
    is_probe: bool,
    is_over: bool,
}

/// Why there is no permit now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closure {
    Until(Instant),
    /// Those that try have not said yet.
    Probing,
}

impl Circuit {
    pub(super) fn new(options: CircuitBreaker, now: fn() -> Instant) -> Self {
        let state = State {
            phase: Phase::Closed { failures: 0 },
            epoch: 0,
        };
        Self {
            options,
            now,
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(super) fn permit(&self) -> Result<Permit, Closure> {
        let now = (self.now)();
        let mut state = self.state();
        match &mut state.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until } if now < *until => return Err(Closure::Until(*until)),
            Phase::Open { .. } => state.enter(Phase::HalfOpen {
                free: self.options.probes - 1,
            }),
            Phase::HalfOpen { free: 0 } => return Err(Closure::Probing),
            Phase::HalfOpen { free } => *free -= 1,
        }
        Ok(Permit {
            circuit: self.clone(),
            epoch: state.epoch,
            is_probe: matches!(state.phase, Phase::HalfOpen { .. }),
            is_over: false,
        })
    }

    /// Lets the next one try at once, if it is open.
    pub(super) fn end_recovery(&self) {
        let now = (self.now)();
        if let Phase::Open { until } = &mut self.state().phase {
            *until = now;
        }
    }

    /// What stands in reports.
    pub(super) fn phase(&self) -> &'static str {
        match self.state().phase {
            Phase::Closed { .. } => "closed",
            Phase::Open { .. } => "open",
            Phase::HalfOpen { .. } => "half open",
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch += 1;
    }
}

impl Permit {
    /// Whether the attempt finds out if the destination is back.
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    /// The destination works, whatever it said.
    pub(super) fn succeed(mut self) {
        self.is_over = true;
        let mut state = self.circuit.state();
        if state.epoch != self.epoch {
            return;
        }
        match &mut state.phase {
            Phase::Closed { failures } => *failures = 0,
            _ => state.enter(Phase::Closed { failures: 0 }),
        }
    }

    fn fail(&self) {
        let now = (self.circuit.now)();
        let CircuitBreaker {
            threshold,
            recovery,
            ..
        } = self.circuit.options;
        let mut state = self.circuit.state();
        if state.epoch != self.epoch {
            return;
        }
        if let Phase::Closed { failures } = &mut state.phase {
            *failures += 1;
            if *failures < threshold {
                return;
            }
        }
        let pause = clock::at_most_a_year(recovery).mul_f64(1.0 + fastrand::f64() / 2.0);
        let until = clock::after(now, pause);
        state.enter(Phase::Open { until });
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_over {
            self.fail();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use super::*;

    thread_local! {
        static NOW: Cell<Instant> = Cell::new(Instant::now());
    }

    const RECOVERY: Duration = Duration::from_secs(30);

    fn circuit(threshold: usize, probes: usize) -> Circuit {
        let options = CircuitBreaker::new()
            .threshold(threshold)
            .recovery(RECOVERY)
            .half_open(probes);
        Circuit::new(options, || NOW.get())
    }

    fn pass(time: Duration) {
        NOW.set(NOW.get() + time);
    }

    /// What a breaker does, told in another way: each permit knows in what phase it was given.
    #[derive(Debug)]
    struct Model {
        phase: &'static str,
        failures: usize,
        probing: usize,
        opened: Instant,
        /// Phases so far.
        turn: u64,
    }

    impl Model {
        fn enter(&mut self, phase: &'static str) {
            (self.phase, self.failures, self.probing) = (phase, 0, 0);
            self.opened = NOW.get();
            self.turn += 1;
        }

        fn admits(&mut self, probes: usize, admitted: bool) {
            let waited = NOW.get() - self.opened;
            match self.phase {
                "closed" => assert!(admitted),
                // By chance, up to half as long again.
                "open" if admitted => {
                    assert!(waited >= RECOVERY, "after {waited:?}");
                    self.enter("half open");
                    self.probing = 1;
                }
                "open" => assert!(waited <= RECOVERY * 3 / 2, "not after {waited:?}"),
                _ => {
                    assert_eq!(admitted, self.probing < probes, "{self:?}");
                    self.probing += usize::from(admitted);
                }
            }
        }

        fn ends(&mut self, turn: u64, succeeded: bool, threshold: usize) {
            match (self.turn == turn, self.phase, succeeded) {
                (false, ..) => {}
                (_, "closed", true) => self.failures = 0,
                (_, "closed", false) => {
                    self.failures += 1;
                    if self.failures == threshold {
                        self.enter("open");
                    }
                }
                (_, _, true) => self.enter("closed"),
                (_, _, false) => self.enter("open"),
            }
        }
    }

    #[test]
    fn whatever_happens_it_does_what_a_model_does() {
        for seed in 0..1000 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (threshold, probes) = (random.usize(1..6), random.usize(1..4));
            let circuit = circuit(threshold, probes);
            let mut permits = Vec::new();
            let mut model = Model {
                phase: "closed",
                failures: 0,
                probing: 0,
                opened: NOW.get(),
                turn: 0,
            };
            for _ in 0..1000 {
                match random.u8(0..8) {
                    0..3 => {
                        let permit = circuit.permit();
                        model.admits(probes, permit.is_ok());
                        if let Ok(permit) = permit {
                            assert_eq!(permit.is_probe(), model.phase == "half open");
                            permits.push((model.turn, permit));
                        }
                    }
                    3..7 if !permits.is_empty() => {
                        let at = random.usize(0..permits.len());
                        let (turn, permit) = permits.swap_remove(at);
                        let succeeds = random.bool();
                        match succeeds {
                            true => permit.succeed(),
                            // As after a time-out, a panic, or a task that was cancelled.
                            false => drop(permit),
                        }
                        model.ends(turn, succeeds, threshold);
                    }
                    _ => pass(Duration::from_secs(random.u64(0..20))),
                }
                assert_eq!(circuit.phase(), model.phase);
            }
            // Never stuck: when all have said what they had to, and time has passed, one is let in.
            permits.clear();
            pass(2 * RECOVERY);
            assert!(circuit.permit().is_ok());
        }
    }

    #[test]
    fn who_was_let_in_before_it_opened_has_no_say_afterwards() {
        let circuit = circuit(1, 1);
        let [early, late] = [circuit.permit(), circuit.permit()].map(Result::unwrap);
        drop(early);
        late.succeed();
        assert_eq!(circuit.phase(), "open");
        assert!(matches!(circuit.permit(), Err(Closure::Until(_))));
    }
}
