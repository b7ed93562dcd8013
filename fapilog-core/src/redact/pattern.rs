//! [`Patterns`]: expressions that match the path of a field.

use regex::{RegexSet, RegexSetBuilder};

/// Bytes of compiled expressions, at most; the default of the crate for one of them.
const LARGEST: usize = 10 * 1024 * 1024;

/// Expressions that match the path of a field as a whole: its keys from the top of the event down,
/// joined with dots; items of lists have no part in it.
#[derive(Debug)]
pub(super) struct Patterns(RegexSet);

impl Patterns {
    /// # Errors
    ///
    /// What is wrong with one of them: matching takes time linear in the path, whatever they are,
    /// so none is refused but for its form and its size.
    pub(super) fn new(expressions: &[String]) -> Result<Self, regex::Error> {
        // Each by itself, so that two halves do not make a whole.
        for expression in expressions {
            one(std::slice::from_ref(expression))?;
        }
        let whole: Vec<_> = expressions.iter().map(|it| format!("^(?:{it})$")).collect();
        one(&whole).map(Self)
    }

    pub(super) fn is_match(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

fn one(expressions: &[String]) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(expressions)
        .size_limit(LARGEST)
        .nest_limit(64)
        .build()
}
