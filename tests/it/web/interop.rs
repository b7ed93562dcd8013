//! Whatever servers, routers and layers a service is put together from: one terminal event a
//! request, and a true one.

mod ids;
mod judge;
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

use self::judge::Case;
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
