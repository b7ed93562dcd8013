//! The example that is a sink over such a file.

use fapilog_tests::example::Example;
use serde_json::Value;

use super::{Folder, read};

#[test]
fn the_example_appends_to_what_it_appended_before() {
    let folder = Folder::new();
    let path = folder.file("events.jsonl");
    for runs in 1..=2 {
        let ended = Example::run("mmap_sink", &[("EVENTS", path.to_str().unwrap())]);
        // It fails if an event is lost.
        assert!(ended.status.success(), "{}", ended.stderr);
        let events = read(&path);
        assert_eq!(events.len(), 2 * runs);
        assert_eq!(ended.stdout, events, "it shows what stands there");
        let last: Value = serde_json::from_str(events.last().unwrap()).unwrap();
        assert_eq!(last["data"]["order_id"], 8);
    }
}
