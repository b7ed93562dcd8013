//! The groups of the tree.

mod adaptive;
mod cloudwatch;
mod core;
mod enrichers;
mod file;
mod http;
mod loki;
mod postgres;
mod redaction;
mod routing;
mod stages;
mod web;

pub use self::{
    adaptive::AdaptiveSettings,
    cloudwatch::CloudWatchSettings,
    core::{CoreSettings, Envelope, FailMode},
    enrichers::KubernetesSettings,
    file::{FileMode, FileSettings, FileSync},
    http::{BatchFormat, HttpSettings, WebhookSettings},
    loki::LokiSettings,
    postgres::PostgresSettings,
    redaction::*,
    routing::RoutingSettings,
    stages::*,
    web::AxumSettings,
};

pub(super) const KIB: usize = 1024;
pub(in crate::settings) const MIB: usize = 1024 * KIB;
