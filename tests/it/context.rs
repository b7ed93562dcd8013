//! Context goes where the work goes, and nowhere else.

use fapilog_core::{
    Event, Level, Logger, LoggerBuilder, Memory, Pipeline,
    context::{self, InCurrentContext, Scope, SpawnInContext},
    info,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled};
use tokio::task::JoinSet;

fn capture() -> (Memory, Logger, Pipeline) {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    (memory, log, pipeline)
}

/// Ends the pipeline; the message of each event with its request id.
fn ids(memory: &Memory, pipeline: &Pipeline) -> Vec<(String, Option<String>)> {
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let id = |event: &Event<'_>| {
        let id = event.context().get("request_id");
        id.and_then(|id| id.as_str()).map(str::to_owned)
    };
    let events = memory.events();
    let mut ids: Vec<_> = events
        .iter()
        .map(|it| (it.message().to_owned(), id(it)))
        .collect();
    ids.sort();
    ids
}

fn in_request(names: &[&str]) -> Vec<(String, Option<String>)> {
    let ids = names
        .iter()
        .map(|name| (name.to_string(), Some("r-1".to_owned())));
    ids.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_threads_and_pools_are_given_the_context_they_are_made_in() {
    let (memory, log, pipeline) = capture();
    let scope = Scope::new(&log, [("request_id", "r-1")]);
    scope
        .cover(async {
            context::spawn(async { info!("a task") }).await.unwrap();
            context::spawn_blocking(|| info!("the pool")).await.unwrap();
            let future = async { info!("a future") }.in_current_context();
            tokio::spawn(future).await.unwrap();
            let mut set = JoinSet::new();
            set.spawn_in_context(async { info!("a set") });
            set.join_all().await;
            let thread = std::thread::spawn(context::carry(|| info!("a thread")));
            thread.join().unwrap();
        })
        .await;
    let expected = in_request(&["a future", "a set", "a task", "a thread", "the pool"]);
    assert_eq!(ids(&memory, &pipeline), expected);
}

#[tokio::test]
async fn a_task_that_does_not_take_the_context_along_has_none() {
    let (memory, log, pipeline) = capture();
    let scope = Scope::new(&log, [("request_id", "r-1")]);
    scope
        .cover(async {
            let log = log.clone();
            tokio::spawn(async move { info!(logger: log, "m") })
                .await
                .unwrap();
        })
        .await;
    assert_eq!(ids(&memory, &pipeline), [("m".to_owned(), None)]);
}

#[test]
fn a_future_made_outside_of_any_context_does_not_leave_the_one_that_it_is_polled_in() {
    let (memory, log, pipeline) = capture();
    let future = async { info!("m") }.in_current_context();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let scope = Scope::new(&log, [("request_id", "r-1")]);
    runtime.block_on(scope.cover(future));
    assert_eq!(ids(&memory, &pipeline), in_request(&["m"]));
}

#[test]
fn fields_that_are_unbound_are_gone_and_the_parent_keeps_them() {
    let (memory, log, pipeline) = capture();
    let parent = log.bind([("a", 1), ("b", 2)]);
    let child = parent.unbind(["a", "c"]);
    parent.event(Level::Info, "parent").emit();
    child.event(Level::Info, "child").emit();
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let events = memory.events();
    assert_eq!(events[0].data().len(), 2);
    assert_eq!(
        events[1].data().iter().collect::<Vec<_>>(),
        [("b", &2.into())]
    );
}
