//! Headers of any bytes: the layer takes over, hands on and sends back only what is valid by rules
//! that are written here once more.
//!
//! Each line of the input is a header: `p` and a `traceparent`, `s` and a `tracestate`, anything
//! else and an `x-request-id`.

#![no_main]

use std::{
    convert::Infallible,
    future::{Ready, ready},
    ops::Range,
    pin::pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use fapilog_core::{Level, LoggerBuilder, Null, Pipeline};
use fapilog_tower::{FapilogLayer, RequestHandle, TraceContext, propagate};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::Empty;
use libfuzzer_sys::fuzz_target;
use tower::{Layer, ServiceExt, service_fn};

type Body = Empty<Bytes>;

fuzz_target!(|data: &[u8]| {
    let sent = headers(data);
    let mut request = Request::new(Body::new());
    *request.headers_mut() = sent.clone();
    let reply = answer(request);
    let id = only(&reply, "x-request-id").expect("each response has an id");
    assert!(is_harmless(id));
    match only(&sent, "x-request-id").filter(|id| is_harmless(id)) {
        Some(harmless) => assert_eq!(id, harmless),
        None => assert_eq!(id.len(), 36, "a new one is made"),
    }
    let response = only(&reply, "traceresponse").expect("each response has a trace");
    assert!(is_parent(response));
    let parent = only(&sent, "traceparent").filter(|parent| is_parent(parent));
    let told = reply.get("parent-id").map(HeaderValue::as_bytes);
    assert_eq!(told, parent.map(|parent| &parent[36..52]));
    if let Some(parent) = parent {
        assert_eq!(response[3..35], parent[3..35], "the trace goes on");
        assert_ne!(response[36..52], parent[36..52], "in a span of its own");
    }
    if let Some(state) = only(&reply, "tracestate") {
        assert!(parent.is_some() && is_state(state));
        let lines: Vec<_> = sent.get_all("tracestate").iter().collect();
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        assert_eq!(state, lines.join(&b','), "as it came");
    }
});

fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n') {
        let (name, value) = match line {
            [b'p', value @ ..] => ("traceparent", value),
            [b's', value @ ..] => ("tracestate", value),
            [_, value @ ..] => ("x-request-id", value),
            [] => continue,
        };
        // What no server would take for a header does not come this far.
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// The headers of the response: the layer's own, and what the service inside was told.
fn answer(request: Request<Body>) -> HeaderMap {
    static LAYER: LazyLock<(FapilogLayer, Pipeline)> = LazyLock::new(|| {
        // Its worker stands still, so that what is covered depends on the input alone.
        let builder = LoggerBuilder::new().sink(Null).level(Level::Critical);
        let (log, pipeline) = builder.build().expect("the settings are fine");
        let layer = FapilogLayer::new(log).traceresponse(true);
        (layer, pipeline)
    });
    let call = LAYER.0.layer(service_fn(serve)).oneshot(request);
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(call).poll(&mut cx) {
        Poll::Ready(Ok(response)) => response.into_parts().0.headers,
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn serve(request: Request<Body>) -> Ready<Result<Response<Body>, Infallible>> {
    let handle = request.extensions().get::<RequestHandle>();
    let id = handle.expect("it has one").id();
    for left in request.headers().get_all("x-request-id") {
        assert_eq!(left.as_bytes(), id.as_bytes(), "no other id goes on");
    }
    let trace = request.extensions().get::<TraceContext>();
    let trace = trace.expect("it has one");
    let mut sent = HeaderMap::new();
    propagate(&mut sent);
    let parent = only(&sent, "traceparent").expect("the trace is handed on");
    assert!(is_parent(parent));
    assert_eq!(parent[3..35], *trace.trace_id().as_bytes());
    let mut response = Response::new(Body::new());
    for (name, told) in [
        ("parent-id", trace.parent_id()),
        ("tracestate", trace.tracestate()),
    ] {
        if let Some(told) = told {
            let told = HeaderValue::from_str(told).expect("it came in a header");
            response.headers_mut().insert(name, told);
        }
    }
    ready(Ok(response))
}

/// The value of a header that stands there once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.as_bytes())
}

fn is_harmless(id: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
    (1..=128).contains(&id.len()) && id.iter().all(known)
}

fn is_parent(sent: &[u8]) -> bool {
    let Some((known, rest)) = sent.split_at_checked(55) else {
        return false;
    };
    let is_hex = |part: Range<usize>| {
        known[part]
            .iter()
            .all(|it| b"0123456789abcdef".contains(it))
    };
    let is_zero = |part: Range<usize>| known[part].iter().all(|&it| it == b'0');
    let [version, trace, span, flags] = [0..2, 3..35, 36..52, 53..55];
    let is_version_0 = known[version.clone()] == *b"00";
    [2, 35, 52].iter().all(|&at| known[at] == b'-')
        && [&version, &trace, &span, &flags]
            .into_iter()
            .all(|it| is_hex(it.clone()))
        && !is_zero(trace)
        && !is_zero(span)
        && known[version] != *b"ff"
        && (rest.is_empty() || !is_version_0 && rest[0] == b'-')
}

fn is_state(state: &[u8]) -> bool {
    let is_in = |byte: &u8, more: &[u8]| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || more.contains(byte)
    };
    let is_member = |member: &&[u8]| {
        let text = String::from_utf8_lossy(member);
        let text = text.trim_matches([' ', '\t']);
        let Some((key, value)) = text.split_once('=') else {
            return text.is_empty();
        };
        let (tenant, system) = key.split_once('@').unwrap_or(("0", key));
        let system_length = if key.contains('@') { 14 } else { 256 };
        (1..=241).contains(&tenant.len())
            && (1..=system_length).contains(&system.len())
            && is_in(&tenant.as_bytes()[0], b"")
            && system.as_bytes()[0].is_ascii_lowercase()
            && tenant
                .bytes()
                .chain(system.bytes())
                .all(|it| is_in(&it, b"_-*/"))
            && (1..=256).contains(&value.len())
            && value
                .bytes()
                .all(|it| matches!(it, b' '..=b'~') && it != b'=')
    };
    let members: Vec<_> = state.split(|&byte| byte == b',').collect();
    state.len() <= 512 && members.len() <= 32 && members.iter().all(is_member)
}
