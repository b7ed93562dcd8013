//! Requests go through the proxy that was said, and through no other.

use std::process::Command;

use fapilog_core::{Action, Http};
use fapilog_tests::PATIENCE;

use super::{
    ask,
    receiver::{Receiver, status},
};

#[test]
fn requests_go_through_the_proxy_that_was_said() {
    let proxy = Receiver::agreeing();
    let at = |url: &str| Http::new(url).proxy(format!("http://{}", proxy.address));
    ask(at("http://logs.example.com/ingest").allow_insecure_http(true)).unwrap();
    let request = proxy.next();
    assert_eq!(request.line, "POST http://logs.example.com/ingest HTTP/1.1");
    assert_eq!(request.header("proxy-authorization"), None);
}

#[test]
fn an_encrypted_request_goes_through_a_tunnel_that_sees_nothing_of_it() {
    let proxy = Receiver::new(|_| status(403));
    let url = format!("http://me:canary@{}", proxy.address);
    let http = Http::new("https://logs.example.com/ingest").proxy(url);
    let told = ask(http.header("x-api-key", "secret").timeout(PATIENCE)).unwrap_err();
    assert_eq!(told.action, Action::Retry);
    assert!(!told.text.contains("canary"), "{}", told.text);
    let request = proxy.next();
    assert_eq!(request.line, "CONNECT logs.example.com:443 HTTP/1.1");
    // "me:canary"
    assert_eq!(
        request.header("proxy-authorization"),
        Some("Basic bWU6Y2FuYXJ5")
    );
    assert!(!request.head.contains("secret") && !request.head.contains("ingest"));
}

#[test]
fn the_proxy_of_settings_is_taken_and_that_of_the_environment_is_not() {
    let (receiver, proxy) = (Receiver::agreeing(), Receiver::agreeing());
    let url = format!("http://{}", proxy.address);
    let posted = |more: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_filing"));
        command
            .args(["as:SET", "log:1"])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        command.env("FAPILOG_HTTP__ENDPOINT", receiver.url());
        command.envs(more.iter().copied());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        (receiver.rest().len(), proxy.rest().len())
    };
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ];
    assert_eq!(posted(&names.map(|name| (name, url.as_str()))), (1, 0));
    // To this machine, plain text goes directly or through a proxy that is on it too.
    assert_eq!(posted(&[("FAPILOG_HTTP__PROXY", &url)]), (0, 1));
}

#[test]
fn what_is_no_proxy_is_refused_without_being_shown() {
    for url in [
        "",
        "canary",
        "socks5://canary:1080",
        "http://",
        "file:///canary",
    ] {
        let http = Http::new("https://logs.example.com").proxy(url);
        let told = http.check().unwrap_err().to_string();
        assert!(
            told.starts_with("proxy: ") && !told.contains("canary"),
            "{told}"
        );
    }
}

#[test]
fn an_endpoint_that_is_not_trusted_is_not_reached_through_others() {
    let http = || Http::new("https://logs.example.com").untrusted_endpoint(true);
    assert!(http().check().is_ok());
    let told = http().proxy("http://proxy:3128").check().unwrap_err();
    assert!(
        told.to_string().starts_with("untrusted_endpoint: "),
        "{told}"
    );
    let told = http().client(reqwest::Client::new()).check().unwrap_err();
    assert!(
        told.to_string().starts_with("untrusted_endpoint: "),
        "{told}"
    );
}
