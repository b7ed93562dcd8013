//! What settings of enrichers do.

use std::fs;

use fapilog_core::info;
use serde_json::{Value, json};

use super::{Variable, events, problems};

fn event(variables: &[Variable<'_>]) -> Value {
    let mut events = events(variables, |log| {
        info!(logger: log, request_id = "request-1", "in a request");
    });
    events.remove(0)
}

pub(super) fn enrichers_run_if_they_are_named() {
    let usual = event(&[]);
    assert!(usual["diagnostics"]["pid"].is_u64());
    assert_eq!(usual["context"]["request_id"], "request-1");
    let host = event(&[("FAPILOG_CORE__ENRICHERS", "host")]);
    assert_eq!(host["diagnostics"]["os"], std::env::consts::OS);
    assert_eq!(host["diagnostics"]["pid"], Value::Null);
    assert_eq!(host["context"]["request_id"], Value::Null);
    let refused = problems(&[("FAPILOG_CORE__ENRICHERS", "k8s,kubernetes")]);
    assert!(
        refused.contains("\"kubernetes\" stands there twice"),
        "{refused}"
    );
}

pub(super) fn a_pod_is_told_of_as_wanted() {
    const K8S: Variable<'_> = ("FAPILOG_CORE__ENRICHERS", "k8s");
    let told = |variables: &[Variable<'_>]| {
        let mut all = vec![K8S];
        all.extend(variables);
        let mut diagnostics = event(&all)["diagnostics"].take();
        diagnostics.as_object_mut().unwrap().remove("origin");
        diagnostics
    };
    let none = (
        "FAPILOG_ENRICHER_CONFIG__KUBERNETES__PODINFO_DIR",
        "/no/such",
    );
    let zone = ("CLUSTER_NAME", "east");
    assert_eq!(told(&[none, zone]), json!({}), "it is no pod");
    let all = (
        "FAPILOG_ENRICHER_CONFIG__KUBERNETES__SKIP_IF_NOT_K8S",
        "false",
    );
    assert_eq!(told(&[none, zone, all]), json!({ "k8s_cluster": "east" }));

    let names = [
        "POD_NAME",
        "NAMESPACE",
        "NODE_NAME",
        "CONTAINER_NAME",
        "CLUSTER_NAME",
    ];
    let keys = ["pod", "namespace", "node", "container", "cluster"];
    for (name, key) in names.into_iter().zip(keys) {
        let variable = format!("FAPILOG_ENRICHER_CONFIG__KUBERNETES__{name}_ENV");
        let set = [none, all, (variable.as_str(), "MINE"), ("MINE", "mine")];
        let told = told(&set);
        assert_eq!(told[format!("k8s_{key}")], "mine", "{variable}: {told}");
    }

    let dir = std::env::temp_dir().join(format!("fapilog-podinfo-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let file = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    file("name", "db-0\n");
    file("namespace", "prod");
    file("labels", "app=\"shop\"\ntier=\"a \\\"b\\\"\"\nnonsense\n");
    file(
        "annotations",
        &format!("team=\"till\"\nlong=\"{}\"", "x".repeat(300)),
    );
    let podinfo = (none.0, dir.to_str().unwrap());
    let prefix = ("FAPILOG_ENRICHER_CONFIG__KUBERNETES__PREFIX", "pod.");
    let expected = json!({
        "pod.pod": "db-0",
        "pod.namespace": "prod",
        "pod.deployment": "db",
        "pod.labels": { "app": "shop", "tier": "a \"b\"" },
        "pod.annotations": { "team": "till" },
    });
    assert_eq!(told(&[podinfo, prefix]), expected);
    fs::remove_dir_all(&dir).unwrap();
}
