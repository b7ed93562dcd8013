//! Where the layer is, among the routers.

use tower::ServiceBuilder;

use super::*;

#[tokio::test]
async fn around_a_nest_of_routers_requests_are_told_truly() {
    let (layer, memory, pipeline) = capture();
    let address = listen(Router::new().nest("/api", app()).layer(layer)).await;
    let case = Case {
        prefix: "/api",
        routes: Some("/api"),
        ..Case::new("around", address)
    };
    case.judge(&memory, pipeline).await;
}

#[tokio::test]
async fn on_a_nested_router_requests_are_told_truly() {
    let (layer, memory, pipeline) = capture();
    let address = listen(Router::new().nest("/api", app().layer(layer))).await;
    let case = Case {
        prefix: "/api",
        routes: Some("/api"),
        // A nested router leaves them to the one around it.
        sees_misses: false,
        ..Case::new("nested", address)
    };
    case.judge(&memory, pipeline).await;
}

#[tokio::test]
async fn on_one_of_two_merged_routers_only_its_requests_are_told() {
    let (layer, memory, pipeline) = capture();
    let other = Router::new().route("/other", get(|| async { "other" }));
    let address = listen(other.merge(app().layer(layer))).await;
    let mut client = Client::connect(address, Version::HTTP_11).await;
    let answer = client.send(asks("GET", "/other", &[], "")).await;
    assert_eq!(answer.body(), "other");
    assert_eq!(answer.headers().get("x-request-id"), None);
    Case::new("merged", address).judge(&memory, pipeline).await;
}

#[tokio::test]
async fn as_a_route_layer_only_requests_with_a_route_are_told() {
    let (layer, memory, pipeline) = capture();
    let address = listen(app().route_layer(layer)).await;
    let mut client = Client::connect(address, Version::HTTP_11).await;
    let answer = client.send(asks("GET", "/nowhere", &[], "")).await;
    assert_eq!(answer.status(), 404);
    let case = Case {
        sees_misses: false,
        ..Case::new("route_layer", address)
    };
    case.judge(&memory, pipeline).await;
}

#[tokio::test]
async fn around_a_router_requests_are_told_truly_but_for_their_routes() {
    let (layer, memory, pipeline) = capture();
    let service = ServiceBuilder::new().layer(layer).service(app());
    let address = accept(service).await;
    let case = Case {
        routes: None,
        knows_clients: false,
        ..Case::new("outside", address)
    };
    case.judge(&memory, pipeline).await;
}

#[tokio::test]
async fn twice_on_a_router_requests_are_told_once() {
    let (layer, memory, pipeline) = capture();
    let address = listen(app().layer(layer.clone()).layer(layer)).await;
    Case::new("twice", address).judge(&memory, pipeline).await;
}

#[tokio::test]
async fn around_a_router_and_on_it_requests_are_told_once_and_with_their_routes() {
    let (layer, memory, pipeline) = capture();
    let service = ServiceBuilder::new()
        .layer(layer.clone())
        .service(app().layer(layer));
    let address = accept(service).await;
    let case = Case {
        knows_clients: false,
        ..Case::new("both", address)
    };
    case.judge(&memory, pipeline).await;
}
