//! Handlers of connections, run by the tests themselves.

use fapilog_core::context::spawn;
use fapilog_tests::brim::{fill, never_losing, poll};
use tokio::sync::mpsc;

use super::*;

/// The events of a handler that is run by whoever has made its connection, after the request.
async fn run_by_hand<F>(
    handler: impl FnOnce(()) -> F + Send + 'static,
) -> (bool, Vec<Event<'static>>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (layer, memory, pipeline) = capture();
    let handler = Mutex::new(Some(handler));
    let (give, taken) = oneshot::channel();
    let give = Mutex::new(Some(give));
    let service = layer.layer(service_fn(move |request: Request<Body>| {
        let handle = request.extensions().get::<RequestHandle>().unwrap();
        let handler = handler.lock().unwrap().take().unwrap();
        let give = give.lock().unwrap().take().unwrap();
        drop(give.send(handle.upgraded(handler)));
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    }));
    service.oneshot(Request::new(Body::empty())).await.unwrap();
    // A server that ends now has to wait for what is about to open.
    assert_eq!(OpenRequests::of(&pipeline.logger()).len(), 1);
    let connection = tokio::spawn(taken.await.unwrap()(()));
    let abort = connection.abort_handle();
    let panicked = tokio::select! {
        ended = connection => ended.is_err_and(|error| error.is_panic()),
        () = terminal_is(&memory, &pipeline, "waits") => {
            abort.abort();
            false
        }
    };
    terminal(&memory, &pipeline, 3).await;
    assert!(OpenRequests::of(&pipeline.logger()).is_empty());
    assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
    (panicked, memory.events())
}

/// Completes when there is an event with this message.
async fn terminal_is(memory: &Memory, pipeline: &Pipeline, message: &str) {
    while !memory
        .events()
        .iter()
        .any(|event| event.message() == message)
    {
        assert!(pipeline.flush(PATIENCE).await.is_complete());
        tokio::task::yield_now().await;
    }
}

/// Logs when it is dropped.
struct Goodbye;

impl Drop for Goodbye {
    fn drop(&mut self) {
        info!("goodbye");
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_told_and_its_panic_goes_on() {
    let handler = |()| async {
        let _goodbye = Goodbye;
        panic!("the payload")
    };
    let (panicked, events) = run_by_hand(handler).await;
    assert!(panicked);
    let expected = [
        "request_completed",
        "connection_opened",
        "goodbye",
        "connection_closed",
    ];
    assert_eq!(messages(&events), expected);
    let closed = &events[3];
    assert_eq!(closed.level(), Level::Error);
    assert_eq!(*field(closed, "outcome"), "panicked".into());
    assert_eq!(*field(closed, "error"), "the payload".into());
}

#[tokio::test]
async fn a_connection_whose_task_is_dropped_was_cancelled_and_drops_in_its_scope() {
    let handler = |()| async {
        let _goodbye = Goodbye;
        info!("waits");
        std::future::pending().await
    };
    let (panicked, events) = run_by_hand(handler).await;
    assert!(!panicked);
    let expected = [
        "request_completed",
        "connection_opened",
        "waits",
        "goodbye",
        "connection_closed",
    ];
    assert_eq!(messages(&events), expected);
    assert_eq!(*field(&events[4], "outcome"), "cancelled".into());
    let id = events[0].context().get("request_id");
    assert!(id.is_some() && events.iter().all(|it| it.context().get("request_id") == id));
}

#[tokio::test]
async fn an_upgrade_that_comes_to_nothing_is_no_connection() {
    let (layer, memory, pipeline) = capture();
    let handler = |log: RequestLogger| async move {
        drop(log.upgraded(|()| async { unreachable!("nobody calls it") }));
    };
    let app = Router::new().route("/", get(handler)).layer(layer);
    app.oneshot(Request::new(Body::empty())).await.unwrap();
    terminal(&memory, &pipeline, 1).await;
    assert!(OpenRequests::of(&pipeline.logger()).is_empty());
}

#[tokio::test]
async fn connections_at_paths_to_skip_stand_in_the_books_unless_they_fail() {
    let (layer, memory, pipeline) = capture();
    let layer = layer.skip_paths(["/*"]);
    let handler = |log: RequestLogger| async move {
        spawn(log.upgraded(|()| async {})(())).await.unwrap();
        let fails = log.upgraded(|()| async { panic!("the payload") });
        assert!(spawn(fails(())).await.is_err());
    };
    let app = Router::new().route("/", get(handler)).layer(layer);
    app.oneshot(Request::new(Body::empty())).await.unwrap();
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_settled(&stats);
    assert_eq!(
        stats.filtered.get("skip_paths"),
        4,
        "both opened, one closed, the request"
    );
    assert_eq!(messages(&memory.events()), ["connection_closed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_event_may_be_lost_a_connection_opens_when_its_last_event_has_room() {
    let (sink, log, pipeline) = never_losing();
    let (enter, mut entered) = mpsc::unbounded_channel();
    let (give, mut given) = mpsc::unbounded_channel();
    let layer = FapilogLayer::new(log);
    let handler = |log: RequestLogger| async move {
        give.send(log.upgraded(|()| async move { enter.send(()).unwrap() }))
            .unwrap();
    };
    let app = Router::new().route("/", get(handler)).layer(layer);
    app.oneshot(Request::new(Body::empty())).await.unwrap();
    let mut connection = Box::pin(given.recv().await.unwrap()(()));
    fill(&pipeline);
    // On a thread of its own, which a call that waits for room would stop.
    let (ask, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let is_pending = poll(connection.as_mut()).is_pending();
        ask.send((is_pending, connection)).unwrap();
    });
    let asked = asked.recv_timeout(PATIENCE);
    let (is_pending, connection) = asked.expect("waiting stops no thread");
    assert!(is_pending && entered.try_recv().is_err(), "it waits");
    sink.gate.open();
    connection.await;
    entered.recv().await.unwrap();
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_settled(&stats);
    assert_eq!(stats.refused.total(), 0);
    let lines = sink.lines.all();
    assert_eq!(
        lines
            .iter()
            .filter(|it| it.contains("connection_closed"))
            .count(),
        1
    );
}
