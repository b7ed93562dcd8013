//! What fapilog says about itself, to a stderr that takes nothing: see `src/bin/mute.rs`.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, PipeReader, Write, pipe},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use fapilog_tests::{PATIENCE, alone, lasting, promised};
use serde_json::Value;

use super::process::{command, wait};

/// Generous: they take some microseconds, but not on a machine that is busy.
const CALL: Duration = Duration::from_millis(2);
/// Far more than may be said in the time of these tests.
const MOST_LINES: usize = 10_000;

struct Mute {
    child: Child,
    stdin: ChildStdin,
    told: Receiver<String>,
    stderr: PipeReader,
}

impl Mute {
    /// Starts it with a stderr that is full.
    fn start(variables: &[(&str, &str)]) -> Self {
        let (stderr, mut writer) = pipe().unwrap();
        rustix::pipe::fcntl_setpipe_size(&stderr, 4096).unwrap();
        writer.write_all(&[b'\n'; 4096]).unwrap();
        let time = lasting(Duration::from_millis(1500)).as_millis();
        let helper = env!("CARGO_BIN_EXE_mute");
        let mut command = command(helper, &time.to_string(), variables);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(writer).spawn().unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            told: lines(child.stdout.take().unwrap()),
            child,
            stderr,
        }
    }

    /// What it told on stdout after this word.
    fn told(&self, word: &str) -> Vec<u64> {
        let patience = PATIENCE + lasting(Duration::ZERO);
        let line = self.told.recv_timeout(patience).expect("it goes on");
        let numbers = line.strip_prefix(word).expect("the word");
        numbers
            .trim()
            .split(' ')
            .map(|it| it.parse().unwrap())
            .collect()
    }

    fn go_on(&mut self) {
        self.stdin.write_all(b"\n").unwrap();
    }

    /// What it has to say, from first to last.
    fn all_it_says(mut self) -> Vec<Value> {
        let calls = Duration::from_micros(self.told("calls")[0]);
        assert!(calls < promised(CALL), "99.9 % took up to {calls:?}");
        self.go_on();
        let stderr = lines(self.stderr.try_clone().unwrap());
        let problems = self.told("problems")[0];
        let mut said = Vec::new();
        while counted(&said) < problems {
            let line = stderr.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("{} of {problems}", counted(&said)));
            assert!(said.len() < MOST_LINES, "there is no limit");
            if !line.is_empty() {
                said.push(serde_json::from_str(&line).expect("JSON"));
            }
        }
        assert_eq!(counted(&said), problems);
        self.go_on();
        assert!(wait(&mut self.child).success());
        said
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        // After a failed test; otherwise it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many problems these lines tell of.
fn counted(said: &[Value]) -> u64 {
    let of_problem = |line: &&Value| line["component"] != "diagnostics";
    let suppressed = said.iter().filter_map(|line| line["suppressed"].as_u64());
    said.iter().filter(of_problem).count() as u64 + suppressed.sum::<u64>()
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(from).lines().map_while(Result::ok);
        lines.for_each(|line| drop(send.send(line)));
    });
    lines
}

#[test]
fn a_full_stderr_holds_no_call_up_and_what_it_missed_is_counted() {
    let _alone = alone();
    let said = Mute::start(&[]).all_it_says();
    let left_out = |line: &Value| {
        let message = line["message"].as_str().unwrap();
        message.starts_with("left out: ")
    };
    assert!(said.iter().any(left_out), "{said:?}");
    // Each kind of problem once, and two lines about the others.
    assert!(said.len() <= 104 + 2, "{} lines", said.len());
}

#[test]
fn of_each_component_ten_diagnostics_a_second_are_said_at_most_and_the_others_counted() {
    let _alone = alone();
    let verbose = ("FAPILOG_CORE__INTERNAL_LOGGING_ENABLED", "true");
    let said = Mute::start(&[verbose]).all_it_says();
    let mut times: HashMap<&str, Vec<i64>> = HashMap::new();
    for line in &said {
        let component = line["component"].as_str().unwrap();
        times.entry(component).or_default().push(millis(line));
    }
    for (component, times) in &mut times {
        times.sort_unstable();
        // The time of day is told in whole milliseconds.
        let slow = times.windows(11).all(|it| it[10] - it[0] >= 999);
        assert!(slow, "{component}: {times:?}");
    }
    assert!(times["enricher"].len() > 5, "{times:?}");
}

/// The time of day of a line.
fn millis(line: &Value) -> i64 {
    let stamp = line["ts"].as_str().unwrap();
    let (_, time) = stamp.split_once('T').unwrap();
    let numbers = time.trim_end_matches('Z').split([':', '.']);
    let numbers: Vec<i64> = numbers.map(|it| it.parse().unwrap()).collect();
    ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * 1000 + numbers[3]
}
