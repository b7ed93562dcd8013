//! Lives and dies in the way that its first argument says, with the process-wide pipeline. Further
//! arguments: how many events it logs before.

use std::{env, fmt, panic, process::exit, thread, time::Duration};

use fapilog_core::{
    Logger, LoggerBuilder, Preset, attach, context::Scope, info, install_panic_hook, pipeline,
};
use fapilog_tests::{PATIENCE, oracle::Oracle};

fn main() {
    let mut words = env::args().skip(1);
    let way = words.next().expect("a way to die");
    let count: u64 = words.next().map_or(0, |it| it.parse().expect("a number"));
    panic::set_hook(Box::new(|info| eprintln!("the hook from before: {info}")));
    if way == "panic-of-own-pipeline" {
        return of_own_pipeline();
    }
    let log = attach(Preset::Axum).expect("the settings are fine");
    let oracle = Oracle::default();
    for _ in 0..count {
        oracle.log(&log);
    }
    die(&way, &log);
}

fn die(way: &str, log: &Logger) {
    match way {
        "return" => {}
        "exit" => exit(7),
        "exit-in-thread" => drop(thread::spawn(|| exit(7)).join()),
        "panic" => panic!("no {} left", "coffee"),
        "panic-in-thread" => in_thread(|| panic!("no tea left")),
        "panic-in-scope" => in_thread({
            let scope = Scope::new(log, [("request_id", "r-1")]);
            move || {
                let _entered = scope.enter();
                panic!("no milk left")
            }
        }),
        "panic-in-value" => info!(logger: log, value = %Panics, "a value panics"),
        "panic-with-hook-set-thrice" => {
            install_panic_hook();
            install_panic_hook();
            in_thread(|| panic!("once"));
        }
        "restart" => restart(log),
        other => panic!("no such way: {other}"),
    }
}

fn in_thread(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name("unlucky".to_owned());
    assert!(thread.spawn(run).expect("a thread").join().is_err());
}

struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("within Display")
    }
}

fn of_own_pipeline() {
    let builder = LoggerBuilder::new().capture_unhandled(true);
    let (_log, pipeline) = builder.build().expect("the settings are fine");
    in_thread(|| panic!("no sugar left"));
    pipeline.shutdown_blocking(PATIENCE);
}

fn restart(first: &Logger) {
    info!("first");
    let ended = pipeline()
        .expect("it was started")
        .shutdown_blocking(PATIENCE);
    info!("between");
    let second = attach(Preset::Axum).expect("it starts again");
    info!("second");
    info!(logger: first, "too late");
    let report = pipeline()
        .expect("it runs")
        .shutdown_blocking(Duration::from_secs(3));
    assert_ne!(first.pipeline_id(), second.pipeline_id());
    assert_eq!(ended.stats.sinks[0].delivered, 1);
    assert_eq!(report.stats.sinks[0].delivered, 1);
}
