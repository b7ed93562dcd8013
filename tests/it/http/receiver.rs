//! [`Receiver`]: a server that keeps what is posted to it, and answers as a test wants.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use fapilog_tests::PATIENCE;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// `POST / HTTP/1.1`
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The number of its connection, from 1.
    pub(crate) connection: usize,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Keeps what is posted to it.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    requests: mpsc::Receiver<Received>,
    connections: Arc<AtomicUsize>,
    /// Tells of each connection that has ended.
    pub(crate) ended: mpsc::Receiver<()>,
}

/// Both ends of a connection.
pub(crate) trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

type Answer = dyn Fn(&Received, &mut dyn Stream) + Send + Sync;

impl Receiver {
    /// One that answers each request like this.
    pub(crate) fn new(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::speaking(move |request, stream| {
            // Who does not wait for the answer does not get it.
            let _ = stream.write_all(&answer(request));
        })
    }

    /// One that takes everything.
    pub(crate) fn agreeing() -> Self {
        Self::new(|_| status(200))
    }

    /// One that answers with anything, byte by byte if need be.
    pub(crate) fn speaking(
        answer: impl Fn(&Received, &mut dyn Stream) + Send + Sync + 'static,
    ) -> Self {
        Self::serve("http", answer, |stream| Some(Box::new(stream)))
    }

    /// One that takes everything, over TLS.
    pub(crate) fn over_tls(config: ServerConfig) -> Self {
        let config = Arc::new(config);
        let agree = |_: &Received, stream: &mut dyn Stream| {
            let _ = stream.write_all(&status(200));
        };
        Self::serve("https", agree, move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            Some(Box::new(StreamOwned::new(connection, stream)))
        })
    }

    fn serve(
        scheme: &'static str,
        answer: impl Fn(&Received, &mut dyn Stream) + Send + Sync + 'static,
        open: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (send, requests) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let answer: Arc<Answer> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_nodelay(true).unwrap();
                let connection = counter.fetch_add(1, Ordering::SeqCst) + 1;
                let Some(stream) = open(stream) else { continue };
                let (send, end, answer) = (send.clone(), end.clone(), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some(request) = read(&mut stream, connection) {
                        // The test may have seen enough.
                        let _ = send.send(request.clone());
                        answer(&request, stream.get_mut());
                    }
                    let _ = end.send(());
                });
            }
        });
        Self {
            address,
            scheme,
            requests,
            connections,
            ended,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://localhost:{}/ingest", self.scheme, self.address.port())
    }

    /// The next request.
    pub(crate) fn next(&self) -> Received {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// All that came and were not yet taken.
    pub(crate) fn rest(&self) -> Vec<Received> {
        self.requests.try_iter().collect()
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The next request of a connection, until that ends.
fn read(stream: &mut BufReader<Box<dyn Stream>>, connection: usize) -> Option<Received> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let line = head.lines().next()?.to_owned();
    let mut request = Received {
        line,
        head,
        body: Vec::new(),
        connection,
    };
    let length = request.header("content-length").unwrap_or("0");
    request.body = vec![0; length.parse().ok()?];
    stream.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// A reply without a body.
pub(crate) fn status(code: u16) -> Vec<u8> {
    reply(code, &[], b"")
}

pub(crate) fn reply(code: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {code} Told\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    [(head + "\r\n").as_bytes(), body].concat()
}
