//! The figures of the test runners.

use std::fmt;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds up lines like `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    pub(crate) fn of(results: &[String]) -> Self {
        let sum = |label| results.iter().map(|line| count(line, label)).sum();
        Self {
            passed: sum("passed"),
            failed: sum("failed"),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn count(line: &str, label: &str) -> u64 {
    line.split(['.', ';'])
        .filter_map(|part| part.strip_suffix(label)?.trim().parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        Tally::of(&lines.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn the_figures_of_all_runners_are_added_up() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
        ];

        assert_eq!(tally(&lines).to_string(), "16 passed, 2 failed");
    }

    #[test]
    fn a_line_without_figures_counts_for_nothing() {
        assert_eq!(tally(&["test result: ", "passed failed"]), Tally::default());
    }
}
