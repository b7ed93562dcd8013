//! One run of the checks: its phases, their times, and what the test runners said.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    cargo::{describe, failed},
    tally::Tally,
};

pub(crate) struct Progress {
    started: Instant,
    limit: Duration,
    phases: Vec<Phase>,
    notes: Vec<String>,
    results: Vec<String>,
}

struct Phase {
    name: &'static str,
    time: Duration,
    passed: bool,
}

impl Progress {
    /// Starts the clock. Past the limit, the phase that is under way fails.
    pub(crate) fn start(limit: Duration) -> Self {
        Self {
            started: Instant::now(),
            limit,
            phases: Vec::new(),
            notes: Vec::new(),
            results: Vec::new(),
        }
    }

    /// Does the work as a phase with this name.
    pub(crate) fn phase(&mut self, name: &'static str, work: fn(&mut Self) -> Outcome) -> Outcome {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = work(self).and_then(|()| self.in_time());
        self.phases.push(Phase {
            name,
            time: started.elapsed(),
            passed: outcome.is_ok(),
        });
        println!("== {name} took {:.1} s", started.elapsed().as_secs_f64());
        outcome
    }

    /// Runs the command to its end, or to the time limit.
    pub(crate) fn run(&mut self, command: &mut Command) -> Outcome {
        println!("$ {}", describe(command));
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let lines = lines_of(child.stdout.take().ok_or("the command has no output")?);
        loop {
            let left = self.limit.saturating_sub(self.started.elapsed());
            match lines.recv_timeout(left) {
                Ok(line) => self.heard(line),
                Err(RecvTimeoutError::Disconnected) => break,
                // Only cargo dies; a test that hangs is left to whoever owns the machine.
                Err(RecvTimeoutError::Timeout) => {
                    child.kill()?;
                    break;
                }
            }
        }
        if child.wait()?.success() {
            return Ok(());
        }
        self.in_time()?;
        Err(failed(command))
    }

    /// Runs tests; a run that passes none is a mistake in its filter, not a success.
    pub(crate) fn run_tests(&mut self, command: &mut Command) -> Outcome {
        let before = self.results.len();
        self.run(command)?;
        match Tally::of(&self.results[before..]).passed {
            0 => Err(format!("`{}` ran no test", describe(command)).into()),
            _ => Ok(()),
        }
    }

    /// Keeps a figure of the phase for the summary.
    pub(crate) fn note(&mut self, line: String) {
        self.notes.push(line);
    }

    /// Says how long each phase took and how the tests went; the last line is the sum.
    pub(crate) fn summarise(&self) {
        println!("\n== summary");
        for Phase { name, time, passed } in &self.phases {
            let verdict = if *passed { "ok" } else { "FAILED" };
            println!("{name:<12} {:>8.1} s  {verdict}", time.as_secs_f64());
        }
        let total = self.started.elapsed().as_secs_f64();
        println!("{:<12} {total:>8.1} s\n", "total");
        for line in self.notes.iter().chain(&self.results) {
            println!("{line}");
        }
        println!("{}", Tally::of(&self.results));
    }

    fn heard(&mut self, line: String) {
        println!("{line}");
        if line.starts_with("test result:") {
            self.results.push(line);
        }
    }

    fn in_time(&self) -> Outcome {
        if self.started.elapsed() < self.limit {
            return Ok(());
        }
        let minutes = self.limit.as_secs() / 60;
        Err(format!("the checks took more than {minutes} minutes").into())
    }
}

/// The lines of a pipe, read by a thread of their own, so that waiting for one can be bounded.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into()).is_err() {
                return;
            }
        }
    });
    lines
}
