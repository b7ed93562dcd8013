//! The quickstart, as a user runs it: judged by its sockets, its stdout and its end.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_tests::{
    alone,
    example::{Ended, Example},
    http::{self, Reply, connect, request, send},
    random, scaled,
};
use serde_json::Value;

#[test]
fn every_route_answers_and_logs_as_the_readme_says() {
    let _alone = alone();
    let mut service = Example::start("quickstart", &[("FAPILOG_SERVICE", "demo")]);
    let mut expected = Vec::new();
    for (method, path, status, outcome, body) in [
        ("GET", "/", 200, "completed", Some("hello\n")),
        ("GET", "/users/7", 200, "completed", Some("user 7\n")),
        ("HEAD", "/users/7", 200, "completed", Some("")),
        (
            "GET",
            "/slow?ms=30",
            200,
            "completed",
            Some("30 ms later\n"),
        ),
        ("GET", "/fail", 500, "completed", Some("failed\n")),
        ("GET", "/panic", 500, "panicked", None),
        ("GET", "/no/such/path", 404, "completed", Some("")),
        ("POST", "/", 405, "completed", Some("")),
        ("GET", "/stream", 200, "completed", None),
    ] {
        let reply = send(service.address, &request(method, path, &[])).unwrap();
        let said = String::from_utf8_lossy(&reply.body);
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(
            body.is_none_or(|body| body == said),
            "{method} {path}: {said}"
        );
        let id = reply.header("x-request-id").unwrap().to_owned();
        assert!(path != "/panic" || said.contains(&id), "{said}");
        expected.push((id, method, path, status, outcome));
    }
    let ended = service.terminate();
    assert!(ended.status.success(), "{ended:?}");
    let requests = ended.requests();
    assert_eq!(requests.len(), expected.len());
    for (event, (id, method, path, status, outcome)) in requests.iter().zip(expected) {
        let (context, data) = (&event["context"], &event["data"]);
        assert_eq!(context["request_id"], id);
        assert_eq!(context["correlation_id"], id);
        assert_eq!(data["method"], method);
        assert_eq!(data["path"], path.split('?').next().unwrap());
        assert_eq!(data["status_code"], status);
        assert_eq!(data["outcome"], outcome);
        assert_eq!(data["client_ip"], "127.0.0.1");
        assert_eq!(event["level"], if status == 500 { "ERROR" } else { "INFO" });
        assert_eq!(event["diagnostics"]["service"], "demo");
    }
    assert_eq!(requests[1]["data"]["route"], "/users/{id}");
    assert_eq!(
        requests[1]["data"]["plan"], "free",
        "the handler's own field"
    );
    assert_eq!(requests[6]["data"]["route"], Value::Null);
    assert_eq!(requests[8]["data"]["response_bytes"], 80);
    assert!(requests[8]["data"]["latency_ms"].as_f64() > Some(900.0));
    let lines: Vec<_> = ended.events();
    let own = lines
        .iter()
        .find(|it| it["message"] == "loading user")
        .unwrap();
    assert_eq!(
        own["context"]["request_id"],
        requests[1]["context"]["request_id"]
    );
    assert_eq!(own["data"]["cached"], false);
    let summary: Vec<_> = ended
        .stderr
        .lines()
        .filter(|it| it.starts_with("fapilog:"))
        .collect();
    assert_eq!(summary.len(), 1, "{}", ended.stderr);
    assert!(summary[0].contains("submitted 12"), "{summary:?}");
}

#[test]
fn a_request_id_is_taken_over_echoed_and_on_every_line() {
    let _alone = alone();
    let mut service = Example::start("quickstart", &[]);
    let good = request("GET", "/users/1", &[("x-request-id", "my-id.7:a_B")]);
    let evil = request("GET", "/users/2", &[("x-request-id", "<script>")]);
    let good = send(service.address, &good).unwrap();
    let evil = send(service.address, &evil).unwrap();
    assert_eq!(good.header("x-request-id"), Some("my-id.7:a_B"));
    let made = evil.header("x-request-id").unwrap();
    assert_eq!(made.len(), 36);
    let ended = service.terminate();
    assert!(!ended.stdout.concat().contains("script"));
    let ids: Vec<_> = ended
        .events()
        .iter()
        .map(|it| it["context"]["request_id"].clone())
        .collect();
    assert_eq!(ids, ["my-id.7:a_B", "my-id.7:a_B", made, made]);
}

#[test]
fn a_bad_variable_ends_the_start_and_is_named() {
    let _alone = alone();
    let ended = Example::run(
        "quickstart",
        &[
            ("FAPILOG_CORE__LOG_LEVEL", "loud"),
            ("FAPILOG_SERVISE", "x"),
        ],
    );
    assert!(!ended.status.success());
    assert!(ended.stdout.is_empty());
    for part in [
        "2 problems",
        "core.log_level = \"loud\"  (from FAPILOG_CORE__LOG_LEVEL)",
        "did you mean FAPILOG_SERVICE?",
    ] {
        assert!(
            ended.stderr.contains(part),
            "{part:?} is not in:\n{}",
            ended.stderr
        );
    }
}

