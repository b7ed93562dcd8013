//! Promises of the whole, each tested through the front door.

mod accounting;
#[cfg(target_os = "linux")]
mod barrier;
mod calls;
#[cfg(target_os = "linux")]
mod console;
mod context;
mod delivery;
mod direct;
mod enrichers;
mod fault;
#[cfg(target_os = "linux")]
mod file;
mod filters;
mod flush;
mod hints;
mod hostile;
mod http;
mod json;
mod life;
mod limits;
mod memory;
#[cfg(target_os = "linux")]
mod mmap;
mod order;
mod overflow;
mod policy;
mod pressure;
mod processors;
mod production;
mod quickstart;
mod redact;
mod routing;
mod settings;
mod shutdown;
mod sinks;
mod stages;
mod testing;
mod waiting;
mod web;
mod webhook;
