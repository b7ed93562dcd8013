//! Headers that are nearly those of a trace.

use super::*;

/// Bytes that are nearly a value, or not at all.
fn mutated(random: &mut fastrand::Rng, near: &str) -> Vec<u8> {
    let mut bytes = near.as_bytes().to_vec();
    for _ in 0..random.usize(..4) {
        let at = random.usize(..=bytes.len());
        match random.u8(..5) {
            0 => bytes.insert(at, random.u8(..)),
            1 => bytes.truncate(at),
            2 => bytes.extend_from_slice(near.as_bytes()),
            3 => bytes.extend_from_within(..at),
            _ if at < bytes.len() => {
                bytes[at] = *b"0-fF=,@\xff \t".get(random.usize(..10)).unwrap()
            }
            _ => {}
        }
    }
    bytes
}

/// The same, as far as a header can have it.
fn hostile(random: &mut fastrand::Rng, near: &str) -> HeaderValue {
    let mut bytes = mutated(random, near);
    bytes.retain(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f));
    HeaderValue::from_bytes(&bytes).unwrap()
}

fn hostile_headers(random: &mut fastrand::Rng) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let state = ["k=v, t@s=x y"; 16].join(",");
    for (name, near) in [
        ("traceparent", TRACEPARENT),
        ("tracestate", &state[..random.usize(..state.len())]),
        ("x-request-id", "r-1"),
    ] {
        // Most often one.
        for _ in 0..[1, 1, 1, 0, 2, 40][random.usize(..6)] {
            headers.append(name, hostile(random, near));
        }
    }
    headers
}

/// The trace of the only parent, by rules written once more: what our layer has to agree with.
fn expected(headers: &HeaderMap) -> Option<(String, String)> {
    let sent: Vec<_> = headers.get_all("traceparent").iter().collect();
    let [sent] = sent[..] else { return None };
    let text = sent.to_str().ok().or_else(|| {
        let bytes = sent.as_bytes();
        let head = bytes.get(..55)?;
        str::from_utf8(head)
            .ok()
            .filter(|_| bytes.get(55) == Some(&b'-'))
    })?;
    let parts: Vec<_> = text.splitn(5, '-').collect();
    let [version, trace, span, flags, rest @ ..] = &parts[..] else {
        return None;
    };
    let is_hex = |it: &str, length| is_id(it, length) || it == "0".repeat(length);
    let is_parent = is_hex(version, 2)
        && *version != "ff"
        && (*version != "00" || (rest.is_empty() && sent.len() == 55))
        && is_id(trace, 32)
        && is_id(span, 16)
        && is_hex(flags, 2);
    is_parent.then(|| ((*trace).to_owned(), (*span).to_owned()))
}

async fn handler(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let trace = request.extensions().get::<TraceContext>().unwrap();
    info!(parent = trace.parent_id(), "in the handler");
    let mut sent = HeaderMap::new();
    propagate(&mut sent);
    let parent = sent["traceparent"].to_str().unwrap();
    assert_eq!(parts(parent).0, trace.trace_id());
    let state = sent.get("tracestate");
    assert!(state.is_none_or(|it| it.len() <= 512 && it.to_str().is_ok()));
    assert!(state.is_none() || trace.parent_id().is_some());
    Ok(Response::new(Body::empty()))
}

fn is_harmless(id: impl AsRef<[u8]>) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
    (1..=128).contains(&id.as_ref().len()) && id.as_ref().iter().all(known)
}

/// The id of the response is the only one that the client sent, if that is harmless, else a new one.
fn assert_harmless_id(sent: &HeaderMap, reply: &HeaderMap) {
    let [sent, reply] = [sent, reply].map(|headers| {
        let ids = headers.get_all("x-request-id").iter();
        ids.collect::<Vec<_>>()
    });
    let [id] = reply[..] else {
        panic!("not one id: {reply:?}");
    };
    match sent[..] {
        [only] if is_harmless(only) => assert_eq!(id, only),
        _ => assert!(id.len() == 36 && is_harmless(id) && !sent.contains(&id)),
    }
}

