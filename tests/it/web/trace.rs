//! Traces: taken over from the client or begun here, and handed on to the services behind.

mod hostile;

use super::*;

use axum::{Extension, extract::State};
use fapilog_tests::http::Reply;
use fapilog_tower::{PropagateLayer, TraceContext, propagate};
use http::{HeaderMap, HeaderValue, header::HOST};
use hyper::client::conn::http1;

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID: &str = "b7ad6b7169203331";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn is_id(id: &str, length: usize) -> bool {
    let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    id.len() == length && id.bytes().all(is_hex) && id.bytes().any(|byte| byte != b'0')
}

/// Trace id, span id and flags.
fn parts(traceparent: &str) -> (&str, &str, &str) {
    let parts: Vec<_> = traceparent.split('-').collect();
    let [version, trace, span, flags] = parts[..] else {
        panic!("{traceparent:?}");
    };
    assert_eq!(version, "00");
    assert!(is_id(trace, 32) && is_id(span, 16), "{traceparent:?}");
    (trace, span, flags)
}

fn context<'a>(event: &'a Event<'static>, key: &str) -> &'a str {
    let value = event.context().get(key);
    value.and_then(FieldValue::as_str).unwrap_or_default()
}

async fn ask(address: SocketAddr, headers: &[(&str, &str)]) -> Reply {
    let bytes = request("GET", "/", headers);
    let sent = tokio::task::spawn_blocking(move || send(address, &bytes));
    sent.await.unwrap().expect("a response")
}

