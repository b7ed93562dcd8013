//! Drives `src/bin/life.rs`.

use std::{
    env,
    io::Read,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use fapilog_tests::PATIENCE;

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Dead {
    pub(crate) status: ExitStatus,
    pub(crate) took: Duration,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the helper to its end.
pub(crate) fn life(words: &str, variables: &[(&str, &str)]) -> Dead {
    run(env!("CARGO_BIN_EXE_life"), words, variables)
}

/// The same with another helper.
pub(crate) fn run(helper: &str, words: &str, variables: &[(&str, &str)]) -> Dead {
    let mut command = command(helper, words, variables);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let stdout = collect(child.stdout.take().unwrap());
    let stderr = collect(child.stderr.take().unwrap());
    let status = wait(&mut child);
    Dead {
        status,
        took: begun.elapsed(),
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    }
}

/// The helper, in an environment that says nothing about logs but for `variables`.
pub(crate) fn command(helper: &str, words: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(helper);
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("FAPILOG_") || name == "RUST_LOG" || name == "RUST_BACKTRACE" {
            command.env_remove(&variable);
        }
    }
    command.args(words.split(' ')).stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command
}

/// Waits for the end, and does not wait for ever.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it is text");
        text
    })
}
