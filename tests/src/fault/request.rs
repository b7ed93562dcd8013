//! [`Request`]: what a client sent.

use std::{
    io::{self, ErrorKind},
    time::Instant,
};

use serde_json::{Deserializer, Value};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpStream,
};

/// A request that has come in whole.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// When its last byte was read.
    pub at: Instant,
    /// The number of its connection, from 0 on.
    pub connection: usize,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_it = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let found = self.headers.iter().find(is_it);
        found.map(|(_, value)| value.as_str())
    }

    /// The events in the body: one, an array of them, one a line, or an array below a sole key. A body
    /// that is no JSON has none.
    pub fn events(&self) -> Vec<Value> {
        let values = Deserializer::from_slice(&self.body).into_iter();
        values.flatten().flat_map(events_of).collect()
    }

    /// The ids of these events: their field `n`, or `id`.
    pub fn ids(&self) -> Vec<u64> {
        let id = |event: &Value| {
            let data = &event["data"];
            data["n"].as_u64().or(data["id"].as_u64())
        };
        self.events().iter().filter_map(id).collect()
    }

    /// Reads the next one; `None` if there is none any more.
    pub(super) async fn read(
        stream: &mut BufReader<TcpStream>,
        connection: usize,
    ) -> io::Result<Option<Self>> {
        let Some(first) = line(stream).await? else {
            return Ok(None);
        };
        let mut words = first.split(' ').map(str::to_owned);
        let (method, path) = (words.next(), words.next());
        let mut headers = Vec::new();
        loop {
            let line = line(stream).await?.ok_or(ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or(ErrorKind::InvalidData)?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self {
            method: method.unwrap_or_default(),
            path: path.unwrap_or_default(),
            headers,
            body: Vec::new(),
            at: Instant::now(),
            connection,
        };
        let length = request.header("content-length").unwrap_or("0").parse();
        request.body = vec![0; length.map_err(|_| ErrorKind::InvalidData)?];
        stream.read_exact(&mut request.body).await?;
        request.at = Instant::now();
        Ok(Some(request))
    }
}

fn events_of(value: Value) -> Vec<Value> {
    match value {
        Value::Array(events) => events,
        Value::Object(mut wrapper) if wrapper.len() == 1 => {
            let sole = wrapper.values_mut().next().map(Value::take);
            sole.map(events_of).unwrap_or_default()
        }
        Value::Object(_) => vec![value],
        _ => Vec::new(),
    }
}

/// A line of the head, without its end; `None` at the end of the connection.
async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\n") {
        Some(line) => {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            Ok(Some(String::from_utf8_lossy(line).into_owned()))
        }
        None if line.is_empty() => Ok(None),
        None => Err(ErrorKind::UnexpectedEof.into()),
    }
}
