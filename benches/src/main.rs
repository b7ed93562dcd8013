//! Measures fapilog beside its peers: `cargo run --release -- [call|alloc|throughput|http|all]`.
//!
//! Each measurement runs in a process of its own, so that no contender inherits another's threads,
//! heap or process-wide logger. The rounds of a group's contenders are interleaved, so that a slow
//! moment of the machine hits all of them. One measurement alone, as for a profiler, is
//! `fapilog-benches measure call fapilog`.

mod alloc;
mod call;
mod client;
mod clock;
mod event;
mod floor;
mod group;
mod http;
mod http_call;
mod peers;
mod table;
mod throughput;

use std::{env, process::ExitCode};

use crate::group::Group;

const GROUPS: [&Group; 7] = [
    &call::GROUP,
    &alloc::GROUP,
    &throughput::ONE,
    &throughput::TWO,
    &http::ONE,
    &http::TWO,
    &http_call::GROUP,
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["measure", name, contender] => match GROUPS.iter().find(|it| it.name == name) {
            Some(group) => group.measure_here(contender),
            None => return usage(),
        },
        [] | ["all"] => GROUPS.iter().for_each(|group| group.run()),
        [name] => {
            let mut chosen = GROUPS
                .iter()
                .filter(|it| it.name.starts_with(name))
                .peekable();
            if chosen.peek().is_none() {
                return usage();
            }
            chosen.for_each(|group| group.run());
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: fapilog-benches [all|GROUP|measure GROUP CONTENDER], where GROUP is of:");
    for group in GROUPS {
        eprintln!("  {}: {}", group.name, group.contenders.join(", "));
    }
    ExitCode::FAILURE
}
