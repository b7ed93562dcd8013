//! Rules of ours that no lint knows, or that a single `allow` would switch off.

use std::path::Path;

use crate::{
    Outcome,
    place::Place,
    source::{self, Source, words},
};

const NOISY: [&str; 7] = [
    "dbg",
    "eprint",
    "eprintln",
    "print",
    "println",
    "todo",
    "unimplemented",
];

const MAX_LINES: usize = 500;

/// Names every violation before it fails.
pub(crate) fn check() -> Outcome {
    let sources = source::below(Path::new("."))?;
    let violations: Vec<_> = sources.iter().flat_map(violations).collect();
    for violation in &violations {
        eprintln!("{violation}");
    }
    println!("{} files read", sources.len());
    match violations.len() {
        0 => Ok(()),
        count => Err(format!("{count} violations of the house rules").into()),
    }
}

fn violations(source: &Source) -> Vec<String> {
    let place = Place::of(source);
    let mut found = Vec::new();
    for (index, line) in source.code.lines().enumerate() {
        for rule in rules_broken_by(&place, index, line) {
            found.push(format!("{}:{}: {rule}", source.path.display(), index + 1));
        }
    }
    found
}

fn rules_broken_by(place: &Place, index: usize, line: &str) -> impl Iterator<Item = &'static str> {
    let product = place.library_source && index < place.tests_from;
    let says = |what: &[&str], then: &str| {
        words(line).any(|(word, rest)| what.contains(&word) && rest.starts_with(then))
    };
    let rules = [
        (
            "`#[ignore]`: a test that does not run proves nothing",
            line.contains("#[ignore"),
        ),
        (
            "`unsafe` in a file that is not on the allow list",
            place.library && !place.may_be_unsafe && says(&["unsafe"], ""),
        ),
        (
            "a library neither prints nor leaves work undone",
            place.library_source && says(&NOISY, "!"),
        ),
        (
            "`unwrap` or `expect` outside tests",
            product && !place.test_kit && (line.contains(".unwrap()") || line.contains(".expect(")),
        ),
        (
            "more than 500 lines before the tests",
            product && index == MAX_LINES,
        ),
    ];
    rules
        .into_iter()
        .filter_map(|(rule, broken)| broken.then_some(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    /// The numbers of the lines that break a rule.
    fn broken_lines(path: &str, text: &str) -> Vec<usize> {
        let said = violations(&Source::new(Path::new(path), text));
        let number = |violation: &String| violation.split(':').nth(1)?.parse().ok();
        said.iter().filter_map(number).collect()
    }

    #[test]
    fn a_violation_names_its_file_and_line() {
        let source = Source::new(
            Path::new("./tests/it/a.rs"),
            "#[test]\n#[ignore]\nfn a() {}",
        );

        let expected = "tests/it/a.rs:2: `#[ignore]`: a test that does not run proves nothing";
        assert_eq!(violations(&source), [expected]);
    }

    #[test]
    fn unsafe_is_found_as_a_word_in_code_of_libraries() {
        let text = "#![deny(unsafe_code)]\n// unsafe\nlet a = \"unsafe\";\nunsafe { b() }";

        assert_eq!(broken_lines("fapilog-core/tests/a.rs", text), [4]);
        assert_eq!(broken_lines("tests/src/a.rs", text), NONE);
    }

    #[test]
    fn printing_and_unfinished_work_are_found_in_the_source_of_libraries() {
        let text = "println!();\nlet a = print;\n/// dbg!(b)\nc(|| todo!())\nmy_println!()";

        assert_eq!(broken_lines("fapilog-tower/src/a.rs", text), [1, 4]);
        assert_eq!(broken_lines("examples/a/src/main.rs", text), NONE);
    }

    #[test]
    fn unwrap_and_expect_are_found_before_the_tests() {
        let text = "a.unwrap();\nb.expect(c);\nd.expect_err(e);\nf.unwrap_or(g);\n\
                    #[cfg(test)]\nmod tests {\nh.unwrap();\n}";

        assert_eq!(broken_lines("fapilog-axum/src/a.rs", text), [1, 2]);
        assert_eq!(broken_lines("fapilog-axum/src/a/tests.rs", text), NONE);
        assert_eq!(broken_lines("fapilog-core/src/testing.rs", text), NONE);
    }

    #[test]
    fn a_file_is_too_long_at_its_five_hundred_and_first_line_before_the_tests() {
        let long = "a();\n".repeat(MAX_LINES);
        let tested = format!("{long}#[cfg(test)]\nmod tests {{\nb();\n}}");

        assert_eq!(broken_lines("fapilog-core/src/a.rs", &tested), NONE);
        assert_eq!(
            broken_lines("fapilog-core/src/a.rs", &format!("{long}b();")),
            [501]
        );
    }
}
