//! Instructions an event, as they are now and as they are stored.

use std::{fmt::Write, fs};

use crate::Outcome;

const FILE: &str = "xtask/instructions.txt";
/// More is a regression; less is a gain that the stored figures should not give away again.
const MOST: f64 = 1.05;
const LEAST: f64 = 0.90;

#[derive(Debug, PartialEq)]
pub(crate) struct Figures {
    /// Of the thread that logs.
    pub(crate) call: u64,
    /// Of the worker, with nothing redacted.
    pub(crate) worker_event: u64,
    /// The same with the redaction of `production`, and with that of `hardened`.
    pub(crate) production_event: u64,
    pub(crate) hardened_event: u64,
}

impl Figures {
    pub(crate) fn stored() -> Outcome<Self> {
        Self::parse(&fs::read_to_string(FILE)?)
    }

    pub(crate) fn store(&self, toolchain: &str) -> Outcome {
        Ok(fs::write(FILE, self.text(toolchain))?)
    }

    pub(crate) fn table(&self, stored: &Self) -> String {
        let mut table = format!(
            "{:<16} {:>12} {:>8} {:>6}\n",
            "part", "instructions", "stored", "ratio"
        );
        for (part, now, then) in self.beside(stored) {
            let ratio = ratio(now, then);
            let _ = writeln!(table, "{part:<16} {now:>12} {then:>8} {ratio:>6.3}");
        }
        table
    }

    /// The same in one line.
    pub(crate) fn line(&self, stored: &Self) -> String {
        let parts = self.beside(stored).into_iter().map(|(part, now, then)| {
            format!("{part} {now}, {:.3} of what is stored", ratio(now, then))
        });
        format!("instructions: {}", parts.collect::<Vec<_>>().join("; "))
    }

    /// Fails with advice for each part that has left its bounds.
    pub(crate) fn hold_to(&self, stored: &Self) -> Outcome {
        let complaints: Vec<_> = self
            .beside(stored)
            .into_iter()
            .filter_map(|(part, now, then)| complaint(part, ratio(now, then)))
            .collect();
        match complaints.is_empty() {
            true => Ok(()),
            false => Err(complaints.join("\n").into()),
        }
    }

    fn parse(text: &str) -> Outcome<Self> {
        let figure = |part: &str| -> Outcome<u64> {
            let mut counts = text
                .lines()
                .filter_map(|line| line.strip_prefix(part)?.strip_prefix(' '));
            let count = counts.next().and_then(|count| count.trim().parse().ok());
            count.ok_or_else(|| format!("{FILE} has no figure of `{part}`").into())
        };
        Ok(Self {
            call: figure("call")?,
            worker_event: figure("worker-event")?,
            production_event: figure("production-event")?,
            hardened_event: figure("hardened-event")?,
        })
    }

    fn text(&self, toolchain: &str) -> String {
        let mut text = format!(
            "# Instructions an event takes, on x86-64 Linux, with {toolchain}; the tests hold us to them.\n\
             # After a change that is worth its price, or a gain: cargo xtask instructions --renew\n"
        );
        for (part, count) in self.parts() {
            let _ = writeln!(text, "{part} {count}");
        }
        text
    }

    fn parts(&self) -> [(&'static str, u64); 4] {
        [
            ("call", self.call),
            ("worker-event", self.worker_event),
            ("production-event", self.production_event),
            ("hardened-event", self.hardened_event),
        ]
    }

    fn beside(&self, stored: &Self) -> Vec<(&'static str, u64, u64)> {
        let stored = stored.parts().into_iter();
        let both = self.parts().into_iter().zip(stored);
        both.map(|((part, now), (_, then))| (part, now, then))
            .collect()
    }
}

fn ratio(now: u64, then: u64) -> f64 {
    now as f64 / then as f64
}

fn complaint(part: &str, ratio: f64) -> Option<String> {
    let advice = match ratio {
        ratio if ratio > MOST => {
            "find out where they go, or say in the commit what they are spent on and renew \
             the figure"
        }
        ratio if ratio < LEAST => "renew the figure, so that the gain is kept",
        _ => return None,
    };
    Some(format!(
        "`{part}` takes {ratio:.3} times the stored instructions: {advice} \
         (`cargo xtask instructions --renew`)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: Figures = Figures {
        call: 1000,
        worker_event: 4000,
        production_event: 5000,
        hardened_event: 6000,
    };

    /// What the gate says of a call that takes so many, if it says anything.
    fn said_of(call: u64) -> Option<String> {
        let held = Figures { call, ..STORED }.hold_to(&STORED);
        held.err().map(|error| error.to_string())
    }

    #[test]
    fn figures_that_are_stored_are_read_back() {
        let text = STORED.text("cargo 1.95.0");

        assert!(text.ends_with(
            "--renew\ncall 1000\nworker-event 4000\nproduction-event 5000\nhardened-event 6000\n"
        ));
        assert_eq!(Figures::parse(&text).unwrap(), STORED);
    }

    #[test]
    fn a_figure_that_is_missing_or_no_number_is_named() {
        for text in ["call 5\n", "call 5\nworker-event many\n"] {
            let error = Figures::parse(text).unwrap_err().to_string();

            assert_eq!(error, format!("{FILE} has no figure of `worker-event`"));
        }
    }

    #[test]
    fn a_ratio_within_the_bounds_passes() {
        assert_eq!([900, 1000, 1050].map(said_of), [None, None, None]);
    }

    #[test]
    fn more_or_far_fewer_instructions_fail_with_the_part_and_the_advice() {
        assert!(said_of(1051).unwrap().starts_with("`call` takes 1.051 "));
        assert!(said_of(899).unwrap().contains("the gain is kept"));
    }

    #[test]
    fn every_part_that_fails_is_named() {
        let both = Figures {
            call: 2000,
            worker_event: 8000,
            ..STORED
        };

        let error = both.hold_to(&STORED).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 2);
    }
}
