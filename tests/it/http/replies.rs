//! A reply may say which events were not taken.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use fapilog_core::{Action, BatchError, Http, LoggerBuilder, SinkError, info, sink::HttpReply};
use fapilog_tests::PATIENCE;

use super::{
    ask,
    receiver::{Receiver, reply, status},
    run,
};

/// Reads indices, joined with commas.
fn full(reply: &HttpReply<'_>) -> Result<(), BatchError> {
    let text = str::from_utf8(reply.body()).unwrap();
    let indices = text.split(',').filter_map(|it| it.parse().ok());
    let failed: Vec<_> = indices
        .map(|index| (index, SinkError::with(Action::DeadLetter, "no room")))
        .collect();
    assert!(failed.iter().all(|(index, _)| *index < reply.events()));
    if failed.is_empty() {
        Ok(())
    } else {
        Err(BatchError::some(failed))
    }
}

#[test]
fn the_events_that_a_reply_names_are_not_delivered_and_all_others_are() {
    let receiver = Receiver::new(|request| {
        let events = request.json();
        let events = events.as_array().unwrap().iter().enumerate();
        let odd = events.filter(|(_, it)| it["data"]["number"].as_u64().unwrap() % 2 == 1);
        let odd: Vec<_> = odd.map(|(index, _)| index.to_string()).collect();
        reply(207, &[], odd.join(",").as_bytes())
    });
    let http = Http::new(receiver.url()).on_reply(full);
    let ran = run(LoggerBuilder::new().async_sink(http), |log| {
        for number in 0..100 {
            info!(logger: log, number, "some are odd");
        }
    });
    assert_eq!(ran.sink.delivered, 50, "{}", ran.said);
    assert!(ran.said.contains("no room"), "{}", ran.said);
}

#[test]
fn a_reply_is_read_only_where_events_were_taken() {
    let calls = Arc::new(AtomicUsize::new(0));
    for code in [200, 500, 400, 302, 204] {
        let receiver = Receiver::new(move |_| status(code));
        let counter = Arc::clone(&calls);
        let http = Http::new(receiver.url()).on_reply(move |reply| {
            assert!(matches!(reply.status(), 200 | 204) && reply.events() == 1);
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        assert_eq!(ask(http).is_ok(), code < 300);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn a_reply_that_is_to_be_read_and_breaks_off_is_no_delivery() {
    let half = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n123";
    let broken = || {
        let http = TcpHalf::start(half);
        Http::new(http).timeout(PATIENCE)
    };
    let read = |_: &HttpReply<'_>| -> Result<(), BatchError> { unreachable!("it is not whole") };
    let told = ask(broken().on_reply(read)).unwrap_err();
    assert_eq!(told.action, Action::Retry, "{}", told.text);
    ask(broken()).unwrap();
}

/// A server that says so much and hangs up.
struct TcpHalf;

impl TcpHalf {
    fn start(part: &'static [u8]) -> String {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 64 * 1024];
            let mut read = 0;
            // The body is an array, and ends with it.
            while !request[..read].ends_with(b"]") {
                read += stream.read(&mut request[read..]).unwrap();
            }
            stream.write_all(part).unwrap();
        });
        format!("http://{address}")
    }
}
