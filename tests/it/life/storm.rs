//! Processes that are interrupted, stopped and continued while they log: see `src/bin/storm.rs`.

use std::{
    io::{BufRead, BufReader, PipeReader, Read, Write, pipe},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use fapilog_tests::{PATIENCE, alone, lasting, oracle::Oracle};

use super::process::{command, wait};

const HELPER: &str = env!("CARGO_BIN_EXE_storm");
/// What the pipe holds, and a slow reader takes at a time.
const PAGE: usize = 4096;

/// The helper, and what it wrote so far.
struct Storm {
    child: Child,
    told: Receiver<String>,
    stdout: PipeReader,
    arrived: Vec<u8>,
}

impl Storm {
    fn start(words: &str) -> Self {
        let (stdout, writer) = pipe().unwrap();
        rustix::pipe::fcntl_setpipe_size(&stdout, PAGE).unwrap();
        let mut command = command(HELPER, words, &[]);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.stdout(writer).spawn().unwrap();
        let (tell, told) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || stderr.lines().try_for_each(|line| tell.send(line.unwrap())));
        let storm = Self {
            child,
            told,
            stdout,
            arrived: Vec::new(),
        };
        assert_eq!(storm.told.recv_timeout(PATIENCE).unwrap(), "ready");
        storm
    }

    /// Reads for so long, a page every millisecond: slower than it logs.
    fn read_slowly(&mut self, time: Duration) {
        let (mut page, begun) = ([0; PAGE], Instant::now());
        while begun.elapsed() < time {
            let count = self.stdout.read(&mut page).unwrap();
            assert!(count > 0, "it has ended: {:?}", self.told.try_recv());
            self.arrived.extend_from_slice(&page[..count]);
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let child = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(child, signal).unwrap();
    }

    /// Ends it, judges what arrived, and returns the numbers of its books.
    fn end(mut self) -> Vec<u64> {
        self.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        self.stdout.read_to_end(&mut self.arrived).unwrap();
        let status = wait(&mut self.child);
        let told: Vec<_> = self.told.iter().collect();
        assert!(status.success(), "{status}: {told:?}");
        let [books] = &told[..] else {
            panic!("it said more than its books: {told:?}");
        };
        let books = books.strip_prefix("books ").expect("the books");
        let books: Vec<u64> = books.split(' ').map(|it| it.parse().unwrap()).collect();
        let arrived = std::str::from_utf8(&self.arrived).expect("text");
        assert!(arrived.ends_with('\n'), "a cut line");
        let oracle = Oracle::having_issued(books[0]);
        assert_eq!(oracle.judge(arrived.lines()), books[0]);
        books
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        // After a failed test; otherwise it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_storm_of_signals_costs_no_event_and_cuts_no_line() {
    let _alone = alone();
    let mut storm = Storm::start("signals");
    let time = lasting(Duration::from_millis(1500));
    storm.read_slowly(time);
    let [issued, rounds, interrupted] = storm.end()[..] else {
        panic!("three numbers");
    };
    assert!(issued > 1000, "no load: {issued}");
    // A thousand a second by intent; a busy machine may leave some out.
    assert!(u128::from(rounds) > time.as_millis() / 5, "{rounds} rounds");
    assert!(interrupted > rounds, "{interrupted} in {rounds} rounds");
}

#[test]
fn a_process_that_was_stopped_goes_on_where_it_was() {
    use rustix::process::Signal;
    let _alone = alone();
    let mut storm = Storm::start("calm");
    for _ in 0..3 {
        storm.read_slowly(Duration::from_millis(100));
        storm.signal(Signal::STOP);
        // That it is long is the point.
        thread::sleep(lasting(Duration::from_secs(1)) / 3);
        storm.signal(Signal::CONT);
    }
    storm.read_slowly(Duration::from_millis(100));
    let books = storm.end();
    assert!(books[0] > 1000, "no load: {books:?}");
}
