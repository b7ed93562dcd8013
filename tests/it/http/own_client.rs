//! A client of one's own.

use std::time::Duration;

use fapilog_core::Http;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{ask, receiver::Receiver};

const ENDPOINT: &str = "https://logs.example.com";

#[test]
fn a_client_of_ones_own_is_what_posts() {
    let receiver = Receiver::agreeing();
    let own = (
        HeaderName::from_static("x-own"),
        HeaderValue::from_static("yes"),
    );
    let client = reqwest::Client::builder().default_headers(HeaderMap::from_iter([own]));
    let http = Http::new(receiver.url()).client(client.build().unwrap());
    ask(http.header("x-team", "shop")).unwrap();
    let request = receiver.next();
    assert_eq!(request.header("x-own"), Some("yes"));
    assert_eq!(request.header("x-team"), Some("shop"));
}

#[test]
fn what_a_client_of_ones_own_has_settled_is_not_said_again() {
    let http = || Http::new(ENDPOINT).client(reqwest::Client::new());
    assert!(http().timeout(Duration::from_secs(1)).check().is_ok());
    for (http, setting) in [
        (http().ca_certificate(""), "ca_file"),
        (http().client_identity(""), "client_identity_file"),
        (http().proxy("http://proxy"), "proxy"),
        (
            http().connect_timeout(Duration::from_secs(1)),
            "connect_timeout_seconds",
        ),
        (http().pool_max_idle(1), "pool_max_idle"),
        (
            http().pool_idle_timeout(Duration::from_secs(1)),
            "pool_idle_timeout_seconds",
        ),
    ] {
        let told = http.check().unwrap_err().to_string();
        assert!(told.starts_with(&format!("{setting}: ")), "{told}");
    }
}

#[test]
fn a_client_of_ones_own_goes_no_further_than_another_one() {
    for url in [
        "http://logs.example.com",
        "https://169.254.169.254",
        "https://me:pw@host",
    ] {
        let http = Http::new(url).client(reqwest::Client::new());
        assert!(http.check().is_err(), "{url}");
    }
}
