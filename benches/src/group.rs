//! Contenders that are measured alike, round by round, each time in a fresh process.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::{effort::Effort, table};

pub struct Group {
    pub name: &'static str,
    pub title: &'static str,
    pub metrics: &'static [&'static str],
    pub contenders: &'static [&'static str],
    /// Whose figures the others are divided by.
    pub baseline: &'static str,
    pub rounds: usize,
    /// Measures a contender once, in this process; one figure for each metric.
    pub measure: fn(&str, Effort) -> Vec<f64>,
}

impl Group {
    /// Measures all contenders and prints a table; returns the figures by contender, round and
    /// metric.
    pub fn run(&self, effort: Effort) -> Vec<Vec<Vec<f64>>> {
        let mut figures = vec![Vec::new(); self.contenders.len()];
        for _round in 0..effort.rounds(self.rounds) {
            for (contender, rounds) in self.contenders.iter().zip(&mut figures) {
                rounds.push(self.measure_apart(contender, effort));
            }
        }
        table::print(self, &figures, effort);
        figures
    }

    /// Measures a contender in this process, for the process that waits for the figures.
    pub fn measure_here(&self, contender: &str, effort: Effort) {
        for figure in (self.measure)(contender, effort) {
            println!("{figure}");
        }
    }

    fn measure_apart(&self, contender: &str, effort: Effort) -> Vec<f64> {
        let this = env::current_exe().expect("a running program has a path");
        let output = Command::new(this)
            .args(["measure", self.name, contender])
            .args(effort.arguments())
            .stderr(Stdio::inherit())
            .output()
            .expect("the program that runs now can be started once more");
        assert!(output.status.success(), "{}: {contender} failed", self.name);
        let text = String::from_utf8_lossy(&output.stdout);
        let figures: Result<Vec<f64>, _> = text.lines().map(str::parse).collect();
        let figures = figures.expect("a measurement prints numbers and nothing else");
        assert_eq!(
            figures.len(),
            self.metrics.len(),
            "a figure for each metric"
        );
        figures
    }
}
