//! Routing decides which sinks an event goes to.
//!
//! Without it, every event goes to every sink. With it, an event goes to the sinks of the rules that
//! match it, each sink once, however many rules name it:
//!
//! ```no_run
//! use fapilog_core::{LoggerBuilder, Memory, settings::RoutingRule};
//!
//! let (log, pipeline) = LoggerBuilder::new()
//!     .sink(Memory::new())
//!     .with_routing([
//!         RoutingRule::new(["ERROR", "CRITICAL"], ["rotating_file", "stderr"]),
//!         RoutingRule::to(["memory"]).logger("shop::payment"),
//!         RoutingRule::new(["*"], ["stdout"]),
//!     ])
//!     .build()?;
//! # Ok::<(), fapilog_core::BuildError>(())
//! ```
//!
//! - A rule matches if all of its conditions hold: levels, logger, module, a field, and in code
//!   [any condition](crate::LoggerBuilder::route_fn).
//! - A rule of the level `*` is for events that no other rule matches; where there is none, or none
//!   of these matches either, `sink_routing.fallback_sinks` take them. What then has no sink is
//!   counted as [`Stats::unrouted`](crate::Stats::unrouted).
//! - With `sink_routing.overlap` set to false, the first rule that matches decides alone.
//! - Sinks are named by their own names, or by those of settings: a rule for `stdout` or
//!   `rotating_file` brings that sink along, if it is not there. Any other name that no sink has is
//!   an error.
//! - A sink may have a [level](crate::SinkOptions::level) and a [filter](crate::SinkOptions::filter)
//!   of its own, with or without rules: both must hold besides.
//!
//! Rules see events as sinks do: enriched, redacted, processed. A field that is masked has the mask
//! as its value. Rules run on the worker thread, so they slow down no call. A condition that panics
//! does not hold; that is reported, and the other rules decide.
//!
//! Rules of levels alone cost next to nothing. All others make the worker look at the event itself,
//! which takes about twice its time.

mod router;
mod rule;

pub(crate) use self::{
    router::{Limit, Router, Sinks},
    rule::{Condition, Rule},
};
