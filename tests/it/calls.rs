//! What a call may say, as a user writes it, and what stands in the line.

use std::{collections::BTreeMap, error::Error, fmt, io};

use fapilog_core::{
    BuildError, Event, Level, LoggerBuilder, Memory, Sensitive, StageError, audit, critical, debug,
    error, event, info, json, redact::Redactor, security, settings::Settings, unsafe_debug, warn,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, sinks::Lines};
use serde_json::{Value, json as tree};

/// The lines of what `calls` logs, as JSON.
fn lines(builder: LoggerBuilder, calls: impl FnOnce(&fapilog_core::Logger)) -> Vec<Value> {
    let lines = Lines::default();
    let (log, pipeline) = builder.sink(lines.clone()).build().unwrap();
    calls(&log);
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let lines = lines.all();
    let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn line(calls: impl FnOnce(&fapilog_core::Logger)) -> Value {
    let mut lines = lines(LoggerBuilder::new().level(Level::Trace), calls);
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

/// An error that was caused by another one.
#[derive(Debug)]
struct Refused(io::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the card was refused")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn refused() -> Refused {
    Refused(io::Error::other("the bank is closed"))
}

#[test]
fn an_error_stands_in_the_diagnostics_with_its_causes() {
    let error = refused();
    let boxed: Box<dyn Error> = Box::new(refused());
    let shared: Box<dyn Error + Send + Sync> = Box::new(refused());
    let report = anyhow::Error::new(refused());
    let err = &error;
    let all = lines(LoggerBuilder::new(), |log| {
        info!(logger: log, err = &error, "m");
        info!(logger: log, error = error, "m");
        info!(logger: log, err, "m");
        info!(logger: log, err = boxed, "m");
        info!(logger: log, err = &*boxed, "m");
        info!(logger: log, err = shared, "m");
        info!(logger: log, err = &report, "m");
        log.event(Level::Info, "m").error(&error).emit();
    });
    assert_eq!(all.len(), 8);
    for (index, line) in all.iter().enumerate() {
        let exception = &line["diagnostics"]["exception"];
        assert_eq!(
            exception["error.message"], "the card was refused",
            "{index}"
        );
        assert_eq!(exception["error.cause"], "the bank is closed", "{index}");
        assert_eq!(exception["error.chain"], tree!(["the bank is closed"]));
        assert_eq!(line["data"], tree!({}), "it stands in one place");
    }
    for line in &all[..3] {
        let kind = &line["diagnostics"]["exception"]["error.type"];
        assert_eq!(kind, "it::calls::Refused");
    }
}

#[test]
fn what_is_no_error_is_a_field_like_others() {
    let line = line(|log| info!(logger: log, err = "text", error = 5));
    assert_eq!(line["data"], tree!({"err": "text", "error": 5}));
    assert_eq!(line["diagnostics"]["exception"], Value::Null);
}

#[test]
fn of_many_causes_the_innermost_are_kept() {
    #[derive(Debug)]
    struct Link(u32, Option<Box<Link>>);
    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "link {}", self.0)
        }
    }
    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|link| link as _)
        }
    }
    let chain = (0..100).fold(None, |inner, number| Some(Box::new(Link(number, inner))));
    let line = line(|log| error!(logger: log, err = chain.unwrap()));
    let exception = &line["diagnostics"]["exception"];
    assert_eq!(exception["error.message"], "link 99");
    assert_eq!(exception["error.cause"], "link 0");
    let told = exception["error.chain"].as_array().unwrap();
    assert_eq!(told.len(), 17);
    assert_eq!(told[0], "…[truncated]");
    assert_eq!(told[1], "link 15");
}

