//! An HTTP client of the simplest kind: one thread, a few connections, one request on each.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// What a client has counted.
pub struct Load {
    pub per_second: f64,
    /// All requests that were answered, before the time that counts too.
    pub answered: u64,
}

/// Sends requests and counts the answers, after a `warm_up`, for `time`.
///
/// While it reads the answer on one connection, the server has the requests of all others to work
/// on, so the server is what limits the rate.
pub fn load(
    server: SocketAddr,
    connections: usize,
    warm_up: Duration,
    time: Duration,
) -> io::Result<Load> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        streams.push(TcpStream::connect(server)?);
    }
    let mut answer = vec![0; answer_length(&mut streams[0])?];
    let mut answered = 1;
    for stream in &mut streams {
        stream.write_all(REQUEST)?;
    }
    let mut rounds_until = |end: Instant| -> io::Result<u64> {
        let mut count = 0;
        while Instant::now() < end {
            for stream in &mut streams {
                read_answer(stream, &mut answer)?;
                stream.write_all(REQUEST)?;
                count += 1;
            }
        }
        Ok(count)
    };
    answered += rounds_until(Instant::now() + warm_up)?;
    let begun = Instant::now();
    let counted = rounds_until(begun + time)?;
    let took = begun.elapsed();
    for stream in &mut streams {
        read_answer(stream, &mut answer)?;
    }
    Ok(Load {
        per_second: counted as f64 / took.as_secs_f64(),
        answered: answered + counted + connections as u64,
    })
}

fn read_answer(stream: &mut TcpStream, answer: &mut [u8]) -> io::Result<()> {
    stream.read_exact(answer)?;
    assert!(answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(b"\r\n\r\nhello"));
    Ok(())
}

/// Sends one request and measures the answer: all answers of a contender have the same length.
fn answer_length(stream: &mut TcpStream) -> io::Result<usize> {
    stream.write_all(REQUEST)?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nhello") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    Ok(answer.len())
}
