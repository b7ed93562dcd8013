//! What is logged of requests, as code wants it.

use fapilog_core::{Level, filter::Verdict};
use fapilog_tests::sinks::Gate;

use super::*;

fn app(layer: FapilogLayer) -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/skipped", get(|| async { "skipped" }))
        .route("/fail", get(|| async { StatusCode::BAD_GATEWAY }))
        .layer(layer)
}

async fn visit(address: SocketAddr, path: &'static str) -> fapilog_tests::http::Reply {
    let visit = move || send(address, &request("GET", path, &[])).unwrap();
    tokio::task::spawn_blocking(visit).await.unwrap()
}

#[tokio::test]
async fn requests_that_are_not_logged_stand_in_the_books() {
    let (layer, memory, pipeline) = capture();
    let layer = layer.skip_paths(["/skip*"]).sample_rate(0.0);
    let address = listen(app(layer)).await;
    for path in ["/", "/skipped", "/fail", "/skipped"] {
        visit(address, path).await;
    }
    terminal(&memory, &pipeline, 1).await;
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_settled(&stats);
    assert_eq!(stats.submitted, 4);
    assert_eq!(stats.filtered.get("skip_paths"), 2);
    assert_eq!(stats.filtered.get("sample_rate"), 1);
    assert_eq!(stats.routed, 1);
}

#[tokio::test]
async fn requests_that_are_not_logged_do_not_hide_what_is_queued() {
    let worker = Gate::default();
    let passed = worker.clone();
    let builder = LoggerBuilder::new().sink(Memory::new());
    let builder = builder.filter_fn("gate", move |_| {
        passed.pass();
        Verdict::Keep
    });
    let (log, pipeline) = builder.build().unwrap();
    let address = listen(app(FapilogLayer::new(log.clone()).sample_rate(0.0))).await;
    info!(logger: log, "held");
    worker.wait_for_visitor();
    visit(address, "/").await;
    while pipeline.stats().filtered.get("sample_rate") == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pipeline.stats().queued, 1);
    worker.open();
    assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
}

#[tokio::test]
async fn the_level_of_a_request_is_whatever_it_is_wanted_to_be() {
    let (layer, memory, pipeline) = capture();
    let layer = layer.level(|finished| match finished.status {
        Some(StatusCode::BAD_GATEWAY) => Level::Critical,
        Some(StatusCode::NOT_FOUND) => Level::custom("NOTICE", 35),
        _ => finished.default_level(),
    });
    let address = listen(app(layer)).await;
    for path in ["/", "/fail", "/none"] {
        visit(address, path).await;
    }
    let events = terminal(&memory, &pipeline, 3).await;
    let levels: Vec<_> = events.iter().map(Event::level).collect();
    assert_eq!(levels, [Level::Info, Level::Critical, Level::Warning]);
}

#[tokio::test]
async fn ids_can_be_made_elsewhere_if_they_do_no_harm() {
    let (layer, memory, pipeline) = capture();
    let made = Arc::new(AtomicUsize::new(0));
    let layer = layer.make_request_id(move || match made.fetch_add(1, Ordering::Relaxed) {
        0 => "req-1".to_owned(),
        _ => "not\nharmless".to_owned(),
    });
    let address = listen(app(layer)).await;
    assert_eq!(
        visit(address, "/").await.header("x-request-id"),
        Some("req-1")
    );
    let second = visit(address, "/").await;
    assert_eq!(second.header("x-request-id").map(str::len), Some(36));
    terminal(&memory, &pipeline, 2).await;
}

#[tokio::test]
async fn the_environment_wins_over_what_a_layer_says() {
    let memory = Memory::new();
    let builder = LoggerBuilder::new().sink(memory.clone());
    let builder = builder.env_vars([("FAPILOG_AXUM__SKIP_PATHS", "/skipped")]);
    let (log, pipeline) = builder.build().unwrap();
    let layer = FapilogLayer::new(log).skip_paths(["/"]).log_start(true);
    let address = listen(app(layer)).await;
    for path in ["/skipped", "/"] {
        visit(address, path).await;
    }
    let events = terminal(&memory, &pipeline, 3).await;
    let messages: Vec<_> = events.iter().map(|it| it.message()).collect();
    let expected = ["request_started", "request_started", "request_completed"];
    assert_eq!(messages, expected);
    assert_eq!(events[2].data().get("path"), Some(&"/".into()));
}

#[tokio::test]
async fn fields_by_the_head_of_a_request_stand_in_its_terminal_event() {
    let (layer, memory, pipeline) = capture();
    let layer = layer.fields(|head, add| {
        add("long", &(head.uri.path().len() > 3));
        add("hosts", &head.headers.get_all("host").iter().count());
    });
    // What is said after it does not undo it.
    let address = listen(app(layer.log_errors_on_skip(false))).await;
    visit(address, "/skipped").await;
    let event = terminal(&memory, &pipeline, 1).await.remove(0);
    assert_eq!(event.data().get("long"), Some(&true.into()));
    assert_eq!(event.data().get("hosts"), Some(&1_u64.into()));
}

#[tokio::test]
async fn what_is_wanted_may_panic_and_costs_no_request() {
    let (layer, memory, pipeline) = capture();
    let layer = layer
        .fields(|_, add| {
            add("before", &1);
            panic!("fields")
        })
        .make_request_id(|| panic!("id"))
        .level(|_| panic!("level"));
    let address = listen(app(layer)).await;
    assert_eq!(visit(address, "/").await.status, 200);
    assert_eq!(visit(address, "/fail").await.status, 502);
    let events = terminal(&memory, &pipeline, 2).await;
    let levels: Vec<_> = events.iter().map(Event::level).collect();
    assert_eq!(levels, [Level::Info, Level::Error]);
    assert_eq!(events[0].data().get("before"), Some(&1_i64.into()));
}

#[tokio::test]
async fn a_request_that_is_not_logged_gives_its_room_back_whoever_keeps_its_scope() {
    let builder = LoggerBuilder::new().sink(Memory::new()).drop_on_full(false);
    let (log, pipeline) = builder.build().unwrap();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let handler = move || async move { keep.lock().unwrap().push(Scope::current()) };
    let layer = FapilogLayer::new(log).sample_rate(0.0);
    let app = Router::new().route("/", get(handler)).layer(layer);
    let address = listen(app).await;
    visit(address, "/").await;
    while pipeline.stats().filtered.get("sample_rate") == 0 {
        tokio::task::yield_now().await;
    }
    let begun = std::time::Instant::now();
    while pipeline.stats().queue_bytes > 0 {
        assert!(begun.elapsed() < PATIENCE, "{:#?}", pipeline.stats());
        tokio::task::yield_now().await;
    }
    assert!(kept.lock().unwrap()[0].is_some());
}
