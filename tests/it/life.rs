//! How pipelines live and end, in whatever way their process does.

mod exit;
#[cfg(target_os = "linux")]
mod fork;
mod handles;
#[cfg(target_os = "linux")]
mod mute;
mod panic;
pub(crate) mod process;
mod receiver;
mod restart;
mod scoped;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(target_os = "linux")]
mod storm;
