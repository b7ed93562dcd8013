//! Errors, panics, and the tower contract.

use super::*;

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
