//! Memory is bounded in bytes.

use std::process::Command;

/// In a process of its own: see `src/bin/flood.rs`.
#[test]
fn a_flood_into_a_hung_sink_stays_within_the_budget() {
    let _alone = fapilog_tests::alone();
    let output = Command::new(env!("CARGO_BIN_EXE_flood")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
