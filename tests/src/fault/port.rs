//! [`Port`]: takes connections until it is closed, and again when it is opened.

use std::{
    fmt,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::{Builder, Runtime},
    task::{AbortHandle, JoinSet},
};

use super::watched::Watched;

/// Connections of a server or a proxy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Those that there have ever been.
    pub accepted: usize,
    /// Those that are open now.
    pub open: usize,
    /// The most that were open at once.
    pub most_open: usize,
    pub(super) is_listening: bool,
}

/// A port of 127.0.0.1.
pub(super) struct Port {
    address: SocketAddr,
    /// Is bound and never listens, so that nobody else is given the port while it is closed.
    _reserved: TcpSocket,
    runtime: Option<Runtime>,
    serve: Arc<Serve>,
    counts: Arc<Watched<Counts>>,
    accepting: Mutex<Option<AbortHandle>>,
}

/// Serves a connection, given its number, from 0 on.
type Serve = dyn Fn(TcpStream, usize) -> Serving + Send + Sync;
type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Port {
    /// A port that the system chooses; it is open.
    pub(super) fn new<F>(serve: impl Fn(TcpStream, usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("fault")
            .enable_all()
            .build()
            .expect("threads can be started");
        let reserved = {
            let _inside = runtime.enter();
            bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        };
        let port = Self {
            address: reserved.local_addr().expect("it is bound"),
            _reserved: reserved,
            runtime: Some(runtime),
            serve: Arc::new(move |stream, number| Box::pin(serve(stream, number))),
            counts: Arc::default(),
            accepting: Mutex::default(),
        };
        port.open();
        port
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.look(|counts| *counts)
    }

    pub(super) fn wait_until(&self, what: &str, is_so: impl Fn(&Counts) -> bool) {
        self.counts.wait_until(what, is_so);
    }

    /// Takes connections again.
    pub(super) fn open(&self) {
        let runtime = self.runtime.as_ref().expect("it is there until the end");
        let _inside = runtime.enter();
        let accepting = Accepting {
            connections: JoinSet::new(),
            listener: bound(self.address).listen(1024).expect("the port is ours"),
            listening: Listening::new(&self.counts),
        };
        let task = runtime.spawn(accepting.run(Arc::clone(&self.serve)));
        *self.accepting.lock().unwrap() = Some(task.abort_handle());
    }

    /// Ends all connections, and refuses others, before it returns.
    pub(super) fn close(&self) {
        if let Some(accepting) = self.accepting.lock().unwrap().take() {
            accepting.abort();
        }
        self.wait_until("the end of all connections", |counts| {
            !counts.is_listening && counts.open == 0
        });
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // Else one that is dropped in async code would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port")
            .field("address", &self.address)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// A reset is sent as soon as the last owner of the socket drops it.
pub(super) fn will_reset(stream: &TcpStream) {
    stream.set_zero_linger().expect("the socket is ours");
}

fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("the socket is ours");
    socket.bind(address).expect("the port is free, or ours");
    socket
}

/// What there is while a port is open; it ends in this order.
struct Accepting {
    connections: JoinSet<()>,
    listener: TcpListener,
    listening: Listening,
}

impl Accepting {
    async fn run(mut self, serve: Arc<Serve>) {
        while let Ok((stream, _)) = self.listener.accept().await {
            while self.connections.try_join_next().is_some() {}
            let _ = stream.set_nodelay(true);
            let open = Open::new(&self.listening.0);
            let serving = serve(stream, open.number);
            self.connections.spawn(Served {
                serving,
                _open: open,
            });
        }
    }
}

/// A connection; it is counted as open until its socket is gone.
struct Served {
    serving: Serving,
    _open: Open,
}

impl Future for Served {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.serving.as_mut().poll(context)
    }
}

/// Says that connections are taken while it lives.
struct Listening(Arc<Watched<Counts>>);

impl Listening {
    fn new(counts: &Arc<Watched<Counts>>) -> Self {
        counts.change(|counts| counts.is_listening = true);
        Self(Arc::clone(counts))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.change(|counts| counts.is_listening = false);
    }
}

/// Counts a connection as open while it lives.
struct Open {
    counts: Arc<Watched<Counts>>,
    number: usize,
}

impl Open {
    fn new(counts: &Arc<Watched<Counts>>) -> Self {
        let number = counts.change(|counts| {
            counts.accepted += 1;
            counts.open += 1;
            counts.most_open = counts.most_open.max(counts.open);
            counts.accepted - 1
        });
        let counts = Arc::clone(counts);
        Self { counts, number }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.counts.change(|counts| counts.open -= 1);
    }
}
