//! Destinations that are gone for a while.

use std::time::Instant;

use fapilog_core::{CircuitBreaker, Pressure};
use fapilog_tests::{
    fault::{Proxy, Way},
    promised,
    sinks::Lines,
};

use super::*;

#[test]
fn an_outage_takes_no_more_memory_than_the_budget_and_every_loss_is_counted() {
    const BUDGET: usize = 1024 * 1024;
    let server = Server::statuses([204]);
    let builder = LoggerBuilder::new()
        .queue_budget(BUDGET)
        .backpressure_wait(Duration::ZERO);
    let posted = Posted::built(builder, Http::new(server.url("/")), options(stubborn(100)));
    posted.log(100);
    posted.flush();
    server.stop();
    // Several times what there is room for.
    posted.log(50_000);
    let stats = posted.pipeline.stats();
    let refused = stats.refused.get("queue_full");
    assert!(refused > 10_000, "{stats:#?}");
    assert!(
        stats.queue_high_watermark <= BUDGET + BUDGET / 4,
        "{stats:#?}"
    );
    let (back, before) = (Instant::now(), server.ids().len());
    server.restart();
    server.wait_for(before + 1);
    let took = back.elapsed();
    assert!(took < promised(2 * PAUSE), "{took:?}");
    posted.flush();
    let report = posted.end();
    let lines = server.lines();
    let arrived = posted.oracle.judge(lines.iter().map(String::as_str));
    let summaries = report.stats.generated;
    assert_eq!(
        arrived + report.stats.refused.total(),
        posted.oracle.issued()
    );
    assert_eq!(report.stats.sinks[0].delivered, arrived + summaries);
}

#[test]
fn what_a_black_hole_swallows_is_sent_again_when_the_way_is_open() {
    let server = Server::statuses([204]);
    let proxy = Proxy::new(server.address());
    proxy.script(|_| Way::black_hole());
    let delivery = stubborn(100).timeout(100 * MILLI);
    let posted = Posted::to(&proxy.url("/"), options(delivery));
    posted.log(300);
    while posted.pipeline.stats().sinks[0].attempts < 3 {
        std::thread::yield_now();
    }
    proxy.script(|_| Way::through());
    posted.flush();
    posted.end_with_all_at(&server);
}

#[test]
fn a_name_that_is_not_found_is_looked_up_again_and_holds_up_nobody() {
    let posted = Posted::to(
        "https://nobody.invalid/",
        options(stubborn(10).timeout(HOUR)),
    );
    posted.log(20);
    while posted.pipeline.stats().sinks[0].attempts < 2 {
        std::thread::yield_now();
    }
    let report = posted.end();
    let lost = report.stats.sinks[0].dropped.get("shutdown_deadline");
    assert_eq!(lost, 20, "{report}");
}

#[test]
fn a_destination_that_moves_is_found_without_a_restart() {
    let [old, new] = [(); 2].map(|()| Server::statuses([204]));
    let proxy = Proxy::new(old.address());
    let posted = Posted::to(&proxy.url("/"), options(stubborn(10)));
    posted.log(50);
    posted.flush();
    old.stop();
    proxy.stop();
    proxy.target(new.address());
    posted.log(50);
    proxy.restart();
    posted.flush();
    let report = posted.end();
    assert_eq!((old.ids().len(), new.ids().len()), (50, 50), "{report}");
}

#[test]
fn a_server_that_stands_still_harms_no_other_sink() {
    let server = Server::statuses([204]);
    server.hold();
    let (lines, count) = (Lines::default(), 20_000);
    let builder = LoggerBuilder::new().queue_budget(4 * 1024 * 1024);
    let builder = builder.sink_with(
        lines.clone(),
        SinkOptions::default().pressure(Pressure::Propagate),
    );
    let hung = options(stubborn(10)).pressure(Pressure::Shed);
    let posted = Posted::built(
        builder.drop_on_full(false),
        Http::new(server.url("/")),
        hung,
    );
    posted.log(count);
    let begun = Instant::now();
    while lines.len() < count {
        assert!(begun.elapsed() < PATIENCE, "{} of {count}", lines.len());
        std::thread::yield_now();
    }
    let report = posted.pipeline.shutdown_blocking(500 * MILLI);
    assert_settled(&report.stats);
    let hung = &report.stats.sinks[1];
    assert_eq!((hung.delivered, hung.unknown), (0, 10));
    assert_eq!(hung.dropped.total(), hung.routed - 10);
    server.release();
}

#[test]
fn while_a_breaker_is_open_a_server_is_asked_once_in_a_while_and_gets_all_in_the_end() {
    let server = Server::statuses([503]);
    let breaker = CircuitBreaker::new().threshold(3).recovery(100 * MILLI);
    let options = options(stubborn(10)).circuit_breaker(breaker);
    let posted = Posted::to(&server.url("/"), options);
    posted.log(100);
    server.wait_for_requests(5);
    let requests = server.requests();
    for pair in requests[2..].windows(2) {
        let pause = pair[1].at - pair[0].at;
        assert!(pause >= 100 * MILLI, "{pause:?}");
    }
    server.answer(|_: &_| ok());
    posted.flush();
    posted.end_with_all_at(&server);
}