#[test]
fn the_level_is_set_by_variables() {
    let _alone = alone();
    for (variable, value, lines) in [
        ("FAPILOG_CORE__LOG_LEVEL", "ERROR", 2),
        ("RUST_LOG", "info,quickstart=error", 3),
    ] {
        let mut service = Example::start("quickstart", &[(variable, value)]);
        http::get(service.address, "/users/1");
        http::get(service.address, "/fail");
        let ended = service.terminate();
        assert_eq!(ended.stdout.len(), lines, "{variable}={value}: {ended:?}");
    }
}

#[test]
fn sigterm_under_load_loses_no_event_of_a_response_that_was_sent() {
    let _alone = alone();
    for _ in 0..scaled(3) {
        let mut service = Example::start("quickstart", &[]);
        let address = service.address;
        let answered = Mutex::new(Vec::new());
        let stop = AtomicBool::new(false);
        let ended = thread::scope(|scope| {
            for client in 0..4 {
                let (answered, stop) = (&answered, &stop);
                scope.spawn(move || {
                    let mut number = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let id = format!("client-{client}-{number}");
                        let request = request("GET", "/users/5", &[("x-request-id", &id)]);
                        // Refused or cut: the service is ending.
                        let Ok(Some(reply)) = std::panic::catch_unwind(|| send(address, &request))
                        else {
                            return;
                        };
                        assert_eq!(reply.status, 200);
                        answered.lock().unwrap().push(id);
                        number += 1;
                    }
                });
            }
            while answered.lock().unwrap().len() < 2000 {
                thread::yield_now();
            }
            let ended = service.terminate();
            stop.store(true, Ordering::Relaxed);
            ended
        });
        assert!(ended.status.success(), "{}", ended.stderr);
        assert!(
            !ended.stderr.contains("the deadline came first"),
            "{}",
            ended.stderr
        );
        assert!(ended.took < Duration::from_secs(4), "{:?}", ended.took);
        let counts = counts(&ended);
        for id in answered.into_inner().unwrap() {
            assert_eq!(counts.get(&id), Some(&(1, 1)), "{id}");
        }
        assert!(
            counts.values().all(|count| *count == (1, 1)),
            "none twice, none alone"
        );
    }
}

/// For each request id: its own lines, and its terminal events.
fn counts(ended: &Ended) -> HashMap<String, (usize, usize)> {
    let mut counts: HashMap<_, (usize, usize)> = HashMap::new();
    for event in ended.events() {
        let id = event["context"]["request_id"].as_str().unwrap().to_owned();
        let count = counts.entry(id).or_default();
        if event["logger"] == "fapilog::request" {
            count.1 += 1;
        } else {
            count.0 += 1;
        }
    }
    counts
}

#[test]
fn requests_in_flight_at_sigterm_are_answered_and_logged() {
    let _alone = alone();
    let mut service = Example::start("quickstart", &[]);
    let address = service.address;
    let mut streams: Vec<_> = (0..200).map(|_| connect(address)).collect();
    for (number, stream) in streams.iter_mut().enumerate() {
        let id = format!("flight-{number}");
        let request = request("GET", "/slow?ms=1500", &[("x-request-id", &id)]);
        stream.write_all(&request).unwrap();
    }
    // A request that comes after all of them has been answered: so they have begun.
    http::get(address, "/");
    let ended = service.terminate();
    assert!(ended.status.success(), "{}", ended.stderr);
    let counts = counts(&ended);
    let mut answered = 1;
    for (number, mut stream) in streams.into_iter().enumerate() {
        let mut reply = String::new();
        // A request that the server had not read yet is none: its connection is closed.
        if stream.read_to_string(&mut reply).is_ok() && !reply.is_empty() {
            assert!(reply.starts_with("HTTP/1.1 200"), "{reply:?}");
            assert_eq!(counts[&format!("flight-{number}")], (0, 1));
            answered += 1;
        }
    }
    assert!(answered > 100, "{answered} requests were in flight");
    assert_eq!(counts.len(), answered);
}

#[test]
fn a_request_that_outlives_the_deadline_ends_as_shutdown() {
    let _alone = alone();
    let mut service = Example::start("quickstart", &[]);
    let mut stream = connect(service.address);
    stream
        .write_all(&request(
            "GET",
            "/slow?ms=60000",
            &[("x-request-id", "long")],
        ))
        .unwrap();
    http::get(service.address, "/");
    let ended = service.terminate();
    assert!(ended.status.success(), "{}", ended.stderr);
    let deadline = Duration::from_secs(5);
    assert!(
        (deadline..2 * deadline).contains(&ended.took),
        "{:?}",
        ended.took
    );
    let requests = ended.requests();
    let long = requests
        .iter()
        .find(|it| it["context"]["request_id"] == "long")
        .unwrap();
    assert_eq!(long["message"], "request_cancelled");
    assert_eq!(long["data"]["outcome"], "shutdown");
    assert_eq!(long["data"]["status_code"], Value::Null);
}

