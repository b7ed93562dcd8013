//! The pipeline of fapilog: calls that never wait for a sink, bounded memory, books that balance.
//!
//! The modules stand in the order in which an event passes them:
//!
//! ```text
//! call site    macros, value, callsite, context, logger    on the thread of the call
//!   │          record                                      one copy, no allocation
//! queue        queue                                       bounded in bytes, ordered by time
//!   │
//! worker       filter, enrich, redact, process, envelope   one thread, JSON written once
//!   │
//! lanes        lane, sink                                  one thread a sink
//! ```
//!
//! `pipeline` holds them together: start, flush, shutdown, and the books. [`LoggerBuilder`] builds
//! one. `mmap`, a feature, is a building block for sinks of your own. Web services take
//! [`fapilog-axum`](https://docs.rs/fapilog-axum), which does all of this for them.

mod own;
mod panics;
mod sync;

mod callsite;
pub mod context;
mod level;
mod logger;
mod macros;
mod sensitive;
pub mod value;

mod clock;
mod ids;
mod queue;
mod record;

pub mod enrich;
mod envelope;
mod event;
pub mod filter;
pub mod process;
pub mod redact;
pub mod route;

mod lane;
#[cfg(all(
    feature = "mmap",
    target_pointer_width = "64",
    any(
        target_os = "android",
        target_os = "freebsd",
        target_os = "linux",
        target_os = "macos"
    )
))]
pub mod mmap;
pub mod sink;

pub mod diagnostics;
mod pipeline;

mod builder;
mod error;
mod run;
pub mod settings;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "http")]
pub use self::sink::Http;
pub use self::{
    builder::LoggerBuilder,
    clock::{Clock, SystemClock},
    diagnostics::Diagnostic,
    error::{Action, BuildError, SinkError, StageError},
    event::{Event, FieldValue, Fields},
    lane::{Batch, BatchError, BatchId, CircuitBreaker, Delivery, Retry},
    level::{CustomLevel, Level, LevelTaken, UnknownLevel},
    logger::{EventBuilder, Logger},
    pipeline::{
        DrainReport, FlushOutcome, FlushReport, Pipeline, SinkStats, StageKind, StageStats, Stats,
        Tally, attach, install_panic_hook, pipeline,
    },
    run::runtime,
    sensitive::{MASK, Sensitive},
    settings::{Format, Preset},
    sink::{
        BlockingSink, Memory, Null, Pressure, RotatingFile, SerializedView, Sink, SinkOptions,
        Stderr, StdoutJson, StdoutPretty, rotating_file,
    },
    value::{Json, Value, json},
};

/// The JSON Schema of an event.
pub const SCHEMA: &str = include_str!("../schema/event-1.1.json");

/// What the macros and the web layer need; not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        callsite::{Callsite, may_be_enabled},
        clock::{deadline, stamp},
        context::Scoped,
        ids::{new_id, random_bits},
        logger::{Call, begin, begin_within},
        panics::{caught, panic_text},
        pipeline::{LeftOut, exit_at_once},
        queue::Permit,
        record::{FieldBlock, Limits, Message},
        sensitive::Masked,
        value::{
            DebugValue, DisplayValue,
            error::{Argument, OfBox, OfError, OfOther, OfReport},
        },
    };
}