/// What a handler can know of its trace.
async fn told(Extension(trace): Extension<TraceContext>) -> String {
    info!("in the handler");
    let (own, parent) = (trace.to_traceparent(), trace.parent_id());
    let (span, sampled) = (trace.span_id(), trace.is_sampled());
    assert_eq!(parts(&own).0, trace.trace_id());
    assert_eq!(parts(&own).1, span);
    assert_eq!(parts(&own).2 == "01", sampled);
    format!(
        "{own} {} {}",
        parent.unwrap_or("none"),
        trace.tracestate().unwrap_or("none")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_continued_in_a_span_of_its_own() {
    let (layer, memory, pipeline) = capture();
    let app = Router::new().route("/", get(told));
    let address = listen(app.layer(layer.trace_context(true))).await;
    for flags in ["00", "01"] {
        let sent = format!("00-{TRACE_ID}-{PARENT_ID}-{flags}");
        let headers = [
            ("traceparent", &*sent),
            ("tracestate", "a=1"),
            ("tracestate", "b=2,c=3"),
        ];
        let reply = ask(address, &headers).await;
        assert_eq!(reply.header("traceresponse"), None);
        let body = String::from_utf8(reply.body).unwrap();
        let (own, rest) = body.split_once(' ').unwrap();
        assert_eq!(rest, format!("{PARENT_ID} a=1,b=2,c=3"));
        let (trace, span, kept) = parts(own);
        assert_eq!((trace, kept), (TRACE_ID, flags));
        assert_ne!(span, PARENT_ID);
        let requests = if flags == "00" { 1 } else { 2 };
        terminal(&memory, &pipeline, requests).await;
        let events = memory.events();
        assert_eq!(events.len(), 2 * requests);
        for event in &events[2 * (requests - 1)..] {
            assert_eq!(context(event, "trace_id"), TRACE_ID);
            assert_eq!(context(event, "span_id"), span);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_one_valid_parent_a_new_trace_is_begun() {
    let (layer, _memory, _pipeline) = capture();
    let app = Router::new().route("/", get(told));
    let address = listen(app.layer(layer.trace_context(true))).await;
    let malformed = TRACEPARENT.to_uppercase();
    let mut seen = HashSet::new();
    for headers in [
        &[][..],
        &[("traceparent", &*malformed)],
        &[("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)],
    ] {
        let mut headers = headers.to_vec();
        headers.push(("tracestate", "a=1"));
        let body = String::from_utf8(ask(address, &headers).await.body).unwrap();
        let (own, rest) = body.split_once(' ').unwrap();
        assert_eq!(rest, "none none", "{headers:?}");
        let (trace, _, flags) = parts(own);
        assert_eq!(flags, "01");
        assert!(seen.insert(trace.to_owned()) && trace != TRACE_ID);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_there_is_no_trace() {
    let (layer, memory, pipeline) = capture();
    let handler = |trace: Option<Extension<TraceContext>>| async move {
        assert!(trace.is_none());
        let mut headers = HeaderMap::new();
        propagate(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-request-id"]);
    };
    let address = listen(Router::new().route("/", get(handler)).layer(layer)).await;
    let reply = ask(address, &[("traceparent", TRACEPARENT)]).await;
    assert_eq!((reply.status, reply.header("traceresponse")), (200, None));
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(context(&events[0], "trace_id"), "");
    assert_eq!(context(&events[0], "span_id"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_tells_its_trace_if_wanted_also_after_a_panic() {
    let (layer, memory, pipeline) = capture();
    let handler = |headers: HeaderMap| async move {
        assert!(!headers.contains_key("x-panic"), "as wanted");
    };
    let app = Router::new().route("/", get(handler));
    let address = listen(app.layer(layer.traceresponse(true).catch_panics(true))).await;
    for (number, more) in [("x-calm", "1"), ("x-panic", "1")].into_iter().enumerate() {
        let reply = ask(address, &[("traceparent", TRACEPARENT), more]).await;
        assert_eq!(reply.status, if number == 0 { 200 } else { 500 });
        let (trace, span, flags) = parts(reply.header("traceresponse").unwrap());
        assert_eq!((trace, flags), (TRACE_ID, "01"));
        let events = terminal(&memory, &pipeline, number + 1).await;
        assert_eq!(context(&events[number], "span_id"), span);
    }
}

/// Calls the service behind through a client with the layer, in whatever scope this is.
async fn call(address: SocketAddr, set: Option<(&'static str, &'static str)>) {
    let mut request = Request::get("/").header(HOST, "behind");
    if let Some((name, value)) = set {
        request = request.header(name, value);
    }
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let client = service_fn(move |request| sender.send_request(request));
    let client = PropagateLayer::new().layer(client);
    let sent = client.oneshot(request.body(Empty::<Bytes>::new()).unwrap());
    assert_eq!(sent.await.unwrap().status(), StatusCode::OK);
}

/// A service that keeps the headers of its requests.
async fn recorder() -> (SocketAddr, Arc<Mutex<Vec<HeaderMap>>>) {
    let seen = Arc::<Mutex<Vec<HeaderMap>>>::default();
    let keep = |State(seen): State<Arc<Mutex<Vec<HeaderMap>>>>, headers: HeaderMap| async move {
        seen.lock().unwrap().push(headers);
    };
    let app = Router::new().route("/", get(keep));
    (listen(app.with_state(Arc::clone(&seen))).await, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_another_service_carries_the_trace_on() {
    let (layer, memory, pipeline) = capture();
    let (behind, seen) = recorder().await;
    let handler = move || async move {
        call(behind, None).await;
        // Also from deeper scopes, and from tasks that were taken along.
        let scope = Scope::new(Scope::current().unwrap().logger(), [("user_id", 7)]);
        scope.cover(call(behind, None)).await;
        let spawned = fapilog_core::context::spawn(call(behind, None));
        spawned.await.unwrap();
        // Not from tasks that were not.
        tokio::spawn(call(behind, None)).await.unwrap();
    };
    let app = Router::new().route("/", get(handler));
    let address = listen(app.layer(layer.trace_context(true))).await;
    let headers = [
        ("traceparent", TRACEPARENT),
        ("tracestate", "a=1, b=2"),
        ("x-request-id", "r-1"),
    ];
    assert_eq!(ask(address, &headers).await.status, 200);
    let events = terminal(&memory, &pipeline, 1).await;
    let own = context(&events[0], "span_id");
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    for sent in &seen[..3] {
        assert_eq!(sent["x-request-id"], "r-1");
        assert_eq!(sent["tracestate"], "a=1, b=2");
        let (trace, span, flags) = parts(sent["traceparent"].to_str().unwrap());
        assert_eq!((trace, span, flags), (TRACE_ID, own, "01"));
    }
    for name in ["x-request-id", "traceparent", "tracestate"] {
        assert_eq!(seen[3].get(name), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_set_already_are_sent_as_they_are() {
    const OTHER: &str = "00-11111111111111111111111111111111-2222222222222222-00";
    let (layer, _memory, _pipeline) = capture();
    let (behind, seen) = recorder().await;
    let handler = move || async move {
        call(behind, Some(("x-request-id", "mine"))).await;
        call(behind, Some(("traceparent", OTHER))).await;
        call(behind, Some(("tracestate", "mine=1"))).await;
    };
    let app = Router::new().route("/", get(handler));
    let address = listen(app.layer(layer.trace_context(true))).await;
    let headers = [("traceparent", TRACEPARENT), ("tracestate", "a=1")];
    assert_eq!(ask(address, &headers).await.status, 200);
    let seen = seen.lock().unwrap();
    assert_eq!(
        seen[0].get_all("x-request-id").iter().collect::<Vec<_>>(),
        ["mine"]
    );
    assert_eq!(
        seen[1].get_all("traceparent").iter().collect::<Vec<_>>(),
        [OTHER]
    );
    assert_eq!(seen[1].get("tracestate"), None, "it is of another trace");
    assert_eq!(
        seen[2].get_all("tracestate").iter().collect::<Vec<_>>(),
        ["mine=1"]
    );
    assert_eq!(parts(seen[2]["traceparent"].to_str().unwrap()).0, TRACE_ID);
}

#[test]
fn outside_of_a_request_nothing_is_added() {
    let (_layer, _memory, pipeline) = capture();
    let mut headers = HeaderMap::new();
    propagate(&mut headers);
    let scope = Scope::new(&pipeline.logger(), [("trace_id", TRACE_ID)]);
    let _entered = scope.enter();
    propagate(&mut headers);
    assert!(headers.is_empty(), "{headers:?}");
}
