//! Where a file stands, which decides the rules that hold for it.

use std::path::Path;

use crate::{source::Source, workspace::LIBRARIES};

/// The files that may say `unsafe`, each use with its proof.
const UNSAFE_ALLOWED: &[&str] = &[
    "fapilog-core/src/mmap/map.rs",
    "fapilog-core/src/pipeline/process.rs",
];

pub(crate) struct Place {
    pub(crate) library: bool,
    pub(crate) library_source: bool,
    pub(crate) may_be_unsafe: bool,
    /// `testing.rs` is public, but its readers are tests: there a panic is a verdict.
    pub(crate) test_kit: bool,
    /// The index of the line where the tests of the file begin.
    pub(crate) tests_from: usize,
}

impl Place {
    pub(crate) fn of(source: &Source) -> Self {
        let path = &source.path;
        let is_called = |name: &str| path.with_extension("").iter().any(|part| part == name);
        Self {
            library: LIBRARIES.iter().any(|library| path.starts_with(library)),
            library_source: LIBRARIES
                .iter()
                .any(|library| path.starts_with(Path::new(library).join("src"))),
            may_be_unsafe: UNSAFE_ALLOWED.iter().any(|file| path == Path::new(file)),
            test_kit: is_called("testing"),
            tests_from: match is_called("tests") {
                true => 0,
                false => first_line_of_tests(&source.code),
            },
        }
    }
}

/// A single item under `cfg(test)` does not begin the tests: what follows it is product again.
fn first_line_of_tests(code: &str) -> usize {
    let lines: Vec<_> = code.lines().collect();
    (0..lines.len())
        .find(|&index| begin_tests(&lines[index..]))
        .unwrap_or(lines.len())
}

fn begin_tests(lines: &[&str]) -> bool {
    let is_gate = |cfg: &str| cfg.starts_with("cfg(test)") || cfg.starts_with("cfg(all(test,");
    if lines[0].strip_prefix("#![").is_some_and(is_gate) {
        return true;
    }
    // Attributes start with a sign, or with a blank where they take several lines.
    let item = lines
        .iter()
        .find(|line| line.starts_with(char::is_alphabetic));
    lines[0].strip_prefix("#[").is_some_and(is_gate)
        && item.is_some_and(|item| item.starts_with("mod ") && item.trim_end().ends_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_begin_with_their_module() {
        let code = "a();\n#[cfg(all(test, loom))]\n#[allow(\n    b\n)]\nmod models {\n";

        assert_eq!(first_line_of_tests(code), 1);
        assert_eq!(first_line_of_tests("a();\nb();\n"), 2);
        assert_eq!(first_line_of_tests("#![cfg(test)]\na();\n"), 0);
    }

    #[test]
    fn a_single_item_under_cfg_test_does_not_begin_the_tests() {
        let code = "#[cfg(test)]\nmod a;\n#[cfg(test)]\nuse b;\nc();\n#[cfg(test)]\nmod tests {\n";

        assert_eq!(first_line_of_tests(code), 5);
    }
}
