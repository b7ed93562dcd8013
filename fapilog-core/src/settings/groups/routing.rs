//! Which events go to which sinks.

use crate::settings::{
    RoutingRule,
    kind::{Flag, Names, Rules},
    leaf::group,
};

group! {
    /// Which events go to which sinks.
    pub struct RoutingSettings at [sink_routing] {
        /// Whether the rules hold; without, every sink gets all. Defaults to false.
        enabled: bool = false, Flag;
        /// Which events go to which sinks. None by default.
        rules: Vec<RoutingRule> = Vec::new(), Rules;
        /// Whether an event goes to the sinks of all rules that match, not of the first alone.
        /// Defaults to true.
        overlap: bool = true, Flag;
        /// Sinks for what no rule matches. None by default.
        fallback_sinks: Vec<String> = Vec::new(), Names { example: "stderr" };
    }
}
