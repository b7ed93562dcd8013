//! What a destination gets.

use std::{collections::HashSet, io::Read};

use fapilog_core::{
    Batch, BatchError, Event, Http, LoggerBuilder, Sink, SinkError, info, settings::BatchFormat,
};
use fapilog_tests::{PATIENCE, example::Example, oracle::Oracle};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{
    receiver::{Received, Receiver, status},
    run,
};

const EVENTS: usize = 100;

/// The requests that so many events become.
fn posted(http: impl FnOnce(&str) -> Http) -> (Oracle, Vec<Received>) {
    let receiver = Receiver::agreeing();
    let http = http(&receiver.url());
    let oracle = Oracle::default();
    let ran = run(LoggerBuilder::new().async_sink(http), |log| {
        for _ in 0..EVENTS {
            oracle.log(log);
        }
    });
    assert_eq!(ran.sink.name, "http");
    assert_eq!(ran.sink.delivered, EVENTS as u64, "{}", ran.said);
    (oracle, receiver.rest())
}

/// What stands in bodies is what was logged, and in its order.
fn judge(oracle: &Oracle, events: &[Value]) {
    let lines: Vec<_> = events.iter().map(Value::to_string).collect();
    assert_eq!(
        oracle.judge(lines.iter().map(String::as_str)),
        EVENTS as u64
    );
    let ids = events.iter().map(|event| event["data"]["id"].as_u64());
    assert!(
        ids.eq((0..EVENTS as u64).map(Some)),
        "they keep their order"
    );
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().expect("an array").clone()
}