#[test]
fn a_captured_backtrace_is_told_with_its_innermost_frames() {
    // What a report prints that has captured one; the process has to ask for it at its start.
    struct Report(anyhow::Error);
    impl AsRef<dyn Error + Send + Sync> for Report {
        fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
            self.0.as_ref()
        }
    }
    impl fmt::Debug for Report {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("it failed\n\nStack backtrace:\n")?;
            for number in 0..20 {
                writeln!(f, "  {number:2}: shop::order::place{number}")?;
                writeln!(f, "             at ./src/order.rs:{}:17", 40 + number)?;
            }
            Ok(())
        }
    }
    let report = Report(anyhow::anyhow!("it failed"));
    let line = line(|log| error!(logger: log, err = &report));
    let exception = &line["diagnostics"]["exception"];
    assert_eq!(exception["error.message"], "it failed");
    let frames = exception["error.frames"].as_array().unwrap();
    assert_eq!(frames.len(), 10);
    let first = tree!({"function": "shop::order::place0", "file": "./src/order.rs", "line": 40});
    assert_eq!(frames[0], first);
    assert!(
        exception["error.stack"]
            .as_str()
            .unwrap()
            .contains("place19")
    );
}

#[test]
fn structure_is_logged_where_it_is_asked_for() {
    #[derive(serde::Serialize)]
    struct Order {
        id: u32,
        lines: Vec<&'static str>,
        paid: Option<bool>,
        secret: Sensitive<&'static str>,
    }
    let order = Order {
        id: 7,
        lines: vec!["tea", "milk"],
        paid: None,
        secret: Sensitive::new("4111"),
    };
    let line = line(|log| info!(logger: log, order = json(&order), ok = json(Ok::<_, ()>(1))));
    let expected = tree!({
        "order": {"id": 7, "lines": ["tea", "milk"], "paid": null, "secret": "**REDACTED**"},
        "ok": {"Ok": 1},
    });
    assert_eq!(line["data"], expected);
}

#[test]
fn fields_of_maps_are_added_and_those_of_the_call_win() {
    let map = BTreeMap::from([("rows", 3), ("shard", 1)]);
    let line = line(|log| {
        info!(logger: log, rows = 5, ..&map, ..[("x".to_owned(), 1.5)], "{} done", "import");
    });
    assert_eq!(line["data"], tree!({"rows": 5, "shard": 1, "x": 1.5}));
    assert_eq!(line["message"], "import done");
}

#[test]
fn keys_made_at_run_time_are_like_others() {
    let line = line(|log| {
        let event = log.event(Level::Info, "import done").field("rows", 1);
        event.fields([("rows", 2), ("shard", 3)]).emit();
    });
    assert_eq!(line["data"], tree!({"rows": 2, "shard": 3}));
}

#[test]
fn hidden_fields_show_their_keys_and_are_not_even_evaluated() {
    struct User {
        mail: &'static str,
    }
    let (user, card) = (User { mail: "a@b.c" }, "4111");
    let never = || -> u8 { panic!("evaluated") };
    let line = line(|log| {
        info!(
            logger: log,
            sensitive = { card, %card, pin = never(), "cvc code" = ?card },
            plan = "free",
            pii = { user.mail },
            "paid"
        );
    });
    let masked = tree!({
        "card": "**REDACTED**",
        "pin": "**REDACTED**",
        "cvc code": "**REDACTED**",
        "user.mail": "**REDACTED**",
    });
    assert_eq!(line["data"], tree!({"plan": "free", "sensitive": masked}));
}

#[test]
fn what_is_sensitive_shows_in_no_way() {
    let secret = Sensitive::new("hunter2".to_owned());
    let line = line(|log| info!(logger: log, secret, %secret, ?secret, j = json(&secret)));
    assert!(!line.to_string().contains("hunter2"));
    assert_eq!(line["data"]["j"], "**REDACTED**");
    assert_eq!(secret.expose(), "hunter2");
}

