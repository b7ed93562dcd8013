//! What the sink sends.

use super::*;

/// Both signatures of a request by this secret.
fn signatures(secret: &str, request: &Request) -> [String; 2] {
    let id = request.header("webhook-id").unwrap();
    let timestamp = request.header("webhook-timestamp").unwrap();
    assert_eq!(request.header("x-fapilog-timestamp"), Some(timestamp));
    [Scheme::Standard, Scheme::Fapilog]
        .map(|scheme| signature(scheme, secret, id, timestamp, &request.body))
}

/// Both headers with signatures.
fn given(request: &Request) -> [&str; 2] {
    ["webhook-signature", "x-fapilog-signature-256"].map(|name| request.header(name).unwrap())
}

#[test]
fn an_event_is_one_request_that_is_signed_in_both_forms() {
    for secret in [SECRET, OTHER, "c2VjcmV0IGFzIGl0IGlz"] {
        let server = Server::statuses([200]);
        let sink = Webhook::new(server.url("/hook?a=b")).secret(secret);
        let requests = posted(&server, sink.clock(Hand::at(NOW)), |log, flush| {
            for n in 0..3 {
                info!(logger: log, n, "it happened");
                flush();
            }
        });
        assert_eq!(requests.len(), 3);
        assert_eq!(server.ids(), [0, 1, 2]);
        for (n, request) in requests.iter().enumerate() {
            assert_eq!((&*request.method, &*request.path), ("POST", "/hook?a=b"));
            assert_eq!(request.header("content-type"), Some("application/json"));
            assert_eq!(request.header("webhook-timestamp"), Some("1614265330"));
            assert_eq!(given(request), signatures(secret, request));
            let event: Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!(event["data"]["n"], n);
            assert_eq!(verdict(&[secret], NOW, request), Ok(()));
        }
        let ids = requests.iter().map(|it| it.header("webhook-id").unwrap());
        let ids: std::collections::HashSet<_> = ids.collect();
        assert_eq!(ids.len(), 3);
    }
}

#[test]
fn whatever_the_text_of_an_event_the_bytes_that_are_sent_are_signed() {
    let server = Server::statuses([200]);
    let sink = Webhook::new(server.url("/")).secret(SECRET);
    let sink = sink.clock(Hand::at(NOW)).batch_size(3);
    let mut random = random();
    let requests = posted(&server, sink, |log, flush| {
        for _ in 0..scaled(100) {
            for _ in 0..random.usize(1..4) {
                let text: String = (0..50).map(|_| random.char('\u{80}'..)).collect();
                info!(logger: log, text, "ünïcödé");
            }
            flush();
        }
    });
    assert!(requests.len() >= scaled(100));
    for request in &requests {
        assert_eq!(given(request), signatures(SECRET, request));
    }
}

#[test]
fn another_attempt_has_another_time_and_signature_and_the_same_id() {
    let clock = Hand::at(NOW);
    let (hand, mut is_first) = (clock.clone(), true);
    // Ten minutes pass between the two.
    let server = Server::new(move |_: &Request| match std::mem::take(&mut is_first) {
        true => {
            hand.move_on(600);
            Reply::status(503)
        }
        false => Reply::status(200),
    });
    let webhook = Webhook::new(server.url("/")).secret(SECRET);
    let webhook = webhook.retry_backoff(Duration::from_millis(1)).clock(clock);
    let requests = posted(&server, webhook, |log, _| {
        info!(logger: log, "it happened");
    });
    let [first, second] = &*requests else {
        panic!("two attempts: {requests:?}");
    };
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(second.header("webhook-timestamp"), Some("1614265930"));
    assert_eq!(given(second), signatures(SECRET, second));
    assert_ne!(given(first), given(second));
    assert_eq!(verdict(&[SECRET], NOW + 600, second), Ok(()));
    let replayed = verdict(&[SECRET], NOW + 600, first);
    assert_eq!(replayed, Err(VerifyError::OutOfTime));
}

#[test]
fn while_a_secret_is_replaced_receivers_of_both_are_served() {
    let server = Server::statuses([200]);
    let sink = Webhook::new(server.url("/"))
        .secret(SECRET)
        .secret_previous(OTHER);
    let requests = posted(&server, sink.clock(Hand::at(NOW)), |log, _| {
        info!(logger: log, "it happened");
    });
    let request = &requests[0];
    let [new, old] = [SECRET, OTHER].map(|secret| signatures(secret, request));
    assert_eq!(given(request)[0], format!("{} {}", new[0], old[0]));
    assert_eq!(given(request)[1], format!("{},{}", new[1], old[1]));
    for scheme in [Scheme::Standard, Scheme::Fapilog] {
        assert_eq!(verdict_by(scheme, SECRET, request), Ok(()));
        assert_eq!(verdict_by(scheme, OTHER, request), Ok(()));
        let third = verdict_by(scheme, "a third", request);
        assert_eq!(third, Err(VerifyError::Mismatch));
    }
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let server = Server::statuses([204]);
    let sink = Webhook::new(server.url("/")).header("x-tenant", "acme");
    let requests = posted(&server, sink, |log, _| info!(logger: log, "it happened"));
    let names = requests[0].headers.iter().map(|(name, _)| name.as_str());
    let ours: Vec<_> = names
        .filter(|name| name.contains("webhook") || name.contains("fapilog"))
        .collect();
    assert_eq!(ours, ["webhook-id"]);
    assert_eq!(requests[0].header("x-tenant"), Some("acme"));
    let unsigned = verdict(&[SECRET], NOW, &requests[0]);
    assert_eq!(unsigned, Err(VerifyError::NoSignature));
}

