//! [`Server`]: an HTTP/1.1 server that answers as it is told.

use std::{
    fmt,
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{io::BufReader, net::TcpStream, sync::watch};

use super::{
    port::{Counts, Port, will_reset},
    reply::Reply,
    request::Request,
    script::{Script, in_turn},
    watched::Watched,
};

/// Answers each request as its script says, and remembers all of them. Bodies need a
/// `content-length`. It ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    port: Port,
    state: Arc<State>,
}

/// A request, and the status that it was answered with, if the head of an answer was sent whole.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    pub status: Option<u16>,
}

impl Exchange {
    /// Whether the client may take its events as delivered.
    pub fn is_taken(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// What becomes of a new connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Welcome {
    /// Its requests are read and answered.
    #[default]
    Serve,
    /// Nothing is read from it.
    Ignore,
    /// It is reset at once.
    Reset,
}

struct State {
    script: Mutex<Box<dyn Script>>,
    welcome: Mutex<Welcome>,
    seen: Watched<Vec<Exchange>>,
    is_held: watch::Sender<bool>,
}

impl Server {
    /// A server on a port of 127.0.0.1 that the system chooses.
    pub fn new(script: impl Script) -> Self {
        let state = Arc::new(State {
            script: Mutex::new(Box::new(script)),
            welcome: Mutex::default(),
            seen: Watched::default(),
            is_held: watch::Sender::new(false),
        });
        let shared = Arc::clone(&state);
        let port = Port::new(move |stream, number| Arc::clone(&shared).serve(stream, number));
        Self { port, state }
    }

    /// One that answers with one status after the other, then with the last one for ever.
    pub fn statuses(statuses: impl IntoIterator<Item = u16>) -> Self {
        Self::new(in_turn(statuses.into_iter().map(Reply::status)))
    }

    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Its address, `http`, with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Answers otherwise from the next request on.
    pub fn answer(&self, script: impl Script) {
        *self.state.script.lock().unwrap() = Box::new(script);
    }

    /// Does this with new connections; those that are open stay what they are.
    pub fn welcome(&self, welcome: Welcome) {
        *self.state.welcome.lock().unwrap() = welcome;
    }

    /// Answers no request until [`release`](Self::release). They are read, and the script is asked.
    pub fn hold(&self) {
        self.state.is_held.send_replace(true);
    }

    /// Answers what was held, and what comes.
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

    /// All requests that have come in whole, in this order, and their answers.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.seen.look(|seen| seen.clone())
    }

    /// These requests.
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.exchanges().into_iter();
        requests.map(|exchange| exchange.request).collect()
    }

    /// The ids of the events that were answered with 2xx, as often as they were.
    pub fn ids(&self) -> Vec<u64> {
        self.state.seen.look(|seen| taken(seen, Request::ids))
    }

    /// These events, as lines.
    pub fn lines(&self) -> Vec<String> {
        let events = self.state.seen.look(|seen| taken(seen, Request::events));
        events.iter().map(Value::to_string).collect()
    }

    pub fn counts(&self) -> Counts {
        self.port.counts()
    }

    /// Waits until so many requests have come in.
    pub fn wait_for_requests(&self, count: usize) {
        let seen = &self.state.seen;
        seen.wait_until(&format!("request {count}"), |seen| seen.len() >= count);
    }

    /// Waits until so many events were answered with 2xx.
    pub fn wait_for(&self, count: usize) {
        let has_all = |seen: &Vec<Exchange>| taken(seen, Request::events).len() >= count;
        let seen = &self.state.seen;
        seen.wait_until(&format!("event {count}"), has_all);
    }

    /// Waits until so many connections are open.
    pub fn wait_for_open(&self, count: usize) {
        let what = format!("{count} open connections");
        self.port.wait_until(&what, |counts| counts.open == count);
    }
}

fn taken<T>(seen: &[Exchange], read: impl Fn(&Request) -> Vec<T>) -> Vec<T> {
    let taken = seen.iter().filter(|exchange| exchange.is_taken());
    taken.flat_map(|exchange| read(&exchange.request)).collect()
}

impl State {
    async fn serve(self: Arc<Self>, stream: TcpStream, connection: usize) {
        let welcome = *self.welcome.lock().unwrap();
        match welcome {
            Welcome::Serve => {}
            Welcome::Ignore => return ignore(stream).await,
            Welcome::Reset => return will_reset(&stream),
        }
        let mut stream = BufReader::new(stream);
        while let Ok(Some(request)) = Request::read(&mut stream, connection).await {
            let reply = self.script.lock().unwrap().reply(&request);
            let number = self.seen.change(|seen| {
                let status = None;
                seen.push(Exchange { request, status });
                seen.len() - 1
            });
            self.released().await;
            let answered = |status| self.seen.change(|seen| seen[number].status = Some(status));
            if !matches!(reply.send(stream.get_mut(), answered).await, Ok(true)) {
                break;
            }
        }
    }

    async fn released(&self) {
        let mut is_held = self.is_held.subscribe();
        let _ = is_held.wait_for(|is_held| !is_held).await;
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

/// The socket stays open.
async fn ignore(_stream: TcpStream) {
    pending().await
}
