//! Measures fapilog beside its peers: `cargo run --release -- [GROUP…] [--quick]`.
//!
//! Each measurement runs in a process of its own, so that no contender inherits another's threads,
//! heap or process-wide logger. The rounds of a group's contenders are interleaved, so that a slow
//! moment of the machine hits all of them. One measurement alone, as for a profiler, is
//! `fapilog-benches measure call fapilog`.

mod effort;
mod group;
mod plot;
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
mod redact;
mod refused;
mod slow;

mod burst;
mod deadline;
mod file;
mod flush;
mod growth;
mod idle;
mod load;
mod throughput;

mod client;
mod collector;
mod http;
mod http_call;
mod remote;

use std::{env, fs, process::ExitCode};

use crate::{effort::Effort, group::Group, growth::Growth};

/// Where the plot of the growth is kept.
const PLOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/growth.svg");

const GROUPS: &[&Group] = &[
    &call::GROUP,
    &alloc::GROUP,
    &disabled::GROUP,
    &refused::GROUP,
    &slow::GROUP,
    &redact::GROUP,
    &throughput::ONE,
    &throughput::TWO,
    &file::WHOLE,
    &file::DRAIN,
    &flush::GROUP,
    &deadline::GROUP,
    &idle::GROUP,
    &burst::GROUP,
    &load::GROUP,
    &growth::FIELDS,
    &growth::BYTES,
    &growth::SINKS,
    &growth::THREADS,
    &http::ONE,
    &http::TWO,
    &http_call::GROUP,
    &http_call::OPTIONS,
    &remote::CALLS,
    &remote::OUTAGE,
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help") {
        usage();
        return ExitCode::SUCCESS;
    }
    let Some((names, effort, svg)) = parse(&args) else {
        return usage();
    };
    if let [collector::ROLE, micros] = names[..] {
        return match collector::serve(micros) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
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
    let mut growth = Growth::default();
    for group in GROUPS {
        if names.is_empty() || names.iter().any(|name| is_chosen(group, name)) {
            let figures = group.run(effort);
            growth.add(group, &figures);
        }
    }
    // A plot of little effort is not kept, unless it is asked for.
    let path = svg.or_else(|| (!effort.quick).then_some(PLOT));
    if let (Some(plot), Some(path)) = (growth.plot(), path) {
        fs::write(path, plot.to_svg()).expect("the path of the plot can be written to");
        println!("{path}: {}", plot.title);
    }
    ExitCode::SUCCESS
}

/// The arguments that are no options, what the options say, and the path of the plot.
fn parse(args: &[String]) -> Option<(Vec<&str>, Effort, Option<&str>)> {
    let (mut names, mut effort, mut svg) = (Vec::new(), Effort::default(), None);
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        match arg {
            "--svg" => svg = Some(args.next()?),
            option if option.starts_with('-') => effort.argument(option, &mut args)?,
            name => names.push(name),
        }
    }
    Some((names, effort, svg))
}

fn usage() -> ExitCode {
    eprintln!("usage: fapilog-benches [all|GROUP…|measure GROUP CONTENDER] [OPTION…]");
    eprintln!("options: {}, --svg PATH_OF_PLOT", Effort::OPTIONS);
    eprintln!("groups, all of those that begin alike by what they begin with:");
    for group in GROUPS {
        eprintln!("  {}: {}", group.name, group.contenders.join(", "));
    }
    ExitCode::FAILURE
}
