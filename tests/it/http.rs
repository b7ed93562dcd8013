//! Events that are posted: what a destination gets, and what becomes of them when it does not take
//! them.

mod answers;
mod certificates;
mod credentials;
mod formats;
mod own_client;
mod places;
mod proxies;
pub(crate) mod receiver;
mod replies;
mod secrets;
mod tls;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fapilog_core::{
    Action, Event, Http, Logger, LoggerBuilder, SerializedView, Sink, SinkError, SinkStats, info,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled};

/// What came of a pipeline with one sink.
struct Ran {
    sink: SinkStats,
    /// What was said of it.
    said: String,
}

/// Runs a pipeline to its end.
fn run(builder: LoggerBuilder, log: impl FnOnce(&Logger)) -> Ran {
    let said = Arc::new(Mutex::new(String::new()));
    let saying = Arc::clone(&said);
    let builder = builder.on_diagnostic(move |it| *saying.lock().unwrap() += &it.message);
    let (logger, pipeline) = builder.build().unwrap();
    log(&logger);
    let mut report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    let said = said.lock().unwrap().clone();
    let sink = report.stats.sinks.remove(0);
    Ran { sink, said }
}

/// What a sink asked for, for an event that it did not deliver.
#[derive(Clone, Debug)]
struct Refused {
    action: Action,
    delay: Option<Duration>,
    text: String,
}

/// Hands each event to the sink once, and keeps what it asks for.
struct Asked {
    http: Http,
    results: Arc<Mutex<Vec<Result<(), Refused>>>>,
}

impl Sink for Asked {
    fn name(&self) -> &str {
        "asked"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    async fn start(&self) -> Result<(), SinkError> {
        self.http.start().await
    }

    async fn write(&self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    async fn write_serialized(&self, view: SerializedView<'_>) -> Result<(), SinkError> {
        let written = self.http.write_serialized(view).await;
        let told = written.as_ref().copied().map_err(|error| Refused {
            action: error.action(),
            delay: error.delay(),
            text: error.to_string(),
        });
        self.results.lock().unwrap().push(told);
        // What is asked for is none of the lane's business here.
        written.map_err(|error| SinkError::new(error.to_string()))
    }
}

/// What a sink asks for, for each of so many events.
fn ask_for(http: Http, events: usize) -> Vec<Result<(), Refused>> {
    let results = Arc::default();
    let asked = Asked {
        http,
        results: Arc::clone(&results),
    };
    let builder = LoggerBuilder::new().async_sink(asked);
    let ran = run(builder, |log| {
        for number in 0..events {
            info!(logger: log, number, "posted");
        }
    });
    let results = results.lock().unwrap().clone();
    assert_eq!(results.len(), events, "{}", ran.said);
    let delivered = results.iter().filter(|it| it.is_ok()).count();
    assert_eq!(ran.sink.delivered, delivered as u64);
    results
}

/// What a sink asks for, for one event.
fn ask(http: Http) -> Result<(), Refused> {
    ask_for(http, 1).remove(0)
}
