//! Bodies that are captured.

mod passing;
mod secrets;

use fapilog_core::Preset;
use fapilog_tests::sinks::Lines;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use serde_json::{Value, json};

use super::{bodies::open, *};

const REQUEST: (&str, &str) = ("FAPILOG_AXUM__CAPTURE_REQUEST_BODY", "true");
const RESPONSE: (&str, &str) = ("FAPILOG_AXUM__CAPTURE_RESPONSE_BODY", "true");
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain; charset=utf-8";

/// A pipeline, and all that leaves it.
struct Rig {
    layer: FapilogLayer,
    lines: Lines,
    pipeline: Pipeline,
}

impl Rig {
    fn new(preset: Preset, variables: &[(&str, &str)]) -> Self {
        let lines = Lines::default();
        let builder = LoggerBuilder::preset(preset).sink(lines.clone());
        let builder = builder.env_vars(variables.iter().copied());
        let (log, pipeline) = builder.build().unwrap();
        Self {
            layer: FapilogLayer::new(log),
            lines,
            pipeline,
        }
    }

    /// Serves what each test needs a piece of.
    async fn serve(&self) -> SocketAddr {
        let app = Router::new()
            .route("/echo", post(echo))
            .route("/stream", post(stream_back))
            .route("/unread", post(|| async { "unread" }))
            .layer(self.layer.clone());
        listen(app).await
    }

    /// The data of the next terminal event.
    async fn told(&self) -> Value {
        let begun = std::time::Instant::now();
        loop {
            assert!(self.pipeline.flush(PATIENCE).await.is_complete());
            let lines = self.lines.take();
            let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
            let mut events = events.filter(|it: &Value| it["logger"] == "fapilog::request");
            if let Some(event) = events.next() {
                assert_eq!(events.next(), None, "one a request");
                return event["data"].clone();
            }
            assert!(begun.elapsed() < PATIENCE, "no terminal event");
            tokio::task::yield_now().await;
        }
    }

    /// What is told of a body that is echoed: of the request, and of the response.
    async fn echoed(&self, http2: bool, content_type: &str, body: impl Into<Body>) -> [Value; 2] {
        let address = self.serve().await;
        let request = asks(address, "/echo", content_type, body);
        let response = open(address, http2, request).await.unwrap();
        response.into_body().collect().await.unwrap();
        bodies(&self.told().await)
    }
}

