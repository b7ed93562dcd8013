//! The process-wide pipeline, ended and started again.

use super::process::life;

#[test]
fn the_process_wide_pipeline_can_be_started_again_in_the_same_process() {
    let dead = life("restart", &[]);
    assert!(dead.status.success(), "{}", dead.stderr);
    let lines: Vec<_> = dead.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("first") && lines[1].contains("second"));
}
