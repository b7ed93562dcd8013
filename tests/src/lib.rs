//! The kit of the integration tests: an oracle, sinks that misbehave, destinations that fail, and a
//! driver for examples.

pub mod brim;
pub mod canary;
pub mod example;
pub mod fault;
pub mod forgery;
pub mod http;
pub mod mapped;
pub mod oracle;
pub mod scripted;
pub mod sinks;

use std::{
    fmt::Display,
    io::{Write, stderr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Long enough for anything that is not hung.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Writes a line on stderr in one piece, so that no diagnostic comes into the middle of it.
pub fn tell(line: impl Display) {
    let line = format!("{line}\n");
    stderr().write_all(line.as_bytes()).expect("stderr is open");
}

/// A count of a test, multiplied in `cargo xtask soak`.
pub fn scaled(count: usize) -> usize {
    count * scale()
}

/// A time that is promised, as the tests hold us to it: to the letter in `cargo xtask soak`, five
/// times as long on a machine that does other things besides.
pub fn promised(figure: Duration) -> Duration {
    figure * if is_soak() { 1 } else { 5 }
}

/// How long a test lasts whose promise is about a time: a minute in `cargo xtask soak`.
pub fn lasting(short: Duration) -> Duration {
    let long = Duration::from_secs(60);
    if is_soak() { long } else { short }
}

fn is_soak() -> bool {
    scale() > 1
}

fn scale() -> usize {
    let scale = std::env::var("FAPILOG_TEST_SCALE").ok();
    scale.and_then(|it| it.parse().ok()).unwrap_or(1)
}

/// Keeps tests that measure time, or load the machine, from running at the same time.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A generator whose seed is printed, and can be set with `FAPILOG_TEST_SEED`.
pub fn random() -> fastrand::Rng {
    let given = std::env::var("FAPILOG_TEST_SEED").ok();
    let seed = given.and_then(|it| it.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("replay with FAPILOG_TEST_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}
