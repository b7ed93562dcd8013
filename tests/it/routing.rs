//! Routing: each event goes to the sinks that it is for, once, and nowhere else.

mod model;

use std::sync::{Arc, Mutex};

use fapilog_core::{
    DrainReport, Event, Level, Logger, LoggerBuilder, Pressure, RotatingFile, critical, debug,
    error, info, settings::RoutingRule, sink::SinkOptions, warn,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, sinks::Gated};
use serde_json::Value;

/// A sink of this name, which keeps lines.
fn sink(name: &'static str) -> Gated {
    let sink = Gated::named(name);
    sink.gate.open();
    sink
}

/// The messages of what it got.
fn got(sink: &Gated) -> Vec<String> {
    let lines = sink.lines.all();
    let message = |line: &String| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["message"].as_str().unwrap().to_owned()
    };
    lines.iter().map(message).collect()
}

/// What three sinks called a, b and c get of what is logged, and the books.
fn routed(
    set: impl FnOnce(LoggerBuilder) -> LoggerBuilder,
    log: impl FnOnce(&Logger),
) -> ([Vec<String>; 3], DrainReport) {
    let sinks = ["a", "b", "c"].map(sink);
    let builder = LoggerBuilder::new().level(Level::Debug).drop_on_full(false);
    let builder = set(builder.on_diagnostic(|_| {}));
    let all = sinks.iter().cloned();
    let (logger, pipeline) = all.fold(builder, LoggerBuilder::sink).build().unwrap();
    log(&logger);
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    (sinks.each_ref().map(got), report)
}

fn rules(
    rules: impl IntoIterator<Item = RoutingRule>,
) -> impl FnOnce(LoggerBuilder) -> LoggerBuilder {
    |builder| builder.with_routing(rules)
}

/// One event of each of these levels, with its level as its message.
fn one_of_each(log: &Logger) {
    debug!(logger: log, "debug");
    info!(logger: log, "info");
    warn!(logger: log, "warning");
    error!(logger: log, "error");
    critical!(logger: log, "critical");
}

#[test]
fn levels_go_where_their_rule_sends_them_and_nowhere_else() {
    let errors = RoutingRule::new(["ERROR", "critical"], ["a"]);
    let others = RoutingRule::new(["DEBUG", "INFO", "WARN"], ["b"]);
    let (got, report) = routed(rules([errors, others]), one_of_each);
    assert_eq!(got[0], ["error", "critical"]);
    assert_eq!(got[1], ["debug", "info", "warning"]);
    assert!(got[2].is_empty());
    let delivered = report.stats.sinks.iter().map(|sink| sink.delivered);
    assert_eq!(delivered.collect::<Vec<_>>(), [2, 3, 0]);
    assert_eq!(report.stats.routed, 5);
    assert_eq!(report.stats.unrouted, 0);
}

#[test]
fn an_event_of_several_rules_goes_to_each_of_their_sinks_once() {
    let both = || {
        let errors = RoutingRule::new(["ERROR"], ["a", "b", "a"]);
        rules([errors, RoutingRule::to(["a", "c"])])
    };
    let (got, _) = routed(both(), one_of_each);
    let all = ["debug", "info", "warning", "error", "critical"];
    assert_eq!(got, [all.to_vec(), vec!["error"], all.to_vec()]);
    // Or to those of the first rule alone.
    let first = |builder| both()(builder).routing_overlap(false);
    let (got, _) = routed(first, one_of_each);
    assert_eq!(got[1], ["error"]);
    assert_eq!(got[2], ["debug", "info", "warning", "critical"]);
}

