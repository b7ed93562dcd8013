//! How pipelines live and end, in whatever way their process does.

mod exit;
#[cfg(target_os = "linux")]
mod fork;
mod handles;
mod panic;
mod process;
mod restart;
mod scoped;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(target_os = "linux")]
mod storm;
