//! Measures fapilog beside its peers: `cargo run --release -- [GROUP…] [--quick]`.
//!
//! Each measurement runs in a process of its own, so that no contender inherits another's threads,
//! heap or process-wide logger. The rounds of a group's contenders are interleaved, so that a slow
//! moment of the machine hits all of them. One measurement alone, as for a profiler, is
//! `fapilog-benches measure call fapilog`.

mod effort;
mod group;
mod table;

mod allocator;
mod clock;
mod event;
mod floor;
mod output;
mod peers;
mod process;

mod alloc;
mod call;
mod disabled;
mod refused;
mod slow;

mod burst;
mod deadline;
mod flush;
mod idle;
mod load;
mod throughput;

mod client;
mod http;
mod http_call;

use std::{env, process::ExitCode};

use crate::{effort::Effort, group::Group};

const GROUPS: &[&Group] = &[
    &call::GROUP,
    &alloc::GROUP,
    &disabled::GROUP,
    &refused::GROUP,
    &slow::GROUP,
    &throughput::ONE,
    &throughput::TWO,
    &flush::GROUP,
    &deadline::GROUP,
    &idle::GROUP,
    &burst::GROUP,
    &load::GROUP,
    &http::ONE,
    &http::TWO,
    &http_call::GROUP,
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let Some((names, effort)) = parse(&args) else {
        return usage();
    };
    if let ["measure", name, contender] = names[..] {
        let Some(group) = GROUPS.iter().find(|group| group.name == name) else {
            return usage();
        };
        group.measure_here(contender, effort);
        return ExitCode::SUCCESS;
    }
    let is_chosen = |group: &Group, name: &str| name == "all" || group.name.starts_with(name);
    if !names
        .iter()
        .all(|name| GROUPS.iter().any(|group| is_chosen(group, name)))
    {
        return usage();
    }
    for group in GROUPS {
        if names.is_empty() || names.iter().any(|name| is_chosen(group, name)) {
            group.run(effort);
        }
    }
    ExitCode::SUCCESS
}

/// The arguments that are no options, and what the options say.
fn parse(args: &[String]) -> Option<(Vec<&str>, Effort)> {
    let (mut names, mut effort) = (Vec::new(), Effort::default());
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        match arg {
            option if option.starts_with('-') => effort.argument(option, &mut args)?,
            name => names.push(name),
        }
    }
    Some((names, effort))
}

fn usage() -> ExitCode {
    eprintln!("usage: fapilog-benches [all|GROUP…|measure GROUP CONTENDER] [OPTION…]");
    eprintln!("options: {}", Effort::OPTIONS);
    eprintln!("groups, all of those that begin alike by what they begin with:");
    for group in GROUPS {
        eprintln!("  {}: {}", group.name, group.contenders.join(", "));
    }
    ExitCode::FAILURE
}
