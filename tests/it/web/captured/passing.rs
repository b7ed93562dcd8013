//! Bodies pass by as they come, whole or not.

use fapilog_tests::brim::{fill, never_losing};
use tokio::sync::mpsc;

use super::*;

/// A body that the test sends frame by frame.
fn held() -> (mpsc::UnboundedSender<&'static str>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let frames = stream::unfold(receiver, |mut frames| async move {
        let frame: &'static str = frames.recv().await?;
        Some((Ok::<_, Infallible>(frame), frames))
    });
    (sender, Body::from_stream(frames))
}

#[tokio::test]
async fn no_frame_is_held_back_on_either_way() {
    for http2 in [false, true] {
        let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
        let address = rig.serve().await;
        let (sender, body) = held();
        // The response begins with the first frame of the request.
        sender.send(r#"{"a":"#).unwrap();
        let request = asks(address, "/stream", JSON, body);
        let mut echo = open(address, http2, request).await.unwrap().into_body();
        let first = echo.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, r#"{"a":"#);
        assert!(rig.pipeline.flush(PATIENCE).await.is_complete());
        assert!(rig.lines.is_empty(), "the request goes on");
        sender.send("1}").unwrap();
        let second = echo.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(second, "1}");
        drop(sender);
        assert!(echo.collect().await.unwrap().to_bytes().is_empty());
        let shown = json!({"a": 1});
        assert_eq!(bodies(&rig.told().await), [shown.clone(), shown]);
    }
}

#[tokio::test]
async fn frames_of_a_byte_each_are_put_together() {
    let text = r#"{"list":["a","b"],"token":"s3cret"}"#;
    let shown = json!({"list": ["a", "b"], "token": "**REDACTED**"});
    for http2 in [false, true] {
        let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
        let address = rig.serve().await;
        let bytes = text
            .bytes()
            .map(|it| Ok::<_, Infallible>(Bytes::from(vec![it])));
        let body = Body::from_stream(stream::iter(bytes.collect::<Vec<_>>()));
        let request = asks(address, "/stream", JSON, body);
        let response = open(address, http2, request).await.unwrap();
        assert_eq!(
            response.into_body().collect().await.unwrap().to_bytes(),
            text
        );
        assert_eq!(bodies(&rig.told().await), [shown.clone(), shown.clone()]);
    }
}

#[tokio::test]
async fn of_what_the_service_does_not_read_nothing_is_told_but_that() {
    for http2 in [false, true] {
        let rig = Rig::new(Preset::Axum, &[REQUEST]);
        let address = rig.serve().await;
        let request = asks(address, "/unread", JSON, r#"{"a":1}"#);
        let response = open(address, http2, request).await.unwrap();
        response.into_body().collect().await.unwrap();
        let told = bodies(&rig.told().await);
        assert_eq!(told, [json!("[not captured: incomplete]"), Value::Null]);
    }
}

#[tokio::test]
async fn of_bodies_that_break_off_only_text_is_told() {
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
    let address = rig.serve().await;
    for (content_type, shown) in [
        (JSON, "[not captured: incomplete]"),
        (FORM, "[not captured: incomplete]"),
        (TEXT, "name=ada; then…[truncated]"),
    ] {
        let headers = [("content-type", content_type), ("content-length", "100")];
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = request("POST", "/echo", &headers);
        stream.write_all(&head).await.unwrap();
        stream.write_all(b"name=ada; then s3cr").await.unwrap();
        drop(stream);
        let told = rig.told().await;
        assert_eq!(told["request_body"], shown, "{told}");
    }
}

#[tokio::test]
async fn a_response_whose_client_hangs_up_is_incomplete() {
    for http2 in [false, true] {
        let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
        let address = rig.serve().await;
        let (sender, body) = held();
        sender.send(r#"{"a":1}"#).unwrap();
        let request = asks(address, "/stream", JSON, body);
        let mut echo = open(address, http2, request).await.unwrap().into_body();
        echo.frame().await.unwrap().unwrap();
        drop((echo, sender));
        let told = rig.told().await;
        let shown = &told["response_body"];
        assert_eq!(told["outcome"], "client_disconnected", "{told}");
        assert_eq!(shown, "[not captured: incomplete]");
    }
}

#[tokio::test]
async fn no_frame_is_kept_of_a_body_of_any_length() {
    const FRAME: usize = 64 * 1024;
    let alive = Arc::new(AtomicUsize::new(0));
    /// A frame that is counted while it is held.
    struct Held(Vec<u8>, Arc<AtomicUsize>);
    impl AsRef<[u8]> for Held {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    impl Drop for Held {
        fn drop(&mut self) {
            self.1.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
    let router = Router::new()
        .route("/", post(stream_back))
        .layer(rig.layer.clone());
    for (content_type, shown) in [
        (JSON, "[not captured: longer than 4096 bytes]".to_owned()),
        (
            TEXT,
            format!("{}…[truncated]", "x y ".repeat(1024).trim_end()),
        ),
    ] {
        let counted = Arc::clone(&alive);
        let frames = (0..160).map(move |_| {
            assert_eq!(counted.fetch_add(1, Ordering::SeqCst), 0, "one is held");
            let frame = Held(b"x y ".repeat(FRAME / 4), Arc::clone(&counted));
            Ok::<_, Infallible>(Bytes::from_owner(frame))
        });
        let request = Request::post("/").header(CONTENT_TYPE, content_type);
        let request = request
            .body(Body::from_stream(stream::iter(frames)))
            .unwrap();
        let mut body = router.clone().oneshot(request).await.unwrap().into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame.unwrap().into_data().unwrap().len();
        }
        assert_eq!(length, 160 * FRAME);
        assert_eq!(bodies(&rig.told().await), [(); 2].map(|()| json!(shown)));
    }
}

#[tokio::test]
async fn a_terminal_event_with_bodies_fits_when_nothing_else_does() {
    let (sink, log, pipeline) = never_losing();
    let layer = FapilogLayer::new(log).capture_response_body(true);
    let (sender, body) = held();
    let body = Mutex::new(Some(body));
    let mut service = layer.layer(service_fn(move |_: Request<Body>| {
        let mut response = Response::new(body.lock().unwrap().take().unwrap());
        let content_type = TEXT.parse().unwrap();
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        async { Ok::<_, Infallible>(response) }
    }));
    std::future::poll_fn(|cx| service.poll_ready(cx))
        .await
        .unwrap();
    let response = service.call(Request::new(Body::empty())).await.unwrap();
    fill(&pipeline);
    let long: &str = "word ".repeat(800).leak();
    sender.send(long).unwrap();
    drop(sender);
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let body = futures_util::FutureExt::now_or_never(response.into_body().collect());
        done.send(body.unwrap().unwrap().to_bytes())
    });
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), long);
    sink.gate.open();
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_settled(&stats);
    assert_eq!(stats.refused.total(), 0);
    let lines = sink.lines.all();
    assert!(lines.iter().any(|line| line.contains(long)));
}
