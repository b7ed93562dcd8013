//! What is asked for when a destination does not take events.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Action, Http, LoggerBuilder, info};
use fapilog_tests::{PATIENCE, promised};

use super::{
    Refused, ask,
    receiver::{Receiver, reply, status},
    run,
};

fn answered(answer: Vec<u8>) -> Result<(), Refused> {
    let receiver = Receiver::new(move |_| answer.clone());
    let result = ask(Http::new(receiver.url()));
    assert_eq!(receiver.rest().len(), 1, "one attempt");
    result
}

#[test]
fn each_class_of_status_asks_for_its_own() {
    for (code, expected) in [
        (200, None),
        (201, None),
        (204, None),
        (207, None),
        (299, None),
        (300, Some(Action::GiveUp)),
        (400, Some(Action::Split)),
        (401, Some(Action::Pause)),
        (403, Some(Action::Pause)),
        (404, Some(Action::Pause)),
        (408, Some(Action::Retry)),
        (410, Some(Action::Pause)),
        (413, Some(Action::Split)),
        (418, Some(Action::Split)),
        (422, Some(Action::Split)),
        (429, Some(Action::Throttle)),
        (500, Some(Action::Retry)),
        (501, Some(Action::Pause)),
        (502, Some(Action::Retry)),
        (503, Some(Action::Retry)),
        (504, Some(Action::Retry)),
        (599, Some(Action::Retry)),
        (600, Some(Action::Retry)),
        (999, Some(Action::Retry)),
    ] {
        let told = answered(status(code)).err();
        assert_eq!(told.as_ref().map(|it| it.action), expected, "{code}");
        let names_it = told.is_none_or(|it| it.text.contains(&code.to_string()));
        assert!(names_it, "{code}");
    }
}

#[test]
fn the_destination_says_how_long_to_wait() {
    for (value, expected) in [
        ("7", Some(7)),
        ("0", Some(0)),
        ("1000000000", Some(1_000_000_000)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        ("-7", None),
        ("soon", None),
    ] {
        for code in [429, 503] {
            let told = answered(reply(code, &[("retry-after", value)], b""));
            let delay = told.unwrap_err().delay.map(|it| it.as_secs());
            assert_eq!(delay, expected, "{value:?}");
        }
    }
    let dates = [
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("retry-after", "Wednesday, 21-Oct-15 07:29:00 GMT"),
    ];
    let told = answered(reply(503, &dates, b"")).unwrap_err();
    assert_eq!(told.delay, Some(Duration::from_secs(60)));
    assert_eq!(answered(status(503)).unwrap_err().delay, None);
}

#[test]
fn redirects_are_not_followed() {
    let other = Receiver::agreeing();
    for code in [301, 302, 303, 307, 308] {
        let told = answered(reply(code, &[("location", &other.url())], b"")).unwrap_err();
        assert_eq!(told.action, Action::GiveUp);
        assert!(
            told.text.contains("redirects are not followed"),
            "{}",
            told.text
        );
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn a_destination_that_cannot_be_reached_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = ask(Http::new(format!("http://{address}"))).unwrap_err();
    assert_eq!(refused.action, Action::Retry);
    assert!(
        refused.text.to_lowercase().contains("refused"),
        "{}",
        refused.text
    );

    // The name of no host, by RFC 6761.
    let unknown = ask(Http::new("https://logs.invalid")).unwrap_err();
    assert_eq!(unknown.action, Action::Retry);
}

#[test]
fn a_connection_that_breaks_off_is_tried_again() {
    for part in [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\ncontent-len",
        "no HTTP at all\r\n\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut some = [0; 64];
            stream.read_exact(&mut some).unwrap();
            stream.write_all(part.as_bytes()).unwrap();
        });
        let told = ask(Http::new(format!("http://{address}"))).unwrap_err();
        assert_eq!(told.action, Action::Retry, "{part:?}: {}", told.text);
        server.join().unwrap();
    }
}

/// A server that says so much of a reply and no more; it tells when the client has gone.
///
/// It hears first: who speaks before it is asked is hung up on.
fn silent_after(part: &'static str) -> (String, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (gone, told) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let gone = gone.clone();
            thread::spawn(move || {
                let mut some = [0; 64];
                let _ = stream.read(&mut some).unwrap();
                stream.write_all(part.as_bytes()).unwrap();
                // Until it hangs up, in whatever manner.
                let _ = stream.read_to_end(&mut Vec::new());
                let _ = gone.send(());
            });
        }
    });
    (address.to_string(), told)
}

#[test]
fn an_attempt_ends_in_time_whatever_the_destination_does_not_do() {
    const LIMIT: Duration = Duration::from_millis(400);
    // No head, half a head, and over TLS nothing at all.
    for (scheme, part) in [
        ("http", ""),
        ("http", "HTTP/1.1 200 OK\r\nx-a: "),
        ("https", ""),
    ] {
        let (address, gone) = silent_after(part);
        let begun = Instant::now();
        let told = ask(Http::new(format!("{scheme}://{address}")).timeout(LIMIT)).unwrap_err();
        let took = begun.elapsed();
        assert_eq!(told.action, Action::Retry);
        assert!(took >= LIMIT, "{took:?}");
        assert!(
            took < LIMIT + promised(Duration::from_millis(200)),
            "{took:?}"
        );
        gone.recv_timeout(PATIENCE).unwrap();
    }
}

#[test]
fn a_reply_that_never_ends_costs_neither_the_events_nor_much_time() {
    let (address, gone) = silent_after("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n123");
    let begun = Instant::now();
    let http = Http::new(format!("http://{address}")).timeout(PATIENCE);
    ask(http).unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    gone.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn a_giant_reply_is_not_read_to_its_end() {
    let written = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&written);
    let receiver = Receiver::speaking(move |_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n";
        let mut sent = stream.write_all(head.as_bytes());
        while sent.is_ok() {
            sent = stream.write_all(&[b'x'; 16 * 1024]);
            counter.fetch_add(16 * 1024, Ordering::Relaxed);
        }
    });
    let begun = Instant::now();
    let read = |reply: &fapilog_core::sink::HttpReply<'_>| {
        assert!(reply.is_cut() && reply.body() == [b'x'; 64 * 1024]);
        Ok(())
    };
    let http = Http::new(receiver.url()).timeout(PATIENCE);
    ask(http.on_reply(read)).unwrap();
    receiver.ended.recv_timeout(PATIENCE).unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    // What the kernel keeps on its way is the rest.
    let written = written.load(Ordering::Relaxed);
    assert!(written < 32 << 20, "{written}");
}

#[test]
fn what_a_destination_says_in_a_refusal_is_not_told() {
    let receiver = Receiver::new(|_| reply(500, &[("x-why", "canary-1")], b"canary-2 \x1b[31m"));
    let http = Http::new(receiver.url()).retry_max_attempts(1);
    let ran = run(LoggerBuilder::new().async_sink(http), |log| {
        info!(logger: log, "refused");
    });
    assert!(ran.said.contains("500"), "{}", ran.said);
    assert!(!ran.said.contains("canary"), "{}", ran.said);
    assert_eq!(ran.sink.dropped.total(), 1);
}
