//! Clients that stop reading: their windows close, and the body waits.

use std::time::Instant;

use fapilog_axum::{DrainReport, serve};
use fapilog_tests::{brim::STILL, promised};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use tokio::{sync::oneshot, task::JoinHandle};

use super::*;

const DEADLINE: Duration = Duration::from_millis(500);

/// A service with a body that never ends, and how many of its frames were asked for.
struct Endless {
    address: SocketAddr,
    memory: Memory,
    frames: Arc<AtomicUsize>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<DrainReport>,
}

impl Endless {
    async fn start() -> Self {
        let (layer, memory, pipeline) = capture();
        let frames = Arc::new(AtomicUsize::new(0));
        let asked = Arc::clone(&frames);
        let endless = move || async move {
            let chunk = Bytes::from(vec![b'x'; 16 * 1024]);
            Body::from_stream(stream::repeat_with(move || {
                asked.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(chunk.clone())
            }))
        };
        let app = Router::new()
            .route("/", get(|| async { "short" }))
            .route("/endless", get(endless))
            .layer(layer);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = serve(listener, app)
            .pipeline(pipeline)
            .request_deadline(DEADLINE)
            .signal(async { drop(stopped.await) });
        let ended = tokio::spawn(async { server.await.unwrap() });
        Self {
            address,
            memory,
            frames,
            stop,
            ended,
        }
    }

    /// Waits until no frame has been asked for in a while: the client has taken what it takes.
    async fn wait_until_stalled(&self) {
        let (mut last, mut since) = (0, Instant::now());
        while last == 0 || since.elapsed() < STILL {
            let frames = self.frames.load(Ordering::Relaxed);
            if frames != last {
                (last, since) = (frames, Instant::now());
            }
            tokio::task::yield_now().await;
        }
    }

    /// The terminal events by path, after the end; and how long that took.
    async fn end(self) -> (Vec<Event<'static>>, Duration) {
        let begun = Instant::now();
        self.stop.send(()).unwrap();
        let report = self.ended.await.unwrap();
        let took = begun.elapsed();
        assert_settled(&report.stats);
        (self.memory.events(), took)
    }
}

/// A response that is not read, and what keeps it: on HTTP/2, more can be sent beside it.
struct Stalled {
    response: Response<Incoming>,
    beside: Option<http2::SendRequest<Empty<Bytes>>>,
    connection: JoinHandle<()>,
}

fn ask(address: SocketAddr, path: &str) -> Request<Empty<Bytes>> {
    let uri = format!("http://{address}{path}");
    Request::get(uri).body(Empty::new()).unwrap()
}

async fn stall(address: SocketAddr, is_http2: bool) -> Stalled {
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let request = ask(address, "/endless");
    if is_http2 {
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        let connection = tokio::spawn(async { drop(connection.await) });
        let response = sender.send_request(request).await.unwrap();
        return Stalled {
            response,
            beside: Some(sender),
            connection,
        };
    }
    let (mut sender, connection) = http1::handshake(io).await.unwrap();
    let connection = tokio::spawn(async { drop(connection.await) });
    Stalled {
        response: sender.send_request(request).await.unwrap(),
        beside: None,
        connection,
    }
}

/// The outcomes of the requests of a path.
fn outcomes<'a>(events: &'a [Event<'static>], path: &str) -> Vec<&'a str> {
    let of_path = events.iter().filter(|it| *field(it, "path") == path.into());
    of_path.map(|event| outcome(event).1).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_holds_up_neither_others_nor_the_shutdown() {
    for http2 in [false, true] {
        let service = Endless::start().await;
        let address = service.address;
        let mut stalled = stall(address, http2).await;
        service.wait_until_stalled().await;
        if let Some(beside) = &mut stalled.beside {
            let response = beside.send_request(ask(address, "/")).await.unwrap();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, "short");
        }
        let other = tokio::task::spawn_blocking(move || fapilog_tests::http::get(address, "/"));
        assert_eq!(other.await.unwrap().body, b"short");
        let (events, took) = service.end().await;
        assert!(took < promised(2 * DEADLINE), "{took:?}");
        assert_eq!(
            outcomes(&events, "/endless"),
            ["shutdown"],
            "http2: {http2}"
        );
        let others = if http2 { 2 } else { 1 };
        assert_eq!(outcomes(&events, "/"), vec!["completed"; others]);
        drop(stalled);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_and_goes_away_is_told_of_once() {
    for http2 in [false, true] {
        for leaves_connection in [false, true] {
            let service = Endless::start().await;
            let stalled = stall(service.address, http2).await;
            service.wait_until_stalled().await;
            if leaves_connection {
                stalled.connection.abort();
            }
            // On HTTP/2 this resets the stream alone.
            drop(stalled.response);
            let begun = Instant::now();
            while service.memory.is_empty() {
                assert!(begun.elapsed() < PATIENCE, "http2: {http2}");
                tokio::task::yield_now().await;
            }
            let (events, _) = service.end().await;
            let told = outcomes(&events, "/endless");
            assert_eq!(told, ["client_disconnected"], "http2: {http2}");
        }
    }
}
