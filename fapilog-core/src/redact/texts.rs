//! [`Texts`]: secrets inside texts, whatever the field.

use std::{borrow::Cow, sync::LazyLock};

use super::{edits::Edits, glance::Glance, url, value_pattern::ValuePatterns};
use crate::{sensitive::MASK, settings::ValuePattern};

/// Stands where a text was cut.
pub(super) const CUT: &str = "[truncated]";

/// Nothing that is to be hidden is shorter than `a@b.c` and `otp=1`.
const SHORTEST: usize = 5;

/// What becomes of texts.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Credentials are taken out of URLs, up to so many bytes of a text.
    urls: Option<usize>,
    patterns: Option<ValuePatterns>,
    /// Longer texts are cut to so many bytes.
    longest: Option<usize>,
    mask: String,
    /// What a text has in it that is looked at closer.
    suspicious: Glance,
}

impl Texts {
    pub(super) fn new(
        urls: Option<usize>,
        patterns: Option<ValuePatterns>,
        longest: Option<usize>,
        mask: &str,
    ) -> Self {
        let in_urls = urls.map_or(Glance::default(), |_| Glance::URL);
        let in_others = patterns.as_ref().map(ValuePatterns::at_a_glance);
        Self {
            urls,
            patterns,
            longest,
            mask: mask.to_owned(),
            suspicious: in_urls | in_others.unwrap_or_default(),
        }
    }

    /// Whether texts stay as they are, whatever is in them.
    pub(super) fn are_free(&self) -> bool {
        self.urls.is_none() && self.patterns.is_none() && self.longest.is_none()
    }

    /// Whether the text stays as it is. UTF-8 is what it has to be.
    #[inline]
    pub(super) fn is_clean(&self, text: &[u8]) -> bool {
        if self.are_free() || (text.len() < SHORTEST && self.longest.is_none()) {
            return true;
        }
        if self.longest.is_some_and(|longest| text.len() > longest) {
            return false;
        }
        let glance = self.glance(text);
        if !glance.has_any(self.suspicious) {
            return true;
        }
        let text = std::str::from_utf8(text);
        text.is_ok_and(|text| matches!(self.scrubbed(text, glance), Cow::Borrowed(_)))
    }

    /// The text without its secrets, at its length or the longest.
    pub(super) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let text = self.without_secrets(text);
        match self.longest {
            Some(longest) if text.len() > longest && !is_cut(&text, longest) => {
                let head = &text[..text.floor_char_boundary(longest)];
                Cow::Owned(format!("{head}{CUT}"))
            }
            _ => text,
        }
    }

    /// The text without its secrets, as long as it may be.
    pub(super) fn without_secrets<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if text.len() < SHORTEST {
            return Cow::Borrowed(text);
        }
        let glance = self.glance(text.as_bytes());
        match glance.has_any(self.suspicious) {
            true => self.scrubbed(text, glance),
            false => Cow::Borrowed(text),
        }
    }

    #[inline]
    fn glance(&self, text: &[u8]) -> Glance {
        match &self.patterns {
            Some(_) => Glance::at_all(text),
            None => Glance::at_urls(text),
        }
    }

    fn scrubbed<'t>(&self, text: &'t str, glance: Glance) -> Cow<'t, str> {
        let mut edits = Edits::default();
        if let Some(most) = self.urls.filter(|_| glance.has_any(Glance::URL)) {
            let head = &text[..text.floor_char_boundary(most)];
            url::scrub(head, &self.mask, &mut edits);
            // What is not looked at is not shown, if there may be a URL in it.
            let rest = &text[head.len()..];
            let seen = whole_words(head, rest);
            if rest != self.mask && (seen < head.len() || rest.contains(['@', '='])) {
                edits.put(seen..text.len(), &self.mask);
            }
        }
        if let Some(patterns) = &self.patterns {
            patterns.scrub(text, glance, &self.mask, &mut edits);
        }
        edits.apply(text)
    }
}

static OURS: LazyLock<Texts> = LazyLock::new(|| {
    let patterns = ValuePatterns::new(&ValuePattern::ALL).ok();
    Texts::new(Some(usize::MAX), patterns, None, MASK)
});

/// What fapilog itself has to say, which may hold the text of others, without secrets.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    OURS.clean(text)
}

/// Bytes of a head up to the word that may be a URL, and goes on in the rest.
fn whole_words(head: &str, rest: &str) -> usize {
    let start = head.trim_end_matches(|it: char| !it.is_whitespace()).len();
    let goes_on = rest.starts_with(|it: char| !it.is_whitespace());
    match goes_on && head[start..].contains(['/', '?', ':', '=']) {
        true => start,
        false => head.len(),
    }
}

/// Whether it was cut before: a second run leaves it as it is.
fn is_cut(text: &str, longest: usize) -> bool {
    text.len() <= longest + CUT.len() && text.ends_with(CUT)
}
