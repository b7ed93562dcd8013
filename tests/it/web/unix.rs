//! A server behind a Unix socket.

use std::{
    env,
    io::{ErrorKind, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::PathBuf,
    process,
};

use fapilog_axum::serve;
use fapilog_tests::{
    brim::{fill, never_losing},
    http::request,
};
use tokio::{
    net::{UnixListener, unix},
    sync::oneshot,
};

use super::*;

/// A socket in the file system, until it is dropped.
struct Socket(PathBuf);

impl Socket {
    fn new(name: &str) -> Self {
        let name = format!("fapilog-{}-{name}.sock", process::id());
        Self(env::temp_dir().join(name))
    }

    fn listen(&self) -> UnixListener {
        UnixListener::bind(&self.0).unwrap()
    }

    fn connect(&self) -> UnixStream {
        let mut stream = UnixStream::connect(&self.0).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&request("GET", "/", &[])).unwrap();
        stream
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The whole response.
async fn answer(mut stream: UnixStream) -> String {
    let read = move || {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

fn app() -> Router {
    let handler = |ConnectInfo(it): ConnectInfo<unix::SocketAddr>| async move {
        format!("unnamed {}", it.is_unnamed())
    };
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn a_unix_socket_is_served_and_its_clients_have_no_ip() {
    let (layer, memory, pipeline) = capture();
    let socket = Socket::new("served");
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(socket.listen(), app().layer(layer)).pipeline(pipeline);
    let server = server.signal(async { drop(stopped.await) });
    let server = tokio::spawn(server.into_future());
    let answer = answer(socket.connect()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\nunnamed true"), "{answer}");
    stop.send(()).unwrap();
    assert_settled(&server.await.unwrap().unwrap().stats);
    let events = memory.events();
    assert_eq!(outcome(&events[0]), ("request_completed", "completed"));
    assert_eq!(events[0].data().get("client_ip"), Some(&FieldValue::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unix_socket_accepts_nobody_while_there_is_no_room_for_an_event() {
    let (sink, _, pipeline) = never_losing();
    fill(&pipeline);
    let socket = Socket::new("full");
    let server = serve(socket.listen(), app()).pipeline(pipeline);
    let server = tokio::spawn(server.into_future());
    let mut stream = socket.connect();
    let asked = tokio::task::spawn_blocking(move || {
        // That nobody answers cannot be seen, only that nobody has for a while.
        let while_ = Duration::from_millis(200);
        stream.set_read_timeout(Some(while_)).unwrap();
        let nothing = stream.read(&mut [0; 1]).map_err(|error| error.kind());
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        (stream, nothing)
    });
    let (stream, nothing) = asked.await.unwrap();
    assert!(
        matches!(nothing, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        "{nothing:?}"
    );
    sink.gate.open();
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    server.abort();
}
