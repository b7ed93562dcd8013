//! The id of a request, for handlers and for the layers of tower-http.

use axum::Extension;
use http::HeaderName;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};

use super::*;

/// Answers with all the ids that a handler can see.
fn app() -> Router {
    let seen = |log: RequestLogger, id: Option<Extension<RequestId>>, headers: HeaderMap| async move {
        let id = id.map_or_else(String::new, |id| {
            id.0.header_value().to_str().unwrap().to_owned()
        });
        let header = text(&headers, "x-request-id");
        format!("{} {id} {header}", log.request_id())
    };
    Router::new().route("/", get(seen))
}

fn set(name: &'static str) -> SetRequestIdLayer<MakeRequestUuid> {
    SetRequestIdLayer::new(HeaderName::from_static(name), MakeRequestUuid)
}

/// The one id that the handler, the client and the log have seen.
async fn the_id(
    app: Router,
    memory: &Memory,
    pipeline: &Pipeline,
    sent: &[(&str, &str)],
) -> String {
    let before = memory.len();
    let address = listen(app).await;
    let mut client = Client::connect(address, Version::HTTP_11).await;
    let answer = client.send(asks("GET", "/", sent, "")).await;
    let id = text(answer.headers(), "x-request-id");
    assert_eq!(*answer.body(), format!("{id} {id} {id}"), "{sent:?}");
    let events = terminal(memory, pipeline, before + 1).await;
    let logged = events[before].context().get("request_id");
    assert_eq!(logged, Some(&id.as_str().into()), "{sent:?}");
    id
}

#[tokio::test]
async fn the_handler_the_client_and_the_log_see_one_id_whoever_makes_it() {
    let (layer, memory, pipeline) = capture();
    let own = || PropagateRequestIdLayer::x_request_id();
    let name = "x-request-id";
    for app in [
        app().layer(layer.clone()),
        app().layer(set(name)).layer(layer.clone()),
        app().layer(layer.clone()).layer(set(name)),
        app().layer(own()).layer(set(name)).layer(layer.clone()),
        app().layer(layer.clone()).layer(own()).layer(set(name)),
        app().layer(own()).layer(layer.clone()).layer(set(name)),
        app().layer(set(name)).layer(layer.clone()).layer(own()),
    ] {
        for (sent, taken) in [
            (&[][..], false),
            (&[(name, "sent")], true),
            (&[(name, "not harmless")], false),
        ] {
            let id = the_id(app.clone(), &memory, &pipeline, sent).await;
            assert!(if taken { id == "sent" } else { id.len() == 36 }, "{id}");
        }
        // Of two, a layer further out may choose.
        let two = [(name, "one"), (name, "two")];
        let id = the_id(app, &memory, &pipeline, &two).await;
        assert!(id == "one" || id.len() == 36, "{id}");
    }
}

#[tokio::test]
async fn the_id_of_a_layer_further_out_is_taken_over_whatever_its_header() {
    let (layer, memory, pipeline) = capture();
    let app = app().layer(layer).layer(set("x-trace"));
    let sent = [("x-trace", "further-out"), ("x-request-id", "sent")];
    let id = the_id(app, &memory, &pipeline, &sent).await;
    assert_eq!(id, "further-out");
}

#[tokio::test]
async fn an_id_that_is_not_trusted_is_replaced_for_layers_further_in_too() {
    let (layer, memory, pipeline) = capture();
    let layer = layer.trust_request_id(false);
    let app = app().layer(layer).layer(set("x-request-id"));
    let id = the_id(app, &memory, &pipeline, &[("x-request-id", "sent")]).await;
    assert_eq!(id.len(), 36);
}
