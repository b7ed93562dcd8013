//! Where no event may be lost, requests wait rather than their events.

use std::io::{ErrorKind, Read as _, Write as _};

use fapilog_tests::{
    brim::{fill, never_losing},
    http::request,
    sinks::Gated,
};
use tower::util::MapRequestLayer;

use super::*;

/// A pipeline that loses nothing, and a layer on it.
fn keeping() -> (Gated, FapilogLayer, Pipeline) {
    let (sink, log, pipeline) = never_losing();
    (sink, FapilogLayer::new(log), pipeline)
}

/// The terminal events that the sink has, after the end.
async fn finish(sink: &Gated, pipeline: &Pipeline) -> Vec<String> {
    sink.gate.open();
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_settled(&stats);
    assert_eq!(stats.refused.total(), 0);
    let mut lines = sink.lines.all();
    lines.retain(|line| line.contains("fapilog::request"));
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_waits_until_its_terminal_event_has_room() {
    let (sink, layer, pipeline) = keeping();
    fill(&pipeline);
    let (is_open, came) = (Arc::new(AtomicBool::new(false)), Arc::default());
    let opened = Arc::clone(&is_open);
    let handler = get(move || async move { opened.load(Ordering::SeqCst).to_string() });
    // In front of the layer: it says that a request is on its way to the handler.
    let counter: Arc<AtomicUsize> = Arc::clone(&came);
    let doorbell = MapRequestLayer::new(move |request: Request<Body>| {
        counter.fetch_add(1, Ordering::SeqCst);
        request
    });
    let app = Router::new()
        .route("/", handler)
        .layer(layer)
        .layer(doorbell);
    let address = listen(app).await;
    let clients: Vec<_> = (0..20)
        .map(|_| tokio::task::spawn_blocking(move || fapilog_tests::http::get(address, "/")))
        .collect();
    while came.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    is_open.store(true, Ordering::SeqCst);
    sink.gate.open();
    for client in clients {
        let reply = client.await.unwrap();
        assert_eq!(
            (reply.status, &*reply.body),
            (200, &b"true"[..]),
            "it waited"
        );
    }
    assert_eq!(finish(&sink, &pipeline).await.len(), 20);
}

#[tokio::test]
async fn the_terminal_event_of_a_dropped_request_fits_when_nothing_else_does() {
    let (sink, layer, pipeline) = keeping();
    let service = layer.layer(service_fn(|_: Request<Body>| {
        std::future::pending::<Result<Response<Body>, Infallible>>()
    }));
    let mut requests = Vec::new();
    for _ in 0..10 {
        let mut ready = service.clone();
        std::future::poll_fn(|cx| ready.poll_ready(cx))
            .await
            .unwrap();
        let big = "x".repeat(300);
        let request = Request::get(format!("/{big}")).body(Body::empty()).unwrap();
        requests.push(ready.call(request));
    }
    fill(&pipeline);
    // Each logs from its drop, on one thread, which could wait for ever.
    let (done, dropped) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(requests);
        done.send(())
    });
    assert_eq!(dropped.recv_timeout(PATIENCE), Ok(()));
    let lines = finish(&sink, &pipeline).await;
    assert_eq!(lines.len(), 10);
    assert!(
        lines
            .iter()
            .all(|line| line.contains("client_disconnected"))
    );
}

#[tokio::test]
async fn a_layer_within_a_layer_asks_for_no_second_permit() {
    let (sink, layer, pipeline) = keeping();
    sink.gate.open();
    let held = Arc::new(AtomicUsize::new(0));
    let (seen, shared) = (Arc::clone(&held), Arc::new(pipeline));
    let pipeline = Arc::clone(&shared);
    let inner = layer.layer(service_fn(move |_: Request<Body>| {
        seen.store(shared.stats().queue_bytes, Ordering::SeqCst);
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    }));
    let router = Router::new().route_service("/", inner).layer(layer);
    let request = Request::get("/").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
    assert_eq!(held.load(Ordering::SeqCst), 2048, "one is held");
    assert_eq!(finish(&sink, &pipeline).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_accepts_nobody_while_there_is_no_room_for_an_event() {
    let (sink, _, pipeline) = keeping();
    fill(&pipeline);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // No layer, so that nothing but the door is in the way; the address is still told.
    let app = Router::new().route(
        "/",
        get(|ConnectInfo(it): ConnectInfo<SocketAddr>| async move { it.ip().to_string() }),
    );
    let server = fapilog_axum::serve(listener, app).pipeline(pipeline);
    let server = tokio::spawn(server.into_future());
    let client = tokio::task::spawn_blocking(move || {
        let mut stream = fapilog_tests::http::connect(address);
        stream.write_all(&request("GET", "/", &[])).unwrap();
        // That nobody answers cannot be seen, only that nobody has for a while.
        stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        let nothing = stream.read(&mut [0; 1]).map_err(|error| error.kind());
        (stream, nothing)
    });
    let (mut stream, nothing) = client.await.unwrap();
    assert!(
        matches!(nothing, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        "{nothing:?}"
    );
    sink.gate.open();
    let answer = tokio::task::spawn_blocking(move || {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n127.0.0.1"),
        "{answer}"
    );
    server.abort();
}
