//! The end by a signal, without a server: see `src/bin/signalled.rs`.

use std::{
    io::{BufRead, BufReader, PipeReader, pipe},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use fapilog_tests::{PATIENCE, alone, oracle::Oracle, promised, scaled};
use rustix::process::{Pid, Signal, kill_process};

use super::process::{command, wait};

const HELPER: &str = env!("CARGO_BIN_EXE_signalled");
/// What the pipe holds.
const PAGE: usize = 4096;
/// For so long nothing was written, by a process that has far more to write.
const STILL: Duration = Duration::from_millis(100);
/// Of the process at the second signal.
const AT_ONCE: Duration = Duration::from_millis(200);

/// The helper, which logs and watches for signals.
struct Signalled {
    child: Child,
    told: Receiver<String>,
    stdout: Option<PipeReader>,
}

impl Signalled {
    fn start(words: &str) -> Self {
        let (stdout, writer) = pipe().unwrap();
        rustix::pipe::fcntl_setpipe_size(&stdout, PAGE).unwrap();
        let mut command = command(HELPER, words, &[]);
        command.stdout(writer).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (tell, told) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || stderr.lines().try_for_each(|line| tell.send(line.unwrap())));
        let signalled = Self {
            child,
            told,
            stdout: Some(stdout),
        };
        assert_eq!(signalled.next_line(), "ready");
        signalled
    }

    /// The next thing that it says, but for what the pipeline has to say about a full pipe.
    fn next_line(&self) -> String {
        loop {
            let line = self.told.recv_timeout(PATIENCE).expect("it says something");
            if !line.starts_with('{') {
                return line;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Sends the first signal, and waits until it has begun to end.
    fn begin_to_end(&self, signal: Signal) {
        self.signal(signal);
        assert_eq!(self.next_line(), "ending");
    }

    /// Waits until its stdout, which nobody reads, takes no more.
    fn wait_until_full(&self) {
        let (stdout, begun) = (self.stdout.as_ref().unwrap(), Instant::now());
        let (mut held, mut since) = (0, begun);
        // A piece that is too long for what is left of the page leaves it empty: how much a full
        // pipe holds, nobody knows.
        while held == 0 || since.elapsed() < STILL {
            let holds = rustix::io::ioctl_fionread(stdout).unwrap();
            if holds != held {
                (held, since) = (holds, Instant::now());
            }
            assert!(begun.elapsed() < PATIENCE, "the pipe does not fill");
            thread::yield_now();
        }
    }

    /// Reads stdout to its end, on a thread.
    fn read(&mut self) -> thread::JoinHandle<Vec<String>> {
        let lines = BufReader::new(self.stdout.take().unwrap()).lines();
        thread::spawn(move || lines.map(|line| line.unwrap()).collect())
    }

    /// The exit code, and how long it takes from now on.
    fn end(mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        (wait(&mut self.child).code(), begun.elapsed())
    }
}

impl Drop for Signalled {
    fn drop(&mut self) {
        // After a failed test; otherwise it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_signal_drains_the_pipeline_and_its_report_says_so() {
    let _alone = alone();
    for signal in [Signal::TERM, Signal::INT] {
        for _ in 0..scaled(2) {
            nothing_is_lost_at(signal);
        }
    }
}

fn nothing_is_lost_at(signal: Signal) {
    let mut signalled = Signalled::start("3000");
    let lines = signalled.read();
    // Load, for a while.
    thread::sleep(Duration::from_millis(50));
    signalled.begin_to_end(signal);
    let books = signalled.next_line();
    assert_eq!(signalled.end().0, Some(0));
    let books = books.strip_prefix("books ").expect("the books");
    let (taken, delivered) = books.split_once(' ').expect("two numbers");
    assert_eq!(taken, delivered);
    let lines = lines.join().unwrap();
    let arrived = Oracle::having_issued(u64::MAX).judge(lines.iter().map(String::as_str));
    assert_eq!(arrived.to_string(), delivered);
    assert!(arrived > 300, "no load: {arrived}");
}

#[test]
fn a_second_signal_ends_a_drain_that_hangs() {
    let _alone = alone();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        // Nobody reads, and the drain would wait for it.
        let signalled = Signalled::start("30000");
        signalled.wait_until_full();
        signalled.begin_to_end(Signal::TERM);
        signalled.signal(signal);
        let (status, took) = signalled.end();
        assert_eq!(status, Some(code));
        assert!(took < promised(AT_ONCE), "it took {took:?}");
    }
}

#[test]
fn a_second_signal_after_the_drain_ends_the_process_too() {
    let _alone = alone();
    let mut signalled = Signalled::start("3000 linger");
    let _lines = signalled.read();
    signalled.begin_to_end(Signal::TERM);
    assert!(signalled.next_line().starts_with("books "));
    signalled.signal(Signal::TERM);
    let (status, took) = signalled.end();
    assert_eq!(status, Some(143));
    assert!(took < promised(AT_ONCE), "it took {took:?}");
}
