//! Server-sent events.

use axum::response::sse;
use tokio::sync::mpsc;

use super::*;

/// A service that sends what the test hands over, and the test's end of it.
async fn ticker(layer: FapilogLayer) -> (SocketAddr, mpsc::UnboundedSender<&'static str>) {
    let (tick, ticks) = mpsc::unbounded_channel();
    let ticks = Arc::new(Mutex::new(Some(ticks)));
    let handler = move || async move {
        let ticks: mpsc::UnboundedReceiver<_> = ticks.lock().unwrap().take().unwrap();
        sse::Sse::new(stream::unfold(ticks, |mut ticks| async move {
            let tick = ticks.recv().await?;
            info!("a tick");
            Some((Ok::<_, Infallible>(sse::Event::default().data(tick)), ticks))
        }))
    };
    let app = Router::new().route("/ticks", get(handler)).layer(layer);
    (listen(app).await, tick)
}

const FRAME: &[u8] = b"data: tick\n\n";

#[tokio::test]
async fn a_long_stream_is_one_event_at_its_end_with_all_its_bytes() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (layer, memory, pipeline) = capture();
        let (address, tick) = ticker(layer).await;
        let mut client = Client::connect(address, version).await;
        let mut body = client
            .begin(asks("GET", "/ticks", &[], ""))
            .await
            .into_body();
        for _ in 0..100 {
            tick.send("tick").unwrap();
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), FRAME);
        }
        terminal(&memory, &pipeline, 0).await;
        drop(tick);
        assert!(body.collect().await.unwrap().to_bytes().is_empty());
        let events = terminal(&memory, &pipeline, 1).await;
        assert_eq!(outcome(&events[0]), ("request_completed", "completed"));
        let bytes = 100 * FRAME.len() as u64;
        assert_eq!(*field(&events[0], "response_bytes"), bytes.into());
        let id = events[0].context().get("request_id");
        let lines = memory.events();
        let ticks: Vec<_> = lines.iter().filter(|it| it.message() == "a tick").collect();
        assert_eq!(ticks.len(), 100);
        assert!(ticks.iter().all(|it| it.context().get("request_id") == id));
    }
}

#[tokio::test]
async fn a_stream_whose_client_goes_away_is_told_as_such_with_what_was_sent() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (layer, memory, pipeline) = capture();
        let (address, tick) = ticker(layer).await;
        let mut client = Client::connect(address, version).await;
        let mut body = client
            .begin(asks("GET", "/ticks", &[], ""))
            .await
            .into_body();
        tick.send("tick").unwrap();
        body.frame().await.unwrap().unwrap();
        drop((body, client));
        let events = terminal(&memory, &pipeline, 1).await;
        assert_eq!(
            outcome(&events[0]),
            ("request_cancelled", "client_disconnected")
        );
        assert_eq!(*field(&events[0], "status_code"), 200_u16.into());
        let bytes = FRAME.len() as u64;
        assert_eq!(*field(&events[0], "response_bytes"), bytes.into());
    }
}
