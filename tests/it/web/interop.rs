//! Whatever servers, routers and layers a service is put together from: one terminal event a
//! request, and a true one.

mod ids;
mod layers;
mod routers;
mod servers;
mod streams;

use axum::extract::Path;
use http::{HeaderMap, Version};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::{server::conn::auto, service::TowerToHyperService};

use super::*;

/// One of each kind of answer.
fn app() -> Router {
    Router::new()
        .route("/users/{id}", get(user))
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/chunks", get(|| async { chunks(7, false) }))
        .route("/fail", get(|| async { (StatusCode::BAD_GATEWAY, "no") }))
}

/// Answers with the id that it sees.
async fn user(Path(number): Path<u64>, headers: HeaderMap) -> String {
    info!(number, "loading user");
    text(&headers, "x-request-id")
}

fn text(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).map(|value| value.to_str().unwrap());
    value.unwrap_or_default().to_owned()
}

/// A connection to a service.
enum Client {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Client {
    async fn connect(address: SocketAddr, version: Version) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
        if version == Version::HTTP_2 {
            let (client, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
            tokio::spawn(connection);
            return Self::Http2(client);
        }
        let (client, connection) = http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        Self::Http1(client)
    }

    async fn begin(&mut self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let response = match self {
            Self::Http1(client) => {
                client.ready().await.unwrap();
                client.send_request(request).await
            }
            Self::Http2(client) => client.send_request(request).await,
        };
        response.unwrap()
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let (head, body) = self.begin(request).await.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }
}

/// A request to a path, with these headers.
fn asks(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://test{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body)).unwrap()
}

/// A service with [`app`] in it, and what can be known of its requests.
struct Case {
    name: String,
    address: SocketAddr,
    version: Version,
    /// The routes, and what stands before them; `None` if the layer is outside of the router.
    routes: Option<&'static str>,
    /// Where the app is.
    prefix: &'static str,
    knows_clients: bool,
    /// Whether the layer is asked for what there is no route for.
    sees_misses: bool,
}

impl Case {
    fn new(name: impl Into<String>, address: SocketAddr) -> Self {
        Self {
            name: name.into(),
            address,
            version: Version::HTTP_11,
            routes: Some(""),
            prefix: "",
            knows_clients: true,
            sees_misses: true,
        }
    }

    /// Visits all of the app, and holds what was logged against what was answered.
    async fn judge(self, memory: &Memory, pipeline: Pipeline) {
        let visits = [
            ("GET", "/users/1", "/users/{id}", "sent-1", ""),
            ("GET", "/users/2", "/users/{id}", "", ""),
            ("HEAD", "/users/3", "/users/{id}", "sent-3", ""),
            ("POST", "/echo", "/echo", "", "four"),
            ("GET", "/chunks", "/chunks", "sent-5", ""),
            ("GET", "/fail", "/fail", "", ""),
            ("GET", "/nowhere", "", "sent-7", ""),
        ];
        let count = visits.len() - usize::from(!self.sees_misses);
        let mut client = Client::connect(self.address, self.version).await;
        let mut answers = Vec::new();
        for (method, path, route, id, body) in &visits[..count] {
            let path = format!("{}{path}", self.prefix);
            let headers = [("x-request-id", *id)];
            let headers = if id.is_empty() { &[][..] } else { &headers };
            let answer = client.send(asks(method, &path, headers, body)).await;
            answers.push((path, route, id, body, answer));
        }
        let events = terminal(memory, &pipeline, count).await;
        let lines = memory.events();
        let lines: Vec<_> = lines
            .iter()
            .filter(|it| it.message() == "loading user")
            .collect();
        assert_eq!(lines.len(), 3, "{}", self.name);
        for (number, (path, route, sent, body, answer)) in answers.iter().enumerate() {
            let case = format!("{}: {path} {answer:?}", self.name);
            let id = text(answer.headers(), "x-request-id");
            assert!(
                if sent.is_empty() {
                    id.len() == 36
                } else {
                    id == **sent
                },
                "{case}"
            );
            let is_its =
                |it: &&Event<'_>| it.context().get("request_id") == Some(&id.as_str().into());
            let event = events.iter().find(is_its).expect(&case);
            let case = format!("{case} {event:#?}");
            assert_eq!(outcome(event), ("request_completed", "completed"), "{case}");
            assert_eq!(
                *field(event, "status_code"),
                answer.status().as_u16().into(),
                "{case}"
            );
            assert_eq!(
                *field(event, "response_bytes"),
                (answer.body().len() as u64).into(),
                "{case}"
            );
            assert_eq!(
                *field(event, "request_bytes"),
                (body.len() as u64).into(),
                "{case}"
            );
            assert_eq!(*field(event, "path"), path.as_str().into(), "{case}");
            let version = format!("{:?}", self.version).replace(".0", "");
            assert_eq!(
                *field(event, "http_version"),
                version.as_str().into(),
                "{case}"
            );
            let client = self.knows_clients.then_some("127.0.0.1");
            assert_eq!(field(event, "client_ip").as_str(), client, "{case}");
            let route = self
                .routes
                .filter(|_| !route.is_empty())
                .map(|it| format!("{it}{route}"));
            assert_eq!(field(event, "route").as_str(), route.as_deref(), "{case}");
            if number < 2 {
                assert_eq!(answer.body(), id.as_bytes(), "the handler's id: {case}");
            }
            if number < 3 {
                assert_eq!(lines.iter().copied().filter(is_its).count(), 1, "{case}");
            }
        }
        assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
    }
}

/// Serves any service of tower, as those do who keep their own loop.
async fn accept<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let io = TokioIo::new(listener.accept().await.unwrap().0);
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // A client that hangs up is no fault of the server.
                drop(server.serve_connection(io, service).await);
            });
        }
    });
    address
}
