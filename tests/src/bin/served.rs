//! Serves on one thread, and ends by a signal of its own. Arguments: the moment of a hook and how it
//! misbehaves, and it ends at once; `holds` and a number, and it ends when so many requests have
//! begun, which never end; or `waits`, and it never does.

use std::{
    env,
    future::{IntoFuture, pending, ready},
    io,
    pin::pin,
    sync::Arc,
    thread,
    time::Duration,
};

use axum::{Router, routing::get};
use fapilog_axum::{DrainReport, FapilogLayer, LoggerBuilder, info, serve};
use fapilog_core::StdoutJson;
use tokio::{net::TcpListener, runtime::Builder, sync::Barrier};

/// Of the requests, the logs, and each hook.
const DEADLINE: Duration = Duration::from_millis(500);

fn main() -> io::Result<DrainReport> {
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&words))
}

async fn run(words: &[&str]) -> io::Result<DrainReport> {
    let builder = LoggerBuilder::new().sink(StdoutJson::new());
    let (log, pipeline) = builder.build().map_err(io::Error::other)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let held = match *words {
        ["holds", count] => count.parse().map_err(io::Error::other)?,
        _ => 0,
    };
    let all = Arc::new(Barrier::new(held + 1));
    let server = serve(
        listener,
        holding(&all).layer(FapilogLayer::new(log.clone())),
    )
    .pipeline(pipeline)
    .request_deadline(DEADLINE)
    .log_deadline(DEADLINE);
    let (moment, how) = match *words {
        ["waits"] => {
            let mut server = pin!(server.signal(pending()).into_future());
            // What it watches, it watches from the first poll on.
            assert!(fapilog_tests::brim::poll(server.as_mut()).is_pending());
            fapilog_tests::tell("ready");
            return server.await;
        }
        ["holds", _] => {
            fapilog_tests::tell(address);
            let all_begun = async move {
                all.wait().await;
            };
            return server.signal(all_begun).await;
        }
        [moment, how] => (moment, how.to_owned()),
        _ => return Err(io::Error::other("which arguments?")),
    };
    let server = server.signal(ready(()));
    info!(logger: log, "before the end");
    let server = match moment {
        "before_shutdown" => server.before_shutdown(|| misbehave(how)),
        "on_shutdown" => server.on_shutdown(|| misbehave(how)),
        _ => server.after_drain(|_| misbehave(how)),
    };
    server
        .on_shutdown(|| async move { info!(logger: log, "the last event") })
        .await
}

/// An app whose requests never end; each says that it has begun.
fn holding(all: &Arc<Barrier>) -> Router {
    let all = Arc::clone(all);
    let hold = || async move {
        all.wait().await;
        pending::<()>().await;
    };
    Router::new().route("/held", get(hold))
}

async fn misbehave(how: String) {
    match &*how {
        "hangs" => pending().await,
        "blocks" => loop {
            thread::park();
        },
        _ => panic!("the hook panics"),
    }
}
