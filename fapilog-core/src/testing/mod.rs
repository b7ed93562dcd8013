//! What tests of a service, or of stages and sinks of your own, need (feature `testing`).

mod clock;

pub use self::clock::ManualClock;
