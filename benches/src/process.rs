//! What the system says of this process: its memory, and its threads' switches. Linux alone does;
//! elsewhere all of it is 0.

use std::fs;

/// Memory of this process now.
pub fn rss_mib() -> f64 {
    number_after("VmRSS:", &status("/proc/self/status")) / 1024.0
}

/// The most memory that the process has had.
pub fn peak_rss_mib() -> f64 {
    number_after("VmHWM:", &status("/proc/self/status")) / 1024.0
}

/// How often threads of this process came to a core and left it, but for the one that asks.
pub fn switches_of_others() -> f64 {
    let this = fs::read_link("/proc/thread-self").unwrap_or_default();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
    let others = tasks
        .flatten()
        .map(|task| task.path())
        .filter(|task| task.file_name() != this.file_name());
    others
        .map(|task| switches(&status(task.join("status"))))
        .sum()
}

fn switches(status: &str) -> f64 {
    number_after("voluntary_ctxt_switches:", status)
        + number_after("nonvoluntary_ctxt_switches:", status)
}

/// Empty for a thread that has just ended.
fn status(path: impl AsRef<std::path::Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn number_after(name: &str, status: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}
