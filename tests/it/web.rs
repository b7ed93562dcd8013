//! The layer, over real sockets and against services that misbehave.

use std::{
    collections::HashSet,
    convert::Infallible,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    response::Response,
    routing::{any, get, post},
};
use bytes::Bytes;
use fapilog_axum::{FapilogLayer, RequestLogger, Scope, info};
use fapilog_core::{
    Event, FieldValue, LoggerBuilder, Memory, Pipeline, StageError, redact::Redactor,
};
use fapilog_tests::{
    PATIENCE, alone,
    http::{request, send},
    oracle::assert_settled,
    random, scaled,
};
use fapilog_tower::OpenRequests;
use futures_util::stream;
use http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, ServiceExt, service_fn};

/// A pipeline whose events a test can look at.
fn capture() -> (FapilogLayer, Memory, Pipeline) {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    (FapilogLayer::new(log), memory, pipeline)
}

async fn listen(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

use std::future::IntoFuture;

/// The terminal events, as soon as there are so many; then there are no more.
async fn terminal(memory: &Memory, pipeline: &Pipeline, count: usize) -> Vec<Event<'static>> {
    let begun = std::time::Instant::now();
    loop {
        assert!(pipeline.flush(PATIENCE).await.is_complete());
        let mut events = memory.events();
        events.retain(|event| event.logger() == "fapilog::request");
        assert!(events.len() <= count, "{events:#?}");
        if events.len() == count {
            return events;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{} of {count}: {events:#?}",
            events.len()
        );
        tokio::task::yield_now().await;
    }
}

fn field<'a>(event: &'a Event<'static>, key: &str) -> &'a FieldValue<'static> {
    event.data().get(key).unwrap_or(&FieldValue::Null)
}

fn outcome<'a>(event: &'a Event<'static>) -> (&'a str, &'a str) {
    (
        event.message(),
        field(event, "outcome").as_str().unwrap_or_default(),
    )
}

