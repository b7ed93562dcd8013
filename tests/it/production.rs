//! The example that takes everything from the environment.

use fapilog_tests::{
    example::Example,
    http::{get, send},
};

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

#[test]
fn posted_json_is_logged_as_structure_with_every_digit() {
    let mut service = Example::start("production", &[]);
    let deep = "[".repeat(12) + "7" + &"]".repeat(12);
    let body = format!(
        r#"{{"id":18446744073709551616,"price":0.1,"note":"a \"b\"\n","lines":[{{"sku":"tea"}}],"deep":{deep}}}"#
    );
    let reply = send(service.address, &post("/orders", &body)).unwrap();
    assert_eq!(reply.status, 201);
    let refused = send(service.address, &post("/orders", "{")).unwrap();
    assert_eq!(refused.status, 400);
    assert_eq!(get(service.address, "/users/7").status, 200);
    assert_eq!(get(service.address, "/fail").status, 500);
    let ended = service.terminate();
    assert!(ended.status.success(), "{}", ended.stderr);
    // Each line of stdout is an event.
    assert_eq!(ended.requests().len(), 4);
    let is_order = |line: &&String| line.contains("order received");
    let lines: Vec<_> = ended.stdout.iter().filter(is_order).collect();
    assert_eq!(lines.len(), 1);
    let posted = format!("\"order\":{body}");
    assert!(
        lines[0].contains(&posted),
        "{posted} is not in {}",
        lines[0]
    );
    assert!(lines[0].contains("\"level\":\"INFO\""), "{}", lines[0]);
}

#[test]
fn the_environment_rules_a_service_that_runs() {
    let variables = [
        ("FAPILOG_CORE__LOG_LEVEL", "debug"),
        ("FAPILOG_SERVICE", "shop"),
        ("FAPILOG_CORE__DEFAULT_BOUND_CONTEXT", "region=eu"),
    ];
    let mut service = Example::start("production", &variables);
    get(service.address, "/users/7");
    let events = service.terminate().events();
    assert_eq!(events.len(), 2, "{events:?}");
    for event in events {
        assert_eq!(event["diagnostics"]["service"], "shop");
        assert_eq!(event["data"]["region"], "eu");
    }
}

#[test]
fn settings_that_cannot_work_end_the_start_with_a_text_for_people() {
    let ended = Example::run("production", &[("FAPILOG_CORE__QUEUE_BUDGET", "lots")]);
    assert!(!ended.status.success());
    assert!(ended.stdout.is_empty());
    for part in [
        "could not start: 1 problem",
        "core.queue_budget = \"lots\"",
        "fix: ",
    ] {
        assert!(
            ended.stderr.contains(part),
            "{part:?} is not in {}",
            ended.stderr
        );
    }
}
