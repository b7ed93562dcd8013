//! The request's scope, its extractor, and layers within layers.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_event_carries_the_request_id_of_another_request() {
    for _ in 0..scaled(1) {
        two_thousand_requests_at_once().await;
    }
}

async fn two_thousand_requests_at_once() {
    let memory = Memory::new();
    let builder = LoggerBuilder::new().sink(memory.clone());
    // On a busy machine there may be more events at once than the queue has room for.
    let (log, pipeline) = builder.drop_on_full(false).build().unwrap();
    let layer = FapilogLayer::new(log);
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
    let count = 2000;
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
async fn what_is_logged_without_a_request_while_one_is_open_is_counted() {
    let (layer, memory, pipeline) = capture();
    let log = pipeline.logger();
    info!(logger: log, "none is open");
    let service = layer.layer(service_fn({
        let log = log.clone();
        move |_: Request<Body>| {
            let log = log.clone();
            async move {
                info!("in the request");
                let scope = Scope::new(&log, [("user_id", 7)]);
                scope.cover(async { info!("deeper in the request") }).await;
                let lost = tokio::spawn(async move { info!(logger: log, "outside") });
                lost.await.unwrap();
                Ok::<_, Infallible>(Response::new(Body::empty()))
            }
        }
    }));
    service.oneshot(Request::new(Body::empty())).await.unwrap();
    info!(logger: log, "none is open any more");
    let stats = pipeline.shutdown(PATIENCE).await.stats;
    assert_settled(&stats);
    assert_eq!(memory.events().len(), 6);
    assert_eq!(stats.without_request, 1);
}

#[tokio::test]
async fn a_handler_that_takes_a_logger_if_there_is_one_works_without_the_layer() {
    let (layer, memory, pipeline) = capture();
    let app = || {
        let handler = |log: Option<RequestLogger>| async move {
            if let Some(log) = &log {
                info!(logger: log, "in the request");
            }
            log.map_or("none".to_owned(), |log| log.request_id().into_owned())
        };
        Router::new().route("/", get(handler))
    };
    for (app, answer) in [(app(), "none"), (app().layer(layer), "id-1")] {
        let address = listen(app).await;
        let bytes = request("GET", "/", &[("x-request-id", "id-1")]);
        let client = tokio::task::spawn_blocking(move || send(address, &bytes).unwrap());
        let reply = client.await.unwrap();
        assert_eq!((reply.status, &*reply.body), (200, answer.as_bytes()));
    }
    terminal(&memory, &pipeline, 1).await;
    let own = &memory.events()[0];
    assert_eq!(own.context().get("request_id"), Some(&"id-1".into()));
}
