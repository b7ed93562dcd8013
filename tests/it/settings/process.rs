//! What settings do to a process, and to the web layer of a service.

use std::{
    io::{Read, Write},
    time::Duration,
};

use fapilog_tests::{
    example::Example,
    http::{connect, get, request, send},
};

use super::Variable;

pub(super) fn signals_are_left_alone() {
    let variable = ("FAPILOG_CORE__SIGNAL_HANDLER_ENABLED", "false");
    let code = |variables: &[Variable<'_>]| {
        let mut service = Example::start("quickstart", variables);
        // From its first response on, a service is up for sure.
        assert_eq!(get(service.address, "/").status, 200);
        service.terminate().status.code()
    };
    assert_eq!(code(&[variable]), None, "the signal ended it");
    assert_eq!(code(&[]), Some(0));
}

pub(super) fn panics_of_handlers_become_responses_or_not() {
    let mut service = Example::start("quickstart", &[]);
    assert_eq!(get(service.address, "/panic").status, 500);
    service.terminate();
    let variable = ("FAPILOG_AXUM__CATCH_PANICS", "false");
    let mut service = Example::start("quickstart", &[variable]);
    let reply = send(service.address, &request("GET", "/panic", &[]));
    assert!(reply.is_none(), "{reply:?}");
    service.terminate();
}

pub(super) fn open_requests_are_given_as_long_as_wanted() {
    // The original's name of the group works as well.
    let variable = ("FAPILOG_FASTAPI__REQUEST_DEADLINE_SECONDS", "300ms");
    let mut service = Example::start("quickstart", &[variable]);
    let mut open = connect(service.address);
    open.write_all(&request("GET", "/stream", &[])).unwrap();
    let mut first = [0; 1];
    open.read_exact(&mut first).unwrap();
    let mut stuck = connect(service.address);
    stuck
        .write_all(&request("GET", "/slow?ms=60000", &[]))
        .unwrap();
    let ended = service.terminate();
    assert!(ended.took < Duration::from_secs(4), "{:?}", ended.took);
    let outcomes: Vec<_> = ended
        .requests()
        .iter()
        .map(|it| it["data"]["outcome"].clone())
        .collect();
    assert!(outcomes.iter().any(|it| it == "shutdown"), "{outcomes:?}");
}

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub(super) fn a_trace_is_taken_over_if_wanted() {
    let variable = ("FAPILOG_AXUM__TRACE_CONTEXT", "true");
    let trace_ids = |variables: &[Variable<'_>]| {
        let mut service = Example::start("quickstart", variables);
        let traced = request("GET", "/users/7", &[("traceparent", TRACEPARENT)]);
        let reply = send(service.address, &traced).unwrap();
        assert_eq!(reply.header("traceresponse"), None);
        let events = service.terminate().events();
        let ids = events.iter().map(|it| it["context"]["trace_id"].clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(trace_ids(&[variable]), [TRACE_ID, TRACE_ID]);
    assert_eq!(trace_ids(&[]), [(), ()].map(serde_json::Value::from));
}

pub(super) fn a_response_tells_its_trace_if_wanted() {
    let variable = ("FAPILOG_AXUM__TRACERESPONSE", "true");
    let told = |variables: &[Variable<'_>]| {
        let mut service = Example::start("quickstart", variables);
        let traced = request("GET", "/", &[("traceparent", TRACEPARENT)]);
        let reply = send(service.address, &traced).unwrap();
        service.terminate();
        reply.header("traceresponse").map(str::to_owned)
    };
    let response = told(&[variable]).unwrap();
    assert!(response.starts_with(&format!("00-{TRACE_ID}-")));
    assert_eq!(told(&[]), None);
}