/// A body of chunks that come one at a time, then perhaps an error.
fn chunks(count: usize, fails: bool) -> Body {
    let items = (0..count).map(|_| Ok(Bytes::from_static(b"chunk")));
    let error = fails.then(|| Err(std::io::Error::other("broken in the middle")));
    Body::from_stream(stream::iter(items.chain(error)))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_body_is_counted_and_ends_once() {
    let (layer, memory, pipeline) = capture();
    let trailers = || async {
        let mut map = http::HeaderMap::new();
        map.insert("x-end", "1".parse().unwrap());
        let frames = [
            Ok(Frame::data(Bytes::from_static(b"data"))),
            Ok(Frame::trailers(map)),
        ];
        Body::new(StreamBody::new(stream::iter(
            frames.map(|it: Result<_, Infallible>| it),
        )))
    };
    let app = Router::new()
        .route("/text", get(|| async { "twelve bytes" }))
        .route("/empty", get(|| async {}))
        .route("/none", get(|| async { StatusCode::NO_CONTENT }))
        .route("/old", get(|| async { StatusCode::NOT_MODIFIED }))
        .route("/chunks", get(|| async { chunks(7, false) }))
        .route("/breaks", get(|| async { chunks(3, true) }))
        .route("/trailers", get(trailers))
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/ignore", post(|| async { "ignored" }))
        .route(
            "/upgrade",
            get(|| async { StatusCode::SWITCHING_PROTOCOLS }),
        )
        .layer(layer);
    let address = listen(app).await;
    let cases: [(&str, Method, &str, (&str, &str), u64, u64); 11] = [
        (
            "/text",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            12,
        ),
        (
            "/text",
            Method::HEAD,
            "",
            ("request_completed", "completed"),
            0,
            0,
        ),
        (
            "/empty",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            0,
        ),
        (
            "/none",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            0,
        ),
        (
            "/old",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            0,
        ),
        (
            "/chunks",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            35,
        ),
        (
            "/breaks",
            Method::GET,
            "",
            ("request_failed", "body_error"),
            0,
            15,
        ),
        (
            "/trailers",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            4,
        ),
        (
            "/echo",
            Method::POST,
            "0123456789",
            ("request_completed", "completed"),
            10,
            10,
        ),
        (
            "/ignore",
            Method::POST,
            "0123456789",
            ("request_completed", "completed"),
            0,
            7,
        ),
        (
            "/upgrade",
            Method::GET,
            "",
            ("request_completed", "completed"),
            0,
            0,
        ),
    ];
    for http2 in [false, true] {
        for (index, (path, method, body, ends, read, sent)) in cases.iter().enumerate() {
            if http2 && *path == "/upgrade" {
                continue; // HTTP/2 has no status 101
            }
            let before = memory.events().len();
            let request = Request::builder()
                .method(method)
                .uri(format!("http://{address}{path}"))
                .body(Full::new(Bytes::from(*body)))
                .unwrap();
            fetch(address, http2, request).await;
            let events = terminal(&memory, &pipeline, before + 1).await;
            let event = &events[before];
            let label = format!("case {index}: {method} {path}, http2: {http2}");
            assert_eq!(outcome(event), *ends, "{label}");
            assert_eq!(*field(event, "request_bytes"), (*read).into(), "{label}");
            assert_eq!(*field(event, "response_bytes"), (*sent).into(), "{label}");
            let version = if http2 { "HTTP/2" } else { "HTTP/1.1" };
            assert_eq!(*field(event, "http_version"), version.into(), "{label}");
            assert_eq!(*field(event, "route"), (*path).into(), "{label}");
        }
    }
    let failed = memory.events();
    let failed = failed
        .iter()
        .find(|it| outcome(it).1 == "body_error")
        .unwrap();
    let error = field(failed, "error").as_str().unwrap();
    assert!(error.contains("broken in the middle"), "{error}");
}

/// Sends one request on a connection of its own, and reads what comes.
async fn fetch(address: SocketAddr, http2: bool, request: Request<Full<Bytes>>) {
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let response = if http2 {
        let (mut client, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
                .await
                .unwrap();
        tokio::spawn(connection);
        client.send_request(request).await
    } else {
        let (mut client, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        client.send_request(request).await
    };
    if let Ok(response) = response {
        // A body that breaks is an error here too.
        let _ = response.into_body().collect().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_that_reaches_the_layer_has_one_terminal_event() {
    let (layer, memory, pipeline) = capture();
    let reached = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&reached);
    let app = Router::new()
        .route("/", get(|| async { "short" }))
        .route(
            "/slow",
            get(|| tokio::time::sleep(Duration::from_millis(5))),
        )
        .route("/chunks", get(|| async { chunks(1000, false) }))
        .layer(layer)
        .layer(axum::middleware::map_request(
            move |request: Request<Body>| {
                counting.fetch_add(1, Ordering::Relaxed);
                std::future::ready(request)
            },
        ));
    let address = listen(app).await;
    let mut random = random();
    let clients: Vec<_> = (0..scaled(1000))
        .map(|_| {
            let path = ["/", "/slow", "/chunks"][random.usize(0..3)];
            let bytes = request("GET", path, &[]);
            let (sent, read) = match random.u8(0..4) {
                0 => (random.usize(1..bytes.len()), 0),
                1 => (bytes.len(), random.usize(0..2000)),
                _ => (bytes.len(), usize::MAX),
            };
            tokio::task::spawn_blocking(move || {
                use std::io::{Read, Write};
                let mut stream = fapilog_tests::http::connect(address);
                stream.write_all(&bytes[..sent]).unwrap();
                // The server may hang up first: that is its right.
                let _ = stream.take(read as u64).read_to_end(&mut Vec::new());
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    // What is still open sees its client gone, and ends.
    let begun = std::time::Instant::now();
    loop {
        assert!(pipeline.flush(PATIENCE).await.is_complete());
        let (reached, events) = (reached.load(Ordering::Relaxed), memory.len());
        assert!(events <= reached, "{events} events of {reached} requests");
        if events == reached && begun.elapsed() > Duration::from_millis(100) {
            break;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{events} events of {reached} requests"
        );
        tokio::task::yield_now().await;
    }
    assert!(reached.load(Ordering::Relaxed) >= scaled(500));
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_streams_that_are_reset_have_one_terminal_event_each() {
    let (layer, memory, pipeline) = capture();
    let slow = || async {
        let chunks = stream::unfold(0, |number| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            (number < 20).then(|| {
                (
                    Ok::<_, Infallible>(Bytes::from_static(b"chunk")),
                    number + 1,
                )
            })
        });
        Body::from_stream(chunks)
    };
    let hanging = Arc::new(Mutex::new(HashSet::new()));
    let begun = Arc::clone(&hanging);
    let hangs = |log: RequestLogger| async move {
        begun.lock().unwrap().insert(log.request_id().into_owned());
        std::future::pending::<()>().await;
    };
    let app = Router::new()
        .route("/", get(slow))
        .route("/hangs", get(hangs))
        .layer(layer);
    let address = listen(app).await;
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let count = scaled(300);
    let mut random = random();
    let mut running = Vec::new();
    for number in 0..count {
        let (mut client, cut) = (client.clone(), random.u8(0..4));
        let (id, hanging) = (format!("h2-{number}"), Arc::clone(&hanging));
        let path = if cut == 0 { "/hangs" } else { "/" };
        let request = Request::builder()
            .uri(format!("http://{address}{path}"))
            .header("x-request-id", &id)
            .body(Empty::<Bytes>::new())
            .unwrap();
        running.push(tokio::spawn(async move {
            match cut {
                0 => {
                    let begun = async {
                        while !hanging.lock().unwrap().contains(&id) {
                            tokio::task::yield_now().await;
                        }
                    };
                    tokio::select! {
                        _ = client.send_request(request) => panic!("it hangs"),
                        () = begun => {}
                    }
                }
                1 => {
                    let mut body = client.send_request(request).await.unwrap().into_body();
                    body.frame().await.unwrap().unwrap();
                }
                _ => {
                    let body = client.send_request(request).await.unwrap().into_body();
                    assert_eq!(body.collect().await.unwrap().to_bytes().len(), 100);
                }
            }
            cut
        }));
    }
    let mut cuts = Vec::new();
    for task in running {
        cuts.push(task.await.unwrap());
    }
    let events = terminal(&memory, &pipeline, count).await;
    for (number, cut) in cuts.iter().enumerate() {
        let id = format!("h2-{number}");
        let of_id = |it: &&Event<'_>| it.context().get("request_id") == Some(&id.as_str().into());
        let found: Vec<_> = events.iter().filter(of_id).collect();
        assert_eq!(found.len(), 1, "{id}");
        let expected = if *cut < 2 {
            "client_disconnected"
        } else {
            "completed"
        };
        assert_eq!(outcome(found[0]).1, expected, "{id}, cut {cut}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_dropped_unread_says_so() {
    let (layer, memory, pipeline) = capture();
    let service = layer.layer(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Body::from("never read")))
    }));
    drop(service.oneshot(Request::new(Body::empty())).await.unwrap());
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(outcome(&events[0]), ("request_completed", "body_unread"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_service_is_logged_and_passed_on() {
    let (layer, memory, pipeline) = capture();
    let service = layer.layer(service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(std::io::Error::other("out of order"))
    }));
    let error = service
        .oneshot(Request::new(Body::empty()))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "out of order");
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(outcome(&events[0]), ("request_failed", "service_error"));
    assert_eq!(*field(&events[0], "error"), "out of order".into());
    assert_eq!(*field(&events[0], "status_code"), FieldValue::Null);
    assert_eq!(events[0].level(), fapilog_core::Level::Error);
}

/// Panics in the call, in a poll, or in the drop.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    Call,
    Poll,
    Drop,
}

struct Bomb(Where);

impl Future for Bomb {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(self.0 != Where::Poll, "the payload");
        Poll::Pending
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 == Where::Drop && !std::thread::panicking() {
            panic!("the payload");
        }
    }
}

/// A redactor that panics: the logger itself is at fault.
struct Faulty;

impl Redactor for Faulty {
    fn name(&self) -> &str {
        "faulty"
    }

    fn redact(&mut self, _: &mut Event<'_>) -> Result<(), StageError> {
        panic!("the logger's own fault")
    }
}

#[test]
fn a_panic_goes_on_unchanged_after_its_event_even_if_the_logger_is_at_fault() {
    for faulty in [false, true] {
        for place in [Where::Call, Where::Poll, Where::Drop] {
            let memory = Memory::new();
            let mut builder = LoggerBuilder::new()
                .sink(memory.clone())
                .on_diagnostic(|_| {});
            if faulty {
                builder = builder.redactor(Faulty);
            }
            let (log, pipeline) = builder.build().unwrap();
            let mut service = FapilogLayer::new(log).layer(service_fn(move |_: Request<Body>| {
                assert!(place != Where::Call, "the payload");
                Bomb(place)
            }));
            let caught = catch_unwind(AssertUnwindSafe(|| {
                let mut future = Box::pin(service.call(Request::new(Body::empty())));
                let mut cx = Context::from_waker(std::task::Waker::noop());
                assert!(future.as_mut().poll(&mut cx).is_pending());
                drop(future);
            }));
            let payload = caught.unwrap_err();
            let text = fapilog_core::__private::panic_text(&*payload);
            assert!(text.contains("the payload"), "{place:?}: {text}");
            let stats = pipeline.shutdown_blocking(PATIENCE).stats;
            assert_settled(&stats);
            assert_eq!(stats.submitted, 1, "{place:?}");
            let events = memory.events();
            assert_eq!(events.len(), 1);
            match (faulty, place) {
                (true, _) => assert_eq!(events[0].message(), "redaction failed"),
                (false, Where::Drop) => assert_eq!(outcome(&events[0]).1, "client_disconnected"),
                (false, _) => assert_eq!(outcome(&events[0]).1, "panicked"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caught_panic_becomes_a_500_with_the_request_id() {
    let (layer, memory, pipeline) = capture();
    let app = Router::new()
        .route(
            "/",
            get(|| async {
                panic!("caught");
                #[allow(unreachable_code)]
                ()
            }),
        )
        .layer(layer.catch_panics(true));
    let address = listen(app).await;
    let reply = tokio::task::spawn_blocking(move || {
        send(address, &request("GET", "/", &[("x-request-id", "p-1")])).unwrap()
    });
    let reply = reply.await.unwrap();
    assert_eq!(
        (reply.status, reply.header("x-request-id")),
        (500, Some("p-1"))
    );
    assert!(String::from_utf8_lossy(&reply.body).contains("p-1"));
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(outcome(&events[0]), ("request_failed", "panicked"));
    assert_eq!(*field(&events[0], "error"), "caught".into());
}

/// Panics if it is called without having been ready, and counts clones as not ready.
struct Strict(Arc<AtomicBool>);

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self(Arc::default())
    }
}

impl Service<Request<Body>> for Strict {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.store(true, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(self.0.swap(false, Ordering::Relaxed), "called unready");
        std::future::ready(Ok(Response::new(Body::empty())))
    }
}

#[tokio::test]
async fn the_inner_service_is_only_called_ready_also_through_clones() {
    let (layer, _memory, _pipeline) = capture();
    let mut service = layer.layer(Strict(Arc::default()));
    for _ in 0..100 {
        let mut clone = service.clone();
        service.ready().await.unwrap();
        let first = service.call(Request::new(Body::empty()));
        clone.ready().await.unwrap();
        clone.call(Request::new(Body::empty())).await.unwrap();
        first.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_event_carries_the_request_id_of_another_request() {
    let _alone = alone();
    let (layer, memory, pipeline) = capture();
    async fn step(number: &str) {
        for _ in 0..3 {
            info!(expected = number, "in the request");
            tokio::task::yield_now().await;
        }
    }
    let service = layer.layer(service_fn(|request: Request<Body>| async move {
        let number = request.uri().path()[1..].to_owned();
        tokio::join!(step(&number), step(&number));
        let scope = Scope::current().unwrap();
        let (spawned, blocking) = (number.clone(), number.clone());
        let covered = tokio::spawn(scope.clone().cover(async move { step(&spawned).await }));
        let blocking = tokio::task::spawn_blocking(move || {
            let _entered = scope.enter();
            info!(expected = blocking, "on the blocking pool");
        });
        // Without a scope there is no logger to reach, and no id to borrow.
        tokio::spawn(async { info!(expected = "nobody", "outside") })
            .await
            .unwrap();
        covered.await.unwrap();
        blocking.await.unwrap();
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    let count = scaled(2000);
    let running: Vec<_> = (0..count)
        .map(|number| {
            let request = Request::builder()
                .uri(format!("/{number}"))
                .header("x-request-id", number.to_string())
                .body(Body::empty())
                .unwrap();
            tokio::spawn(service.clone().oneshot(request))
        })
        .collect();
    for task in running {
        task.await.unwrap().unwrap();
    }
    let report = pipeline.shutdown(PATIENCE).await;
    assert_settled(&report.stats);
    let events = memory.events();
    assert_eq!(events.len(), count * (6 + 3 + 1 + 1));
    for event in &events {
        let id = event.context().get("request_id");
        if let Some(expected) = event.data().get("expected") {
            assert_eq!(id, Some(expected));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_layer_only_adds_the_route() {
    let (outer, memory, pipeline) = capture();
    let (inner, silent, other) = capture();
    let router = Router::new()
        .route("/users/{id}", any(|| async { "hi" }))
        .layer(inner);
    let service = outer.layer(router);
    let mut request = Request::get("/users/1").body(Body::empty()).unwrap();
    let client = SocketAddr::from(([10, 0, 0, 9], 1));
    request.extensions_mut().insert(ConnectInfo(client));
    let response = service.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(*field(&events[0], "route"), "/users/{id}".into());
    assert_eq!(*field(&events[0], "client_ip"), "10.0.0.9".into());
    other.shutdown(PATIENCE).await;
    assert!(silent.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_extractor_without_its_layer_says_which_layer_to_add() {
    let app = Router::new().route("/", get(|_: RequestLogger| async {}));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("FapilogLayer::preset"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_extractors_logger_keeps_the_id_in_tasks_of_its_own_and_sets_fields() {
    let (layer, memory, pipeline) = capture();
    let handler = |log: RequestLogger| async move {
        log.set("total", 1);
        log.set("total", 42);
        log.set("status_code", 999);
        tokio::spawn(async move { info!(logger: log, "in a task") })
            .await
            .unwrap();
    };
    let app = Router::new().route("/", get(handler)).layer(layer);
    let request = Request::get("/")
        .header("x-request-id", "r-1")
        .body(Body::empty())
        .unwrap();
    app.oneshot(request).await.unwrap();
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(*field(&events[0], "total"), 42.into());
    assert_eq!(*field(&events[0], "status_code"), 200_u16.into());
    let task = memory
        .events()
        .into_iter()
        .find(|it| it.message() == "in a task")
        .unwrap();
    assert_eq!(task.context().get("request_id"), Some(&"r-1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn open_requests_are_known_and_can_be_ended() {
    let (log, pipeline) = LoggerBuilder::new().sink(Memory::new()).build().unwrap();
    let open = OpenRequests::of(&log);
    let mut service = FapilogLayer::new(log).layer(service_fn(|_: Request<Body>| {
        std::future::pending::<Result<Response<Body>, Infallible>>()
    }));
    let futures: Vec<_> = (0..100)
        .map(|_| service.call(Request::new(Body::empty())))
        .collect();
    assert_eq!(open.len(), 100);
    drop(futures.into_iter().take(40).collect::<Vec<_>>());
    assert!(open.is_empty(), "a dropped request is no longer open");
    let _futures: Vec<_> = (0..100)
        .map(|_| service.call(Request::new(Body::empty())))
        .collect();
    assert_eq!(open.end_all(), 100);
    assert_eq!(open.end_all(), 0);
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_eq!(stats.submitted, 200);
}
