//! Secrets in headers and queries: none of their bytes leaves the process.

use fapilog_tests::{
    example::Example,
    http::{connect, request},
    sinks::Lines,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

/// Stands in each secret, and nowhere else.
const CANARY: &str = "c4n4ry";
/// What all headers of a request take in an event, at most.
const MOST: usize = 8 * 1024;

/// Headers that hold credentials, by the words in their names or as they are known.
const SECRETS: [&str; 16] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-forwarded-authorization",
    "www-authenticate",
    "x-amz-security-token",
    "x-vault-token",
    "x-own-token",
    "client-secret",
    "x-goog-iam-authorization-token",
    "x-session-id",
    "x-hub-signature-256",
];
const PARAMETERS: [&str; 9] = [
    "token",
    "access_token",
    "api-key",
    "api+key",
    "api%20key",
    "api%5Bkey%5D",
    "client.secret",
    "password",
    "pin[]",
];

/// The name in a mix of cases.
fn spelled(random: &mut fastrand::Rng, name: &str) -> String {
    let letters = name.chars().map(|it| match random.bool() {
        true => it.to_ascii_uppercase(),
        false => it,
    });
    letters.collect()
}

/// A value that holds a secret, in bytes that may be no text.
fn secret(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..random.usize(..3) {
        value.extend_from_slice(
            [&b"Bearer "[..], b"\xff\xfe", b"=", b",", b"\xc3"][random.usize(..5)],
        );
    }
    value.extend_from_slice(CANARY.as_bytes());
    value.extend(std::iter::repeat_n(b'x', random.usize(..700)));
    value
}

/// A query with a secret, and one parameter that is none.
fn query(random: &mut fastrand::Rng) -> String {
    let name = PARAMETERS[random.usize(..PARAMETERS.len())];
    let escaped = name.contains('%');
    let name = if escaped {
        name.to_owned()
    } else {
        spelled(random, name)
    };
    format!("shown=1&{name}={CANARY}&{name}={CANARY}=%20{CANARY}")
}

#[test]
fn secrets_in_headers_and_queries_do_not_leave_the_process() {
    use std::io::{Read, Write};

    let _alone = fapilog_tests::alone();
    let included = format!("{},accept,x-marked", SECRETS.join(","));
    let mut service = Example::start(
        "quickstart",
        &[
            ("FAPILOG_AXUM__INCLUDE_HEADERS", &included),
            ("FAPILOG_AXUM__REDACT_HEADERS", "X-Marked"),
            ("FAPILOG_AXUM__MAX_HEADER_BYTES", "1 KB"),
            ("FAPILOG_AXUM__INCLUDE_QUERY", "true"),
            ("FAPILOG_AXUM__LOG_START", "true"),
            ("FAPILOG_AXUM__TRACERESPONSE", "true"),
            ("FAPILOG_CORE__LOG_LEVEL", "trace"),
        ],
    );
    let (mut random, count) = (random(), scaled(300));
    for _ in 0..count {
        let path = ["/", "/users/7", "/fail", "/panic", "/none"][random.usize(..5)];
        let path = format!("{path}?{}", query(&mut random));
        let mut bytes = request("GET", &path, &[("accept", "shown")]);
        bytes.truncate(bytes.len() - 2);
        for _ in 0..random.usize(1..8) {
            // The last one is asked for by nobody.
            let names = [&SECRETS[..], &["x-marked", "x-unasked"]].concat();
            let name = names[random.usize(..names.len())];
            bytes.extend_from_slice(spelled(&mut random, name).as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend(secret(&mut random));
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        let mut stream = connect(service.address);
        stream.write_all(&bytes).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        assert!(reply.starts_with(b"HTTP/1.1 "));
    }
    let ended = service.terminate();
    for line in &ended.stdout {
        assert!(!line.contains(CANARY), "{line}");
    }
    assert!(!ended.stderr.contains(CANARY), "{}", ended.stderr);
    let requests = ended.requests();
    assert_eq!(requests.len(), 2 * count);
    for event in requests
        .iter()
        .filter(|it| it["message"] != "request_started")
    {
        assert_eq!(event["data"]["headers"]["accept"], "shown");
        let query = event["data"]["query"].as_str().unwrap();
        assert!(
            query.starts_with("shown=1&") && query.contains("**REDACTED**"),
            "{query}"
        );
    }
}

/// A thousand headers, half of them secret.
fn thousand(random: &mut fastrand::Rng, names: &[String], secrets: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut add = |name: &str, value: Vec<u8>| {
        let mut value = HeaderValue::from_bytes(&value).unwrap();
        // As layers in front do.
        value.set_sensitive(value.as_bytes().starts_with(b"Bearer"));
        headers.append(HeaderName::try_from(name).unwrap(), value);
    };
    for (name, secret_name) in names.iter().zip(secrets) {
        let plain = [&b"y"[..], b"\xe4", b"\""][random.usize(..3)];
        add(name, plain.repeat(random.usize(..3000)));
        add(secret_name, secret(random));
    }
    add(&names[0], format!("Bearer {CANARY}").into_bytes());
    headers
}

#[tokio::test]
async fn a_thousand_headers_are_logged_within_their_limits_and_without_secrets() {
    let (mut random, count) = (random(), scaled(20));
    let names: Vec<_> = (0..500).map(|it| format!("x-plain-{it}")).collect();
    let secrets: Vec<_> = (0..500).map(|it| format!("x-{it}-token")).collect();
    let lines = Lines::default();
    let builder = LoggerBuilder::new().sink(lines.clone());
    let builder = builder.env_vars([("FAPILOG_AXUM__MAX_HEADER_BYTES", "1 KB")]);
    let (log, pipeline) = builder.build().unwrap();
    let layer = FapilogLayer::new(log).include_headers(names.iter().chain(&secrets));
    let service = layer.layer(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    for _ in 0..count {
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = thousand(&mut random, &names, &secrets);
        service.clone().oneshot(request).await.unwrap();
    }
    assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
    assert_eq!(lines.len(), count);
    for line in lines.all() {
        assert!(!line.contains(CANARY), "{line}");
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        let headers = event["data"]["headers"].as_object().unwrap();
        assert!(headers.len() > 5, "{headers:?}");
        let mut total = 0;
        for (name, value) in headers {
            let value = value.as_str().unwrap();
            assert!(value.len() <= 1024 + "…".len(), "{name}: {value}");
            total += if name == "…" {
                0
            } else {
                name.len() + value.len()
            };
        }
        assert!(total <= MOST, "{total} bytes of headers");
    }
}
