//! `sink_routing`: which events go to which sinks.

use fapilog_core::{Level, LoggerBuilder, Null, error, info, warn};
use fapilog_tests::PATIENCE;

use super::{Variable, build, builder, problems};

const ERRORS: Variable<'_> = (
    "FAPILOG_SINK_ROUTING__RULES",
    r#"[{"levels":["ERROR"],"sinks":["null"]},{"levels":["ERROR","WARNING"],"sinks":["stderr"]}]"#,
);
const ENABLED: Variable<'_> = ("FAPILOG_SINK_ROUTING__ENABLED", "true");

/// How many events each sink got of an error, a warning and an info, and what went nowhere.
fn got(variables: &[Variable<'_>]) -> (Vec<(String, u64)>, u64) {
    let (log, pipeline) = build(builder(variables));
    error!(logger: log, "an error");
    warn!(logger: log, "a warning");
    info!(logger: log, "an info");
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    let sinks = stats.sinks.into_iter().map(|it| (it.name, it.delivered));
    (sinks.collect(), stats.unrouted)
}

pub(super) fn rules_send_events_to_their_sinks() {
    let named = |name: &str, count| (name.to_owned(), count);
    let sinks = vec![named("null", 1), named("stderr", 2)];
    assert_eq!(got(&[ENABLED, ERRORS]), (sinks, 1));
    let overlap = ("FAPILOG_SINK_ROUTING__OVERLAP", "false");
    let sinks = vec![named("null", 1), named("stderr", 1)];
    assert_eq!(got(&[ENABLED, ERRORS, overlap]), (sinks, 1));
    let fallback = ("FAPILOG_SINK_ROUTING__FALLBACK_SINKS", "null");
    let sinks = vec![named("null", 2), named("stderr", 2)];
    assert_eq!(got(&[ENABLED, ERRORS, fallback]), (sinks, 0));
    let without = [("FAPILOG_CORE__SINKS", "null"), ERRORS];
    assert_eq!(got(&without), (vec![named("null", 3)], 0));
}

#[test]
fn rules_that_cannot_work_are_refused() {
    let refused = |rules| problems(&[ENABLED, ("FAPILOG_SINK_ROUTING__RULES", rules)]);
    for (rules, part) in [
        (r#"[{"levels":["EROR"],"sinks":["null"]}]"#, "EROR"),
        (r#"[{"levels":["ERROR"],"sinks":["nul"]}]"#, "nul"),
        (r#"[{"levels":["ERROR"],"sinks":["loki"]}]"#, "loki"),
        (r#"[{"levels":["ERROR"]}]"#, "sinks"),
        (r#"[{"level":["ERROR"],"sinks":["null"]}]"#, "level"),
        ("[]", "at least one rule"),
    ] {
        let told = refused(rules);
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
}

#[test]
fn a_table_gives_a_sink_its_level() {
    let sinks = r#"[{"type":"null","level":"error"},{"type":"null","name":"all"}]"#;
    let (got, unrouted) = got(&[("FAPILOG_SINKS", sinks)]);
    assert_eq!(got, [("null".to_owned(), 1), ("all".to_owned(), 3)]);
    assert_eq!(unrouted, 0);
    let sinks = r#"[{"type":"null","level":"eror"}]"#;
    assert!(problems(&[("FAPILOG_SINKS", sinks)]).contains("eror"));
}

#[test]
fn rules_of_code_are_shown_and_read_back() {
    let rule = fapilog_core::settings::RoutingRule::new(["ERROR"], ["null"]).logger("shop");
    let builder = LoggerBuilder::new().level(Level::Debug).sink(Null);
    let settings = builder.with_routing([rule]).resolve().unwrap();
    let shown = settings.explain();
    let rules = shown.iter().find(|it| it.key == "sink_routing.rules");
    let rules = rules.unwrap().value.to_string();
    assert!(rules.contains(r#""logger":"shop""#), "{rules}");
}
