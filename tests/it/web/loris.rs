//! Clients that take their time, thousands of them: see `src/bin/loris.rs`.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    net,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    thread,
    time::Instant,
};

use fapilog_tests::{alone, http::connect};
use rustix::process::{Resource, getrlimit, setrlimit};

use super::*;
use crate::life::process::{command, wait};

const HELPER: &str = env!("CARGO_BIN_EXE_loris");
/// What the layer may keep of an open request.
const STATE: usize = 2048;
/// Files besides the connections, on either side.
const OTHER_FILES: usize = 500;

struct Loris {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
}

/// What the helper tells.
#[derive(Clone, Copy, Debug)]
struct Told {
    live: usize,
    open: usize,
    delivered: usize,
}

impl Loris {
    fn start() -> Self {
        let mut command = command(HELPER, "serve", &[]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = stdout.next().unwrap().unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            child,
            stdout,
            address: address.parse().unwrap(),
        }
    }

    fn ask(&mut self) -> Told {
        self.stdin.write_all(b"\n").unwrap();
        let line = self.stdout.next().unwrap().unwrap();
        let numbers: Vec<_> = line.split(' ').map(|it| it.parse().unwrap()).collect();
        let [live, open, delivered] = numbers[..] else {
            panic!("{line:?}");
        };
        Told {
            live,
            open,
            delivered,
        }
    }

    /// Waits until so many requests are open, and no memory comes or goes any more.
    fn wait_for(&mut self, open: usize) -> Told {
        let (begun, mut last) = (Instant::now(), self.ask());
        loop {
            thread::sleep(Duration::from_millis(20));
            let told = self.ask();
            if told.open == open && told.live == last.live {
                return told;
            }
            assert!(begun.elapsed() < PATIENCE, "{told:?}, not {open} open");
            last = told;
        }
    }

    /// Opens so many connections that send this, and then a byte each, and wait.
    fn hold(&self, count: usize, bytes: &[u8]) -> Vec<net::TcpStream> {
        let connect = |number: usize| {
            if number.is_multiple_of(100) {
                // Answered when all before it have been accepted: no more wait than may.
                fapilog_tests::http::get(self.address, "/");
            }
            let mut stream = connect(self.address);
            stream.write_all(bytes).unwrap();
            stream
        };
        let mut streams: Vec<_> = (0..count).map(connect).collect();
        for stream in &mut streams {
            stream.write_all(b"x").unwrap();
        }
        streams
    }

    /// Bytes that so many open requests take, and the requests.
    fn open(
        &mut self,
        count: usize,
        path: &str,
        head: &[(&str, &str)],
    ) -> (usize, Vec<net::TcpStream>) {
        let before = self.wait_for(0).live;
        let streams = self.hold(count, &request("POST", path, head));
        let after = self.wait_for(count).live;
        (after.saturating_sub(before), streams)
    }

    /// Bytes that the layer keeps of each of so many open requests.
    fn state(&mut self, count: usize, head: &[(&str, &str)]) -> usize {
        let (bare, _) = self.open(count, "/bare", head);
        let (logged, _) = self.open(count, "/logged", head);
        logged.saturating_sub(bare) / count
    }

    /// Asks something else meanwhile: it is answered, and told of.
    fn visit(&mut self, times: usize) {
        let before = self.ask().delivered;
        for _ in 0..times {
            assert_eq!(fapilog_tests::http::get(self.address, "/").status, 200);
        }
        let begun = Instant::now();
        // An answer may be there before its event.
        while self.ask().delivered < before + times {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.ask());
        }
    }

    fn end(mut self) {
        drop(self.stdin);
        assert!(wait(&mut self.child).success());
    }
}

/// Lets this process, and those that it starts, have as many files open.
fn allow_files(count: usize) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Some((count + OTHER_FILES) as u64);
    if limit.current.is_some_and(|it| Some(it) < wanted) {
        let raised = rustix::process::Rlimit {
            current: wanted,
            maximum: limit.maximum.max(wanted),
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            panic!(
                "{count} connections need {wanted:?} open files, the limit is {limit:?}: {error}"
            );
        }
    }
}

#[test]
fn slow_clients_hold_up_nobody_and_take_little_memory_each() {
    let _alone = alone();
    // So many that the chunks of the queue, which come and go, do not matter.
    let count = scaled(100).max(500);
    allow_files(count);
    let mut loris = Loris::start();
    loris.visit(1);
    let usual = [
        ("content-length", "100"),
        ("x-request-id", "01a1fc6b-6a44-7db2-b7bf-cd862d7f723f"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        ),
    ];
    let long = "x".repeat(6000);
    let large = [usual[0], usual[1], usual[2], ("cookie", &*long)];
    for head in [&usual[..], &large[..]] {
        // Whatever grows once has grown.
        drop(loris.open(count, "/logged", head));
        let mut states: Vec<_> = (0..5).map(|_| loris.state(count, head)).collect();
        states.sort_unstable();
        println!("of {count} open requests, bytes each: {states:?}");
        assert!(states[2] <= STATE, "{states:?} bytes of an open request");
        let (_, streams) = loris.open(count, "/logged", head);
        loris.visit(100);
        drop(streams);
    }
    loris.wait_for(0);
    // These have not come so far as to be requests.
    let head = request("GET", "/logged", &usual);
    let streams = loris.hold(count, &head[..head.len() - 2]);
    loris.visit(100);
    assert_eq!(loris.ask().open, 0);
    drop(streams);
    loris.end();
}
