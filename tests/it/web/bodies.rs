//! Bodies of every kind are counted, and end once.

use super::*;

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
    let cases = [
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
                .body(Body::from(*body))
                .unwrap();
            if let Some(response) = open(address, http2, request).await {
                // A body that breaks is an error here too.
                let _ = response.into_body().collect().await;
            }
            let events = terminal(&memory, &pipeline, before + 1).await;
            let event = &events[before];
            let label = format!("case {index}: {method} {path}, http2: {http2}");
            assert_eq!(outcome(event), *ends, "{label}");
            assert_eq!(
                *field(event, "request_bytes"),
                FieldValue::U64(*read),
                "{label}"
            );
            assert_eq!(
                *field(event, "response_bytes"),
                FieldValue::U64(*sent),
                "{label}"
            );
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

/// Sends one request on a connection of its own.
pub(super) async fn open(
    address: SocketAddr,
    http2: bool,
    request: Request<Body>,
) -> Option<Response<hyper::body::Incoming>> {
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
    response.ok()
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
async fn an_interim_response_is_not_the_end() {
    let (layer, memory, pipeline) = capture();
    let echo = post(|body: Bytes| async move { body });
    let address = listen(Router::new().route("/echo", echo).layer(layer)).await;
    let headers = [("expect", "100-continue"), ("content-length", "4")];
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = request("POST", "/echo", &headers);
    stream.write_all(&head).await.unwrap();
    let mut interim = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut interim).await.unwrap();
    assert!(interim.starts_with(b"HTTP/1.1 100 "));
    assert!(pipeline.flush(PATIENCE).await.is_complete());
    assert_eq!(memory.events().len(), 0, "the request goes on");
    stream.write_all(b"body").await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 ") && reply.ends_with("body"));
    let events = terminal(&memory, &pipeline, 1).await;
    assert_eq!(field(&events[0], "status_code"), &FieldValue::U64(200));
    assert_eq!(field(&events[0], "request_bytes"), &FieldValue::U64(4));
    assert_eq!(outcome(&events[0]), ("request_completed", "completed"));
}
