//! A collector of events over HTTP, in a process of its own: it answers after a while, counts what it
//! was sent, and can be away.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    task::JoinSet,
    time::sleep,
};

/// As an argument, makes this program the collector.
pub const ROLE: &str = "collector";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// The process, as a measurement uses it.
pub struct Collector {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub url: String,
}

impl Collector {
    /// Starts one that takes so long for an answer.
    pub fn start(delay: Duration) -> Self {
        let this = std::env::current_exe().expect("a running program has a path");
        let mut child = Command::new(this)
            .args([ROLE, &delay.as_micros().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program that runs now can be started once more");
        let orders = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut collector = Self {
            child,
            orders,
            answers,
            url: String::new(),
        };
        let address: SocketAddr = collector.answer().parse().expect("an address");
        collector.url = format!("http://{address}/");
        collector
    }

    /// The events that it was sent so far.
    pub fn count(&mut self) -> u64 {
        self.ask("count").parse().expect("a number")
    }

    /// Ends all connections and refuses others, until it is to come back.
    pub fn leave(&mut self) {
        self.ask("leave");
    }

    pub fn come_back(&mut self) {
        self.ask("come back");
    }

    fn ask(&mut self, order: &str) -> String {
        writeln!(self.orders, "{order}").expect("it listens");
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        line.trim_end().to_owned()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process itself, until its stdin ends.
pub fn serve(micros: &str) -> io::Result<()> {
    let delay = Duration::from_micros(micros.parse().map_err(io::Error::other)?);
    let events = Arc::new(AtomicU64::new(0));
    let bind = |address| run(address, delay, Arc::clone(&events));
    let (address, mut runtime) = bind("127.0.0.1:0".parse().map_err(io::Error::other)?)?;
    println!("{address}");
    for order in io::stdin().lines() {
        match &*order? {
            "leave" => drop(runtime.take()),
            "come back" => runtime = bind(address)?.1,
            _ => {}
        }
        println!("{}", events.load(Relaxed));
    }
    Ok(())
}

/// Accepts until the runtime is dropped.
fn run(
    address: SocketAddr,
    delay: Duration,
    events: Arc<AtomicU64>,
) -> io::Result<(SocketAddr, Option<Runtime>)> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind(address))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(answer(stream, delay, Arc::clone(&events)));
        }
    });
    Ok((address, Some(runtime)))
}

/// Reads requests whose bodies are lines, an event each, and answers.
async fn answer(mut stream: TcpStream, delay: Duration, events: Arc<AtomicU64>) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|it| it.strip_prefix("content-length:"));
        let length: usize = length.and_then(|it| it.trim().parse().ok()).unwrap_or(0);
        while bytes.len() < head + length {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        }
        let body = bytes[head..head + length].iter();
        let breaks = body.filter(|byte| **byte == b'\n').count() as u64;
        sleep(delay).await;
        stream.write_all(ANSWER).await?;
        // Of lines that are joined by breaks, there is one more, unless the last one ends with one.
        let is_closed = bytes[..head + length].ends_with(b"\n");
        events.fetch_add(breaks + u64::from(!is_closed), Relaxed);
        bytes.drain(..head + length);
    }
}
