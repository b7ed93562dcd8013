//! What receivers have.

use super::*;

/// A request as somebody signs it.
fn signed(scheme: Scheme, secret: &str, body: &[u8]) -> Request {
    let (id, timestamp) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", NOW.to_string());
    let signature = signature(scheme, secret, id, &timestamp, body);
    let headers: &[(&str, &str)] = match scheme {
        Scheme::Standard => &[
            ("webhook-id", id),
            ("webhook-timestamp", &timestamp),
            ("webhook-signature", &signature),
        ],
        Scheme::Fapilog => &[
            ("x-fapilog-timestamp", &timestamp),
            ("x-fapilog-signature-256", &signature),
        ],
    };
    request(headers, body)
}

fn request(headers: &[(&str, &str)], body: &[u8]) -> Request {
    let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: headers.iter().map(owned).collect(),
        body: body.to_vec(),
        at: std::time::Instant::now(),
        connection: 0,
    }
}

const BOTH: [Scheme; 2] = [Scheme::Standard, Scheme::Fapilog];

#[test]
fn the_vector_of_standard_webhooks_is_believed() {
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let headers = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", signature),
    ];
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(verdict(&[SECRET], NOW, &request(&headers, body)), Ok(()));
    // Several, of which one is ours, and one of another version.
    let many =
        format!("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,{signature} v1a,x {signature}");
    let headers = [headers[0], headers[1], ("webhook-signature", &*many)];
    assert_eq!(verdict(&[SECRET], NOW, &request(&headers, body)), Ok(()));
}

#[test]
fn random_bodies_are_believed_and_not_one_byte_may_be_another() {
    let mut random = random();
    for round in 0..scaled(10_000) {
        let scheme = BOTH[round % 2];
        let secret = [SECRET, OTHER][round / 2 % 2];
        let body: String = (0..random.usize(1..40))
            .map(|_| random.char('\u{80}'..))
            .collect();
        let mut request = signed(scheme, secret, body.as_bytes());
        assert_eq!(verdict(&[OTHER, SECRET], NOW, &request), Ok(()), "{body:?}");
        let at = random.usize(..request.body.len());
        request.body[at] ^= 1 << random.u8(..8);
        let forged = verdict(&[OTHER, SECRET], NOW, &request);
        assert_eq!(forged, Err(VerifyError::Mismatch), "{body:?}");
    }
}

#[test]
fn no_byte_of_a_request_may_be_another() {
    for scheme in BOTH {
        let genuine = signed(scheme, SECRET, br#"{"message":"it happened"}"#);
        assert_eq!(verdict(&[SECRET], NOW, &genuine), Ok(()));
        for header in 0..genuine.headers.len() {
            for at in 0..genuine.headers[header].1.len() {
                let mut forged = genuine.clone();
                let value = &mut forged.headers[header].1;
                let other = if value.as_bytes()[at] == b'1' {
                    "2"
                } else {
                    "1"
                };
                value.replace_range(at..=at, other);
                assert!(verdict(&[SECRET], NOW, &forged).is_err(), "{forged:?}");
            }
        }
        for at in 0..genuine.body.len() {
            let mut forged = genuine.clone();
            forged.body[at] ^= 1;
            assert!(verdict(&[SECRET], NOW, &forged).is_err(), "{forged:?}");
        }
        let mut cut = genuine.clone();
        cut.body.pop();
        assert!(verdict(&[SECRET], NOW, &cut).is_err());
        for length in 0..genuine.headers.last().unwrap().1.len() {
            let mut short = genuine.clone();
            short.headers.last_mut().unwrap().1.truncate(length);
            assert!(verdict(&[SECRET], NOW, &short).is_err(), "{short:?}");
        }
        let stranger = verdict(&["whsec_c3RyYW5nZXI="], NOW, &genuine);
        assert_eq!(stranger, Err(VerifyError::Mismatch));
    }
}

#[test]
fn a_request_is_believed_for_five_minutes_either_way_or_as_long_as_wanted() {
    for scheme in BOTH {
        let request = signed(scheme, SECRET, b"{}");
        for second in [NOW - 300, NOW - 1, NOW + 299, NOW + 300] {
            assert_eq!(verdict(&[SECRET], second, &request), Ok(()));
        }
        for second in [0, NOW - 301, NOW + 301, NOW + 600] {
            let late = verdict(&[SECRET], second, &request);
            assert_eq!(late, Err(VerifyError::OutOfTime));
        }
        let patient = WebhookVerifier::new([SECRET]).unwrap();
        let patient = patient
            .tolerance(Duration::from_secs(600))
            .clock(Hand::at(NOW + 600));
        let verdict = patient.verify(|name| request.header(name), &request.body);
        assert_eq!(verdict, Ok(()));
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let with = |headers: &[(&str, &str)]| verdict(&[SECRET], NOW, &request(headers, b"{}"));
    assert_eq!(with(&[]), Err(VerifyError::NoSignature));
    assert_eq!(with(&[("webhook-id", "1")]), Err(VerifyError::NoSignature));
    let malformed: [&[(&str, &str)]; 8] = [
        &[("webhook-signature", "v1,")],
        &[("webhook-signature", "v1,"), ("webhook-id", "1")],
        &[("x-fapilog-signature-256", "sha256=")],
        &[("x-fapilog-signature-256", ""), ("x-fapilog-timestamp", "")],
        &[
            ("x-fapilog-signature-256", ""),
            ("x-fapilog-timestamp", "+1614265330"),
        ],
        &[
            ("x-fapilog-signature-256", ""),
            ("x-fapilog-timestamp", "1614265330.0"),
        ],
        &[
            ("x-fapilog-signature-256", ""),
            ("x-fapilog-timestamp", "99999999999999999999"),
        ],
        &[
            ("webhook-signature", ""),
            ("webhook-id", "a.1"),
            ("webhook-timestamp", "1614265330"),
        ],
    ];
    for headers in malformed {
        assert_eq!(with(headers), Err(VerifyError::Malformed), "{headers:?}");
    }
    for signature in [
        "",
        ",",
        "v1,",
        "sha256=",
        "sha256=0",
        "sha256=zz",
        "sha256=é",
        "v1,=, v1",
    ] {
        let fapilog = [
            ("x-fapilog-signature-256", signature),
            ("x-fapilog-timestamp", "1614265330"),
        ];
        assert_eq!(with(&fapilog), Err(VerifyError::Mismatch), "{signature:?}");
        let standard = [
            ("webhook-signature", signature),
            ("webhook-id", "1"),
            ("webhook-timestamp", "1614265330"),
        ];
        assert_eq!(with(&standard), Err(VerifyError::Mismatch), "{signature:?}");
    }
}

#[test]
fn a_verifier_has_secrets_and_shows_none_of_them() {
    let none: [&str; 0] = [];
    assert_eq!(WebhookVerifier::new(none).unwrap_err(), VerifyError::Secret);
    for secret in ["", "whsec_", "whsec_hunter2!"] {
        let refused = WebhookVerifier::new([SECRET, secret]).unwrap_err();
        assert_eq!(refused, VerifyError::Secret);
    }
    let shown = format!("{:?}", WebhookVerifier::new(["hunter2"]).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}
