//! Connections that break, and servers that are slow, too talkative, or silent.

use std::{collections::HashMap, time::Instant};

use fapilog_tests::{
    fault::{Proxy, Way, Welcome, in_turn},
    promised, random, scaled,
};

use super::*;

#[test]
fn connections_cut_anywhere_lose_no_event_and_repeat_only_whole_batches() {
    let server = Server::statuses([204]);
    let proxy = Proxy::new(server.address());
    let (faults, mut random) = (scaled(300), random());
    proxy.script(move |connection| match random.usize(..3) {
        _ if connection >= faults => Way::through(),
        0 => Way::through().cut_up(random.usize(..6000)),
        1 => Way::through().cut_down(random.usize(..100)),
        _ => Way::through().cut_up(0),
    });
    let posted = Posted::to(&proxy.url("/"), options(stubborn(20).concurrency(4)));
    while proxy.counts().accepted < faults {
        posted.log(20);
        posted.flush();
    }
    let report = posted.end();
    let (mut bodies, mut events) = (HashMap::new(), HashMap::new());
    let mut repeated = 0;
    for request in server.requests() {
        let key = request.header("idempotency-key").unwrap().to_owned();
        for event in request.ids() {
            let its = events.entry(event).or_insert_with(|| key.clone());
            assert_eq!(*its, key, "an event is of one batch");
        }
        if let Some(before) = bodies.insert(key, request.body.clone()) {
            assert_eq!(before, request.body);
            repeated += 1;
        }
    }
    assert_eq!(events.len() as u64, posted.oracle.issued(), "none is lost");
    assert_eq!(report.stats.sinks[0].delivered, posted.oracle.issued());
    println!("{} batches, {repeated} of them again", bodies.len());
    assert!(repeated > 0);
}

/// How long until the server is asked again, and gets all.
fn ends_in_time(server: &Server, act: &str, after: impl FnOnce()) {
    const TIMEOUT: Duration = Duration::from_millis(200);
    let http = Http::new(server.url("/")).timeout(TIMEOUT);
    let retry = Retry::new().base(MILLI).longest_pause(MILLI);
    let options = options(stubborn(10).timeout(TIMEOUT).retry(retry));
    let posted = Posted::with(http, options);
    let begun = Instant::now();
    posted.log(10);
    while posted.pipeline.stats().sinks[0].attempts < 2 {
        assert!(begun.elapsed() < PATIENCE, "{act}");
        std::thread::yield_now();
    }
    let took = begun.elapsed();
    after();
    posted.flush();
    assert!(took < TIMEOUT + promised(100 * MILLI), "{act}: {took:?}");
    posted.end_with_all_at(server);
}

#[test]
fn no_server_can_make_an_attempt_last_longer_than_it_may() {
    let drip = Reply::raw("HTTP/1.1 204 No Content\r\nx: y\r\n\r\n");
    for (act, reply) in [
        ("hangs", Reply::hang()),
        ("drips", drip.drip(1, 100 * MILLI)),
        ("is late", ok().delay(HOUR)),
    ] {
        let server = Server::new(in_turn([reply, ok()]));
        ends_in_time(&server, act, || {});
    }
    let server = Server::statuses([204]);
    server.welcome(Welcome::Ignore);
    ends_in_time(&server, "reads nothing", || server.welcome(Welcome::Serve));
}

#[test]
fn replies_that_break_off_or_make_no_sense_are_tried_again() {
    let server = Server::new(in_turn([
        Reply::raw("no HTTP at all\r\n\r\n"),
        ok().reset_after(0),
        ok().close_after(0),
        ok().close_after(10),
        Reply::status(500),
        ok(),
    ]));
    let posted = Posted::to(&server.url("/"), options(stubborn(10)));
    posted.log(10);
    posted.flush();
    let books = posted.end_with_all_at(&server);
    assert_eq!(books.attempts, 6);
}

#[test]
fn a_server_is_not_asked_again_before_the_time_that_it_names() {
    let wait = Duration::from_secs(1);
    for (status, header) in [(429, "1"), (503, "1")] {
        let refuse = Reply::status(status).header("retry-after", header);
        let server = Server::new(in_turn([refuse, ok()]));
        let posted = Posted::to(&server.url("/"), options(stubborn(10)));
        posted.log(10);
        posted.flush();
        posted.end_with_all_at(&server);
        let requests = server.requests();
        let pause = requests[1].at - requests[0].at;
        assert!(pause >= wait, "{pause:?}");
    }
}

#[test]
fn a_handshake_that_does_not_end_is_an_attempt_that_ends() {
    let server = Server::statuses([204]);
    server.welcome(Welcome::Ignore);
    let timeout = 200 * MILLI;
    let url = server.url("/").replace("http://", "https://");
    let posted = Posted::with(
        Http::new(url).timeout(timeout),
        options(stubborn(10).timeout(timeout)),
    );
    let begun = Instant::now();
    posted.log(10);
    while posted.pipeline.stats().sinks[0].attempts < 2 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    let took = begun.elapsed();
    assert!(took < timeout + promised(100 * MILLI) + PAUSE, "{took:?}");
    let report = posted.pipeline.shutdown_blocking(2 * timeout);
    assert_settled(&report.stats);
}

#[test]
fn no_reply_whatever_its_bytes_harms_anything_but_its_own_attempt() {
    let mut random = random();
    let count = scaled(200);
    let replies = (0..count).map(|_| {
        let mut bytes: Vec<u8> = match random.u8(..4) {
            0 => Vec::new(),
            1 => b"HTTP/1.1 ".to_vec(),
            2 => b"HTTP/1.1 500 x\r\ncontent-length: ".to_vec(),
            _ => b"HTTP/1.1 500 x\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
        };
        bytes.extend((0..random.usize(..200)).map(|_| random.u8(..)));
        let length = bytes.len();
        Reply::raw(bytes).close_after(length)
    });
    let replies: Vec<_> = replies.chain([ok()]).collect();
    let server = Server::new(in_turn(replies));
    let retry = Retry::new()
        .attempts(usize::MAX)
        .base(Duration::ZERO)
        .longest_pause(Duration::ZERO);
    let delivery = stubborn(10).pause(Duration::ZERO).retry(retry);
    let posted = Posted::to(&server.url("/"), options(delivery));
    posted.log(10);
    posted.flush();
    let report = posted.end();
    assert_eq!(report.stats.worker_restarts, 0);
    let books = &report.stats.sinks[0];
    assert_eq!(
        books.delivered + books.dropped.total() + books.unknown,
        10,
        "{report}"
    );
    assert_eq!(books.unknown, 0);
}