#[test]
fn what_no_rule_matches_goes_to_those_of_a_star_else_to_the_fallback_else_nowhere() {
    let errors = || RoutingRule::new(["ERROR"], ["a"]);
    let star = RoutingRule::new(["*"], ["b"]);
    let (got, _) = routed(rules([star, errors()]), one_of_each);
    assert_eq!(got[0], ["error"]);
    assert_eq!(got[1], ["debug", "info", "warning", "critical"]);
    let fallback = |builder| rules([errors()])(builder).routing_fallback(["c"]);
    let (got, _) = routed(fallback, one_of_each);
    assert_eq!(got[2], ["debug", "info", "warning", "critical"]);
    let (got, report) = routed(rules([errors()]), one_of_each);
    assert_eq!(got.concat(), ["error"]);
    assert_eq!(report.stats.unrouted, 4);
    assert_eq!(report.stats.routed, 1);
}

#[test]
fn rules_look_at_loggers_modules_and_fields() {
    let log = |log: &Logger| {
        info!(logger: log.named("shop"), "shop");
        info!(logger: log.named("shop::orders"), tenant = "acme", "orders");
        info!(logger: log.named("shopping"), tenant = "other", "shopping");
        info!(logger: log, attempt = 5, "fifth");
    };
    let got = |rule: RoutingRule| routed(rules([rule]), log).0[0].clone();
    let to_a = || RoutingRule::to(["a"]);
    assert_eq!(got(to_a().logger("shop")), ["shop", "orders"]);
    let all = ["shop", "orders", "shopping", "fifth"];
    assert_eq!(got(to_a().target("it::routing")), all);
    assert!(got(to_a().target("it::rout")).is_empty());
    assert_eq!(got(to_a().field("tenant")), ["orders", "shopping"]);
    assert_eq!(got(to_a().field("data.tenant").equals("acme")), ["orders"]);
    assert_eq!(got(to_a().field("attempt").equals(5)), ["fifth"]);
    let both = RoutingRule::new(["ERROR"], ["a"]).logger("shop");
    assert!(got(both).is_empty(), "all conditions must hold");
}

#[test]
fn a_rule_can_be_any_condition_and_one_that_panics_does_not_hold() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let told_too = Arc::clone(&told);
    let set = |builder: LoggerBuilder| {
        builder
            .on_diagnostic(move |it| told_too.lock().unwrap().push(it.message.clone()))
            .route_fn(["a"], |event| event.message().len() == 5)
            .route_fn(["b"], |event| {
                assert!(event.level() < Level::Error, "too bad");
                true
            })
    };
    let (got, _) = routed(set, one_of_each);
    assert_eq!(got[0], ["debug", "error"]);
    assert_eq!(got[1], ["debug", "info", "warning"]);
    let told = told.lock().unwrap().join("\n");
    assert!(told.contains("too bad"), "{told}");
    assert!(
        told.contains("no rule sends anything to the sink c"),
        "{told}"
    );
}

#[test]
fn a_sink_has_a_level_and_a_filter_of_its_own() {
    let [a, b] = ["a", "b"].map(sink);
    let options = SinkOptions::default().level(Level::Error);
    let builder = LoggerBuilder::new().sink_with(a.clone(), options);
    let short = |event: &Event<'_>| event.message().len() < 5;
    let options = SinkOptions::default().filter(short);
    let builder = builder.sink_with(b.clone(), options);
    let (log, pipeline) = builder.build().unwrap();
    one_of_each(&log);
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(got(&a), ["error", "critical"]);
    assert_eq!(got(&b), ["info"]);
    assert_eq!(stats.unrouted, 1, "the warning");
}

#[test]
fn a_file_holds_the_events_that_are_for_it_out_of_the_midst_of_others() {
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = path.join(format!("routed-{}.log", std::process::id()));
    let set = |builder: LoggerBuilder| {
        let file = RotatingFile::at(&path);
        let errors = RoutingRule::new(["ERROR"], ["rotating_file"]);
        let builder = builder.sink(file);
        builder.with_routing([errors, RoutingRule::to(["a"])])
    };
    let (got, report) = routed(set, |log| {
        for number in 0..1000 {
            if number % 7 < 3 {
                error!(logger: log, number, "error");
            } else {
                info!(logger: log, number, "info");
            }
        }
    });
    assert_eq!(got[0].len(), 1000);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    let numbers = text.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["data"]["number"].as_u64().unwrap()
    });
    let wanted = (0..1000).filter(|number| number % 7 < 3);
    assert!(numbers.eq(wanted));
    let file = &report.stats.sinks[0];
    assert_eq!((&*file.name, file.delivered), ("rotating_file", 429));
}

