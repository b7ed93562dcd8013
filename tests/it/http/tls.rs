//! Over TLS, events go to whom they are for, and to nobody else.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    thread,
};

use fapilog_core::{Action, Http, LoggerBuilder, info};

use super::{
    ask,
    certificates::{Authority, Leaf},
    receiver::Receiver,
    run,
};

/// A file with this text, for as long as the tests.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = path.join(format!("http-{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_authority_of_ones_own_is_trusted() {
    let authority = Authority::new();
    let receiver = Receiver::over_tls(authority.issue("localhost", false).server());
    ask(Http::new(receiver.url()).ca_certificate(authority.pem.clone())).unwrap();
    assert_eq!(receiver.rest().len(), 1);
    // A bundle of several.
    let bundle = Authority::new().pem + &authority.pem;
    ask(Http::new(receiver.url()).ca_certificate(bundle)).unwrap();
    assert_eq!(receiver.rest().len(), 1);
}

#[test]
fn a_certificate_that_does_not_hold_gets_no_event() {
    let authority = Authority::new();
    let cases = [
        (
            "unknown authority",
            Authority::new().issue("localhost", false),
        ),
        ("self-signed", Leaf::self_signed("localhost")),
        ("wrong host", authority.issue("logs.example.com", false)),
        ("expired", authority.issue("localhost", true)),
    ];
    for (case, leaf) in cases {
        let receiver = Receiver::over_tls(leaf.server());
        let http = Http::new(receiver.url()).ca_certificate(authority.pem.clone());
        let told = ask(http).unwrap_err();
        assert_eq!(told.action, Action::Retry, "{case}");
        assert!(told.text.contains("certificate"), "{case}: {}", told.text);
        assert!(receiver.rest().is_empty(), "{case}");
    }
}

#[test]
fn without_an_authority_of_ones_own_those_of_the_system_decide() {
    let authority = Authority::new();
    let receiver = Receiver::over_tls(authority.issue("localhost", false).server());
    // Where the system has none, the sink does not even start.
    let http = Http::new(receiver.url()).retry_max_attempts(1);
    let ran = run(LoggerBuilder::new().async_sink(http), |log| {
        info!(logger: log, "for nobody");
    });
    assert_eq!(ran.sink.delivered, 0);
    assert!(ran.said.contains("certificate"), "{}", ran.said);
    assert!(receiver.rest().is_empty());
}

#[test]
fn a_destination_that_asks_for_a_certificate_gets_the_one_that_was_said() {
    let authority = Authority::new();
    let server = authority.issue("localhost", false);
    let receiver = Receiver::over_tls(authority.server_for_own(&server));
    let http = || Http::new(receiver.url()).ca_certificate(authority.pem.clone());
    let known = authority.issue("till", false).pem();
    ask(http().client_identity(known)).unwrap();
    assert_eq!(receiver.rest().len(), 1);
    for stranger in [None, Some(Authority::new().issue("till", false).pem())] {
        let http = match stranger {
            Some(pem) => http().client_identity(pem),
            None => http(),
        };
        assert_eq!(ask(http).unwrap_err().action, Action::Retry);
    }
    assert!(receiver.rest().is_empty());
}

#[test]
fn certificates_are_read_from_the_files_that_settings_name() {
    let authority = Authority::new();
    let server = authority.issue("localhost", false);
    let receiver = Receiver::over_tls(authority.server_for_own(&server));
    let url = receiver.url();
    let ca = file("ca.pem", &authority.pem);
    let identity = file("client.pem", &authority.issue("till", false).pem());
    let delivered = |more: &[(&str, &str)]| {
        let mut variables = vec![("FAPILOG_HTTP__ENDPOINT", url.as_str())];
        variables.extend(more);
        let builder = LoggerBuilder::new().env_vars(variables);
        run(builder, |log| info!(logger: log, "posted"))
            .sink
            .delivered
    };
    let (ca, identity) = (ca.to_str().unwrap(), identity.to_str().unwrap());
    let both = [
        ("FAPILOG_HTTP__CA_FILE", ca),
        ("FAPILOG_HTTP__CLIENT_IDENTITY_FILE", identity),
    ];
    assert_eq!(delivered(&both), 1);
    receiver.rest();
    let missing = file("none.pem", "");
    fs::remove_file(&missing).unwrap();
    let empty = file("empty.pem", "no certificate");
    for name in [
        "FAPILOG_HTTP__CA_FILE",
        "FAPILOG_HTTP__CLIENT_IDENTITY_FILE",
    ] {
        for path in [&missing, &empty] {
            let variables = [
                ("FAPILOG_HTTP__ENDPOINT", url.as_str()),
                (name, path.to_str().unwrap()),
            ];
            let built = LoggerBuilder::new().env_vars(variables).build();
            let told = built.expect_err("a problem").to_string();
            assert!(told.contains(name), "{told}");
        }
    }
}

#[test]
fn a_destination_with_tls_of_the_past_is_refused() {
    // What answers with TLS 1.1: the version, 32 bytes, no session, a cipher, no compression.
    let mut hello = vec![2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x13, 0]);
    let record = [&[22, 3, 2, 0, 42][..], &hello].concat();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        let mut client = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        stream.read_exact(&mut client).unwrap();
        stream.write_all(&record).unwrap();
        let mut alert = Vec::new();
        // It may be a reset.
        let _ = stream.read_to_end(&mut alert);
        alert
    });
    let authority = Authority::new();
    let http = Http::new(format!("https://{address}")).ca_certificate(authority.pem);
    let told = ask(http).unwrap_err();
    assert!(told.text.contains("Tls12Or13"), "{}", told.text);
    // A fatal alert: the version of the protocol.
    assert_eq!(server.join().unwrap().get(5..7), Some(&[2, 70][..]));
}
