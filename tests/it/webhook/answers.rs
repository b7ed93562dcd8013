//! What the sink asks for after each answer, and where there is none.

use super::*;

/// What an error asks for.
type Wish = (Action, Option<Duration>);

/// What a sink asks for, one event after the other.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Wish>>>);

/// Passes on each event by itself, and keeps what is asked for.
struct Listening {
    webhook: Webhook,
    asked: Asked,
}

impl Sink for Listening {
    fn name(&self) -> &str {
        "listening"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn delivery(&self) -> Delivery {
        Delivery::at_once()
    }

    async fn start(&self) -> Result<(), SinkError> {
        self.webhook.start().await
    }

    async fn write(&self, event: &Event<'static>) -> Result<(), SinkError> {
        self.webhook.write(event).await
    }

    async fn write_serialized(&self, view: SerializedView<'_>) -> Result<(), SinkError> {
        if let Err(error) = self.webhook.write_serialized(view).await {
            let asked = (error.action(), error.delay());
            self.asked.0.lock().unwrap().push(asked);
        }
        Ok(())
    }
}

/// What is asked for after these replies, one for each event.
fn asked(server: &Server, webhook: Webhook, events: usize) -> Vec<Wish> {
    let asked = Asked::default();
    let sink = Listening {
        webhook,
        asked: asked.clone(),
    };
    posted(server, sink, |log, _| {
        for n in 0..events {
            info!(logger: log, n, "it happened");
        }
    });
    let asked = asked.0.lock().unwrap();
    asked.clone()
}

#[test]
fn a_webhook_that_is_gone_is_never_called_again_and_others_are_as_http_is() {
    let statuses = [200, 410, 503, 429, 400, 401, 404, 302];
    let server = Server::statuses(statuses);
    let actions = asked(&server, Webhook::new(server.url("/")), statuses.len());
    let actions: Vec<_> = actions.into_iter().map(|(action, _)| action).collect();
    let expected = [
        Action::Disable,
        Action::Retry,
        Action::Throttle,
        Action::Split,
        Action::Pause,
        Action::Pause,
        Action::GiveUp,
    ];
    assert_eq!(actions, expected);
    assert_eq!(server.ids(), [0]);
    server.answer(Reply::status(503).header("retry-after", "7"));
    let asked = asked(&server, Webhook::new(server.url("/")), 1);
    assert_eq!(asked, [(Action::Retry, Some(Duration::from_secs(7)))]);
}

#[test]
fn an_attempt_that_gets_no_answer_ends_in_time_and_asks_for_another() {
    let replies = [
        Reply::hang(),
        Reply::status(200).reset_after(9),
        Reply::status(200).close_after(0),
        Reply::raw(*b"nonsense\r\n\r\n"),
    ];
    for reply in replies {
        let server = Server::new(reply.clone());
        let webhook = Webhook::new(server.url("/")).timeout(Duration::from_millis(50));
        assert_eq!(
            asked(&server, webhook, 1),
            [(Action::Retry, None)],
            "{reply:?}"
        );
    }
}
