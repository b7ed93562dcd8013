//! The example with `axum::serve`, as a user runs it.

use std::io::{Read as _, Write as _};

use fapilog_tests::{
    alone,
    example::Example,
    http::{connect, get},
};

use super::*;

#[test]
fn with_axums_own_server_and_a_drain_by_hand_sigterm_delivers_all_events() {
    let _alone = alone();
    let mut service = Example::start("plain_axum", &[]);
    let mut slow = connect(service.address);
    slow.write_all(&request("GET", "/slow?ms=1000", &[]))
        .unwrap();
    for _ in 0..50 {
        assert_eq!(get(service.address, "/users/7").body, b"user 7\n");
    }
    let ended = service.terminate();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("1000 ms later\n"), "{answer}");
    let (events, requests) = (ended.events(), ended.requests());
    assert_eq!((events.len(), requests.len()), (101, 51));
    for request in requests {
        assert_eq!(request["data"]["outcome"], "completed");
        assert_eq!(request["data"]["client_ip"], "127.0.0.1");
    }
    let summary = "fapilog: drained in ";
    assert!(ended.stderr.contains(summary), "{}", ended.stderr);
    assert!(ended.stderr.contains("submitted 101"), "{}", ended.stderr);
}