#[test]
fn a_second_signal_ends_the_service_at_once() {
    let _alone = alone();
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let mut service = Example::start("quickstart", &[]);
        let address = service.address;
        let mut stream = connect(address);
        stream
            .write_all(&request("GET", "/slow?ms=60000", &[]))
            .unwrap();
        http::get(address, "/");
        service.signal(signal);
        // The first has been seen when nobody listens any more.
        let begun = Instant::now();
        while TcpStream::connect(address).is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(5));
            thread::yield_now();
        }
        service.signal(signal);
        let ended = service.wait();
        assert_eq!(ended.status.code(), Some(code));
        assert!(ended.took < Duration::from_secs(1), "{:?}", ended.took);
    }
}

/// Where a client hangs up.
#[derive(Clone, Copy, Debug)]
enum Cut {
    WithinTheRequest,
    AfterTheRequest,
    WithinTheResponse,
    Never,
}

fn read_to_end(mut stream: TcpStream) {
    stream.read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn each_request_has_one_terminal_event_wherever_its_client_hangs_up() {
    let _alone = alone();
    let mut random = random();
    let mut service = Example::start("quickstart", &[]);
    let address = service.address;
    let mut sent = Vec::new();
    let mut open = Vec::new();
    for number in 0..scaled(1000) {
        let cut = match random.u8(0..8) {
            0 => Cut::WithinTheRequest,
            1 => Cut::AfterTheRequest,
            2 | 3 => Cut::WithinTheResponse,
            _ => Cut::Never,
        };
        let path = ["/", "/users/3", "/slow?ms=20", "/stream", "/fail"][random.usize(0..5)];
        let id = format!("cut-{number}");
        let bytes = request("GET", path, &[("x-request-id", &id)]);
        let mut stream = connect(address);
        match cut {
            Cut::WithinTheRequest => {
                let part = random.usize(1..bytes.len() - 1);
                stream.write_all(&bytes[..part]).unwrap();
            }
            Cut::AfterTheRequest => {
                stream.write_all(&bytes).unwrap();
                sent.push((id, cut, path));
            }
            Cut::WithinTheResponse => {
                stream.write_all(&bytes).unwrap();
                stream
                    .read_exact(&mut vec![0; random.usize(1..60)])
                    .unwrap();
                sent.push((id, cut, path));
            }
            Cut::Never => {
                stream.write_all(&bytes).unwrap();
                open.push(stream);
                sent.push((id, cut, path));
            }
        }
        if open.len() == 500 {
            open.drain(..).for_each(read_to_end);
        }
    }
    open.into_iter().for_each(read_to_end);
    let ended = service.terminate();
    assert!(ended.status.success(), "{}", ended.stderr);
    let mut events: HashMap<String, Vec<Value>> = HashMap::new();
    for event in ended.requests() {
        let id = event["context"]["request_id"].as_str().unwrap().to_owned();
        events.entry(id).or_default().push(event);
    }
    // A client that hangs up at once may be gone before the server has begun with its request.
    sent.retain(|(id, cut, _)| events.contains_key(id) || !matches!(cut, Cut::AfterTheRequest));
    let missing: Vec<_> = sent
        .iter()
        .filter(|(id, ..)| !events.contains_key(id))
        .collect();
    assert!(
        missing.is_empty(),
        "{} are missing: {missing:?}",
        missing.len()
    );
    assert_eq!(events.len(), sent.len(), "a part of a request is none");
    for (id, cut, path) in sent {
        let [event] = &events[&id][..] else {
            panic!("{id} {cut:?} {path}: {:#?}", events[&id]);
        };
        let outcome = event["data"]["outcome"].as_str().unwrap();
        match (cut, path) {
            (Cut::Never, _) => assert_eq!(outcome, "completed", "{id} {path}"),
            (Cut::WithinTheResponse, "/stream") => {
                assert_eq!(outcome, "client_disconnected", "{id} {path}");
            }
            _ => assert!(["completed", "client_disconnected", "body_unread"].contains(&outcome)),
        }
    }
}

#[test]
fn responses_carry_the_id_that_their_events_carry() {
    let _alone = alone();
    let mut service = Example::start("quickstart", &[]);
    let replies: Vec<Reply> = (0..50)
        .map(|_| http::get(service.address, "/users/9"))
        .collect();
    let ended = service.terminate();
    let counts = counts(&ended);
    assert_eq!(counts.len(), replies.len());
    for reply in replies {
        let id = reply.header("x-request-id").unwrap();
        assert_eq!(counts[id], (1, 1));
    }
}
