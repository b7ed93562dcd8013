//! What a server refuses, and whom.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use fapilog_core::CircuitBreaker;
use fapilog_tests::{fault::Request, sinks::Gated};
use serde_json::Value;

use super::*;
use crate::file::Scratch;

#[test]
fn one_poisoned_event_of_a_thousand_becomes_a_dead_letter_and_all_others_arrive() {
    let scratch = Scratch::new("poison");
    let path = scratch.path("dead.jsonl");
    let server = Server::new(|request: &Request| match request.ids().contains(&123) {
        true => Reply::status(400),
        false => ok(),
    });
    let options = options(stubborn(1000).batch_wait(HOUR)).dead_letters(&path);
    let posted = Posted::to(&server.url("/"), options);
    posted.log(1000);
    posted.flush();
    let report = posted.end();
    let mut ids = server.ids();
    ids.sort_unstable();
    assert_eq!(ids, (0..1000).filter(|it| *it != 123).collect::<Vec<_>>());
    let books = &report.stats.sinks[0];
    assert_eq!((books.delivered, books.dead_lettered), (999, 1));
    assert!(books.attempts <= 2 * 10 + 1, "{books:?}");
    let letter: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(letter["event"]["data"]["id"], 123);
    let why = letter["dead_letter"]["error"].as_str().unwrap();
    assert!(why.contains("400"), "{why}");
}

#[test]
fn a_body_that_is_too_large_is_sent_in_halves() {
    let server = Server::new(|request: &Request| match request.body.len() > 10_000 {
        true => Reply::status(413),
        false => ok(),
    });
    let posted = Posted::to(&server.url("/"), options(stubborn(500)));
    posted.log(500);
    posted.flush();
    posted.end_with_all_at(&server);
}

#[test]
fn credentials_that_expire_hold_events_back_until_there_are_others() {
    let (is_new, is_known) = [(); 2].map(|()| Arc::new(AtomicBool::new(false))).into();
    let wanted = Arc::clone(&is_known);
    let server = Server::new(move |request: &Request| {
        let is_new = request.header("authorization") == Some("Bearer new");
        match is_new == wanted.load(Ordering::SeqCst) {
            true => ok(),
            false => Reply::status(401),
        }
    });
    let asked: Arc<AtomicBool> = Arc::clone(&is_new);
    let http = Http::new(server.url("/")).authorization(move || {
        let which = asked.load(Ordering::SeqCst);
        format!("Bearer {}", if which { "new" } else { "old" })
    });
    let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
    let posted = Posted::with(http, options(stubborn(10)).circuit_breaker(breaker));
    posted.log(50);
    posted.flush();
    is_known.store(true, Ordering::SeqCst);
    let before = server.requests().len();
    posted.log(50);
    server.wait_for_requests(before + 5);
    assert_eq!(server.ids().len(), 50);
    is_new.store(true, Ordering::SeqCst);
    posted.flush();
    posted.end_with_all_at(&server);
}

#[test]
fn what_a_server_does_not_take_goes_to_the_fallback_and_if_that_fails_it_is_counted() {
    for works in [true, false] {
        let server = Server::statuses([503]);
        let other = Gated::named("other");
        if works {
            other.gate.open();
        }
        let retry = Retry::new().base(MILLI);
        let delivery = stubborn(100).retry(retry);
        let builder = LoggerBuilder::new()
            .on_diagnostic(|_| {})
            .drop_on_full(false);
        let options = options(delivery).fallback("other");
        let builder = builder.async_sink_with(Http::new(server.url("/")), options);
        let rule = fapilog_core::settings::RoutingRule::to(["http"]);
        let builder = builder.sink(other.clone()).with_routing([rule]);
        let (log, pipeline) = builder.build().unwrap();
        let oracle = Oracle::default();
        (0..1000).for_each(|_| _ = oracle.log(&log));
        let patience = if works { PATIENCE } else { 500 * MILLI };
        let report = pipeline.shutdown_blocking(patience);
        assert_settled(&report.stats);
        let lines = other.lines.all();
        let arrived = oracle.judge(lines.iter().map(String::as_str));
        assert_eq!(server.ids(), [0_u64; 0]);
        let [own, others] = [0, 1].map(|index| &report.stats.sinks[index]);
        if works {
            assert_eq!(
                (own.fell_back, others.delivered, arrived),
                (1000, 1000, 1000)
            );
        } else {
            let lost = own.dropped.total() + others.dropped.total() + others.unknown;
            assert_eq!((arrived, lost), (0, 1000), "{report}");
        }
        other.gate.open();
    }
}