#[test]
fn a_rule_brings_the_sink_of_settings_that_it_names_and_no_other_is_known() {
    let build = |rule| {
        let builder = LoggerBuilder::new().sink(sink("own"));
        builder.with_routing([rule]).build()
    };
    let (_, pipeline) = build(RoutingRule::to(["own", "NULL", "stderr", "Null"])).unwrap();
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    let names = stats.sinks.iter().map(|sink| &*sink.name);
    assert_eq!(names.collect::<Vec<_>>(), ["own", "null", "stderr"]);
    let error = build(RoutingRule::to(["owm"])).unwrap_err().to_string();
    for part in ["sink_routing.rules", "owm", "own"] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let crowd = (0..65).map(|number| Gated::named(format!("sink-{number}").leak()));
    let crowd = crowd.fold(LoggerBuilder::new(), LoggerBuilder::sink);
    let error = crowd.build().unwrap_err().to_string();
    assert!(
        error.contains("sink-64") && error.contains("64 sinks"),
        "{error}"
    );
    let error = build(RoutingRule::new(["LOUD"], ["own"])).unwrap_err();
    assert!(error.to_string().contains("LOUD"), "{error}");
}

#[test]
fn the_summary_of_what_was_lost_is_routed_like_any_warning() {
    let (_, report) = routed(
        |builder| {
            let builder = builder.queue_budget(256 * 1024).drop_on_full(true);
            let builder = builder.backpressure_wait(std::time::Duration::ZERO);
            builder.with_routing([RoutingRule::new(["WARNING"], ["b"])])
        },
        |log| {
            for _ in 0..5000 {
                warn!(logger: log, text = "x".repeat(1000), "large");
            }
        },
    );
    assert!(report.stats.refused.total() > 0);
    assert!(report.stats.generated > 0);
    assert_eq!(report.stats.unrouted, 0);
    let routed = report.stats.sinks.iter().map(|sink| sink.routed);
    assert_eq!(routed.collect::<Vec<_>>(), [0, report.stats.routed, 0]);
}

#[test]
fn a_sink_that_sheds_keeps_its_reserve_for_errors_of_its_own() {
    let slow = Gated::named("slow");
    let options = SinkOptions::default().pressure(Pressure::Shed);
    let builder = LoggerBuilder::new().sink_with(slow.clone(), options);
    let builder = builder.sink(sink("all")).on_diagnostic(|_| {});
    let own = RoutingRule::to(["slow"]).field("own");
    let builder = builder.with_routing([own, RoutingRule::to(["all"])]);
    let builder = builder.queue_budget(4 << 20).drop_on_full(false);
    let (log, pipeline) = builder.build().unwrap();
    let (mut own, text) = (0, "x".repeat(200));
    for round in 0..4000 {
        error!(logger: log, text, "of others");
        if round % 2 == 0 {
            own += 1;
            info!(logger: log, own, text, "own");
        } else if round % 5 == 0 {
            own += 1;
            error!(logger: log, own, text, "own error");
        }
    }
    while pipeline.stats().queued > 0 {
        std::thread::yield_now();
    }
    slow.gate.open();
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    let got = got(&slow);
    let count = |message: &str| got.iter().filter(|it| *it == message).count();
    assert_eq!(count("own") + count("own error"), got.len());
    let books = &stats.sinks[0];
    assert_eq!((books.routed, books.delivered), (own, got.len() as u64));
    assert!(books.dropped.get("backlog_full") > 0, "{books:?}");
    // By share, that is: of the errors more came through.
    let (infos, errors) = (count("own"), count("own error"));
    assert!(5 * errors > 2 * infos, "{infos} infos and {errors} errors");
}
