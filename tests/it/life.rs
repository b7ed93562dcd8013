//! How pipelines live and end, in whatever way their process does.

mod exit;
mod process;
