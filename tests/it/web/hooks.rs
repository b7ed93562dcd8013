//! What a service does while it ends, and when it goes wrong: see `src/bin/served.rs`.

use tokio::sync::{Notify, mpsc};

use super::*;
use crate::life::process::run;

const HELPER: &str = env!("CARGO_BIN_EXE_served");

#[test]
fn a_hook_that_hangs_or_panics_does_not_keep_the_last_events_from_their_sinks() {
    for moment in ["before_shutdown", "on_shutdown", "after_drain"] {
        for how in ["hangs", "blocks", "panics"] {
            let ended = run(HELPER, &format!("{moment} {how}"), &[]);
            let case = format!("{moment} {how}: {ended:#?}");
            assert!(ended.status.success(), "{case}");
            assert!(ended.stdout.contains("before the end"), "{case}");
            // After a hook of its own moment that hangs, there is no time for the one that logs it.
            let is_left_out = moment == "on_shutdown" && how != "panics";
            let has_last = ended.stdout.contains("the last event");
            assert_eq!(has_last, !is_left_out, "{case}");
            let summary = "; stdout_json: delivered ";
            assert!(ended.stderr.contains(summary), "{case}");
        }
    }
}

#[test]
fn a_hook_that_does_not_end_well_is_named() {
    for (words, end) in [
        ("before_shutdown panics", " panicked\n"),
        (
            "before_shutdown hangs",
            " took too long; hooks after it: 0, left out\n",
        ),
        ("on_shutdown panics", " panicked\n"),
        (
            "on_shutdown hangs",
            " took too long; hooks after it: 1, left out\n",
        ),
        ("after_drain panics", " panicked\n"),
        (
            "after_drain hangs",
            " took too long; hooks after it: 0, left out\n",
        ),
    ] {
        let ended = run(HELPER, words, &[]);
        let (moment, _) = words.split_once(' ').unwrap();
        let begin = format!("fapilog: the {moment} hook of tests/src/bin/served.rs:");
        let mut lines = ended.stderr.split_inclusive('\n');
        let named = lines.any(|line| line.starts_with(&begin) && line.ends_with(end));
        assert!(named, "{words}: {ended:#?}");
    }
}

#[tokio::test]
async fn hooks_run_at_the_signal_after_the_requests_and_after_the_drain() {
    let (layer, memory, pipeline) = capture();
    let log = pipeline.logger();
    let (say, mut said) = mpsc::unbounded_channel();
    let (came, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (arrived, released, tell) = (Arc::clone(&came), Arc::clone(&release), say.clone());
    let waits = get(move || async move {
        arrived.notify_one();
        released.notified().await;
        tell.send("request".to_owned()).unwrap();
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tell = [say.clone(), say.clone(), say];
    let [before, on, after] = tell;
    let server = fapilog_axum::serve(listener, Router::new().route("/", waits).layer(layer))
        .pipeline(pipeline)
        .request_deadline(PATIENCE)
        .log_deadline(PATIENCE)
        .signal(async move { came.notified().await })
        .after_drain(move |report| {
            let delivered = report.stats.sinks[0].delivered;
            async move { after.send(format!("{delivered} delivered")).unwrap() }
        })
        .on_shutdown(move || async move {
            info!(logger: log, "from a hook");
            on.send("on_shutdown".to_owned()).unwrap();
        })
        .before_shutdown(move || async move {
            before.send("before_shutdown".to_owned()).unwrap();
            // The request is open, and would be until its deadline.
            release.notify_one();
        });
    let client = tokio::task::spawn_blocking(move || fapilog_tests::http::get(address, "/"));
    let report = server.await.unwrap();
    assert_eq!(client.await.unwrap().status, 200);
    assert_settled(&report.stats);
    let mut order = Vec::new();
    while let Ok(word) = said.try_recv() {
        order.push(word);
    }
    let expected = ["before_shutdown", "request", "on_shutdown", "2 delivered"];
    assert_eq!(order, expected);
    let events = memory.events();
    let messages: Vec<_> = events.iter().map(Event::message).collect();
    assert_eq!(messages, ["request_completed", "from a hook"]);
}
