//! [`Retry`]: how often, and for how long, a batch is tried.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::clock;

/// How long a destination may ask to be left alone.
const MOST_ASKED: Duration = Duration::from_secs(300);

/// How often, and for how long, a batch is tried. The pause before the attempt that follows the n-th
/// is random, from nothing to `base * 2^(n - 1)`, so that many clients do not come back together; it
/// is at least what the destination asked for, up to five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retry {
    pub(super) attempts: usize,
    base: Duration,
    most: Duration,
    pub(super) elapsed: Duration,
}

impl Retry {
    /// Three attempts, with pauses from 1 s on, up to 60 s, and five minutes for all of them.
    pub fn new() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_secs(1),
            most: Duration::from_secs(60),
            elapsed: Duration::from_secs(300),
        }
    }

    /// One attempt.
    pub fn never() -> Self {
        Self::new().attempts(1)
    }

    /// Sets how many attempts there are at most, the first one among them; at least 1.
    pub fn attempts(mut self, most: usize) -> Self {
        self.attempts = most.max(1);
        self
    }

    /// Sets the longest first pause.
    pub fn base(mut self, pause: Duration) -> Self {
        self.base = pause;
        self
    }

    /// Sets the longest pause, unless the destination asks for more.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.most = pause;
        self
    }

    /// Sets how long after the end of the first attempt another one may begin.
    pub fn elapsed(mut self, most: Duration) -> Self {
        self.elapsed = most;
        self
    }

    /// The pauses of one batch, but for those that it has made.
    pub(super) fn pauses(&self, made: usize) -> Pauses {
        let most = clock::at_most_a_year(self.most);
        let builder = ExponentialBuilder::new()
            .with_min_delay(self.base.min(most))
            .with_max_delay(most)
            .with_factor(2.0)
            .without_max_times();
        let mut longest = builder.build();
        longest.by_ref().take(made).for_each(drop);
        Pauses { most, longest }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// The pauses of one batch, as they grow.
#[derive(Debug)]
pub(super) struct Pauses {
    most: Duration,
    longest: ExponentialBackoff,
}

impl Pauses {
    /// The next pause: never less than what the destination asked for.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let longest = self.longest.next().unwrap_or(self.most);
        longest.mul_f64(fastrand::f64()).max(asked_at_most(asked))
    }
}

/// What a destination asks for, as far as it is obeyed.
pub(super) fn asked_at_most(asked: Option<Duration>) -> Duration {
    asked.unwrap_or_default().min(MOST_ASKED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_are_random_up_to_a_limit_that_doubles_to_the_longest() {
        let retry = Retry::new().longest_pause(10 * SECOND);
        let mut longest = [Duration::ZERO; 6];
        for _ in 0..2000 {
            let mut pauses = retry.pauses(0);
            for longest in &mut longest {
                *longest = pauses.next(None).max(*longest);
            }
        }
        for (longest, limit) in longest.into_iter().zip([1, 2, 4, 8, 10, 10]) {
            let limit = limit * SECOND;
            assert!(
                longest <= limit && longest > limit.mul_f64(0.98),
                "{longest:?} of {limit:?}"
            );
        }
        let fourth = (0..2000).map(|_| retry.pauses(3).next(None)).max();
        assert!(fourth > Some(7 * SECOND) && fourth <= Some(8 * SECOND));
    }

    #[test]
    fn no_pause_is_shorter_than_was_asked_for_up_to_five_minutes() {
        let pause = |asked| Retry::new().pauses(0).next(Some(asked));
        assert_eq!(pause(20 * SECOND), 20 * SECOND);
        assert_eq!(pause(Duration::MAX), MOST_ASKED);
        let two = (0..1000).map(|_| Retry::new().pauses(4).next(Some(2 * SECOND)));
        let (least, most) = two.fold((Duration::MAX, SECOND), |(least, most), it| {
            (it.min(least), it.max(most))
        });
        assert!(
            least == 2 * SECOND && most > 10 * SECOND,
            "{least:?} {most:?}"
        );
    }

    /// When each client comes first after so long an outage: those that the destination sees.
    fn arrivals(clients: usize, outage: Duration) -> impl Iterator<Item = Duration> {
        (0..clients).map(move |_| {
            let mut pauses = Retry::new().pauses(0);
            let mut now = Duration::ZERO;
            while now < outage {
                now += pauses.next(None);
            }
            now - outage
        })
    }

    #[test]
    fn a_thousand_clients_do_not_come_back_together() {
        const RUNS: usize = 100;
        const BIN: u128 = 100;
        let mut bins = vec![0_usize; 600];
        for _ in 0..RUNS {
            for after in arrivals(1000, 60 * SECOND) {
                bins[(after.as_millis() / BIN) as usize] += 1;
            }
        }
        let last = bins.iter().rposition(|it| *it > 0).unwrap();
        let mean = bins.iter().sum::<usize>() / (last + 1);
        let peak = bins.iter().max().unwrap();
        assert!(*peak <= 3 * mean, "{peak} in 100 ms, {mean} in the mean");
    }
}
