//! Servers.

use fapilog_axum::serve;
use hyper::server::conn::http1;

use super::*;

const VERSIONS: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

#[tokio::test]
async fn requests_to_axums_server_are_told_truly() {
    for version in VERSIONS {
        let (layer, memory, pipeline) = capture();
        let address = listen(app().layer(layer)).await;
        let case = Case {
            version,
            ..Case::new("axum::serve", address)
        };
        case.judge(&memory, pipeline).await;
    }
}

#[tokio::test]
async fn requests_to_our_own_server_are_told_truly() {
    for version in VERSIONS {
        let (layer, memory, pipeline) = capture();
        let (_, other) = LoggerBuilder::new().sink(Memory::new()).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = serve(listener, app().layer(layer)).pipeline(other);
        let server = tokio::spawn(server.signal(std::future::pending()).into_future());
        let case = Case {
            version,
            ..Case::new("serve", address)
        };
        case.judge(&memory, pipeline).await;
        server.abort();
    }
}

#[tokio::test]
async fn requests_to_axum_server_are_told_truly() {
    for version in VERSIONS {
        let (layer, memory, pipeline) = capture();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let app = app().layer(layer);
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(axum_server::from_tcp(listener).unwrap().serve(app));
        let case = Case {
            version,
            ..Case::new("axum-server", address)
        };
        case.judge(&memory, pipeline).await;
    }
}

#[tokio::test]
async fn requests_to_a_loop_of_ones_own_are_told_truly() {
    for version in VERSIONS {
        let (layer, memory, pipeline) = capture();
        let address = accept(app().layer(layer)).await;
        let case = Case {
            version,
            knows_clients: false,
            ..Case::new("auto", address)
        };
        case.judge(&memory, pipeline).await;
    }
}

#[tokio::test]
async fn requests_to_a_loop_that_speaks_http1_alone_are_told_truly() {
    let (layer, memory, pipeline) = capture();
    let app = app().layer(layer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let io = TokioIo::new(listener.accept().await.unwrap().0);
        let service = TowerToHyperService::new(app);
        http1::Builder::new().serve_connection(io, service).await
    });
    let case = Case {
        knows_clients: false,
        ..Case::new("http1", address)
    };
    case.judge(&memory, pipeline).await;
}
