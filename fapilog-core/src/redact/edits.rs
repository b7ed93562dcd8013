//! [`Edits`]: what is to be replaced in a text.

use std::{borrow::Cow, ops::Range};

/// Ranges of a text, and what takes their place.
#[derive(Debug, Default)]
pub(super) struct Edits<'m>(Vec<(Range<usize>, &'m str)>);

impl<'m> Edits<'m> {
    /// Replaces a range, whose ends are those of characters.
    pub(super) fn put(&mut self, range: Range<usize>, text: &'m str) {
        self.0.push((range, text));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with all replaced. Of ranges that overlap, the union is, by the first one's text.
    pub(super) fn apply<'t>(mut self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (range, mask) in self.0 {
            if range.start >= done {
                out.push_str(text.get(done..range.start).unwrap_or_default());
                out.push_str(mask);
            }
            done = done.max(range.end);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(out)
    }
}

/// A text with what is marked in it replaced.
#[cfg(test)]
pub(super) fn edited<'m>(text: &str, mark: impl FnOnce(&mut Edits<'m>)) -> String {
    let mut edits = Edits::default();
    mark(&mut edits);
    edits.apply(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_replaced_once() {
        let mut edits = Edits::default();
        edits.put(6..8, "-");
        edits.put(1..3, "*");
        edits.put(2..5, "+");
        assert_eq!(edits.apply("0123456789"), "0*5-89");
        assert_eq!(Edits::default().apply("same"), "same");
    }
}