#[test]
fn a_batch_is_an_array_even_of_one_event() {
    let (oracle, requests) = posted(|url| Http::new(url));
    let all: Vec<_> = requests.iter().flat_map(|it| array(&it.json())).collect();
    judge(&oracle, &all);
    for request in &requests {
        assert_eq!(request.line, "POST /ingest HTTP/1.1");
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
    let receiver = Receiver::agreeing();
    let one = LoggerBuilder::new().async_sink(Http::new(receiver.url()));
    run(one, |log| info!(logger: log, "alone"));
    assert_eq!(array(&receiver.next().json()).len(), 1);
}

#[test]
fn a_batch_is_a_line_for_each_event_if_wanted() {
    let (oracle, requests) = posted(|url| Http::new(url).format(BatchFormat::Ndjson));
    let text = |it: &Received| String::from_utf8(it.body.clone()).unwrap();
    let text: String = requests.iter().map(text).collect();
    let lines: Vec<_> = text.split_terminator('\n').collect();
    assert!(text.ends_with('\n') && lines.len() == EVENTS);
    let events: Vec<_> = lines
        .iter()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    judge(&oracle, &events);
    let type_ = requests[0].header("content-type");
    assert_eq!(type_, Some("application/x-ndjson"));
}

#[test]
fn a_batch_stands_under_a_key_if_wanted() {
    for (key, expected) in [(None, "logs"), (Some("a \"b\"\n"), "a \"b\"\n")] {
        let (oracle, requests) = posted(|url| {
            let http = Http::new(url).format(BatchFormat::Wrapped);
            match key {
                Some(key) => http.wrapper_key(key),
                None => http,
            }
        });
        let mut all = Vec::new();
        for request in &requests {
            let body = request.json();
            assert_eq!(body.as_object().unwrap().len(), 1);
            all.extend(array(&body[expected]));
        }
        judge(&oracle, &all);
    }
}

#[test]
fn a_body_is_compressed_if_wanted() {
    let (oracle, requests) = posted(|url| Http::new(url).compress(true));
    let mut all = Vec::new();
    for request in &requests {
        assert_eq!(request.header("content-encoding"), Some("gzip"));
        let mut text = String::new();
        GzDecoder::new(&*request.body)
            .read_to_string(&mut text)
            .unwrap();
        assert!(request.body.len() < text.len());
        all.extend(array(&serde_json::from_str(&text).unwrap()));
    }
    judge(&oracle, &all);
    let (_, requests) = posted(|url| Http::new(url));
    assert!(
        requests
            .iter()
            .all(|it| it.header("content-encoding").is_none())
    );
}

#[test]
fn each_request_has_the_headers_that_were_said() {
    let (_, requests) = posted(|url| {
        let http = Http::new(url)
            .header("X-Api-Key", "k 1 ")
            .header("x-team", "shop");
        http.header("User-Agent", "till/7")
            .header("content-type", "application/vnd.logs+json")
    });
    for request in &requests {
        assert_eq!(request.header("x-api-key"), Some("k 1"));
        assert_eq!(request.header("x-team"), Some("shop"));
        assert_eq!(request.header("user-agent"), Some("till/7"));
        assert_eq!(
            request.header("content-type"),
            Some("application/vnd.logs+json")
        );
    }
    let (_, requests) = posted(|url| Http::new(url));
    assert!(
        requests[0]
            .header("user-agent")
            .unwrap()
            .starts_with("fapilog/")
    );
}

#[test]
fn headers_that_cannot_be_sent_or_are_not_for_others_to_say_are_refused() {
    let check = |name: &str, value: &str| {
        let http = Http::new("https://logs.example.com").header(name, value);
        http.check().err().map(|error| error.to_string())
    };
    assert_eq!(check("x-team", "shop"), None);
    for (name, value) in [
        ("x team", "a"),
        ("", "a"),
        ("x-team", "a\r\nx-forged: 1"),
        ("x-team", "a\0"),
        ("Idempotency-Key", "a"),
        ("content-length", "7"),
        ("Content-Encoding", "br"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
    ] {
        let told = check(name, value).unwrap();
        assert!(told.starts_with("headers: "), "{told}");
        assert!(!told.contains("forged"), "{told}");
    }
    let twice = Http::new("https://logs.example.com")
        .header("x-a", "1")
        .header("X-A", "2");
    assert!(twice.check().unwrap_err().to_string().contains("twice"));
}

/// Hands each batch to the sink three times, and keeps what the batch is called.
struct Thrice {
    http: Http,
    ids: std::sync::mpsc::Sender<String>,
}

impl Sink for Thrice {
    fn name(&self) -> &str {
        "thrice"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    async fn start(&self) -> Result<(), SinkError> {
        self.http.start().await
    }

    async fn write(&self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes batches")
    }

    async fn write_batch(&self, batch: &Batch) -> Result<(), BatchError> {
        self.ids.send(batch.id().to_string()).unwrap();
        for _ in 0..2 {
            self.http.write_batch(batch).await.unwrap_err();
        }
        self.http.write_batch(batch).await
    }
}

#[test]
fn each_attempt_for_a_batch_has_its_id_as_idempotency_key() {
    let (send, ids) = std::sync::mpsc::channel();
    let failures = std::sync::atomic::AtomicUsize::new(0);
    let receiver = Receiver::new(move |_| {
        let count = failures.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        status(if count % 3 == 2 { 200 } else { 503 })
    });
    let http = Http::new(receiver.url());
    let thrice = Thrice { http, ids: send };
    let builder = LoggerBuilder::new().async_sink(thrice);
    let (log, pipeline) = builder.build().unwrap();
    for number in 0..5 {
        info!(logger: log, number, "of its own batch");
        pipeline.flush_blocking(PATIENCE);
    }
    pipeline.shutdown_blocking(PATIENCE);
    let ids: Vec<_> = ids.try_iter().collect();
    let requests = receiver.rest();
    assert_eq!(requests.len(), 15);
    for (attempts, id) in requests.chunks(3).zip(&ids) {
        assert_eq!(id.len(), 36);
        let keys = attempts.iter().map(|it| it.header("idempotency-key"));
        assert!(keys.eq([Some(id.as_str()); 3]));
        assert!(attempts.iter().all(|it| it.body == attempts[0].body));
    }
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 5);
}

#[test]
fn the_example_shows_what_its_collector_gets() {
    let ended = Example::run("http_sink", &[]);
    assert!(ended.status.success(), "{ended:?}");
    let lines = ended.stdout;
    assert!(
        lines.iter().any(|it| it.starts_with("shop sent ")),
        "{lines:?}"
    );
    let events = lines
        .iter()
        .filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let messages: Vec<_> = events.map(|it| it["message"].clone()).collect();
    assert_eq!(messages, ["order placed", "payment is slow"]);
    assert!(
        lines.iter().any(|it| it.contains("http: delivered 2")),
        "{lines:?}"
    );
}
