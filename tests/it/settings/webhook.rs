//! What settings do to events for a webhook.

use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use fapilog_core::{info, sink::WebhookVerifier};
use fapilog_tests::{
    PATIENCE,
    fault::{Reply, Request, Server},
};
use rustls::{ServerConfig, crypto::aws_lc_rs::default_provider, pki_types::PrivatePkcs8KeyDer};

use super::{Variable, build, builder, problems};
use crate::http::receiver::Receiver;

const SINK: Variable<'_> = ("FAPILOG_CORE__SINKS", "webhook");
const ENDPOINT: &str = "FAPILOG_WEBHOOK__ENDPOINT";
const SECRET: &str = "FAPILOG_WEBHOOK__SECRET";
const CURRENT: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How many of one event a webhook at this URL takes.
fn delivered(url: &str, more: &[Variable<'_>]) -> u64 {
    let variables = [&[SINK, (ENDPOINT, url)], more].concat();
    let (log, pipeline) = build(builder(&variables).on_diagnostic(|_| {}));
    info!(logger: log, n = 7, "posted");
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(report.stats.sinks[0].name, "webhook");
    report.stats.sinks[0].delivered
}

/// The request of an event with these variables.
fn request(more: &[Variable<'_>]) -> Request {
    let server = Server::statuses([200]);
    assert_eq!(delivered(&server.url("/hook"), more), 1);
    server.requests().remove(0)
}

fn is_by(secret: &str, request: &Request) -> bool {
    let verifier = WebhookVerifier::new([secret]).unwrap();
    let verdict = verifier.verify(|name| request.header(name), &request.body);
    verdict.is_ok()
}

pub(super) fn a_webhook_is_called_if_it_is_named() {
    let called = request(&[]);
    assert_eq!((&*called.path, called.ids()), ("/hook", vec![7]));
    let refused = problems(&[SINK]);
    for part in ["sink_config.webhook.endpoint", "is not said"] {
        assert!(refused.contains(part), "{part:?} is not in {refused}");
    }
    let refused = problems(&[SINK, (ENDPOINT, "alerts.test")]);
    let told = "sink_config.webhook.endpoint = \"alerts.test\"";
    assert!(refused.contains(told), "{refused}");
}

pub(super) fn a_secret_signs_and_so_does_the_one_before() {
    let secrets = [
        (SECRET, CURRENT),
        ("FAPILOG_WEBHOOK__SECRET_PREVIOUS", "old"),
    ];
    let signs = |request: &Request| [CURRENT, "old"].map(|secret| is_by(secret, request));
    assert_eq!(signs(&request(&[])), [false, false]);
    assert_eq!(signs(&request(&secrets[..1])), [true, false]);
    assert_eq!(signs(&request(&secrets)), [true, true]);
    let endpoint = (ENDPOINT, "https://alerts.test");
    let refused = problems(&[SINK, endpoint, (SECRET, "whsec_hunter2!")]);
    assert!(refused.contains("sink_config.webhook.secret"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
}

const BACKOFF: &str = "FAPILOG_WEBHOOK__RETRY_BACKOFF_SECONDS";

pub(super) fn a_webhook_is_tried_as_often_as_wanted() {
    let tried = |more: &[Variable<'_>]| {
        let server = Server::statuses([503]);
        let url = server.url("/");
        let variables = [&[SINK, (ENDPOINT, &*url), (BACKOFF, "1ms")], more].concat();
        let (log, pipeline) = build(builder(&variables).on_diagnostic(|_| {}));
        info!(logger: log, n = 7, "for nobody");
        pipeline.flush_blocking(PATIENCE);
        server.requests().len()
    };
    assert_eq!(tried(&[]), 3);
    assert_eq!(tried(&[("FAPILOG_WEBHOOK__RETRY_MAX_ATTEMPTS", "5")]), 5);
}

pub(super) fn a_webhook_is_tried_again_as_fast_as_wanted() {
    let server = Server::statuses([503]);
    let url = server.url("/");
    let variables = [SINK, (ENDPOINT, &*url), (BACKOFF, "1h")];
    let (log, pipeline) = build(builder(&variables).on_diagnostic(|_| {}));
    info!(logger: log, n = 7, "for later");
    server.wait_for_requests(1);
    let flushed = pipeline.flush_blocking(Duration::from_millis(200));
    assert!(!flushed.is_complete());
    assert_eq!(server.requests().len(), 1);
}

pub(super) fn so_many_events_are_in_a_request_as_wanted() {
    let sizes = |more: &[Variable<'_>]| {
        let server = Server::statuses([204]);
        let url = server.url("/");
        let variables = [&[SINK, (ENDPOINT, &*url)], more].concat();
        let (log, pipeline) = build(builder(&variables));
        for n in 0..5 {
            info!(logger: log, n, "one of some");
        }
        pipeline.shutdown_blocking(PATIENCE);
        let requests = server.requests();
        let sizes = requests.iter().map(|it| it.ids().len());
        sizes.collect::<Vec<_>>()
    };
    assert_eq!(sizes(&[]), [1; 5]);
    let most = ("FAPILOG_WEBHOOK__BATCH_SIZE", "3");
    assert_eq!(sizes(&[most]), [3, 2]);
}

pub(super) fn an_event_waits_for_others_as_long_as_wanted_for_a_webhook() {
    let server = Server::statuses([204]);
    let url = server.url("/");
    let most = ("FAPILOG_WEBHOOK__BATCH_SIZE", "3");
    let wait = |time| ("FAPILOG_WEBHOOK__BATCH_TIMEOUT_SECONDS", time);
    let (patient, _pipeline) = build(builder(&[SINK, (ENDPOINT, &url), most, wait("1h")]));
    let (brief, _other) = build(builder(&[SINK, (ENDPOINT, &url), most, wait("50ms")]));
    info!(logger: patient, n = 1, "waits for others");
    info!(logger: brief, n = 2, "waits for nobody");
    server.wait_for(1);
    assert_eq!(server.ids(), [2]);
}

pub(super) fn headers_of_settings_go_to_the_webhook() {
    let request = request(&[("FAPILOG_WEBHOOK__HEADERS", "x-team=shop")]);
    assert_eq!(request.header("x-team"), Some("shop"));
}

pub(super) fn an_attempt_for_a_webhook_takes_as_long_as_wanted() {
    let server = Server::new(Reply::hang());
    let begun = Instant::now();
    let timeout = ("FAPILOG_WEBHOOK__TIMEOUT_SECONDS", "300ms");
    assert_eq!(delivered(&server.url("/"), &[timeout]), 0);
    let took = begun.elapsed();
    let most = Duration::from_secs(12);
    assert!(
        took >= Duration::from_millis(300) && took < most,
        "{took:?}"
    );
}

pub(super) fn a_webhook_is_called_through_the_proxy_that_is_wanted() {
    let proxy = Server::statuses([200]);
    let variables = [
        ("FAPILOG_WEBHOOK__PROXY", &*proxy.url("")),
        ("FAPILOG_WEBHOOK__ALLOW_INSECURE_HTTP", "true"),
    ];
    assert_eq!(delivered("http://alerts.test/hook", &variables), 1);
    assert_eq!(proxy.requests()[0].path, "http://alerts.test/hook");
    let refused = problems(&[SINK, (ENDPOINT, "http://alerts.test/hook"), variables[0]]);
    assert!(refused.contains("https:// only"), "{refused}");
}

pub(super) fn a_webhook_that_is_not_trusted_must_be_public() {
    let endpoint = (ENDPOINT, "https://10.0.0.1");
    let refused = problems(&[
        SINK,
        endpoint,
        ("FAPILOG_WEBHOOK__UNTRUSTED_ENDPOINT", "true"),
    ]);
    assert!(refused.contains("is not public"), "{refused}");
    drop(build(builder(&[SINK, endpoint])));
}

pub(super) fn a_webhook_has_a_certificate_of_the_authority_that_is_wanted() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let receiver = Receiver::over_tls(server);
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = file.join(format!("webhook-{}.pem", std::process::id()));
    fs::write(&file, made.cert.pem()).unwrap();
    let ca_file = ("FAPILOG_WEBHOOK__CA_FILE", file.to_str().unwrap());
    assert_eq!(delivered(&receiver.url(), &[ca_file]), 1);
    assert_eq!(receiver.rest().len(), 1);
    fs::write(&file, "no certificate").unwrap();
    let refused = problems(&[SINK, (ENDPOINT, "https://alerts.test"), ca_file]);
    assert!(refused.contains("sink_config.webhook.ca_file"), "{refused}");
}
