//! Enrichers.

use std::path::PathBuf;

use crate::settings::{
    kind::{FilePath, Flag, Text},
    leaf::group,
};

group! {
    /// The enricher [`Kubernetes`](crate::enrich::Kubernetes), if `core.enrichers` names it.
    pub struct KubernetesSettings at [enricher_config.kubernetes] {
        /// Variable with the name of the pod. Defaults to `POD_NAME`.
        pod_name_env: String = "POD_NAME".to_owned(), Text;
        /// Variable with its namespace. Defaults to `POD_NAMESPACE`.
        namespace_env: String = "POD_NAMESPACE".to_owned(), Text;
        /// Variable with the name of its node. Defaults to `NODE_NAME`.
        node_name_env: String = "NODE_NAME".to_owned(), Text;
        /// Variable with the name of its container. Defaults to `CONTAINER_NAME`.
        container_name_env: String = "CONTAINER_NAME".to_owned(), Text;
        /// Variable with the name of the cluster. Defaults to `CLUSTER_NAME`.
        cluster_name_env: String = "CLUSTER_NAME".to_owned(), Text;
        /// Directory with the files of the downward API. Defaults to `/etc/podinfo`.
        podinfo_dir: PathBuf = PathBuf::from("/etc/podinfo"), FilePath;
        /// What the keys in the diagnostics begin with. Defaults to `k8s_`.
        prefix: String = "k8s_".to_owned(), Text;
        /// Whether nothing is added where the pod has no name. Defaults to true.
        skip_if_not_k8s: bool = true, Flag;
    }
}
