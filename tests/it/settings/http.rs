//! What settings do to events that are posted.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use fapilog_core::{Logger, LoggerBuilder, Pipeline, info};
use fapilog_tests::PATIENCE;

use super::{Variable, build, builder, problems};
use crate::http::receiver::{Received, Receiver, status};

const ENDPOINT: &str = "FAPILOG_HTTP__ENDPOINT";

/// The requests that one event after the other become, each as far as its destination.
fn posted(receiver: &Receiver, count: usize, more: &[Variable<'_>]) -> Vec<Received> {
    let url = receiver.url();
    let mut variables = vec![(ENDPOINT, url.as_str())];
    variables.extend(more);
    let (log, pipeline) = build(builder(&variables));
    for number in 0..count {
        info!(logger: log, number, "posted");
        pipeline.flush_blocking(PATIENCE);
    }
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(report.stats.sinks[0].name, "http");
    assert_eq!(report.stats.sinks[0].delivered, count as u64);
    receiver.rest()
}

/// The first request of an event with these variables.
fn request(more: &[Variable<'_>]) -> Received {
    posted(&Receiver::agreeing(), 1, more).remove(0)
}

pub(super) fn an_endpoint_is_where_events_go_if_no_sink_is_named() {
    assert_eq!(request(&[]).json()[0]["message"], "posted");
    // It wins over the place of a file, and loses to names.
    let directory = ("FAPILOG_FILE__DIRECTORY", "/nowhere");
    assert_eq!(request(&[directory]).line, "POST /ingest HTTP/1.1");
    let receiver = Receiver::agreeing();
    let url = receiver.url();
    let names = |variables: &[Variable<'_>]| -> Vec<String> {
        let (log, pipeline) = build(builder(variables));
        info!(logger: log, "to all");
        let sinks = pipeline.shutdown_blocking(PATIENCE).stats.sinks;
        sinks.into_iter().map(|it| it.name).collect()
    };
    let endpoint = (ENDPOINT, url.as_str());
    let sinks = |names| ("FAPILOG_CORE__SINKS", names);
    assert_eq!(names(&[endpoint, sinks("null")]), ["null"]);
    assert!(receiver.rest().is_empty());
    assert_eq!(names(&[endpoint, sinks("null,HTTP")]), ["null", "http"]);
    assert_eq!(receiver.rest().len(), 1);
    let tables = r#"[{"type":"http","name":"collector","level":"error"}]"#;
    assert_eq!(names(&[endpoint, ("FAPILOG_SINKS", tables)]), ["collector"]);
    assert!(receiver.rest().is_empty());
    let refused = problems(&[sinks("http")]);
    for part in ["http.endpoint", "is not said"] {
        assert!(refused.contains(part), "{part:?} is not in {refused}");
    }
    let refused = problems(&[(ENDPOINT, "logs.example.com")]);
    assert!(
        refused.contains("http.endpoint = \"logs.example.com\""),
        "{refused}"
    );
}

#[test]
fn rules_find_the_sink_that_posts() {
    let receiver = Receiver::agreeing();
    let url = receiver.url();
    let rules = r#"[{"levels":["*"],"sinks":["http"]}]"#;
    let variables = [
        ("FAPILOG_SINK_ROUTING__ENABLED", "true"),
        ("FAPILOG_SINK_ROUTING__RULES", rules),
    ];
    let with = |endpoint| [variables[0], variables[1], (ENDPOINT, endpoint)];
    let (log, pipeline) = build(builder(&with(&url)));
    info!(logger: log, "routed");
    pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(receiver.rest().len(), 1);
    let refused = problems(&with("http://logs.example.com"));
    assert!(refused.contains("https:// only"), "{refused}");
}

pub(super) fn headers_of_settings_are_sent() {
    let pairs = ("FAPILOG_HTTP__HEADERS", "x-api-key=k,x-team=shop");
    let json = r#"{"x-api-key":"k","x-team":"shop"}"#;
    for variable in [
        pairs,
        ("FAPILOG_HTTP__HEADERS", json),
        // As the original called it.
        ("FAPILOG_HTTP__HEADERS_JSON", json),
    ] {
        let request = request(&[variable]);
        assert_eq!(request.header("x-api-key"), Some("k"));
        assert_eq!(request.header("x-team"), Some("shop"));
    }
}

pub(super) fn a_body_has_the_form_that_is_wanted() {
    let format = |format| ("FAPILOG_HTTP__BATCH_FORMAT", format);
    let key = ("FAPILOG_HTTP__BATCH_WRAPPER_KEY", "records");
    assert!(request(&[key]).json().is_array());
    assert!(request(&[format("ndjson")]).body.ends_with(b"}\n"));
    assert!(request(&[format("wrapped")]).json()["logs"].is_array());
    assert!(request(&[format("wrapped"), key]).json()["records"].is_array());
    let compressed = request(&[("FAPILOG_HTTP__COMPRESS", "true")]);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert!(compressed.body.starts_with(&[0x1f, 0x8b]));
}

/// How long it takes until an event is given up that nobody answers for.
fn unanswered(scheme: &str, more: &[Variable<'_>]) -> Duration {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://{}", listener.local_addr().unwrap());
    let mut variables = vec![(ENDPOINT, url.as_str())];
    variables.extend(more);
    let begun = Instant::now();
    let (log, pipeline) = build(builder(&variables).on_diagnostic(|_| {}));
    info!(logger: log, "for nobody");
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(report.stats.sinks[0].dropped.total(), 1);
    begun.elapsed()
}

pub(super) fn an_attempt_takes_as_long_as_wanted() {
    let (short, long) = (Duration::from_millis(300), Duration::from_secs(12));
    let timeout = |time| ("FAPILOG_HTTP__TIMEOUT_SECONDS", time);
    let took = unanswered("http", &[timeout("300ms")]);
    assert!(took >= short && took < long, "{took:?}");
    // Who connects and says nothing has not connected.
    let connect = ("FAPILOG_HTTP__CONNECT_TIMEOUT_SECONDS", "300ms");
    let took = unanswered("https", &[timeout("30s"), connect]);
    assert!(took >= short && took < long, "{took:?}");
}

pub(super) fn connections_are_kept_as_wanted() {
    let connections = |more: &[Variable<'_>]| {
        let receiver = Receiver::agreeing();
        let requests = posted(&receiver, 3, more);
        let numbers: Vec<_> = requests.iter().map(|it| it.connection).collect();
        numbers
    };
    assert_eq!(connections(&[]), [1, 1, 1]);
    assert_eq!(
        connections(&[("FAPILOG_HTTP__POOL_MAX_IDLE", "0")]),
        [1, 2, 3]
    );
}

pub(super) fn idle_connections_are_closed_after_the_time_that_is_wanted() {
    let receiver = Receiver::agreeing();
    let url = receiver.url();
    let idle = ("FAPILOG_HTTP__POOL_IDLE_TIMEOUT_SECONDS", "200ms");
    let (log, pipeline) = build(builder(&[(ENDPOINT, &url), idle]));
    for number in 1..=2 {
        info!(logger: log, number, "after a rest");
        pipeline.flush_blocking(PATIENCE);
        assert_eq!(receiver.next().connection, number);
        receiver.ended.recv_timeout(PATIENCE).expect("it is closed");
    }
    pipeline.shutdown_blocking(PATIENCE);
}

pub(super) fn plain_text_goes_over_the_network_only_if_that_is_allowed() {
    let receiver = Receiver::agreeing();
    // It is this machine, and not known as such.
    let url = format!("http://0.0.0.0:{}", receiver.address.port());
    let refused = problems(&[(ENDPOINT, &url)]);
    assert!(refused.contains("https:// only"), "{refused}");
    let allowed = ("FAPILOG_HTTP__ALLOW_INSECURE_HTTP", "true");
    let (log, pipeline) = build(builder(&[(ENDPOINT, &url), allowed]));
    info!(logger: log, "in the open");
    pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(receiver.rest().len(), 1);
    let secret = ("FAPILOG_HTTP__HEADERS", "authorization=a");
    let refused = problems(&[(ENDPOINT, &url), allowed, secret]);
    assert!(
        refused.contains("credentials go over https:// only"),
        "{refused}"
    );
}

pub(super) fn an_endpoint_that_is_not_trusted_must_be_public() {
    let untrusted = ("FAPILOG_HTTP__UNTRUSTED_ENDPOINT", "true");
    for url in ["https://10.0.0.1", "https://localhost"] {
        let refused = problems(&[(ENDPOINT, url), untrusted]);
        assert!(refused.contains("is not public"), "{refused}");
        let (_, pipeline) = build(builder(&[(ENDPOINT, url)]));
        drop(pipeline);
    }
    let proxy = ("FAPILOG_HTTP__PROXY", "http://proxy:3128");
    let refused = problems(&[(ENDPOINT, "https://logs.example.com"), untrusted, proxy]);
    assert!(refused.contains("http.untrusted_endpoint"), "{refused}");
}

/// A destination that is down, and a pipeline of what is posted there.
fn to_who_is_down(more: &[Variable<'_>]) -> (Receiver, Logger, Pipeline) {
    let receiver = Receiver::new(|_| status(503));
    let url = receiver.url();
    let mut variables = vec![(ENDPOINT, url.as_str()), SOON];
    variables.extend(more);
    let (log, pipeline) = build(builder(&variables).on_diagnostic(|_| {}));
    (receiver, log, pipeline)
}

/// An event waits for no others.
const SOON: Variable<'_> = ("FAPILOG_HTTP__BATCH_TIMEOUT_SECONDS", "1ms");
const FAST: Variable<'_> = ("FAPILOG_HTTP__RETRY_BACKOFF_SECONDS", "1ms");

pub(super) fn a_batch_is_tried_as_often_as_wanted() {
    let tried = |more: &[Variable<'_>]| {
        let (receiver, log, pipeline) = to_who_is_down(more);
        info!(logger: log, "for nobody");
        pipeline.flush_blocking(PATIENCE);
        let report = pipeline.shutdown_blocking(PATIENCE);
        assert_eq!(report.stats.sinks[0].dropped.total(), 1);
        let requests = receiver.rest();
        let keys: HashSet<_> = requests
            .iter()
            .map(|it| it.header("idempotency-key"))
            .collect();
        assert_eq!(keys.len(), 1, "it is the same batch");
        requests.len()
    };
    let attempts = |most| ("FAPILOG_HTTP__RETRY_MAX_ATTEMPTS", most);
    assert_eq!(tried(&[FAST]), 3);
    assert_eq!(tried(&[FAST, attempts("1")]), 1);
    assert_eq!(tried(&[FAST, attempts("5")]), 5);
}

pub(super) fn attempts_follow_each_other_as_fast_as_wanted() {
    let (receiver, log, _pipeline) = to_who_is_down(&[FAST]);
    info!(logger: log, "tried at once");
    let (slow, log, pipeline) = to_who_is_down(&[("FAPILOG_HTTP__RETRY_BACKOFF_SECONDS", "1h")]);
    info!(logger: log, "tried in an hour");
    slow.next();
    for _ in 0..3 {
        receiver.next();
    }
    assert!(slow.rest().is_empty());
    // The end leaves time for one more attempt.
    pipeline.shutdown_blocking(Duration::from_millis(500));
    assert!(slow.rest().len() <= 1);
}

/// How many events are in each request.
fn sizes(requests: &[Received]) -> Vec<usize> {
    let size = |it: &Received| it.json().as_array().unwrap().len();
    requests.iter().map(size).collect()
}

pub(super) fn batches_are_as_large_as_wanted() {
    let posted = |more: &[Variable<'_>]| {
        let receiver = Receiver::agreeing();
        let url = receiver.url();
        let mut variables = vec![(ENDPOINT, url.as_str())];
        variables.push(("FAPILOG_HTTP__BATCH_TIMEOUT_SECONDS", "1h"));
        variables.extend(more);
        let (log, pipeline) = build(builder(&variables));
        for number in 0..220 {
            info!(logger: log, number, "one of many");
        }
        // What is full does not wait for the end, which takes what there is.
        let full = sizes(&[receiver.next(), receiver.next()]);
        pipeline.shutdown_blocking(PATIENCE);
        let rest = sizes(&receiver.rest());
        assert_eq!(full.iter().sum::<usize>() + rest.iter().sum::<usize>(), 220);
        full
    };
    assert_eq!(posted(&[]), [100, 100]);
    assert_eq!(posted(&[("FAPILOG_HTTP__BATCH_SIZE", "90")]), [90, 90]);
}

pub(super) fn an_event_waits_for_others_as_long_as_wanted() {
    let (patient, soon) = (Receiver::agreeing(), Receiver::agreeing());
    let (url, other) = (patient.url(), soon.url());
    let hour = ("FAPILOG_HTTP__BATCH_TIMEOUT_SECONDS", "1h");
    let (log, pipeline) = build(builder(&[(ENDPOINT, &url), hour]));
    let (brief, _pipeline) = build(builder(&[(ENDPOINT, &other), SOON]));
    for number in 0..3 {
        info!(logger: log, number, "waits for others");
        info!(logger: brief, number, "waits for nobody");
        soon.next();
    }
    assert!(patient.rest().is_empty());
    pipeline.flush_blocking(PATIENCE);
    assert_eq!(sizes(&patient.rest()), [3]);
}

#[test]
fn hardened_posts_beside_its_file() {
    let variables = [
        ("FAPILOG_PRESET", "hardened"),
        (ENDPOINT, "https://10.0.0.256"),
    ];
    let built = LoggerBuilder::new().env_vars(variables).build();
    let refused = built.expect_err("it posts too").to_string();
    assert!(refused.contains("http.endpoint"), "{refused}");
}
