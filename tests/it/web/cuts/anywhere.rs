//! Half of all clients hang up, at any point: who reached the layer is told of once, and as it was.

mod client;
mod service;

use std::collections::HashMap;

use axum::serve::ListenerExt as _;
use fapilog_axum::serve;
use tokio::sync::oneshot;

use self::{client::Client, service::Service};
use super::*;

/// Where a client hangs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Before the end of the request's head: then there is no request.
    Head,
    /// After the head, without a look at what happens.
    Anywhere,
    /// Within the request's body, which the handler reads.
    Upload,
    /// While the handler works.
    Handler,
    /// Within the response's body.
    Body,
    /// After the end of the response.
    End,
    /// After the requests that follow.
    Later,
}

const CUTS: [Cut; 6] = [
    Cut::Head,
    Cut::Anywhere,
    Cut::Upload,
    Cut::Handler,
    Cut::Body,
    Cut::End,
];

/// A request, as its client knows it.
#[derive(Debug)]
struct Sent {
    id: String,
    path: &'static str,
    cut: Cut,
}

const CLIENTS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hangs_up_wherever_is_told_of_once_and_as_it_was() {
    let count = scaled(1000).max(5000);
    let mut random = random();
    for http2 in [false, true] {
        let (layer, memory, pipeline) = capture();
        let service = Service::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = serve(listener, service.router(layer))
            .pipeline(pipeline)
            .request_deadline(PATIENCE)
            .log_deadline(PATIENCE)
            .signal(async { drop(stopped.await) });
        let server = tokio::spawn(server.into_future());
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let client = Client::new(address, http2, service.clone(), random.fork());
                let name = format!("{number}-http2-{http2}");
                tokio::spawn(client.run(name, count / 2 / CLIENTS))
            })
            .collect();
        let mut sent = Vec::new();
        for client in clients {
            sent.extend(client.await.unwrap());
        }
        // Nobody is connected any more: the server ends when it has seen that.
        stop.send(()).unwrap();
        let report = server.await.unwrap().unwrap();
        assert_settled(&report.stats);
        let reached = service.reached();
        assert_eq!(report.stats.submitted, reached.len() as u64);
        judge(&sent, &reached, &memory.events());
    }
}

fn judge(sent: &[Sent], reached: &[String], events: &[Event<'static>]) {
    let mut told = HashMap::new();
    for event in events {
        let id = event.context().get("request_id");
        let id = id.and_then(FieldValue::as_str).unwrap().to_owned();
        assert!(told.insert(id, event).is_none(), "twice: {event:?}");
    }
    assert_eq!(told.len(), reached.len());
    for id in reached {
        assert!(told.contains_key(id), "missing: {id}");
    }
    for sent in sent {
        let Sent { id, path, cut } = sent;
        match told.get(id) {
            Some(event) => judge_event(sent, event),
            // Its client may be gone before the server has begun with it.
            None => assert!(
                matches!(cut, Cut::Head | Cut::Anywhere),
                "{id} {path} {cut:?}"
            ),
        }
    }
    for cut in CUTS {
        let many = sent.len() / 2 / CUTS.len() / 2;
        let found = sent.iter().filter(|it| it.cut == cut).count();
        assert!(found > many, "{found} of {cut:?}");
    }
}

fn judge_event(sent: &Sent, event: &Event<'static>) {
    let Sent { id, path, cut } = sent;
    let (message, outcome) = outcome(event);
    let (status, bytes) = (field(event, "status_code"), field(event, "response_bytes"));
    let label = format!("{id} {path} {cut:?}: {event:?}");
    let expected = match outcome {
        "completed" | "body_unread" => "request_completed",
        "client_disconnected" => "request_cancelled",
        _ => "request_failed",
    };
    assert_eq!(message, expected, "{label}");
    match cut {
        Cut::Head => panic!("a part of a request is none: {label}"),
        // It is found out when the body is read, or the answer sent, or never.
        Cut::Anywhere | Cut::Upload => assert_ne!(message, "request_failed", "{label}"),
        Cut::Handler => {
            assert_eq!(outcome, "client_disconnected", "{label}");
            assert_eq!(
                (status, bytes),
                (&FieldValue::Null, &0_u64.into()),
                "{label}"
            );
        }
        Cut::Body => {
            assert_eq!(outcome, "client_disconnected", "{label}");
            assert_eq!((status, bytes), (&200_u64.into(), &5_u64.into()), "{label}");
        }
        Cut::End | Cut::Later => {
            let (outcome_of_path, bytes_of_path) = service::end_of(path);
            assert_eq!(outcome, outcome_of_path, "{label}");
            assert_eq!(
                (status, bytes),
                (&200_u64.into(), &bytes_of_path.into()),
                "{label}"
            );
        }
    }
}
