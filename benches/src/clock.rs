//! Time: of single calls, at a steady pace, and of the processor.

use std::{
    hint,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};

/// Calls before the first that counts.
pub const WARM_UP: u64 = 1_000;

/// Runs calls one `slot` after the other, on a thread that never sleeps, and returns how many
/// nanoseconds each of them took. A call that comes late does not delay those after it.
pub fn paced(count: u64, slot: Duration, mut call: impl FnMut(u64)) -> Histogram<u64> {
    let mut times =
        Histogram::new_with_bounds(1, 10_000_000_000, 3).expect("these bounds are fine");
    let overhead = overhead();
    let mut due = Instant::now();
    for number in 0..WARM_UP + count {
        due += slot;
        while Instant::now() < due {
            hint::spin_loop();
        }
        let begun = Instant::now();
        call(number);
        let took = begun.elapsed().as_nanos() as u64;
        if number >= WARM_UP {
            times.saturating_record(took.saturating_sub(overhead));
        }
    }
    times
}

/// What it costs to look at the clock twice, in nanoseconds.
fn overhead() -> u64 {
    let mut pairs: Vec<_> = (0..10_001)
        .map(|_| Instant::now().elapsed().as_nanos() as u64)
        .collect();
    pairs.sort_unstable();
    pairs[pairs.len() / 2]
}

/// Processor time of all threads of this process.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
