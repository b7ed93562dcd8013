//! A driver for examples: build, start, look at stdout, send signals.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Mutex, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

/// A running example.
#[derive(Debug)]
pub struct Example {
    pub address: SocketAddr,
    child: Child,
    stdout: Option<JoinHandle<Vec<String>>>,
    stderr: Option<JoinHandle<String>>,
}

/// What an example left behind.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<String>,
    pub stderr: String,
    /// From the call that waited to the end of the process.
    pub took: Duration,
}

impl Ended {
    /// Stdout as events; each line has to be one.
    pub fn events(&self) -> Vec<Value> {
        let parse = |line: &String| {
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not an event: {line:?}"))
        };
        self.stdout.iter().map(parse).collect()
    }

    /// The terminal events of requests.
    pub fn requests(&self) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| event["logger"] == "fapilog::request");
        events
    }
}

impl Example {
    /// Starts an example and waits until it listens.
    pub fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut example = Self::spawn(name, address, variables);
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "{name} does not listen"
            );
            assert!(
                example.child.try_wait().unwrap().is_none(),
                "{name} has ended: {:?}",
                example.wait()
            );
            thread::yield_now();
        }
        example
    }

    /// Runs an example that is expected to end by itself.
    pub fn run(name: &str, variables: &[(&str, &str)]) -> Ended {
        Self::spawn(name, ([127, 0, 0, 1], 0).into(), variables).wait()
    }

    fn spawn(name: &str, address: SocketAddr, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(build(name));
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("FAPILOG_") || variable == "RUST_LOG" {
                command.env_remove(variable);
            }
        }
        let mut child = command
            .env("PORT", address.port().to_string())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().map(collect_lines);
        let stderr = child.stderr.take().map(collect_text);
        Self {
            address,
            child,
            stdout,
            stderr,
        }
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success(), "kill -s {name} {pid}");
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> Ended {
        let begun = Instant::now();
        let status = self.child.wait().unwrap();
        let took = begun.elapsed();
        Ended {
            status,
            took,
            stdout: self.stdout.take().map(join).unwrap_or_default(),
            stderr: self.stderr.take().map(join).unwrap_or_default(),
        }
    }

    /// Ends it with SIGTERM.
    pub fn terminate(&mut self) -> Ended {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // After a failed test; otherwise it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds an example, in the profile of this test, and tells where it is.
fn build(name: &str) -> PathBuf {
    static BUILT: Mutex<Vec<(String, PathBuf)>> = Mutex::new(Vec::new());
    let mut built = BUILT.lock().unwrap();
    if let Some((_, path)) = built.iter().find(|(known, _)| known == name) {
        return path.clone();
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--package", name]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success(), "cargo build -p {name}");
    let test = env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join(name);
    built.push((name.to_owned(), path.clone()));
    path
}

fn collect_lines(stdout: ChildStdout) -> JoinHandle<Vec<String>> {
    thread::spawn(move || {
        let lines = BufReader::new(stdout).lines();
        lines.map(|line| line.expect("stdout is text")).collect()
    })
}

fn collect_text(mut stderr: ChildStderr) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).expect("stderr is text");
        text
    })
}

fn join<T: Send + 'static>(thread: JoinHandle<T>) -> T {
    let (done, joined) = mpsc::channel();
    thread::spawn(move || done.send(thread.join()));
    let joined = joined.recv_timeout(crate::PATIENCE);
    joined.expect("the output ends with the process").unwrap()
}
