//! What tests of a service, or of stages and sinks of your own, need (feature `testing`).
//!
//! [`Memory`](crate::Memory) keeps the events of a pipeline for a test. [`ManualClock`] lets time go by
//! for filters. A [`Mock`] stands for any stage or sink, and fails when it is told to. The functions
//! that begin with `check_` try a stage or a sink of yours on many [events](corpus), and panic with
//! what is wrong.
//!
//! ```
//! use fapilog_core::{filter::Sampling, process::SizeGuard, testing};
//!
//! testing::check_filter(Sampling::new(0.5));
//! testing::check_processor(SizeGuard::new(1000));
//! ```

mod check;
mod clock;
mod corpus;
mod mock;

pub use self::{
    check::{check_enricher, check_filter, check_processor, check_redactor, check_sink},
    clock::ManualClock,
    corpus::{corpus, event, event_at},
    mock::{Act, Mock},
};
