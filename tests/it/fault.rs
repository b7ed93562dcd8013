//! The destinations that fail do so as they are told.

mod proxy;

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use fapilog_tests::{
    fault::{Reply, Request, Server, Welcome, in_turn},
    http::connect,
};

/// A request with a body, as bytes.
fn post(body: &str) -> String {
    let length = body.len();
    format!("POST /logs HTTP/1.1\r\nX-Test: Yes\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// A connection on which this has been sent.
fn sent(address: SocketAddr, body: &str) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(post(body).as_bytes()).unwrap();
    stream
}

/// What comes until the connection ends, and how it ends, which it has to.
fn rest(mut stream: &TcpStream) -> (String, io::Result<usize>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    let kind = end.as_ref().err().map(io::Error::kind);
    assert_ne!(kind, Some(ErrorKind::WouldBlock), "it does not end");
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

/// The head of an answer without a body.
fn head(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Lets the server do what it has to do: it takes connections, and ends them, ten times.
fn go_round(server: &Server) {
    server.welcome(Welcome::Reset);
    for _ in 0..10 {
        assert!(is_reset(&connect(server.address()).read(&mut [0])));
    }
    server.welcome(Welcome::Serve);
}

/// Nothing has come so far.
fn assert_has_nothing(mut stream: &TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let came = stream.read(&mut [0]);
    assert_eq!(came.unwrap_err().kind(), ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
}

fn is_reset(end: &io::Result<usize>) -> bool {
    end.as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

const OK: &str = "HTTP/1.1 200 Scripted\r\ncontent-length: 0\r\n\r\n";

#[test]
fn statuses_are_answered_in_turn_and_the_last_one_for_ever() {
    let server = Server::statuses([503, 429, 200]);
    let mut stream = sent(server.address(), "{}");
    let mut statuses = vec![head(&stream)[9..12].to_owned()];
    for _ in 0..3 {
        stream.write_all(post("{}").as_bytes()).unwrap();
        statuses.push(head(&stream)[9..12].to_owned());
    }
    assert_eq!(statuses, ["503", "429", "200", "200"]);
    let seen = server.exchanges().into_iter().map(|it| it.status.unwrap());
    assert_eq!(seen.collect::<Vec<_>>(), [503, 429, 200, 200]);
}

#[test]
fn a_request_is_remembered_with_all_that_was_sent() {
    let server = Server::new(Reply::status(204).header("retry-after", "7"));
    let before = Instant::now();
    let answer = head(&sent(server.address(), "a body"));
    assert_eq!(answer, "HTTP/1.1 204 Scripted\r\nretry-after: 7\r\n\r\n");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!((&*request.method, &*request.path), ("POST", "/logs"));
    assert_eq!(request.header("x-test"), Some("Yes"));
    assert_eq!(request.body, b"a body");
    assert!(request.at >= before && request.at <= Instant::now());
}

#[test]
fn a_closure_answers_by_what_was_sent() {
    let server = Server::new(|request: &Request| {
        let is_poisoned = request.ids().contains(&13);
        Reply::status(if is_poisoned { 400 } else { 200 }).body("why")
    });
    for n in [12, 13] {
        let stream = sent(
            server.address(),
            &format!(r#"{{"data":{{"n":{n}}},"m":1}}"#),
        );
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(rest(&stream).0.ends_with("\r\n\r\nwhy"));
    }
    assert_eq!(server.ids(), [12]);
}

#[test]
fn ids_are_those_of_events_that_were_answered_with_2xx_in_whatever_form() {
    let server = Server::new(in_turn([503, 200, 202, 204, 200].map(Reply::status)));
    let one = |n: u64| format!(r#"{{"message":"m","data":{{"n":{n}}}}}"#);
    let bodies = [
        one(1),
        one(2),
        format!("[{},{}]", one(3), one(4)),
        format!("{}\n{}", one(5), one(6)),
        format!(r#"{{"logs":[{}]}}"#, one(7)),
    ];
    for body in &bodies {
        head(&sent(server.address(), body));
    }
    server.wait_for(6);
    assert_eq!(server.ids(), [2, 3, 4, 5, 6, 7]);
    assert_eq!(server.lines().len(), 6);
}

#[test]
fn a_reset_comes_after_as_many_bytes_as_were_wanted() {
    for bytes in [0, 1, 20, 1000] {
        let server = Server::new(Reply::status(200).reset_after(bytes));
        let (came, end) = rest(&sent(server.address(), "{}"));
        assert_eq!(came, OK[..bytes.min(OK.len())]);
        assert!(is_reset(&end), "{end:?}");
        let is_whole = bytes >= OK.len();
        assert_eq!(server.exchanges()[0].status.is_some(), is_whole);
    }
}

#[test]
fn a_connection_is_closed_before_or_within_the_reply() {
    for bytes in [0, 9] {
        let server = Server::new(Reply::status(200).close_after(bytes));
        let (came, end) = rest(&sent(server.address(), "{}"));
        assert_eq!((&*came, end.unwrap()), (&OK[..bytes], bytes));
        server.wait_for_open(0);
    }
}

#[test]
fn a_half_closed_connection_is_still_read() {
    let server = Server::new(Reply::status(200).half_close_after(9));
    let mut stream = sent(server.address(), "{}");
    assert_eq!(rest(&stream).0, OK[..9]);
    stream.write_all(&[b'x'; 1 << 20]).unwrap();
    assert_eq!(server.counts().open, 1);
    drop(stream);
    server.wait_for_open(0);
}

#[test]
fn a_reply_that_hangs_does_so_until_the_server_stops() {
    let server = Server::new(Reply::hang());
    let stream = sent(server.address(), "{}");
    server.wait_for_requests(1);
    go_round(&server);
    assert_has_nothing(&stream);
    server.stop();
    assert_eq!(rest(&stream).0, "");
    assert_eq!(server.exchanges()[0].status, None);
}

#[test]
fn a_held_server_reads_and_answers_when_it_is_released() {
    let server = Server::statuses([200]);
    server.hold();
    let stream = sent(server.address(), "{}");
    server.wait_for_requests(1);
    go_round(&server);
    assert_has_nothing(&stream);
    assert_eq!(server.exchanges()[0].status, None);
    server.release();
    assert_eq!(head(&stream), OK);
}

#[test]
fn a_reply_drips_or_comes_late_as_it_was_told() {
    let pause = Duration::from_millis(2);
    let server = Server::new(Reply::status(200).drip(1, pause));
    let began = Instant::now();
    assert_eq!(head(&sent(server.address(), "{}")), OK);
    assert!(began.elapsed() >= pause * (OK.len() as u32 - 1));
    let late = Duration::from_millis(50);
    server.answer(Reply::status(200).delay(late));
    let began = Instant::now();
    assert_eq!(head(&sent(server.address(), "{}")), OK);
    assert!(began.elapsed() >= late);
}

#[test]
fn an_endless_reply_has_no_end_and_a_raw_one_is_what_it_is() {
    let server = Server::new(Reply::endless());
    let mut stream = sent(server.address(), "{}");
    let mut much = vec![0; 16 << 20];
    stream.read_exact(&mut much).unwrap();
    assert!(much.starts_with(b"HTTP/1.1 200") && much.ends_with(b"xxx"));
    server.answer(Reply::raw(*b"\x00HTTP/9 ?\r\n"));
    let (came, end) = rest(&sent(server.address(), "{}"));
    assert_eq!((&*came, end.unwrap()), ("\x00HTTP/9 ?\r\n", 11));
}

#[test]
fn a_new_connection_may_be_ignored_or_reset() {
    let server = Server::statuses([200]);
    server.welcome(Welcome::Ignore);
    let stream = sent(server.address(), "{}");
    server.wait_for_open(1);
    server.stop();
    assert_eq!(rest(&stream).0, "");
    assert!(server.requests().is_empty());
    server.restart();
    server.welcome(Welcome::Reset);
    let mut stream = connect(server.address());
    assert!(is_reset(&stream.read(&mut [0])));
}

#[test]
fn a_server_that_is_stopped_refuses_connections_until_it_is_started_again() {
    let server = Server::statuses([200]);
    let idle = sent(server.address(), "{}");
    assert_eq!(head(&idle), OK);
    for _ in 0..5 {
        server.stop();
        let refused = TcpStream::connect(server.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        server.restart();
        assert_eq!(head(&sent(server.address(), "{}")), OK);
    }
    assert_eq!(rest(&idle).0, "");
}

#[test]
fn connections_are_counted() {
    let server = Server::statuses([200]);
    let streams: Vec<_> = (0..3).map(|_| sent(server.address(), "{}")).collect();
    streams
        .iter()
        .for_each(|stream| assert_eq!(head(stream), OK));
    assert_eq!(server.counts().open, 3);
    drop(streams);
    server.wait_for_open(0);
    head(&sent(server.address(), "{}"));
    let counts = server.counts();
    assert_eq!((counts.accepted, counts.most_open), (4, 3));
    assert_eq!(server.requests().last().unwrap().connection, 3);
}
