//! Long connections: a WebSocket that echoes, and a stream of server-sent events. Both end at the
//! signal, so that nobody waits for the deadline; what outlives that is told with `shutdown`.
//!
//! `cargo run -p websocket_sse`, then `curl -N http://127.0.0.1:3000/ticks`. Events are on stdout.

use std::{convert::Infallible, env, io, time::Duration};

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::{
        Response,
        sse::{Event, Sse},
    },
    routing::{any, get},
};
use fapilog_axum::{DrainReport, FapilogLayer, RequestLogger, info, serve};
use futures_util::stream::{Stream, unfold};
use tokio::{net::TcpListener, sync::watch, time::sleep};

/// Changes when the server ends.
type Ending = watch::Receiver<()>;

#[tokio::main]
async fn main() -> io::Result<DrainReport> {
    let (end, ending) = watch::channel(());
    let app = Router::new()
        .route("/echo", any(echo))
        .route("/ticks", get(ticks))
        .with_state(ending)
        .layer(FapilogLayer::preset("axum"));

    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let server = serve(listener, app);
    server.before_shutdown(|| async move { drop(end) }).await
}

/// Logs `connection_opened` and `connection_closed`, and the handler's lines in between.
async fn echo(
    log: RequestLogger,
    State(end): State<Ending>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let counting = log.clone();
    upgrade.on_upgrade(log.upgraded(async move |socket| talk(socket, end, counting).await))
}

async fn talk(mut socket: WebSocket, mut ending: Ending, log: RequestLogger) {
    while let Some(Ok(message)) = tokio::select! {
        message = socket.recv() => message,
        _ = ending.changed() => None,
    } {
        log.increment("messages", 1); // stands in `connection_closed`
        info!("echoing");
        if socket.send(message).await.is_err() {
            return;
        }
    }
    // The client may have said so first.
    let _ = socket.send(Message::Close(None)).await;
}

/// A tick a second; the request's event comes at the end of the stream.
async fn ticks(State(end): State<Ending>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(unfold((end, 0), |(mut end, number)| async move {
        tokio::select! {
            () = sleep(Duration::from_secs(number.min(1))) => {}
            _ = end.changed() => return None,
        }
        info!(number, "a tick"); // in the scope of its request
        Some((
            Ok(Event::default().data(number.to_string())),
            (end, number + 1),
        ))
    }))
}
