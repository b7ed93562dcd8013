//! Lives and dies in the way that its first argument says, with the process-wide pipeline. Further
//! arguments: how many events it logs before.

use std::{env, process::exit, thread};

use fapilog_core::{Logger, Preset, attach};
use fapilog_tests::oracle::Oracle;

fn main() {
    let mut words = env::args().skip(1);
    let way = words.next().expect("a way to die");
    let count: u64 = words.next().map_or(0, |it| it.parse().expect("a number"));
    let log = attach(Preset::Axum).expect("the settings are fine");
    let oracle = Oracle::default();
    for _ in 0..count {
        oracle.log(&log);
    }
    die(&way, &log);
}

fn die(way: &str, _log: &Logger) {
    match way {
        "return" => {}
        "exit" => exit(7),
        "exit-in-thread" => drop(thread::spawn(|| exit(7)).join()),
        other => panic!("no such way: {other}"),
    }
}