#[test]
fn where_a_request_may_have_several_events_its_body_is_an_array() {
    let server = Server::statuses([200]);
    let sink = Webhook::new(server.url("/")).batch_size(10);
    let requests = posted(&server, sink, |log, flush| {
        info!(logger: log, n = 0, "it happened");
        flush();
        info!(logger: log, n = 1, "it happened");
    });
    for request in &requests {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert!(body.is_array(), "{body}");
    }
    assert_eq!(server.ids(), [0, 1]);
}

#[test]
fn a_request_goes_through_the_proxy_that_is_given() {
    let proxy = Server::statuses([200]);
    let webhook = Webhook::new("http://alerts.test/hook").allow_insecure_http(true);
    let sink = webhook.secret(SECRET).proxy(proxy.url(""));
    let requests = posted(&proxy, sink, |log, _| info!(logger: log, "it happened"));
    assert_eq!(requests[0].path, "http://alerts.test/hook");
}

/// What is wrong with these options, if something is.
fn wrong(webhook: &Webhook) -> Option<String> {
    webhook.check().err().map(|error| error.to_string())
}

#[test]
fn options_that_cannot_work_are_told_before_the_first_event_without_secrets() {
    let https = || Webhook::new("https://alerts.test/hook/4711");
    assert_eq!(wrong(&https().secret(SECRET).secret_previous(OTHER)), None);
    for (webhook, setting) in [
        (https().secret("whsec_hunter2!"), "secret: "),
        (https().secret(" "), "secret: "),
        (
            https().secret(SECRET).secret_previous("whsec_hunter2!"),
            "secret_previous: ",
        ),
        (https().secret_previous("hunter2"), "secret_previous: "),
        (https().header("Webhook-Signature", "hunter2"), "headers: "),
        (
            https().header("x-fapilog-timestamp", "hunter2"),
            "headers: ",
        ),
        (https().header("no name", "hunter2"), "headers: "),
        (https().ca_certificate("hunter2"), "ca_file: "),
        (https().proxy("hunter2"), "proxy: "),
        (Webhook::new("http://alerts.test/4711"), "endpoint: "),
        (
            Webhook::new("https://jo:hunter2@alerts.test/4711"),
            "endpoint: ",
        ),
        (Webhook::new("http://169.254.169.254/4711"), "endpoint: "),
        (
            Webhook::new("https://127.0.0.1/4711").untrusted_endpoint(true),
            "endpoint: ",
        ),
        (
            Webhook::new("http://alerts.test/4711")
                .allow_insecure_http(true)
                .header("authorization", "hunter2"),
            "endpoint: ",
        ),
    ] {
        let text = wrong(&webhook).unwrap();
        assert!(text.starts_with(setting), "{text}");
        for shown in [text, format!("{webhook:?}")] {
            assert!(
                !shown.contains("hunter2") && !shown.contains("4711"),
                "{shown}"
            );
        }
    }
}

#[test]
fn the_example_believes_who_knows_the_secret_and_nobody_else() {
    let ended = Example::run("webhook", &[]);
    assert!(ended.status.success(), "{ended:?}");
    let begin = |text: &str| {
        ended
            .stdout
            .iter()
            .filter(|it| it.starts_with(text))
            .count()
    };
    assert_eq!(begin("alert: {"), 1, "{ended:?}");
    // What is refused is kept, and tried once more at the end.
    assert!(begin("refused: ") >= 1, "{ended:?}");
    let alert = ended.stdout.iter().find(|it| it.starts_with("alert: "));
    assert!(alert.unwrap().contains(r#""order_id":7"#), "{ended:?}");
}

#[test]
fn a_sink_that_cannot_start_takes_no_event() {
    let webhook = Webhook::new("https://alerts.test/").secret("whsec_!");
    let builder = LoggerBuilder::new().async_sink(webhook);
    let (log, pipeline) = builder.on_diagnostic(|_| {}).build().unwrap();
    info!(logger: log, "it happened");
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(stats.sinks[0].delivered, 0);
}
