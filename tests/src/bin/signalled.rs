//! Logs to stdout on three threads until a signal ends it through `shutdown_on_signal`. Tells on
//! stderr how many events have to arrive, and how many were refused after the end. Arguments: the
//! milliseconds that the end may take, and `linger` to wait for more signals after it.

use std::{
    env, process,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use fapilog_axum::shutdown_on_signal;
use fapilog_core::{BlockingSink, Event, LoggerBuilder, SinkError, StdoutJson};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
    tell,
};

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    let patience = Duration::from_millis(words[0].parse().expect("a number"));
    let builder = LoggerBuilder::new().sink(StdoutJson::new()).sink(Bell);
    let (log, pipeline) = builder.build().expect("the settings are fine");
    let (oracle, done) = (Oracle::default(), AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().expect("a runtime");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    for _ in 0..50 {
                        oracle.log(&log);
                    }
                    // Load enough, and the sink keeps up.
                    thread::sleep(Duration::from_millis(2));
                }
            });
        }
        let report = runtime.block_on(async {
            let mut end = std::pin::pin!(shutdown_on_signal(pipeline, patience));
            // From the first poll on, it watches.
            assert!(fapilog_tests::brim::poll(end.as_mut()).is_pending());
            tell("ready");
            end.await
        });
        done.store(true, Relaxed);
        let stats = report.expect("signals can be watched").stats;
        assert_settled(&stats);
        let refused = stats.refused.get("after_shutdown");
        assert_eq!(stats.refused.total(), refused);
        tell(format_args!(
            "books {} {}",
            stats.submitted - refused,
            stats.sinks[0].delivered
        ));
    });
    if words.get(1).is_some_and(|word| word == "linger") {
        thread::sleep(PATIENCE);
        process::exit(1);
    }
}

/// Tells that the end has begun, also while another sink hangs.
struct Bell;

impl BlockingSink for Bell {
    fn name(&self) -> &str {
        "bell"
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        Ok(())
    }

    fn stop(&mut self) -> Result<(), SinkError> {
        tell("ending");
        Ok(())
    }
}
