//! A service whose clients can know where it is with their requests.

use futures_util::StreamExt as _;
use tower::util::MapRequestLayer;

use super::*;

/// Clones are the same service.
#[derive(Clone, Default)]
pub(super) struct Service(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Ids of the requests that reached the layer.
    reached: Vec<String>,
    /// Who wants to know when their handlers have begun.
    watched: HashMap<String, oneshot::Sender<()>>,
}

/// Paths whose requests end by themselves.
pub(super) const PATHS: [&str; 4] = ["/", "/chunks", "/breaks", "/echo"];
pub(super) const ECHO: &[u8] = b"0123456789";

/// How a request that nobody cuts ends, and how many bytes it is answered with.
pub(super) fn end_of(path: &str) -> (&'static str, u64) {
    match path {
        "/" => ("completed", 5),
        "/chunks" => ("completed", 500),
        "/breaks" => ("body_error", 15),
        "/echo" => ("completed", ECHO.len() as u64),
        _ => panic!("it does not end: {path}"),
    }
}

impl Service {
    pub(super) fn router(&self, layer: FapilogLayer) -> Router {
        let (hanging, reading, counting) = (self.clone(), self.clone(), self.clone());
        let hangs = |log: RequestLogger| async move {
            hanging.begin(&log.request_id());
            std::future::pending::<()>().await;
        };
        let reads = |log: RequestLogger, mut body: Body| async move {
            body.frame().await.unwrap().unwrap();
            reading.begin(&log.request_id());
            while let Some(Ok(_)) = body.frame().await {}
        };
        let stops = || async {
            let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"chunk"))]);
            Body::from_stream(first.chain(stream::pending()))
        };
        // Nothing comes between the count and the layer.
        let count = MapRequestLayer::new(move |request: Request<Body>| {
            let id = request.headers()["x-request-id"].to_str().unwrap();
            counting.known().reached.push(id.to_owned());
            request
        });
        Router::new()
            .route("/", get(|| async { "short" }))
            .route("/chunks", get(|| async { chunks(100, false) }))
            .route("/breaks", get(|| async { chunks(3, true) }))
            .route("/echo", post(|body: Bytes| async move { body }))
            .route("/upload", post(reads))
            .route("/hangs", get(hangs))
            .route("/stops", get(stops))
            .layer((count, layer))
    }

    /// Completes when the handler of the request has begun.
    pub(super) fn watch(&self, id: &str) -> oneshot::Receiver<()> {
        let (begin, begun) = oneshot::channel();
        self.known().watched.insert(id.to_owned(), begin);
        begun
    }

    fn begin(&self, id: &str) {
        let watched = self.known().watched.remove(id);
        watched.unwrap().send(()).unwrap();
    }

    pub(super) fn reached(&self) -> Vec<String> {
        self.known().reached.clone()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }
}
