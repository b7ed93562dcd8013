//! Events to try stages and sinks on.

use std::{sync::Arc, time::SystemTime};

use crate::{
    Event, FieldValue, Fields, Level,
    clock::{WallOffset, unix_millis},
    event::Constants,
    ids::id_at,
};

/// An event of now, with no fields; its logger is `test`.
pub fn event(level: Level, message: impl Into<String>) -> Event<'static> {
    let millis = WallOffset::sample(&crate::SystemClock).millis(crate::clock::monotonic());
    let mut constants = Fields::default();
    constants.insert("origin", "native");
    Event {
        millis,
        level,
        message: message.into().into(),
        logger: "test".into(),
        target: "test",
        message_id: id_at(millis).into_bytes(),
        context: Fields::default(),
        diagnostics: Fields::default(),
        data: Fields::default(),
        constants: Arc::new(Constants::new(constants)),
        is_unredacted: false,
    }
}

/// The same, of another time.
pub fn event_at(time: SystemTime, level: Level, message: impl Into<String>) -> Event<'static> {
    Event {
        millis: unix_millis(time),
        ..event(level, message)
    }
}

/// Events that a stage may meet: of every level, empty and large, deep, with all kinds of values,
/// with secrets, and with texts that break what is careless.
pub fn corpus() -> Vec<Event<'static>> {
    let mut events: Vec<_> = Level::ALL.map(|level| event(level, "of a level")).into();
    events.push(event(Level::Info, ""));
    for text in [
        "\u{0}\u{1b}[31m\n\r\t\"\\",
        "世界 ß \u{85}\u{2028}",
        &"x".repeat(100_000),
    ] {
        let mut event = event(Level::Info, text);
        event.context_mut().insert("request_id", text.to_owned());
        event.data_mut().insert(text.to_owned(), text.to_owned());
        event.data_mut().insert("", "a key without a letter");
        events.push(event);
    }
    let mut values = event(Level::Info, "values");
    for (index, value) in values_of_all_kinds().into_iter().enumerate() {
        values.data_mut().insert(format!("value{index}"), value);
    }
    events.push(values);
    let mut secrets = event(Level::Warning, "with secrets");
    for (key, value) in [
        ("password", "hunter2"),
        ("api_key", "sk-0123456789abcdef"),
        ("email", "ada@example.com"),
        ("url", "https://ada:hunter2@example.com/"),
    ] {
        secrets.data_mut().insert(key, value);
    }
    events.push(secrets);
    events
}

fn values_of_all_kinds() -> Vec<FieldValue<'static>> {
    let nested = (0..40).fold(FieldValue::Null, |inner, depth| match depth % 2 {
        0 => FieldValue::List(vec![inner]),
        _ => FieldValue::Map(vec![("a".into(), inner), ("a".into(), "twice".into())]),
    });
    vec![
        FieldValue::Null,
        true.into(),
        i64::MIN.into(),
        u64::MAX.into(),
        i128::MIN.into(),
        u128::MAX.into(),
        f32::NAN.into(),
        f64::INFINITY.into(),
        FieldValue::List(Vec::new()),
        FieldValue::Map(Vec::new()),
        nested,
    ]
}
