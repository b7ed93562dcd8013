//! Where events may go, and where they may not.

use std::net::TcpListener;

use fapilog_core::{Action, Http};

use super::{ask, receiver::Receiver};

/// What is said to a URL: as it is, if plain text is allowed, and if it comes from somebody else.
const TABLE: &[(&str, [bool; 3])] = &[
    // Encrypted, to anywhere that is public.
    ("https://logs.example.com/ingest", [true, true, true]),
    ("https://logs.example.com:8443", [true, true, true]),
    ("  HTTPS://logs.example.com/ ", [true, true, true]),
    ("https://8.8.8.8", [true, true, true]),
    ("https://[2606:4700::1111]", [true, true, true]),
    ("https://172.32.0.1", [true, true, true]),
    ("https://100.128.0.1", [true, true, true]),
    // As plain text, to this machine only, unless it is allowed.
    ("http://localhost:8080", [true, true, false]),
    ("http://LOCALHOST", [true, true, false]),
    ("http://localhost.", [true, true, false]),
    ("http://logs.localhost", [true, true, false]),
    ("http://127.0.0.1", [true, true, false]),
    ("http://127.9.9.9", [true, true, false]),
    ("http://[::1]:8080", [true, true, false]),
    ("http://[::ffff:127.0.0.1]", [true, true, false]),
    ("http://logs.example.com", [false, true, true]),
    ("http://localhost.example.com", [false, true, true]),
    ("http://127.0.0.1.example.com", [false, true, true]),
    ("http://8.8.8.8", [false, true, true]),
    ("http://10.0.0.1", [false, true, false]),
    ("http://0.0.0.0", [false, true, false]),
    ("http://[::]", [false, true, false]),
    // The same addresses, in other spellings.
    ("http://2130706433", [true, true, false]),
    ("http://0x7f000001", [true, true, false]),
    ("http://0177.0.0.1", [true, true, false]),
    ("http://127.1", [true, true, false]),
    ("http://0x7f.1", [true, true, false]),
    ("http://127.0.0.1.", [true, true, false]),
    ("http://１２７.０.０.１", [true, true, false]),
    ("http://[::ffff:7f00:1]", [true, true, false]),
    ("https://0x0a000001", [true, true, false]),
    ("https://167772161", [true, true, false]),
    ("https://012.0.0.1", [true, true, false]),
    // Our own network.
    ("https://localhost", [true, true, false]),
    ("https://127.0.0.1", [true, true, false]),
    ("https://[::1]", [true, true, false]),
    ("https://10.1.2.3", [true, true, false]),
    ("https://172.16.0.1", [true, true, false]),
    ("https://192.168.0.1", [true, true, false]),
    ("https://100.64.0.1", [true, true, false]),
    ("https://0.0.0.0", [true, true, false]),
    ("https://224.0.0.1", [true, true, false]),
    ("https://255.255.255.255", [true, true, false]),
    ("https://198.18.0.1", [true, true, false]),
    ("https://[fc00::1]", [true, true, false]),
    ("https://[fd12:3456::1]", [true, true, false]),
    ("https://[ff02::1]", [true, true, false]),
    ("https://[::ffff:10.0.0.1]", [true, true, false]),
    ("https://[::ffff:8.8.8.8]", [true, true, false]),
    ("https://[64:ff9b::a00:1]", [true, true, false]),
    ("https://[2002:a00:1::]", [true, true, false]),
    ("https://[2001::1]", [true, true, false]),
    // Link-local, and what tells a machine its credentials, never.
    ("https://169.254.169.254", [false; 3]),
    ("http://169.254.169.254/latest/meta-data", [false; 3]),
    ("https://2852039166", [false; 3]),
    ("https://0xa9fea9fe", [false; 3]),
    ("https://0251.0376.0251.0376", [false; 3]),
    ("https://169.254.43518", [false; 3]),
    ("https://169.254.0.1", [false; 3]),
    ("https://[fe80::1]", [false; 3]),
    ("https://[fd00:ec2::254]", [false; 3]),
    ("https://[fd20:ce::254]", [false; 3]),
    ("https://[::ffff:169.254.169.254]", [false; 3]),
    ("https://[::ffff:a9fe:a9fe]", [false; 3]),
    ("https://[64:ff9b::a9fe:a9fe]", [false; 3]),
    ("https://[2002:a9fe:a9fe::]", [false; 3]),
    ("https://100.100.100.200", [false; 3]),
    ("https://168.63.129.16", [false; 3]),
    ("https://192.0.0.192", [false; 3]),
    // With credentials, of other schemes, or no URLs at all.
    ("https://user:password@logs.example.com", [false; 3]),
    ("https://user@logs.example.com", [false; 3]),
    ("https://:password@logs.example.com", [false; 3]),
    ("https://logs.example.com@169.254.169.254", [false; 3]),
    ("file:///etc/passwd", [false; 3]),
    ("ftp://logs.example.com", [false; 3]),
    ("gopher://localhost:70/_", [false; 3]),
    ("unix:///run/docker.sock", [false; 3]),
    ("data:text/plain,a", [false; 3]),
    ("//logs.example.com", [false; 3]),
    ("logs.example.com", [false; 3]),
    ("logs.example.com:443", [false; 3]),
    ("https://", [false; 3]),
    ("https://[::1", [false; 3]),
    ("https://300.300.300.300", [false; 3]),
    ("https://logs.example.com:99999", [false; 3]),
    ("https://lo gs.example.com", [false; 3]),
    ("", [false; 3]),
];

