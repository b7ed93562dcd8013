//! The proxy.

use fapilog_tests::fault::{Proxy, Way};

use super::*;

/// A server, and a proxy before it.
fn both() -> (Server, Proxy) {
    let server = Server::statuses([200]);
    let proxy = Proxy::new(server.address());
    (server, proxy)
}

#[test]
fn what_goes_through_is_not_changed() {
    let (server, proxy) = both();
    let body = "x".repeat(1 << 20);
    let stream = sent(proxy.address(), &body);
    assert_eq!(head(&stream), OK);
    assert_eq!(server.requests()[0].body, body.as_bytes());
    // The end of one direction goes through too.
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&stream).1.unwrap(), 0);
    proxy.wait_for_open(0);
}

#[test]
fn a_cut_upwards_resets_both_sides_after_as_many_bytes_as_were_wanted() {
    let whole = post("{}").len();
    for bytes in [0, 5, whole - 1] {
        let (server, proxy) = both();
        proxy.script(move |_| Way::through().cut_up(bytes));
        let (came, end) = rest(&sent(proxy.address(), "{}"));
        assert!(came.is_empty() && is_reset(&end), "{came} {end:?}");
        server.stop();
        assert!(server.requests().is_empty());
    }
}

#[test]
fn a_cut_downwards_loses_the_answer_and_not_the_request() {
    for bytes in [0, 9, OK.len() - 1] {
        let (server, proxy) = both();
        proxy.script(move |_| Way::through().cut_down(bytes));
        let (came, end) = rest(&sent(proxy.address(), "{}"));
        assert_eq!(came, OK[..bytes]);
        assert!(is_reset(&end), "{end:?}");
        assert_eq!(server.exchanges()[0].status, Some(200));
    }
}

#[test]
fn each_connection_goes_its_own_way() {
    let (server, proxy) = both();
    proxy.script(|number| match number {
        1 => Way::through().cut_down(0),
        _ => Way::through(),
    });
    let came = [0, 1, 2].map(|_| {
        let stream = sent(proxy.address(), "{}");
        stream.shutdown(Shutdown::Write).unwrap();
        rest(&stream).0
    });
    assert_eq!(came, [OK, "", OK]);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_stalled_connection_is_open_and_passes_on_nothing_more() {
    let (server, proxy) = both();
    proxy.script(|_| Way::through().stall_down(9));
    let mut stream = sent(proxy.address(), "{}");
    let mut came = [0; 9];
    stream.read_exact(&mut came).unwrap();
    assert_eq!(came, OK.as_bytes()[..9]);
    assert_eq!(proxy.counts().open, 1);
    proxy.stop();
    assert_eq!(rest(&stream).0, "");
    proxy.restart();
    proxy.script(|_| Way::through().stall_up(9));
    let stream = sent(proxy.address(), "{}");
    proxy.wait_for_open(1);
    proxy.stop();
    assert_eq!(rest(&stream).0, "");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_black_hole_takes_all_and_calls_nobody() {
    let (server, proxy) = both();
    proxy.script(|_| Way::black_hole());
    let stream = sent(proxy.address(), &"x".repeat(32 << 20));
    assert_eq!(proxy.counts().open, 1);
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&stream).0, "");
    assert_eq!(server.counts().accepted, 0);
}

#[test]
fn a_held_proxy_passes_on_when_it_is_released() {
    let (server, proxy) = both();
    proxy.hold();
    let stream = sent(proxy.address(), "{}");
    server.wait_for_open(1);
    go_round(&server);
    assert!(server.requests().is_empty());
    proxy.release();
    assert_eq!(head(&stream), OK);
}

#[test]
fn a_proxy_refuses_while_it_is_stopped_and_may_get_another_target() {
    let (first, proxy) = both();
    assert_eq!(head(&sent(proxy.address(), "{}")), OK);
    proxy.stop();
    let refused = TcpStream::connect(proxy.address()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let second = Server::statuses([200]);
    proxy.target(second.address());
    proxy.restart();
    assert_eq!(head(&sent(proxy.address(), "{}")), OK);
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
}

#[test]
fn a_target_that_refuses_is_a_reset() {
    let (server, proxy) = both();
    server.stop();
    let mut stream = connect(proxy.address());
    assert!(is_reset(&stream.read(&mut [0])));
}
