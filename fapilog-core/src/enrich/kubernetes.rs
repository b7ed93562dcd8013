//! Which pod it is.

use std::{
    borrow::Cow,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::Enricher;
use crate::{
    event::{FieldValue, Fields},
    settings::KubernetesSettings,
};

/// Adds the pod to the diagnostics of every event: `k8s_pod`, `k8s_namespace`, `k8s_node`,
/// `k8s_container`, `k8s_cluster`, `k8s_deployment`, `k8s_labels` and `k8s_annotations`, as far as
/// they are known.
///
/// They come from variables that the pod's manifest sets (`POD_NAME`, `POD_NAMESPACE`, `NODE_NAME`,
/// `CONTAINER_NAME`, `CLUSTER_NAME`), and from the files of a downward API volume in `/etc/podinfo`:
/// `name` and `namespace` where there is no variable, `labels`, `annotations`. The deployment is what
/// the name of the pod begins with, if it ends as those of a deployment, a stateful set or a daemon
/// set do. Values of labels and annotations that have more than 256 bytes are left out.
///
/// Without the name of a pod, nothing is added. The settings `enricher_config.kubernetes.…` change
/// all that.
#[derive(Clone, Debug)]
pub struct Kubernetes {
    prefix: String,
    needs_pod: bool,
    podinfo: PathBuf,
    pod: Option<String>,
    namespace: Option<String>,
    node: Option<String>,
    container: Option<String>,
    cluster: Option<String>,
}

impl Kubernetes {
    /// Finds the variables by `variable`; the files are read when it is switched on.
    pub fn new(settings: &KubernetesSettings, variable: impl Fn(&str) -> Option<String>) -> Self {
        let found = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        Self {
            prefix: settings.prefix.clone(),
            needs_pod: settings.skip_if_not_k8s,
            podinfo: settings.podinfo_dir.clone(),
            pod: found(&settings.pod_name_env),
            namespace: found(&settings.namespace_env),
            node: found(&settings.node_name_env),
            container: found(&settings.container_name_env),
            cluster: found(&settings.cluster_name_env),
        }
    }
}

impl Enricher for Kubernetes {
    fn name(&self) -> &str {
        "kubernetes"
    }

    fn constants(&mut self, diagnostics: &mut Fields<'static>) {
        let file = |name: &str| read(&self.podinfo.join(name));
        let line = |name: &str| Some(file(name)?.trim().to_owned()).filter(|it| !it.is_empty());
        let pod = self.pod.clone().or_else(|| line("name"));
        if self.needs_pod && pod.is_none() {
            return;
        }
        let namespace = self.namespace.clone().or_else(|| line("namespace"));
        let deployment = pod.as_deref().and_then(deployment).map(str::to_owned);
        for (name, value) in [
            ("pod", pod),
            ("namespace", namespace),
            ("node", self.node.clone()),
            ("container", self.container.clone()),
            ("cluster", self.cluster.clone()),
            ("deployment", deployment),
        ] {
            if let Some(value) = value {
                diagnostics.insert(format!("{}{name}", self.prefix), value);
            }
        }
        for name in ["labels", "annotations"] {
            let pairs = file(name).map(|text| pairs(&text)).unwrap_or_default();
            if !pairs.is_empty() {
                diagnostics.insert(format!("{}{name}", self.prefix), FieldValue::Map(pairs));
            }
        }
    }
}

/// Bytes of a file that are read, at most.
const MOST: u64 = 64 * 1024;
/// Bytes of a value that are kept, at most.
const MOST_OF_VALUE: usize = 256;

/// The text of a file, if there is one.
fn read(path: &Path) -> Option<String> {
    let mut text = Vec::new();
    File::open(path)
        .ok()?
        .take(MOST)
        .read_to_end(&mut text)
        .ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Lines such as `app="shop"`, their values escaped.
fn pairs(text: &str) -> Vec<(Cow<'static, str>, FieldValue<'static>)> {
    let pair = |line: &str| {
        let (key, quoted) = line.split_once('=')?;
        let value: String = serde_json::from_str(quoted.trim()).ok()?;
        (value.len() <= MOST_OF_VALUE).then(|| (key.trim().to_owned().into(), value.into()))
    };
    text.lines().filter_map(pair).collect()
}

/// What the pods of one deployment, stateful set or daemon set have in common in their names.
fn deployment(pod: &str) -> Option<&str> {
    let (rest, last) = pod.rsplit_once('-')?;
    let is_made_of = |text: &str, more: &str| {
        // The letters and digits that Kubernetes makes names of.
        let known = |it: char| "bcdfghjklmnpqrstvwxz2456789".contains(it) || more.contains(it);
        text.chars().all(known)
    };
    let replica_set = rest.rsplit_once('-').filter(|(_, hash)| {
        let hexadecimal = "ae013";
        (8..=10).contains(&hash.len())
            && is_made_of(hash, hexadecimal)
            && last.len() == 5
            && last.bytes().all(|it| it.is_ascii_alphanumeric())
    });
    let is_ordinal = !last.is_empty() && last.bytes().all(|it| it.is_ascii_digit());
    let is_of_daemon_set = last.len() == 5 && is_made_of(last, "");
    let found = match replica_set {
        Some((name, _)) => name,
        None if is_ordinal || is_of_daemon_set => rest,
        None => return None,
    };
    Some(found).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deployment_is_guessed_from_three_forms_of_names() {
        for (pod, expected) in [
            ("shop-web-5d59d67564-x2x4z", Some("shop-web")),
            ("shop-7f9c8b6d4-abc12", Some("shop")),
            ("db-0", Some("db")),
            ("db-main-12", Some("db-main")),
            ("agent-x7k2p", Some("agent")),
            ("shop-hello", None),
            ("shop", None),
            ("-0", None),
            ("shop-", None),
        ] {
            assert_eq!(deployment(pod), expected, "{pod}");
        }
    }
}
