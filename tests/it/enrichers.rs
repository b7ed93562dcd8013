//! Enrichers: what they add, and how they are switched while the pipeline runs.

use fapilog_core::{
    Event, Fields, Logger, LoggerBuilder, Pipeline, StageError, enrich::Enricher, filter::Verdict,
    info,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, scaled, sinks::Lines};
use serde_json::Value;

struct Rig {
    log: Logger,
    pipeline: Pipeline,
    lines: Lines,
}

impl Rig {
    fn new(builder: LoggerBuilder) -> Self {
        let lines = Lines::default();
        let (log, pipeline) = builder.sink(lines.clone()).build().unwrap();
        Self {
            log,
            pipeline,
            lines,
        }
    }

    /// What an event has that is logged now.
    fn event(&self) -> Value {
        info!(logger: self.log, request_id = "request-1", user_id = 7, "now");
        self.pipeline.flush_blocking(PATIENCE);
        serde_json::from_str(&self.lines.take()[0]).unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        assert_settled(&self.pipeline.shutdown_blocking(PATIENCE).stats);
    }
}

/// Adds to every event, and to each.
struct Own;

impl Enricher for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn constants(&mut self, diagnostics: &mut Fields<'static>) {
        diagnostics.insert("region", "eu");
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        event.data_mut().insert("own", true);
        Ok(())
    }
}

#[test]
fn each_enricher_is_switched_while_the_pipeline_runs() {
    let rig = Rig::new(LoggerBuilder::new().service("shop").enricher(Own));
    let (pipeline, first) = (&rig.pipeline, rig.event());
    assert_eq!(first["diagnostics"]["service"], "shop");
    assert_eq!(first["diagnostics"]["region"], "eu");
    assert_eq!(first["data"]["own"], true);
    assert_eq!(first["diagnostics"]["os"], Value::Null);

    assert!(pipeline.disable_enricher("runtime_info") && pipeline.disable_enricher("own"));
    assert!(pipeline.enable_enricher("host"));
    let second = rig.event();
    assert_eq!(second["diagnostics"]["service"], Value::Null);
    assert_eq!(second["diagnostics"]["region"], Value::Null);
    assert_eq!(second["data"]["own"], Value::Null);
    assert_eq!(second["diagnostics"]["os"], std::env::consts::OS);
    assert_eq!(second["diagnostics"]["arch"], std::env::consts::ARCH);
    assert!(second["diagnostics"]["cpu_count"].as_u64() > Some(0));

    assert!(pipeline.enable_enricher("Runtime-Info") && pipeline.enable_enricher("own"));
    let third = rig.event();
    assert_eq!(third["diagnostics"]["service"], "shop");
    assert_eq!(third["data"]["own"], true);
    assert!(!pipeline.enable_enricher("no such one"));
    let stages = pipeline.stats().stages;
    assert_eq!(stages.len(), 1, "ours are no stages: {stages:?}");
}

#[test]
fn what_is_logged_after_the_switch_goes_by_it() {
    let rig = Rig::new(LoggerBuilder::new().enricher(Own).drop_on_full(false));
    let count = scaled(500);
    for number in 0..count {
        let on = number % 2 == 0;
        match on {
            true => rig.pipeline.enable_enricher("host"),
            false => rig.pipeline.disable_enricher("host"),
        };
        // The event after the switch is handled before the next one.
        info!(logger: rig.log, on);
        rig.pipeline.flush_blocking(PATIENCE);
    }
    let lines = rig.lines.take();
    assert_eq!(lines.len(), count);
    for line in lines {
        let event: Value = serde_json::from_str(&line).unwrap();
        let has_it = event["diagnostics"]["os"].is_string();
        assert_eq!(event["data"]["on"], has_it, "{line}");
    }
}

#[test]
fn without_the_context_no_event_tells_whose_it_is() {
    let rig = Rig::new(LoggerBuilder::new().filter_fn("of_nobody", |event| {
        match event.context().get("user_id") {
            Some(_) => Verdict::Keep,
            None => Verdict::Drop,
        }
    }));
    let with = rig.event();
    assert_eq!(with["context"]["user_id"], 7);
    assert_eq!(with["context"]["correlation_id"], "request-1");
    assert!(rig.pipeline.disable_enricher("context_vars"));
    let without = rig.event();
    assert_eq!(
        without["context"].as_object().unwrap().len(),
        2,
        "{without}"
    );
    assert_eq!(without["context"]["correlation_id"], Value::Null);
    assert!(rig.pipeline.enable_enricher("context_vars"));
    assert_eq!(rig.event()["context"]["user_id"], 7);
}

#[test]
fn on_the_direct_way_the_context_is_left_out_too() {
    let rig = Rig::new(LoggerBuilder::new());
    let user = || {
        // A call that brings its request along is looked at in any case.
        info!(logger: rig.log, user_id = 7, "of a user");
        rig.pipeline.flush_blocking(PATIENCE);
        let event: Value = serde_json::from_str(&rig.lines.take()[0]).unwrap();
        event["context"]["user_id"].clone()
    };
    assert_eq!(user(), 7);
    assert!(rig.pipeline.disable_enricher("context_vars"));
    assert_eq!(user(), Value::Null);
    assert!(rig.pipeline.enable_enricher("context_vars"));
    assert_eq!(user(), 7);
}

#[test]
fn a_pod_of_kubernetes_is_told_of_unless_something_else_chooses() {
    let pod = [
        ("POD_NAME", "shop-web-5d59d67564-x2x4z"),
        ("POD_NAMESPACE", "prod"),
    ];
    let rig = Rig::new(LoggerBuilder::new().env_vars(pod));
    let diagnostics = rig.event()["diagnostics"].take();
    assert_eq!(diagnostics["k8s_pod"], "shop-web-5d59d67564-x2x4z");
    assert_eq!(diagnostics["k8s_namespace"], "prod");
    assert_eq!(diagnostics["k8s_deployment"], "shop-web");
    let also = Rig::new(
        LoggerBuilder::new()
            .with_enrichers(["k8s", "host"])
            .env_vars(pod),
    );
    let diagnostics = also.event()["diagnostics"].take();
    assert!(diagnostics["k8s_pod"].is_string() && diagnostics["os"].is_string());
    let chosen = [("FAPILOG_CORE__ENRICHERS", "runtime_info")];
    let other = Rig::new(LoggerBuilder::new().env_vars(pod.into_iter().chain(chosen)));
    assert_eq!(other.event()["diagnostics"]["k8s_pod"], Value::Null);
}
