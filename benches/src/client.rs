//! An HTTP client of the simplest kind: one thread, a few connections, one request on each.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const END: &[u8] = b"\r\n\r\nhello";

/// What a client has counted.
pub struct Load {
    pub per_second: f64,
    /// All requests that were answered, those too that do not count.
    pub answered: u64,
}

/// Sends requests and counts the answers, after a `warm_up`, for `time`.
///
/// Whichever connection has its answer first is served first, as load generators do it: a client
/// that waits for one of them, while others are ready, would measure its own waiting.
pub fn load(
    server: SocketAddr,
    connections: usize,
    warm_up: Duration,
    time: Duration,
) -> io::Result<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let begin = Instant::now() + warm_up;
        let mut clients = JoinSet::new();
        for _ in 0..connections {
            clients.spawn(client(server, begin, begin + time));
        }
        let mut sum = Load {
            per_second: 0.0,
            answered: 0,
        };
        while let Some(client) = clients.join_next().await {
            let (counted, answered) = client.map_err(io::Error::other)??;
            sum.per_second += counted as f64 / time.as_secs_f64();
            sum.answered += answered;
        }
        Ok(sum)
    })
}

/// Returns how many answers came between `begin` and `end`, and how many in all.
async fn client(server: SocketAddr, begin: Instant, end: Instant) -> io::Result<(u64, u64)> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let mut answer = [0; 512];
    let (mut counted, mut answered) = (0, 0);
    loop {
        stream.write_all(REQUEST).await?;
        let mut length = 0;
        while !answer[..length].ends_with(END) {
            length += match stream.read(&mut answer[length..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => read,
            };
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        answered += 1;
        let now = Instant::now();
        if now >= end {
            return Ok((counted, answered));
        }
        counted += u64::from(now >= begin);
    }
}