/// Answers with what was sent.
async fn echo(headers: HeaderMap, log: RequestLogger, body: Bytes) -> Response {
    log.set("plan", "free");
    let mut response = Response::new(Body::from(body));
    for name in [CONTENT_TYPE, CONTENT_ENCODING] {
        if let Some(value) = headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// The same, frame by frame.
async fn stream_back(request: Request<Body>) -> Response {
    let content_type = request.headers()[CONTENT_TYPE].clone();
    let stream = request.into_body().into_data_stream();
    let mut response = Response::new(Body::from_stream(stream));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn asks(
    address: SocketAddr,
    path: &str,
    content_type: &str,
    body: impl Into<Body>,
) -> Request<Body> {
    Request::post(format!("http://{address}{path}"))
        .header(CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

fn bodies(data: &Value) -> [Value; 2] {
    ["request_body", "response_body"].map(|key| data[key].clone())
}

#[tokio::test]
async fn bodies_are_logged_as_the_structure_that_they_are_if_wanted() {
    let body = r#"{"user":{"id":7,"password":"s3cret"},"items":[1,2.5,null,{"apiKey":"s3cret"}]}"#;
    let shown = json!({
        "user": {"id": 7, "password": "**REDACTED**"},
        "items": [1, 2.5, null, {"apiKey": "**REDACTED**"}],
    });
    for http2 in [false, true] {
        for (variables, expected) in [
            (&[][..], [&Value::Null, &Value::Null]),
            (&[REQUEST], [&shown, &Value::Null]),
            (&[RESPONSE], [&Value::Null, &shown]),
            (&[REQUEST, RESPONSE], [&shown, &shown]),
        ] {
            let rig = Rig::new(Preset::Axum, variables);
            let told = rig.echoed(http2, JSON, body).await;
            assert_eq!(told.each_ref(), expected, "http2: {http2}");
        }
    }
}

#[tokio::test]
async fn forms_are_maps_and_texts_are_texts() {
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
    let form = "name=ada&pets=cat&pets=dog&email=a%40b.c&pin=1234";
    let shown = json!({
        "name": "ada", "pets": ["cat", "dog"], "email": "**REDACTED**", "pin": "**REDACTED**",
    });
    assert_eq!(
        rig.echoed(false, FORM, form).await,
        [(); 2].map(|()| shown.clone())
    );
    let text = "see https://ada:s3cret@host/\ntoken: s3cret\nbye";
    let shown = "see https://host/\n**REDACTED**\nbye";
    assert_eq!(rig.echoed(false, TEXT, text).await, [shown; 2]);
    // An empty body is none.
    let request = rig.echoed(
        true,
        JSON,
        Body::from_stream(stream::empty::<Result<Bytes, Infallible>>()),
    );
    assert_eq!(request.await, [Value::Null, Value::Null]);
}

#[tokio::test]
async fn of_a_body_over_the_limit_only_text_is_logged() {
    let limit = ("FAPILOG_AXUM__MAX_BODY_BYTES", "32 B");
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE, limit]);
    let fits = format!(r#"["{}"]"#, "x".repeat(28));
    let longer = format!(r#"["{}"]"#, "x".repeat(29));
    let left_out = "[not captured: longer than 32 bytes]";
    let text = "the words that come first, and others after them";
    for http2 in [false, true] {
        let shown = json!(["x".repeat(28)]);
        assert_eq!(
            rig.echoed(http2, JSON, fits.clone()).await,
            [(); 2].map(|()| shown.clone())
        );
        for content_type in [JSON, FORM, TEXT] {
            let told = rig.echoed(http2, content_type, longer.clone()).await;
            assert_eq!(told, [left_out; 2], "{content_type}");
        }
        let told = rig.echoed(http2, TEXT, text).await;
        assert_eq!(told, ["the words that come first, and…[truncated]"; 2]);
    }
}

#[tokio::test]
async fn only_bodies_of_the_types_that_are_wanted_are_captured() {
    let types = (
        "FAPILOG_AXUM__BODY_CONTENT_TYPES",
        "application/xml,APPLICATION/*+json",
    );
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE, types]);
    for (content_type, shown) in [
        ("application/xml", json!("[1]")),
        ("Application/Problem+JSON", json!([1])),
        ("application/xml; charset=utf-16", Value::Null),
        (JSON, Value::Null),
        (TEXT, Value::Null),
    ] {
        let told = rig.echoed(false, content_type, "[1]").await;
        assert_eq!(told, [(); 2].map(|()| shown.clone()), "{content_type}");
    }
}

#[tokio::test]
async fn what_is_compressed_is_not_captured() {
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
    let address = rig.serve().await;
    for encoding in ["gzip", "br, identity"] {
        let mut request = asks(address, "/echo", JSON, "[1]");
        let headers = request.headers_mut();
        headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
        let response = open(address, false, request).await.unwrap();
        response.into_body().collect().await.unwrap();
        assert_eq!(bodies(&rig.told().await), [Value::Null, Value::Null]);
    }
    // Further in, where it is not compressed yet, it is.
    let compression = tower_http::compression::CompressionLayer::new();
    let long = || async { axum::response::Html("<p>".repeat(400)) };
    let app = Router::new().route("/", get(long));
    let app = app.layer(rig.layer.clone()).layer(compression);
    let address = listen(app).await;
    let request = Request::get(format!("http://{address}/")).header("accept-encoding", "gzip");
    let response = open(address, false, request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    response.into_body().collect().await.unwrap();
    assert_eq!(rig.told().await["response_body"], "<p>".repeat(400));
}

#[tokio::test]
async fn code_says_the_same_and_the_environment_has_the_last_word() {
    let mut rig = Rig::new(
        Preset::Axum,
        &[("FAPILOG_AXUM__CAPTURE_RESPONSE_BODY", "false")],
    );
    rig.layer = rig
        .layer
        .capture_request_body(true)
        .capture_response_body(true)
        .body_content_types(["text/css"])
        .max_body_bytes(16);
    for (content_type, body, shown) in [
        ("text/css", "a {}", json!("a {}")),
        (JSON, "[1]", Value::Null),
        (
            "text/css",
            "a { margin: 0 10 }",
            json!("a { margin: 0…[truncated]"),
        ),
    ] {
        let told = rig.echoed(false, content_type, body).await;
        assert_eq!(told, [shown, Value::Null]);
    }
}

#[tokio::test]
async fn what_is_said_of_a_request_finds_room_before_its_bodies() {
    let small = ("FAPILOG_CORE__MAX_EVENT_BYTES", "4 KB");
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE, small]);
    let address = rig.serve().await;
    for (count, shown) in [
        (126, Value::from(vec![1; 127])),
        (127, json!("[not captured: longer than 256 bytes]")),
    ] {
        let body = format!("[{}1]", "1,".repeat(count));
        let request = asks(address, "/echo", JSON, body);
        let response = open(address, true, request).await.unwrap();
        response.into_body().collect().await.unwrap();
        let data = rig.told().await;
        assert_eq!(data["plan"], "free");
        assert_eq!(bodies(&data), [shown.clone(), shown]);
    }
}
