//! Events on stdout and stderr, seen from outside the process: see `src/bin/console.rs`.

mod pretty;
mod streams;

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use fapilog_tests::PATIENCE;
use serde_json::Value;

/// A process that logs.
struct Running {
    child: Child,
    stdin: ChildStdin,
    told: Receiver<String>,
}

impl Running {
    /// Starts it with something as its stdout; it tells its books on stderr.
    fn start(steps: &str, variables: &[(&str, &str)], stdout: impl Into<Stdio>) -> Self {
        let mut command = command(variables);
        command.args(steps.split(' ')).stdout(stdout);
        Self::spawn(command)
    }

    /// The same with a command that is set up already, but for stdin and stderr.
    fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Our copy of the other end of its stdout must go.
        drop(command);
        let told = lines(child.stderr.take().unwrap());
        let stdin = child.stdin.take().unwrap();
        Self { child, stdin, told }
    }

    /// Waits until it has come to the step `ready`.
    fn wait_until_ready(&self) {
        while self.next_line() != "ready" {}
    }

    /// Lets it pass the step `wait`.
    fn go_on(&mut self) {
        self.stdin.write_all(b"\n").unwrap();
    }

    /// Waits for the end, and for the books.
    fn books(mut self) -> Value {
        let books = loop {
            let line = self.next_line();
            if line.starts_with("{\"sink\"") {
                break serde_json::from_str(&line).unwrap();
            }
        };
        assert!(self.child.wait().unwrap().success());
        books
    }

    fn next_line(&self) -> String {
        let line = self.told.recv_timeout(PATIENCE);
        let line = line.expect("it tells its books");
        assert!(!line.contains("panicked"), "{line}");
        line
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After a failed test; otherwise it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The helper, in an environment that says nothing about logs and terminals but for `variables`.
fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_console"));
    clean(&mut command, variables);
    command
}

/// The same in a shell, for what a shell does to stdout; `"$@"` is the helper with its steps.
fn shell(script: &str, steps: &str) -> Command {
    let mut command = Command::new("sh");
    let helper = env!("CARGO_BIN_EXE_console");
    command.args(["-c", script, "sh", helper]);
    command.args(steps.split(' ')).stdout(Stdio::piped());
    clean(&mut command, &[]);
    command
}

fn clean(command: &mut Command, variables: &[(&str, &str)]) {
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        let speaks = ["CI", "NO_COLOR", "FORCE_COLOR", "TERM", "TZ", "RUST_LOG"];
        if name.starts_with("FAPILOG_") || speaks.contains(&&*name) {
            command.env_remove(&variable);
        }
    }
    command.envs(variables.iter().copied());
}

/// Runs the helper to its end with a pipe as its stdout; what arrived there, and the books.
fn run(steps: &str, variables: &[(&str, &str)]) -> (String, Value) {
    let mut running = Running::start(steps, variables, Stdio::piped());
    let stdout = text(running.child.stdout.take().unwrap());
    let books = running.books();
    (stdout.recv_timeout(PATIENCE).unwrap(), books)
}

/// Reads to the end on a thread.
fn text(mut from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, text) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // The end of a terminal is an error.
        let _ = from.read_to_end(&mut bytes);
        send.send(String::from_utf8(bytes).expect("it is text"))
    });
    text
}

/// Reads a line on a thread, then closes what it read from.
fn first_line(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, line) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        BufReader::new(from).read_line(&mut text).unwrap();
        send.send(text)
    });
    line
}

/// Reads lines on a thread.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(from).lines().map_while(Result::ok);
        lines.for_each(|line| drop(send.send(line)));
    });
    lines
}
