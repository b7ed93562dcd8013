//! A plain HTTP/1.1 client over `std`, for tests that want to hold the socket in their hands.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::PATIENCE;

/// A response, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A request, as bytes.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    (head + "\r\n").into_bytes()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the service listens");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends a request on a connection of its own; `None` if the connection ends before the head.
pub fn send(address: SocketAddr, request: &[u8]) -> Option<Reply> {
    let mut stream = connect(address);
    stream.write_all(request).ok()?;
    let mut bytes = Vec::new();
    // A reset after the whole response is as good as its end.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = bytes.split_off(end);
    Some(Reply { status, head, body })
}

pub fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, &request("GET", path, &[])).expect("a response")
}
