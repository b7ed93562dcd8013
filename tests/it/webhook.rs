//! Webhooks: posted as they are signed, and signed so that others can tell.

mod answers;
mod independent;
mod sent;
mod verifier;

use std::{
    sync::{Arc, Mutex, atomic::AtomicU64, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fapilog_core::{
    Action, Clock, Delivery, Event, Logger, LoggerBuilder, SerializedView, Sink, SinkError, info,
    sink::{VerifyError, Webhook, WebhookVerifier},
};
use fapilog_tests::{
    PATIENCE,
    example::Example,
    fault::{Reply, Request, Server},
    oracle::assert_settled,
    random, scaled,
};
use serde_json::Value;

use self::independent::{Scheme, signature};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "a secret that is no base64";
/// When the vector of Standard Webhooks was signed.
const NOW: u64 = 1_614_265_330;

/// A clock that a test sets.
#[derive(Clone, Debug)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn at(second: u64) -> Self {
        Self(Arc::new(second.into()))
    }

    fn move_on(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> SystemTime {
        let millis = self.0.load(Ordering::Relaxed) * 1000 + 999;
        UNIX_EPOCH + Duration::from_millis(millis)
    }
}

/// What a server gets of a pipeline over this sink, which delivers all of it.
fn posted(server: &Server, sink: impl Sink, log: impl FnOnce(&Logger, &dyn Fn())) -> Vec<Request> {
    let builder = LoggerBuilder::new().async_sink(sink);
    let (logger, pipeline) = builder.build().unwrap();
    log(&logger, &|| {
        assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    });
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    let [sink] = &*report.stats.sinks else {
        panic!("one sink");
    };
    assert_eq!(sink.delivered, sink.routed);
    server.requests()
}

/// Whether a verifier with these secrets, at this time, believes the request.
fn verdict(secrets: &[&str], second: u64, request: &Request) -> Result<(), VerifyError> {
    let verifier = WebhookVerifier::new(secrets).unwrap();
    let verifier = verifier.clock(Hand::at(second));
    verifier.verify(|name| request.header(name), &request.body)
}

/// The same by one of the two forms alone.
fn verdict_by(scheme: Scheme, secret: &str, request: &Request) -> Result<(), VerifyError> {
    let prefix = match scheme {
        Scheme::Standard => "webhook-",
        Scheme::Fapilog => "x-fapilog-",
    };
    let mut request = request.clone();
    let is_other = |name: &str| {
        ["webhook-", "x-fapilog-"]
            .iter()
            .any(|it| name.starts_with(it))
            && !name.starts_with(prefix)
    };
    request.headers.retain(|(name, _)| !is_other(name));
    verdict(&[secret], NOW, &request)
}
