//! A client that hangs up every other time.

use futures_util::StreamExt as _;
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use tokio::task::JoinHandle;

use super::{
    service::{ECHO, PATHS},
    *,
};

pub(super) struct Client {
    address: SocketAddr,
    http2: bool,
    service: Service,
    random: fastrand::Rng,
    /// With the task that reads and writes.
    open: Option<(Sender, JoinHandle<()>)>,
}

enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

impl Client {
    pub(super) fn new(
        address: SocketAddr,
        http2: bool,
        service: Service,
        random: fastrand::Rng,
    ) -> Self {
        Self {
            address,
            http2,
            service,
            random,
            open: None,
        }
    }

    /// Sends so many requests, one after the other.
    pub(super) async fn run(mut self, name: String, count: usize) -> Vec<Sent> {
        let mut all = Vec::new();
        for number in 0..count {
            let cut = match self.random.bool() {
                true => CUTS[self.random.usize(..CUTS.len())],
                false => Cut::Later,
            };
            let path = match cut {
                Cut::Upload => "/upload",
                Cut::Handler => "/hangs",
                Cut::Body => "/stops",
                _ => PATHS[self.random.usize(..PATHS.len())],
            };
            let id = format!("{name}-{number}");
            let sent = Sent { id, path, cut };
            let done = tokio::time::timeout(PATIENCE, self.request(&sent)).await;
            done.unwrap_or_else(|_| panic!("it hangs: {sent:?}"));
            all.push(sent);
        }
        self.hang_up();
        all
    }

    async fn request(&mut self, sent: &Sent) {
        match sent.cut {
            Cut::Head | Cut::Anywhere => self.cut_bytes(sent).await,
            Cut::Upload | Cut::Handler => {
                let begun = self.service.watch(&sent.id);
                tokio::select! {
                    it = self.send(sent) => panic!("answered: {it:?}"),
                    begun = begun => begun.unwrap(),
                }
                self.reset();
            }
            Cut::Body => {
                let mut response = self.send(sent).await.unwrap();
                response.body_mut().frame().await.unwrap().unwrap();
                drop(response);
                self.reset();
            }
            Cut::End | Cut::Later => {
                // A body that breaks at once may take the head with it.
                let is_whole = match self.send(sent).await {
                    Ok(response) => response.into_body().collect().await.is_ok(),
                    Err(_) => false,
                };
                assert_eq!(is_whole, sent.path != "/breaks");
                if sent.cut == Cut::End || !is_whole {
                    self.reset();
                }
            }
        }
    }

    /// Cuts the bytes of a request, or of its answer, on a connection of its own.
    async fn cut_bytes(&mut self, sent: &Sent) {
        let bytes = match self.http2 {
            true => head_of_http2(&sent.id),
            false => request("GET", "/chunks", &[("x-request-id", &sent.id)]),
        };
        let (part, read) = match sent.cut {
            Cut::Head => (self.random.usize(1..bytes.len()), 0),
            _ => (bytes.len(), self.random.u64(..500)),
        };
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(&bytes[..part]).await.unwrap();
        // There are more bytes than that, unless the end comes first.
        let _ = stream.take(read).read_to_end(&mut Vec::new()).await;
    }

    async fn send(&mut self, sent: &Sent) -> hyper::Result<Response<Incoming>> {
        let (method, body) = match sent.path {
            "/echo" => (Method::POST, Body::from(ECHO)),
            "/upload" => {
                let part = stream::iter([Ok::<_, Infallible>(Bytes::from_static(ECHO))]);
                let part = part.chain(stream::pending());
                (Method::POST, Body::from_stream(part))
            }
            _ => (Method::GET, Body::empty()),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{}", self.address, sent.path))
            .header("x-request-id", &sent.id)
            .body(body)
            .unwrap();
        match &mut self.connected().await.0 {
            Sender::Http1(sender) => sender.send_request(request).await,
            Sender::Http2(sender) => sender.send_request(request).await,
        }
    }

    async fn connected(&mut self) -> &mut (Sender, JoinHandle<()>) {
        let is_ready = match &mut self.open {
            Some((Sender::Http1(sender), _)) => sender.ready().await.is_ok(),
            Some((Sender::Http2(sender), _)) => sender.ready().await.is_ok(),
            None => false,
        };
        if !is_ready {
            self.open = Some(connect(self.address, self.http2).await);
        }
        self.open.as_mut().unwrap()
    }

    /// Ends the last request from this side: a stream has been reset already, unless its whole
    /// connection is to go.
    fn reset(&mut self) {
        if !self.http2 || self.random.u8(..10) == 0 {
            self.hang_up();
        }
    }

    fn hang_up(&mut self) {
        if let Some((_, connection)) = self.open.take() {
            connection.abort();
        }
    }
}

async fn connect(address: SocketAddr, http2: bool) -> (Sender, JoinHandle<()>) {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let io = TokioIo::new(stream);
    // How a connection ends, its requests tell.
    if http2 {
        let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        let connection = tokio::spawn(async { drop(connection.await) });
        return (Sender::Http2(sender), connection);
    }
    let (sender, connection) = http1::handshake(io).await.unwrap();
    let connection = tokio::spawn(async { drop(connection.await) });
    (Sender::Http1(sender), connection)
}

/// A request of `/chunks`, byte by byte: the preface, no settings, and a head that ends the stream.
fn head_of_http2(id: &str) -> Vec<u8> {
    // GET and http, from the table that both sides know.
    let mut head = vec![0x82, 0x86];
    for (name, value) in [
        (":path", "/chunks"),
        (":authority", "test"),
        ("x-request-id", id),
    ] {
        head.push(0);
        for text in [name, value] {
            head.push(text.len() as u8);
            head.extend_from_slice(text.as_bytes());
        }
    }
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    bytes.extend_from_slice(&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1]);
    bytes.extend(head);
    bytes
}
