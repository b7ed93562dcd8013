//! What settings do to the web layer, seen from outside of a service.

use fapilog_tests::{
    example::{Ended, Example},
    http::{Reply, get, request, send},
};
use serde_json::Value;

use super::Variable;

/// A service with these variables.
struct Service(Example);

impl Service {
    fn start(variables: &[Variable<'_>]) -> Self {
        Self(Example::start("quickstart", variables))
    }

    fn get(&self, path: &str) -> Reply {
        get(self.0.address, path)
    }

    fn send(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        send(self.0.address, &request("GET", path, headers)).unwrap()
    }

    fn end(mut self) -> Ended {
        self.0.terminate()
    }

    /// The terminal events of its requests.
    fn events(self) -> Vec<Value> {
        self.end().requests()
    }
}

fn paths(events: &[Value]) -> Vec<&str> {
    let paths = events.iter().map(|event| event["data"]["path"].as_str());
    paths.map(Option::unwrap).collect()
}

pub(super) fn paths_to_skip_are_not_logged_but_for_errors_if_wanted() {
    // The original's name of the group works as well.
    let skip = ("FAPILOG_FASTAPI__SKIP_PATHS", "/,/fa*");
    let visit = |variables: &[Variable<'_>]| {
        let service = Service::start(variables);
        for path in ["/", "/users/7", "/fail", "/"] {
            service.get(path);
        }
        service.end()
    };
    let ended = visit(&[skip]);
    assert_eq!(paths(&ended.requests()), ["/users/7", "/fail"]);
    assert!(ended.stderr.contains("filtered"), "{}", ended.stderr);
    let silent = ("FAPILOG_FASTAPI__LOG_ERRORS_ON_SKIP", "no");
    assert_eq!(paths(&visit(&[skip, silent]).requests()), ["/users/7"]);
}

pub(super) fn a_sample_of_the_successes_is_logged() {
    let visit = |rate| {
        let service = Service::start(&[("FAPILOG_AXUM__SAMPLE_RATE", rate)]);
        for _ in 0..60 {
            service.get("/");
        }
        service.get("/fail");
        service.events()
    };
    assert_eq!(paths(&visit("0")), ["/fail"]);
    let half = visit("0.5");
    assert!((10..50).contains(&half.len()), "{}", half.len());
    let (last, others) = half.split_last().unwrap();
    assert!(others.iter().all(|it| it["data"]["sample_rate"] == 0.5));
    assert_eq!(last["data"]["sample_rate"], Value::Null);
}

pub(super) fn slow_requests_are_warnings_and_always_logged() {
    let service = Service::start(&[
        ("FAPILOG_AXUM__SLOW_THRESHOLD_SECONDS", "100ms"),
        ("FAPILOG_AXUM__SAMPLE_RATE", "0"),
    ]);
    service.get("/");
    service.get("/slow?ms=150");
    let events = service.events();
    assert_eq!(paths(&events), ["/slow"]);
    assert_eq!(events[0]["level"], "WARNING");
}

pub(super) fn the_beginning_of_a_request_is_logged_if_wanted() {
    let service = Service::start(&[("FAPILOG_AXUM__LOG_START", "true")]);
    service.get("/");
    let events = service.events();
    let messages: Vec<_> = events
        .iter()
        .map(|it| it["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["request_started", "request_completed"]);
    assert_eq!(
        events[0]["context"]["request_id"],
        events[1]["context"]["request_id"]
    );
}

pub(super) fn headers_are_logged_as_far_as_wanted_and_credentials_never() {
    let service = Service::start(&[
        (
            "FAPILOG_AXUM__INCLUDE_HEADERS",
            "accept,authorization,x-own,x-long",
        ),
        ("FAPILOG_AXUM__REDACT_HEADERS", "X-Own"),
        ("FAPILOG_AXUM__MAX_HEADER_BYTES", "16 B"),
    ]);
    let long = "0123456789abcdef0123456789abcdef";
    let headers = [
        ("accept", "text/html"),
        ("Authorization", "Bearer s3cret"),
        ("x-own", "mine"),
        ("x-long", long),
        ("x-other", "unasked"),
    ];
    service.send("/", &headers);
    let ended = service.end();
    let stdout = ended.stdout.join("");
    assert!(
        !stdout.contains("s3cret") && !stdout.contains("unasked"),
        "{stdout}"
    );
    let shown = &ended.requests()[0]["data"]["headers"];
    assert_eq!(shown["accept"], "text/html");
    assert_eq!(shown["authorization"], "**REDACTED**");
    assert_eq!(shown["x-own"], "**REDACTED**");
    assert_eq!(shown["x-long"], "0123456789abcdef…");
}

pub(super) fn the_query_is_logged_if_wanted_and_credentials_never() {
    let path = "/slow?ms=1&access_token=s3cret&a=b";
    let service = Service::start(&[]);
    service.get(path);
    assert_eq!(service.events()[0]["data"]["query"], Value::Null);
    let service = Service::start(&[
        ("FAPILOG_AXUM__INCLUDE_QUERY", "true"),
        ("FAPILOG_AXUM__REDACT_QUERY", "ms"),
    ]);
    service.get(path);
    let query = &service.events()[0]["data"]["query"];
    assert_eq!(query, "ms=**REDACTED**&access_token=**REDACTED**&a=b");
}

pub(super) fn a_trusted_proxy_tells_who_the_client_is() {
    let headers = [
        ("X-Forwarded-For", "6.6.6.6, 198.51.100.7, 10.1.1.1"),
        ("x-user-id", "u-1"),
        ("x-tenant-id", "acme"),
    ];
    let names = [
        ("FAPILOG_AXUM__USER_HEADER", "X-User-ID"),
        ("FAPILOG_AXUM__TENANT_HEADER", "x-tenant-id"),
    ];
    let visit = |variables: &[Variable<'_>]| {
        let service = Service::start(variables);
        service.send("/users/7", &headers);
        let events = service.end().events();
        assert_eq!(events.len(), 2);
        events
    };
    for event in visit(&names) {
        assert_eq!(event["context"].get("tenant_id"), None);
    }
    let proxies = ("FAPILOG_AXUM__TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8");
    let events = visit(&[names[0], names[1], proxies]);
    assert_eq!(events[1]["data"]["client_ip"], "198.51.100.7");
    assert_eq!(events[1]["context"]["user_id"], "u-1");
    for event in events {
        assert_eq!(event["context"]["tenant_id"], "acme");
    }
}

pub(super) fn the_id_of_a_request_stands_where_it_should_and_is_believed_if_wanted() {
    let header = ("FAPILOG_AXUM__REQUEST_ID_HEADER", "X-Correlation-ID");
    let visit = |variables: &[Variable<'_>]| {
        let service = Service::start(variables);
        let reply = service.send("/", &[("x-correlation-id", "sent")]);
        assert_eq!(reply.header("x-request-id"), None);
        let id = reply.header("x-correlation-id").unwrap().to_owned();
        assert_eq!(service.events()[0]["context"]["request_id"], id.as_str());
        id
    };
    assert_eq!(visit(&[header]), "sent");
    assert_ne!(
        visit(&[header, ("FAPILOG_AXUM__TRUST_REQUEST_ID", "false")]),
        "sent"
    );
}
