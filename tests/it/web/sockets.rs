//! WebSockets.

mod by_hand;

use axum::extract::ws::{self, WebSocket, WebSocketUpgrade};
use fapilog_axum::{DrainReport, RequestHandle, serve};
use fapilog_core::Level;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::{client::conn::http2, ext::Protocol};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _, protocol::Role},
};

use super::*;

/// Sends back what it gets, and logs it.
async fn echo(log: RequestLogger, upgrade: WebSocketUpgrade) -> Response {
    log.set("before", "in the request");
    let counting = log.clone();
    upgrade.on_upgrade(log.upgraded(|mut socket: WebSocket| async move {
        while let Some(Ok(ws::Message::Text(text))) = socket.recv().await {
            counting.increment("messages", 1);
            info!(text = text.as_str(), "a message");
            socket.send(ws::Message::Text(text)).await.unwrap();
        }
        RequestHandle::current()
            .unwrap()
            .set("after", "in the connection");
    }))
}

fn app(layer: FapilogLayer) -> Router {
    Router::new().route("/rooms/{name}", any(echo)).layer(layer)
}

type Socket = WebSocketStream<TcpStream>;

async fn join(address: SocketAddr) -> Socket {
    let mut request = format!("ws://{address}/rooms/1?secret=x")
        .into_client_request()
        .unwrap();
    let id = "socket-1".parse().unwrap();
    request.headers_mut().insert("x-request-id", id);
    let stream = TcpStream::connect(address).await.unwrap();
    let (socket, response) = client_async(request, stream).await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "socket-1");
    socket
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(text));
}

/// A server, and what stops it.
async fn run(
    layer: FapilogLayer,
    pipeline: Pipeline,
    deadline: Duration,
) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<DrainReport>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = serve(listener, app(layer)).pipeline(pipeline);
    let server = server.request_deadline(deadline);
    let server = server.signal(async { drop(stopped.await) });
    let ended = tokio::spawn(async { server.await.unwrap() });
    (address, stop, ended)
}

fn messages<'a>(events: &'a [Event<'static>]) -> Vec<&'a str> {
    events.iter().map(|event| event.message()).collect()
}

#[tokio::test]
async fn a_connection_is_told_when_it_opens_and_when_it_closes_and_all_lines_carry_the_id() {
    let (layer, memory, pipeline) = capture();
    let address = listen(app(layer)).await;
    let mut socket = join(address).await;
    say(&mut socket, "one").await;
    say(&mut socket, "two").await;
    terminal(&memory, &pipeline, 2).await;
    socket.close(None).await.unwrap();
    terminal(&memory, &pipeline, 3).await;
    let events = memory.events();
    let expected = [
        "request_completed",
        "connection_opened",
        "a message",
        "a message",
        "connection_closed",
    ];
    assert_eq!(messages(&events), expected);
    for event in &events {
        assert_eq!(event.context().get("request_id"), Some(&"socket-1".into()));
        assert_eq!(event.level(), Level::Info);
    }
    let [request, opened, .., closed] = &events[..] else {
        panic!("{events:#?}")
    };
    assert_eq!(*field(request, "status_code"), 101_u16.into());
    assert_eq!(*field(request, "before"), "in the request".into());
    for event in [opened, closed] {
        assert_eq!(*field(event, "path"), "/rooms/1".into());
        assert_eq!(*field(event, "route"), "/rooms/{name}".into());
        assert_eq!(*field(event, "protocol"), "websocket".into());
        assert_eq!(*field(event, "before"), FieldValue::Null);
    }
    let took = field(closed, "duration_ms");
    assert!(matches!(took, FieldValue::F64(it) if *it > 0.0), "{took:?}");
    assert_eq!(*field(closed, "outcome"), "completed".into());
    assert_eq!(*field(closed, "messages"), 2_i64.into());
    assert_eq!(*field(closed, "after"), "in the connection".into());
}

#[tokio::test]
async fn a_server_that_ends_lets_connections_finish() {
    let (layer, memory, pipeline) = capture();
    let open = OpenRequests::of(&pipeline.logger());
    let (address, stop, ended) = run(layer, pipeline, PATIENCE).await;
    let mut socket = join(address).await;
    say(&mut socket, "before the signal").await;
    let list = open.list();
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!((&*list[0].path, &*list[0].id), ("/rooms/1", "socket-1"));
    stop.send(()).unwrap();
    // The signal has been seen when nobody listens any more.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    say(&mut socket, "after the signal").await;
    assert!(!ended.is_finished(), "a connection is open");
    socket.close(None).await.unwrap();
    assert_settled(&ended.await.unwrap().stats);
    let events = memory.events();
    let closed = events.last().unwrap();
    assert_eq!(closed.message(), "connection_closed");
    assert_eq!(*field(closed, "outcome"), "completed".into());
    assert_eq!(*field(closed, "messages"), 2_i64.into());
}

#[tokio::test]
async fn connections_that_outlive_the_deadline_end_with_the_server() {
    let (layer, memory, pipeline) = capture();
    let (address, stop, ended) = run(layer, pipeline, Duration::from_millis(50)).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = join(address).await;
        say(&mut socket, "hello").await;
        sockets.push(socket);
    }
    stop.send(()).unwrap();
    assert_settled(&ended.await.unwrap().stats);
    let mut events = memory.events();
    events.retain(|event| event.message() == "connection_closed");
    assert_eq!(events.len(), 3);
    for event in &events {
        assert_eq!(*field(event, "outcome"), "shutdown".into());
        assert_eq!(*field(event, "messages"), 1_i64.into());
    }
    for mut socket in sockets {
        // Its handler is dropped: the connection ends, without a farewell.
        let end = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
        assert!(!matches!(end, Some(Ok(_))), "{end:?}");
    }
}

#[tokio::test]
async fn over_http2_a_connection_is_told_but_for_its_protocol() {
    let (layer, memory, pipeline) = capture();
    let address = listen(app(layer)).await;
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = |method| {
        Request::builder()
            .method(method)
            .uri(format!("http://{address}/rooms/1"))
    };
    // An answer shows that the client knows what the server can do.
    let refused = request("GET").body(Empty::<Bytes>::new()).unwrap();
    let refused = client.send_request(refused).await.unwrap();
    assert!(refused.status().is_client_error());
    let connect = request("CONNECT")
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13");
    let response = client
        .send_request(connect.body(Empty::new()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let io = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Client, None).await;
    say(&mut socket, "one").await;
    socket.close(None).await.unwrap();
    let events = terminal(&memory, &pipeline, 4).await;
    let expected = [
        "request_completed",
        "request_completed",
        "connection_opened",
        "connection_closed",
    ];
    assert_eq!(messages(&events), expected);
    assert_eq!(*field(&events[1], "method"), "CONNECT".into());
    assert_eq!(*field(&events[3], "outcome"), "completed".into());
    assert_eq!(*field(&events[3], "messages"), 1_i64.into());
    assert_eq!(*field(&events[3], "protocol"), FieldValue::Null);
    let id = |event: &Event<'static>| event.context().get("request_id").cloned();
    assert_eq!(id(&events[1]), id(&events[3]));
}
