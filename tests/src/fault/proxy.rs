//! [`Proxy`]: stands before an address, and does harm to what goes through.

use std::{
    fmt,
    future::pending,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink},
    net::TcpStream,
    sync::watch,
    try_join,
};

use super::{
    port::{Counts, Port, will_reset},
    way::{Limit, Way},
};

/// Passes on connections of TCP, each as its script says. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: Port,
    state: Arc<State>,
}

struct State {
    target: Mutex<SocketAddr>,
    script: Mutex<Box<Script>>,
    is_held: watch::Sender<bool>,
}

/// The way of each connection, by its number from 0 on.
type Script = dyn FnMut(usize) -> Way + Send;

impl Proxy {
    /// A proxy before this address, which passes on all.
    pub fn new(target: SocketAddr) -> Self {
        let state = Arc::new(State {
            target: Mutex::new(target),
            script: Mutex::new(Box::new(|_| Way::through())),
            is_held: watch::Sender::new(false),
        });
        let shared = Arc::clone(&state);
        let port = Port::new(move |client, number| Arc::clone(&shared).serve(client, number));
        Self { port, state }
    }

    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Its address, `http`, with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Says what happens to each new connection, given its number.
    pub fn script(&self, script: impl FnMut(usize) -> Way + Send + 'static) {
        *self.state.script.lock().unwrap() = Box::new(script);
    }

    /// Passes on new connections to another address.
    pub fn target(&self, target: SocketAddr) {
        *self.state.target.lock().unwrap() = target;
    }

    /// Passes on nothing, in both directions of all connections, until [`release`](Self::release).
    pub fn hold(&self) {
        self.state.is_held.send_replace(true);
    }

    /// Passes on what was held, and what comes.
    pub fn release(&self) {
        self.state.is_held.send_replace(false);
    }

    /// Ends all connections, and refuses others, before it returns.
    pub fn stop(&self) {
        self.port.close();
    }

    /// Listens again, at the same address.
    pub fn restart(&self) {
        self.port.open();
    }

    pub fn counts(&self) -> Counts {
        self.port.counts()
    }

    /// Waits until so many connections are open.
    pub fn wait_for_open(&self, count: usize) {
        let what = format!("{count} open connections");
        self.port.wait_until(&what, |counts| counts.open == count);
    }
}

impl State {
    async fn serve(self: Arc<Self>, mut client: TcpStream, number: usize) {
        let way = (self.script.lock().unwrap())(number);
        if way.swallows {
            let _ = copy(&mut client, &mut sink()).await;
            return;
        }
        let target = *self.target.lock().unwrap();
        let Ok(mut server) = TcpStream::connect(target).await else {
            return will_reset(&client);
        };
        let _ = server.set_nodelay(true);
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let both = try_join!(
            self.pass(from_client, to_server, way.up),
            self.pass(from_server, to_client, way.down),
        );
        // Whatever ends one side, a cut or a reset, is a reset of the other.
        if both.is_err() {
            will_reset(&client);
            will_reset(&server);
        }
    }

    /// Passes on one direction until its end.
    async fn pass(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        limit: Limit,
    ) -> io::Result<()> {
        let mut is_held = self.is_held.subscribe();
        let mut bytes = vec![0; 16 * 1024];
        let mut passed = 0;
        loop {
            let count = from.read(&mut bytes).await?;
            let _ = is_held.wait_for(|is_held| !is_held).await;
            if count == 0 {
                return to.shutdown().await;
            }
            let room = limit.room(passed, count);
            to.write_all(&bytes[..room]).await?;
            passed += room;
            match limit {
                Limit::Cut(most) if passed == most => {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                Limit::Stall(most) if passed == most => pending().await,
                _ => {}
            }
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