/// Sends requests, one after the other; returns how many brought a valid parent.
async fn round(random: &mut fastrand::Rng) -> usize {
    let (layer, memory, pipeline) = capture();
    let layer = layer.trace_context(true).traceresponse(true);
    let service = layer.layer(service_fn(handler));
    let mut requests = Vec::new();
    for _ in 0..REQUESTS {
        let sent = hostile_headers(random);
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = sent.clone();
        let reply = service.clone().oneshot(request).await.unwrap();
        assert_harmless_id(&sent, reply.headers());
        requests.push((sent, reply));
    }
    assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
    let events = memory.events();
    assert_eq!(events.len(), 2 * REQUESTS);
    let mut taken = 0;
    for ((sent, reply), events) in requests.iter().zip(events.chunks(2)) {
        let response = reply.headers()["traceresponse"].to_str().unwrap();
        let (trace, span, _) = parts(response);
        for event in events {
            assert_eq!(context(event, "trace_id"), trace, "{sent:?}");
            assert_eq!(context(event, "span_id"), span, "{sent:?}");
        }
        let parent = field(&events[0], "parent").as_str();
        if let Some((trace_id, parent_id)) = expected(sent) {
            assert_eq!((trace, parent), (&*trace_id, Some(&*parent_id)), "{sent:?}");
            assert_ne!(span, parent_id, "{sent:?}");
            taken += 1;
        } else {
            assert_eq!(parent, None, "{sent:?}");
            assert_ne!(trace, TRACE_ID, "{sent:?}");
        }
    }
    taken
}

const REQUESTS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_headers_neither_panic_nor_pass() {
    let count = scaled(10_000).max(20_000);
    let (mut random, mut taken) = (random(), 0);
    for _ in 0..count / REQUESTS {
        taken += round(&mut random).await;
    }
    assert!(
        (count / 20..count / 2).contains(&taken),
        "{taken} were valid"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_on_the_wire_are_not_sent_back() {
    let (layer, memory, pipeline) = capture();
    let app = Router::new().route("/", get(|| async {}));
    let address = listen(app.layer(layer.traceresponse(true))).await;
    let mut random = random();
    let (count, mut answered) = (scaled(200), 0);
    for _ in 0..count {
        let mut bytes = request("GET", "/", &[]);
        bytes.truncate(bytes.len() - b"\r\n".len());
        for (name, near) in [("TraceParent", TRACEPARENT), ("X-Request-ID", "r-1")] {
            for _ in 0..[1, 1, 0, 2][random.usize(..4)] {
                let value = mutated(&mut random, near);
                bytes.extend([name.as_bytes(), b": ", &*value, b"\r\n"].concat());
            }
        }
        bytes.extend_from_slice(b"\r\n");
        let sent = tokio::task::spawn_blocking(move || send(address, &bytes));
        // What is no request, the server itself refuses.
        let Some(reply) = sent.await.unwrap().filter(|it| it.status == 200) else {
            continue;
        };
        let lines = reply.head.lines();
        let lines = lines.filter(|it| it.starts_with("x-request-id:"));
        assert_eq!(lines.count(), 1, "{}", reply.head);
        assert!(is_harmless(reply.header("x-request-id").unwrap()));
        parts(reply.header("traceresponse").unwrap());
        answered += 1;
    }
    assert!(answered > count / 2, "{answered} of {count} were requests");
    assert_settled(&pipeline.shutdown(PATIENCE).await.stats);
    let events = memory.events();
    assert!(events.len() >= answered);
    for event in &events {
        assert!(is_harmless(context(event, "request_id")), "{event:?}");
        assert!(is_id(context(event, "trace_id"), 32), "{event:?}");
    }
}
