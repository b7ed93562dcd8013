//! What is secret stays so, whatever goes wrong.

use std::{fmt::Debug, net::TcpListener};

use fapilog_core::{Http, LoggerBuilder, info};

use super::{
    certificates::{Authority, Leaf},
    receiver::{Receiver, reply},
    run,
};

const CANARY: &str = "canary-7f3a";

/// A sink with a secret wherever there may be one.
fn secretive(origin: &str) -> Http {
    Http::new(format!(
        "{origin}/{CANARY}?api_key={CANARY}&a={CANARY}#{CANARY}"
    ))
    .header("x-api-key", CANARY)
    .header("x-team", CANARY)
    .authorization(|| format!("Bearer {CANARY}"))
    .retry_max_attempts(1)
}

fn assert_clean(text: &str) {
    assert!(!text.contains(CANARY), "{text}");
}

fn assert_shows_nothing(it: &impl Debug) {
    assert_clean(&format!("{it:?} {it:#?}"));
}

/// What is said when one event does not arrive.
fn said(http: Http) -> String {
    assert_shows_nothing(&http);
    let builder = LoggerBuilder::new().async_sink(http);
    assert_shows_nothing(&builder);
    let ran = run(builder, |log| info!(logger: log, "not delivered"));
    assert_eq!(ran.sink.delivered, 0);
    assert!(!ran.said.is_empty());
    assert_shows_nothing(&ran.sink);
    ran.said
}

#[test]
fn no_secret_is_told_when_a_destination_cannot_be_reached_or_refuses() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_clean(&said(secretive(&format!("http://{gone}"))));
    assert_clean(&said(secretive("https://logs.invalid")));
    let authority = Authority::new();
    let other = Receiver::over_tls(Leaf::self_signed("localhost").server());
    let origin = format!("https://localhost:{}", other.address.port());
    assert_clean(&said(secretive(&origin).ca_certificate(authority.pem)));
    let to = format!("https://{CANARY}.example.com/{CANARY}");
    for code in [302, 400, 500] {
        let to = to.clone();
        let receiver = Receiver::new(move |_| {
            reply(
                code,
                &[("location", &to), ("x-a", CANARY)],
                CANARY.as_bytes(),
            )
        });
        let told = said(secretive(&format!("http://{}", receiver.address)));
        assert!(told.contains(&code.to_string()), "{told}");
        assert_clean(&told);
    }
}

#[test]
fn no_secret_is_told_of_options_that_cannot_work() {
    for http in [
        secretive("http://logs.example.com"),
        secretive("https://169.254.169.254"),
        secretive(&format!("https://me:{CANARY}@logs.example.com")),
        secretive("https://logs.example.com").header("x-a", format!("{CANARY}\n{CANARY}")),
        secretive("https://logs.example.com").ca_certificate(CANARY),
        secretive("https://logs.example.com").client_identity(CANARY),
        secretive("https://logs.example.com").proxy(format!("ftp://{CANARY}")),
        secretive("https://logs.example.com").proxy(CANARY),
    ] {
        assert_clean(&http.check().unwrap_err().to_string());
        assert_clean(&said(http));
    }
}

#[test]
fn no_secret_of_settings_is_shown() {
    let variables = [
        ("FAPILOG_HTTP__ENDPOINT", "https://logs.example.com"),
        (
            "FAPILOG_HTTP__HEADERS",
            "x-api-key=canary-7f3a,x-team=canary-7f3a",
        ),
        ("FAPILOG_HTTP__PROXY", "http://me:canary-7f3a@proxy:3128"),
    ];
    let settings = LoggerBuilder::new().env_vars(variables).resolve().unwrap();
    assert_shows_nothing(&settings);
    assert_shows_nothing(&settings.explain());
    for (name, value) in [
        (
            "FAPILOG_HTTP__ENDPOINT",
            "https://me:canary-7f3a@logs.example.com",
        ),
        (
            "FAPILOG_HTTP__ENDPOINT",
            "http://logs.example.com/?token=canary-7f3a",
        ),
        ("FAPILOG_HTTP__HEADERS", "x-api-key canary-7f3a"),
        ("FAPILOG_HTTP__HEADERS", "connection=canary-7f3a"),
        ("FAPILOG_HTTP__PROXY", "canary-7f3a"),
    ] {
        let variables = variables.map(|it| if it.0 == name { (name, value) } else { it });
        let built = LoggerBuilder::new().env_vars(variables).build();
        let told = built.expect_err("a problem").to_string();
        assert!(told.contains("http."), "{told}");
        assert_clean(&told);
    }
}
