//! Whoever hangs up, wherever: one terminal event.

mod anywhere;

use futures_util::StreamExt as _;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn http2_streams_that_are_reset_have_one_terminal_event_each() {
    for _ in 0..scaled(1) {
        reset_some_of_300_streams().await;
    }
}

/// All at once, on one connection: a server ends one that resets many more.
async fn reset_some_of_300_streams() {
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
    let stops = || async {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"chunk"))]);
        Body::from_stream(first.chain(stream::pending()))
    };
    let app = Router::new()
        .route("/", get(slow))
        .route("/hangs", get(hangs))
        .route("/stops", get(stops))
        .layer(layer);
    let address = listen(app).await;
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let count = 300;
    let mut random = random();
    let mut running = Vec::new();
    for number in 0..count {
        let (mut client, cut) = (client.clone(), random.u8(0..4));
        let (id, hanging) = (format!("h2-{number}"), Arc::clone(&hanging));
        let path = ["/hangs", "/stops", "/", "/"][usize::from(cut)];
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

#[tokio::test]
async fn open_requests_can_be_listed_and_the_oldest_comes_first() {
    let (layer, _, pipeline) = capture();
    let open = OpenRequests::of(&pipeline.logger());
    let (enter, mut entered) = tokio::sync::mpsc::unbounded_channel();
    let leave = Arc::new(tokio::sync::Semaphore::new(0));
    let may_leave = Arc::clone(&leave);
    let waits = any(move || async move {
        enter.send(()).unwrap();
        drop(may_leave.acquire().await);
    });
    let address = listen(Router::new().route("/wait/{name}", waits).layer(layer)).await;
    let mut clients = Vec::new();
    let requests = [("GET", "one"), ("PUT", "two"), ("POST", "three")];
    for (method, name) in requests {
        let path = format!("/wait/{name}?secret=x");
        let bytes = request(method, &path, &[("x-request-id", name)]);
        clients.push(tokio::task::spawn_blocking(move || send(address, &bytes)));
        entered.recv().await.unwrap();
    }
    let list = open.list();
    assert_eq!(list.len(), requests.len());
    for (open, (method, name)) in list.iter().zip(requests) {
        assert_eq!(open.method, method);
        assert_eq!(open.path, format!("/wait/{name}"));
        assert_eq!(open.route.as_deref(), Some("/wait/{name}"));
        assert_eq!(open.id, name);
    }
    assert!(list.is_sorted_by(|older, newer| older.age > newer.age));
    leave.add_permits(requests.len());
    for client in clients {
        assert_eq!(client.await.unwrap().unwrap().status, 200);
    }
    // A client may have its answer before the server knows of it.
    let begun = std::time::Instant::now();
    while !open.list().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "{:?}", open.list());
        tokio::task::yield_now().await;
    }
}
