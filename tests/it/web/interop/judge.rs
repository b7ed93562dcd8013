//! [`Case`]: what was logged of a service, held against what it answered.

use super::*;

/// A service with [`app`] in it, and what can be known of its requests.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) address: SocketAddr,
    pub(super) version: Version,
    /// What stands before the routes; `None` if the layer is outside of the router.
    pub(super) routes: Option<&'static str>,
    /// Where the app is.
    pub(super) prefix: &'static str,
    pub(super) knows_clients: bool,
    /// Whether the layer is asked for what there is no route for.
    pub(super) sees_misses: bool,
}

/// Method, path, route if there is one, id if one is sent, body.
type Visit = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
);

const USER: Option<&str> = Some("/users/{id}");

const VISITS: [Visit; 7] = [
    ("GET", "/users/1", USER, Some("sent-1"), ""),
    ("GET", "/users/2", USER, None, ""),
    ("HEAD", "/users/3", USER, Some("sent-3"), ""),
    ("POST", "/echo", Some("/echo"), None, "four"),
    ("GET", "/chunks", Some("/chunks"), Some("sent-5"), ""),
    ("GET", "/fail", Some("/fail"), None, ""),
    ("GET", "/nowhere", None, Some("sent-7"), ""),
];

impl Case {
    pub(super) fn new(name: impl Into<String>, address: SocketAddr) -> Self {
        Self {
            name: name.into(),
            address,
            version: Version::HTTP_11,
            routes: Some(""),
            prefix: "",
            knows_clients: true,
            sees_misses: true,
        }
    }

    /// Visits all of the app on one connection: each answer has an event of its own, a true one.
    pub(super) async fn judge(self, memory: &Memory, pipeline: Pipeline) {
        let count = VISITS.len() - usize::from(!self.sees_misses);
        let mut client = Client::connect(self.address, self.version).await;
        let mut answers = Vec::new();
        for visit in &VISITS[..count] {
            let (method, path, _, id, body) = visit;
            let id = id.map(|id| ("x-request-id", id));
            let request = asks(method, &self.path(path), id.as_slice(), body);
            answers.push((visit, client.send(request).await));
        }
        let events = terminal(memory, &pipeline, count).await;
        let mut lines = memory.events();
        lines.retain(|event| event.message() == "loading user");
        assert_eq!(lines.len(), 3, "{}", self.name);
        for (visit, answer) in &answers {
            self.hold(visit, answer, &events, &lines);
        }
        assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    fn hold(
        &self,
        visit: &Visit,
        answer: &Response<Bytes>,
        events: &[Event<'static>],
        lines: &[Event<'static>],
    ) {
        let (method, path, route, sent, body) = *visit;
        let id = text(answer.headers(), "x-request-id");
        let case = format!("{}: {visit:?} {answer:?}", self.name);
        assert!(sent.map_or(id.len() == 36, |sent| id == sent), "{case}");
        let is_its = |it: &&Event<'_>| it.context().get("request_id") == Some(&id.as_str().into());
        let event = events.iter().find(is_its).expect(&case);
        let route = self.routes.zip(route);
        let route = route.map(|(before, route)| format!("{before}{route}"));
        let client = self.knows_clients.then_some("127.0.0.1");
        let version = if self.version == Version::HTTP_2 {
            "HTTP/2"
        } else {
            "HTTP/1.1"
        };
        let expected: [(_, FieldValue<'_>); 8] = [
            ("method", method.into()),
            ("path", self.path(path).into()),
            ("route", route.map_or(FieldValue::Null, Into::into)),
            ("status_code", answer.status().as_u16().into()),
            ("request_bytes", (body.len() as u64).into()),
            ("response_bytes", (answer.body().len() as u64).into()),
            ("http_version", version.into()),
            ("client_ip", client.map_or(FieldValue::Null, Into::into)),
        ];
        for (key, value) in expected {
            assert_eq!(*field(event, key), value, "{key}: {case}");
        }
        assert_eq!(outcome(event), ("request_completed", "completed"), "{case}");
        if path.starts_with("/users/") {
            let heard = if method == "HEAD" { "" } else { &id };
            assert_eq!(answer.body(), heard, "the id for the handler: {case}");
            assert_eq!(lines.iter().filter(is_its).count(), 1, "{case}");
        }
    }
}
