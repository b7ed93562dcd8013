//! The example with long connections, as a user runs it.

use std::io::Read as _;

use fapilog_tests::{example::Example, http::connect};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::{client_async, tungstenite::Message};

use super::*;

#[tokio::test]
async fn sockets_and_streams_end_at_the_signal_and_are_told_as_what_they_were() {
    let mut service = Example::start("websocket_sse", &[]);
    let address = service.address;
    let mut ticks = connect(address);
    std::io::Write::write_all(&mut ticks, &request("GET", "/ticks", &[])).unwrap();
    let mut head = [0; b"HTTP/1.1 200".len()];
    ticks.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");

    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = client_async(format!("ws://{address}/echo"), stream)
        .await
        .unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::text("hello")
    );

    service.signal("TERM");
    let end = socket.next().await.unwrap().unwrap();
    assert!(end.is_close(), "{end:?}");
    drop(socket);
    let ended = service.wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    let mut stream = String::new();
    ticks.read_to_string(&mut stream).unwrap();
    assert!(stream.contains("data: 0"), "{stream}");

    let told: Vec<_> = ended.requests();
    let of = |message: &str, path: &str| {
        let is = |it: &&serde_json::Value| it["message"] == message && it["data"]["path"] == path;
        let found: Vec<_> = told.iter().filter(is).collect();
        assert_eq!(found.len(), 1, "{message} {path}: {told:#?}");
        found[0].clone()
    };
    assert_eq!(
        of("request_completed", "/ticks")["data"]["outcome"],
        "completed"
    );
    assert_eq!(of("request_completed", "/echo")["data"]["status_code"], 101);
    let opened = of("connection_opened", "/echo");
    let closed = of("connection_closed", "/echo");
    assert_eq!(closed["data"]["outcome"], "completed");
    assert_eq!(closed["data"]["protocol"], "websocket");
    let id = &opened["context"]["request_id"];
    let lines = ended.events();
    let echoing = lines.iter().find(|it| it["message"] == "echoing").unwrap();
    for event in [&closed, echoing] {
        assert_eq!(&event["context"]["request_id"], id);
    }
    assert!(!ended.stderr.contains("still open"), "{}", ended.stderr);
}