#[test]
fn events_go_only_where_they_may() {
    assert!(TABLE.len() >= 60);
    for (url, expected) in TABLE {
        let usual = Http::new(*url).check();
        let plain = Http::new(*url).allow_insecure_http(true).check();
        let foreign = Http::new(*url)
            .allow_insecure_http(true)
            .untrusted_endpoint(true)
            .check();
        let told = [&usual, &plain, &foreign].map(Result::is_ok);
        assert_eq!(told, *expected, "{url}: {usual:?} {plain:?} {foreign:?}");
        for error in [usual, plain, foreign].into_iter().filter_map(Result::err) {
            let text = error.to_string();
            assert!(text.starts_with("endpoint: "), "{text}");
            assert!(!text.contains("password"), "{text}");
        }
    }
}

#[test]
fn who_is_not_trusted_does_not_reach_this_machine_in_any_spelling() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "localhost",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::ffff:7f00:1]",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}");
            let http = Http::new(url)
                .allow_insecure_http(true)
                .untrusted_endpoint(true);
            let ran = super::run(fapilog_core::LoggerBuilder::new().async_sink(http), |log| {
                fapilog_core::info!(logger: log, "for nobody");
            });
            assert_eq!(ran.sink.delivered, 0, "{host}");
            assert!(ran.said.contains("is not public"), "{}", ran.said);
        }
    }
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn credentials_go_over_the_network_only_if_it_is_encrypted() {
    let plain = |url: &str| Http::new(url).allow_insecure_http(true);
    let url = "http://logs.example.com/ingest";
    assert!(plain(url).header("x-team", "shop").check().is_ok());
    for name in [
        "authorization",
        "X-Api-Key",
        "cookie",
        "Proxy-Authorization",
        "x-amz-security-token",
    ] {
        let told = plain(url).header(name, "canary").check().unwrap_err();
        assert!(told.to_string().contains("https:// only"), "{told}");
        for url in [
            "https://logs.example.com",
            "http://127.0.0.1",
            "http://localhost",
        ] {
            assert!(plain(url).header(name, "canary").check().is_ok(), "{url}");
        }
    }
    let asked = plain(url).authorization(|| "Bearer canary".to_owned());
    assert!(asked.check().is_err());
    assert!(
        plain("http://logs.example.com/?api_key=canary")
            .check()
            .is_err()
    );
    assert!(plain("http://logs.example.com/?team=shop").check().is_ok());
}

#[test]
fn the_name_of_this_machine_leads_nowhere_else() {
    let receiver = Receiver::agreeing();
    let port = receiver.address.port();
    ask(Http::new(format!("http://localhost:{port}"))).unwrap();
    assert_eq!(
        receiver.next().header("host"),
        Some(&*format!("localhost:{port}"))
    );
    // Whatever a system makes of it, it is not another machine.
    let other = ask(Http::new(format!("http://logs.localhost:{port}")));
    assert!(other.is_ok() || other.is_err_and(|it| it.action == Action::Retry));
}
