//! Secrets in bodies: none of their bytes leaves the process.

use super::*;

/// Stands in each secret, and nowhere else.
const CANARY: &str = "c4n4ry";

/// Names of credentials, and of what identifies persons.
const NAMES: [&str; 12] = [
    "password",
    "accessToken",
    "API-KEY",
    "client_secret",
    "session_id",
    "Authorization",
    "cookie",
    "email",
    "phoneNumber",
    "card_number",
    "iban",
    "ssn",
];

/// A structure with secrets at any depth, and something that is none.
fn structure(random: &mut fastrand::Rng) -> Value {
    let mut value = json!({ "shown": true });
    for _ in 0..random.usize(1..4) {
        let name = NAMES[random.usize(..NAMES.len())];
        let secret = match random.u8(..4) {
            0 => json!([CANARY, {"a": CANARY}]),
            1 => json!({ "deeper": { "a": CANARY } }),
            _ => json!(format!("{CANARY} \"{CANARY}\" {{{CANARY}")),
        };
        let holder = json!({ "list": [1, { name: secret }] });
        let key = ["data", "users", "x"][random.usize(..3)];
        value[key] = match random.u8(..3) {
            0 => holder,
            // As some send it.
            1 => json!(holder.to_string()),
            _ => json!([holder.to_string(), holder]),
        };
    }
    value
}

/// Types and bodies with secrets in them, as they should be and otherwise.
fn hostile(random: &mut fastrand::Rng) -> (&'static str, Vec<u8>) {
    let json = structure(random).to_string();
    let name = NAMES[random.usize(..7)];
    let cut = random.usize(json.find(CANARY).unwrap()..json.len());
    let (content_type, body) = match random.u8(..12) {
        0..3 => (JSON, json),
        3 => (JSON, json[..cut].to_owned()),
        4 => (JSON, json + "}"),
        5 => (JSON, format!(r#"{{"\ud800":1,"{name}":"{CANARY}"}}"#)),
        6 => (JSON, format!("{}{json}{}", "[".repeat(90), "]".repeat(90))),
        7 => (FORM, json),
        8 => (
            FORM,
            format!("shown=1&user%5b{name}%5D={CANARY}+{CANARY}&{name}=%22{CANARY}"),
        ),
        9 => (FORM, format!("shown=1&payload={json}&{CANARY}")),
        10 => (TEXT, json[..cut].to_owned()),
        _ => (
            TEXT,
            format!("shown\n{name}: {CANARY}\nhttps://u:{CANARY}@host/?token={CANARY}"),
        ),
    };
    let mut body = body.into_bytes();
    if random.u8(..10) == 0 {
        body.insert(random.usize(..=body.len()), 0xff);
    }
    (content_type, body)
}

#[tokio::test]
async fn secrets_in_bodies_do_not_leave_the_process() {
    let (mut random, count) = (random(), scaled(300));
    let limit = ("FAPILOG_AXUM__MAX_BODY_BYTES", "600 B");
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE, limit]);
    let address = rig.serve().await;
    for number in 0..count {
        let (content_type, body) = hostile(&mut random);
        let path = ["/echo", "/stream", "/unread"][random.usize(..3)];
        let pieces: Vec<_> = body
            .chunks(random.usize(1..200))
            .map(Bytes::copy_from_slice)
            .collect();
        let frames = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
        let request = asks(address, path, content_type, Body::from_stream(frames));
        let response = open(address, number % 2 == 0, request).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    assert_settled(&rig.pipeline.shutdown(PATIENCE).await.stats);
    let lines = rig.lines.all();
    assert_eq!(lines.len(), count);
    for line in &lines {
        assert!(!line.contains(CANARY), "{line}");
    }
    let shown = lines.iter().filter(|it| it.contains("shown"));
    assert!(shown.count() > count / 4, "much is shown");
}

#[tokio::test]
async fn credentials_are_masked_whatever_the_pipeline_redacts() {
    let mask = "**REDACTED**";
    for preset in [Preset::Minimal, Preset::Dev] {
        let rig = Rig::new(preset, &[REQUEST, RESPONSE]);
        for (content_type, body, shown) in [
            (
                JSON,
                r#"{"token":"s3cret","code":4,"email":"a@b.c"}"#,
                json!({"token": mask, "code": 4, "email": "a@b.c"}),
            ),
            (FORM, "code=s3cret&a=1", json!({"code": mask, "a": "1"})),
            (TEXT, "a\npassword = s3cret", json!(format!("a\n{mask}"))),
        ] {
            let told = rig.echoed(false, content_type, body).await;
            assert_eq!(told, [shown.clone(), shown]);
        }
    }
}

#[tokio::test]
async fn a_preset_that_blocks_bodies_blocks_those_that_are_captured() {
    let rig = Rig::new(Preset::Hardened, &[REQUEST, RESPONSE]);
    for (content_type, body) in [(JSON, r#"{"a":1}"#), (FORM, "a=1"), (TEXT, "text")] {
        let told = rig.echoed(true, content_type, body).await;
        assert_eq!(told, ["[REDACTED:HIGH_RISK_FIELD]"; 2]);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_left_out() {
    let rig = Rig::new(Preset::Axum, &[REQUEST, RESPONSE]);
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (content_type, body, why) in [
        (JSON, b"[\"\xff\"]".to_vec(), "no text in UTF-8"),
        (TEXT, b"caf\xe9".to_vec(), "no text in UTF-8"),
        (TEXT, b"t\0o\0k\0e\0n\0".to_vec(), "no text in UTF-8"),
        (JSON, b"\"s3cret\"".to_vec(), "neither an object nor a list"),
        (JSON, b"{a: 1}".to_vec(), "no JSON that can be read"),
        (JSON, nested(2000).into(), "no JSON that can be read"),
        (FORM, b"s3cret".to_vec(), "no form that can be read"),
        (
            FORM,
            b"<s3cret a=\"1\">".to_vec(),
            "no form that can be read",
        ),
    ] {
        let told = rig.echoed(false, content_type, body).await;
        assert_eq!(
            told,
            [(); 2].map(|()| json!(format!("[not captured: {why}]")))
        );
    }
    // What is nested deeper than redaction looks is masked there, or cut before.
    let [told, _] = rig.echoed(false, JSON, nested(100)).await;
    assert!(told.is_array(), "{told}");
    assert!(told.to_string().len() < 60, "{told}");
}