#[test]
fn records_for_auditors_pass_every_level_filter() {
    let strict = LoggerBuilder::new().level(Level::Critical);
    let lines = lines(strict, |log| {
        info!(logger: log, "no");
        audit!(logger: log, user = 7, "exported");
        security!(logger: log, "login failed");
        critical!(logger: log, "on fire");
    });
    let levels: Vec<_> = lines.iter().map(|line| &line["level"]).collect();
    assert_eq!(levels, ["AUDIT", "SECURITY", "CRITICAL"]);
}

#[test]
fn levels_of_ones_own_are_filtered_by_priority_and_named_in_settings() {
    const NOTICE: Level = Level::custom("NOTICE", 25);
    const DETAIL: Level = Level::custom("DETAIL", 15);
    NOTICE.register().unwrap();
    let at_notice = LoggerBuilder::new().level("notice".parse::<Level>().unwrap());
    let lines = lines(at_notice, |log| {
        event!(DETAIL, logger: log, "no");
        event!(Level::Info, logger: log, "no");
        event!(NOTICE, logger: log, plan = "free", "changed");
        log.event(NOTICE, "by name").emit();
        log.event(DETAIL, "no").emit();
        warn!(logger: log, "yes");
    });
    let levels: Vec<_> = lines.iter().map(|line| &line["level"]).collect();
    assert_eq!(levels, ["NOTICE", "NOTICE", "WARNING"]);
}

/// Hides every message.
struct Hide;

impl Redactor for Hide {
    fn name(&self) -> &str {
        "hide"
    }

    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        event.set_message("hidden");
        Ok(())
    }
}

#[test]
fn only_unsafe_debug_passes_the_redactors_by_and_nothing_can_claim_to_be_it() {
    let memory = Memory::new();
    let builder = LoggerBuilder::new().level(Level::Debug).redactor(Hide);
    let (log, pipeline) = builder.sink(memory.clone()).build().unwrap();
    unsafe_debug!(logger: log, "seen");
    debug!(logger: log, _fapilog_unsafe = true, "not seen");
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let events = memory.events();
    let messages: Vec<_> = events.iter().map(Event::message).collect();
    assert_eq!(messages, ["seen", "hidden"]);
    assert_eq!(events[0].data().get("_fapilog_unsafe"), Some(&true.into()));
}

#[test]
fn limits_cut_what_goes_beyond_and_leave_a_mark() {
    let mut settings = Settings::default();
    settings.core.max_fields = 3;
    settings.core.max_depth = 2;
    settings.core.max_string_bytes = 64;
    let long = "x".repeat(65);
    let builder = LoggerBuilder::new().settings(settings);
    let lines = lines(builder, |log| {
        info!(logger: log, a = json([[[1]]]), b = long, c = 1, d = 2, "{long}");
        log.bind([("e", 1), ("f", 2)])
            .event(Level::Info, &long)
            .field("g", 3)
            .field("h", 4)
            .emit();
    });
    let cut = "x".repeat(64) + "…[truncated]";
    let data = tree!({"a": [["…[truncated]"]], "b": cut, "c": 1});
    assert_eq!(lines[0]["data"], data);
    assert_eq!(lines[0]["message"], cut);
    assert_eq!(lines[1]["data"].as_object().unwrap().len(), 3);
    for line in lines {
        assert_eq!(line["diagnostics"]["truncated"], true);
    }
}

#[test]
fn limits_that_cannot_work_are_refused_by_name() {
    let mut settings = Settings::default();
    settings.core.max_fields = 0;
    settings.core.max_depth = 65;
    settings.core.max_event_bytes = 10;
    settings.core.max_string_bytes = 1;
    let built = LoggerBuilder::new()
        .settings(settings)
        .sink(Memory::new())
        .build();
    let text = built
        .err()
        .map(|error: BuildError| error.to_string())
        .unwrap();
    for key in [
        "max_fields",
        "max_depth",
        "max_event_bytes",
        "max_string_bytes",
    ] {
        assert!(text.contains(&format!("core.{key}")), "{text}");
    }
}
