//! [`Glance`]: what a text has in it, as far as that is seen at once.

use std::{ops::BitOr, sync::LazyLock};

use aho_corasick::packed::Searcher;

use super::card::{self, may_have_number};
use crate::record::CUT_MARK;

/// What a text has in it. Most texts have nothing that a closer look would be for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Glance(u8);

/// `@`.
const AT: u8 = 1;
const EQUALS: u8 = 2;
const COLON: u8 = 4;
/// As many digits as the number of a card has.
const CARD: u8 = 8;
/// What tokens and keys begin with.
const PREFIX: u8 = 16;

/// A capital, a dot, an underscore.
const RARE: u8 = 8;
const B: u8 = 16;
const BLANK: u8 = 32;
const HYPHEN: u8 = 64;
/// A letter of each key that is known by a hyphen.
const KEY: u8 = 128;

/// Looked at together.
const PIECE: usize = 16;
/// What tokens and keys begin with, or what stands before them; [`Seen::may_have_prefix`] has to know
/// of each.
const PREFIXES: &[&str] = &[
    "eyJ",
    "-----BEGIN",
    "AKIA",
    "ASIA",
    "gho_",
    "ghp_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "AIza",
    "ya29.",
    "npm_",
    "sk-",
    "SG.",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxo-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "k_live_",
    "k_test_",
    "whsec_",
    "bearer",
    "Bearer",
    "BEARER",
    "basic",
    "Basic",
    "BASIC",
];

static PREFIX_SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(PREFIXES));

impl Glance {
    /// Where there may be a URL with a credential.
    pub(super) const URL: Self = Self(AT | EQUALS);
    pub(super) const EMAIL: Self = Self(AT);
    pub(super) const ASSIGNMENT: Self = Self(EQUALS | COLON);
    pub(super) const CARD: Self = Self(CARD);
    /// Where there may be a token or key that is known by its prefix.
    pub(super) const KEY: Self = Self(PREFIX);

    /// Looks for what has to be in a URL with a credential: `@` or `=`, which may have been cut off.
    #[inline]
    pub(super) fn at_urls(text: &[u8]) -> Self {
        let has_mark = any_word(text, |word| has(word, b'@') | has(word, b'='));
        match has_mark || is_cut(text) {
            true => Self::URL,
            false => Self::default(),
        }
    }

    /// Looks for all of it.
    pub(super) fn at_all(text: &[u8]) -> Self {
        let Some(last) = text.last_chunk() else {
            let mut piece = [0; PIECE];
            piece[..text.len()].copy_from_slice(text);
            return Self::at_piece(&piece);
        };
        let mut seen = Seen::default();
        seen.look(last);
        let (pieces, _) = text.as_chunks::<PIECE>();
        for piece in pieces {
            seen.look(piece);
        }
        let Self(mut marks) = seen.glance();
        if marks & PREFIX != 0 && !has_prefix(text) {
            marks &= !PREFIX;
        }
        if marks & CARD != 0 && !may_have_number(text) {
            marks &= !CARD;
        }
        if is_cut(text) {
            marks |= AT;
        }
        Self(marks)
    }

    /// By itself, so that what is in memory is read from there at once. No key and no token is as
    /// short as a piece.
    #[inline(never)]
    fn at_piece(piece: &[u8; PIECE]) -> Self {
        let mut seen = Seen::default();
        seen.look(piece);
        Self(seen.glance().0 & !PREFIX)
    }

    /// Whether it has any of what another one has.
    #[inline]
    pub(super) fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Glance {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[inline]
fn is_cut(text: &[u8]) -> bool {
    text.ends_with(CUT_MARK.as_bytes())
}

#[inline(never)]
fn has_prefix(text: &[u8]) -> bool {
    PREFIX_SEARCHER
        .as_ref()
        .is_none_or(|it| it.find(text).is_some())
}

/// What was seen at each place of the pieces that a text is made of. All its bytes are in them, some
/// of them twice, and in pieces of a fixed length, so that they are looked at without a branch.
#[derive(Default)]
struct Seen {
    marks: [u8; PIECE],
    digits: [u8; PIECE],
}

impl Seen {
    /// By values, so that it is seen that nothing here changes anything else.
    #[inline(always)]
    fn look(&mut self, piece: &[u8; PIECE]) {
        let marks = piece.map(|byte| {
            let of = |mark: u8, is_it: bool| u8::from(is_it) * mark;
            let is_rare = byte.is_ascii_uppercase() | (byte == b'.') | (byte == b'_');
            of(AT, byte == b'@')
                | of(EQUALS, byte == b'=')
                | of(COLON, byte == b':')
                | of(RARE, is_rare)
                | of(B, byte == b'b')
                | of(BLANK, (byte == b' ') | (byte == b'\t'))
                | of(HYPHEN, byte == b'-')
                | of(KEY, (byte == b'k') | (byte == b'p') | (byte == b'x'))
        });
        let digits = piece.map(|byte| u8::from(byte.is_ascii_digit()));
        for (all, more) in self.marks.iter_mut().zip(marks) {
            *all |= more;
        }
        for (all, more) in self.digits.iter_mut().zip(digits) {
            *all = all.saturating_add(more);
        }
    }

    #[inline(always)]
    fn glance(&self) -> Glance {
        let seen = self.marks.iter().fold(0, |all, it| all | it);
        let digits: u16 = self.digits.iter().map(|it| u16::from(*it)).sum();
        let mut marks = seen & (AT | EQUALS | COLON);
        // Some of them may have been seen twice.
        if usize::from(digits) >= card::SHORTEST {
            marks |= CARD;
        }
        if Self::may_have_prefix(seen) {
            marks |= PREFIX;
        }
        Glance(marks)
    }

    /// Most have a letter or sign that is rare; `bearer` and `basic` are followed by a blank, and
    /// `sk-`, `glpat-` and `xoxb-` have a hyphen.
    #[inline(always)]
    fn may_have_prefix(seen: u8) -> bool {
        let has = |marks| seen & marks == marks;
        has(RARE) | has(B | BLANK) | has(HYPHEN | KEY)
    }
}

/// Whether `is` gives anything but 0 for one of the words that a text is made of; some of its bytes
/// may be in two of them.
#[inline(always)]
fn any_word(text: &[u8], is: impl Fn(u64) -> u64) -> bool {
    let word = |bytes: &[u8; 8]| is(u64::from_le_bytes(*bytes));
    if let Some(last) = text.last_chunk() {
        let (words, _) = text.as_chunks();
        return words.iter().fold(word(last), |any, it| any | word(it)) != 0;
    }
    let (first, last) = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => (u32::from_le_bytes(*first), u32::from_le_bytes(*last)),
        _ => {
            let byte = |at: usize| text.get(at).map_or(0, |it| u32::from(*it));
            (byte(0) | byte(1) << 8 | byte(2) << 16, 0)
        }
    };
    is(u64::from(first) | u64::from(last) << 32) != 0
}

/// Other than 0 if a byte of the word is this one.
#[inline(always)]
fn has(word: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zeroed = word ^ (ONES * u64::from(byte));
    zeroed.wrapping_sub(ONES) & !zeroed & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_seen_wherever_it_stands_in_a_text_of_any_length() {
        for length in 0..70 {
            let plain = "o".repeat(length);
            let all = |text: String| Glance::at_all(text.as_bytes());
            let urls = |text: String| Glance::at_urls(text.as_bytes());
            assert_eq!(all(plain.clone()), Glance::default(), "{length}");
            assert_eq!(urls(plain.clone()), Glance::default(), "{length}");
            for at in 0..length {
                let with = |mark: &str| [&plain[..at], mark, &plain[at + 1..]].concat();
                for mark in ["@", "="] {
                    assert!(urls(with(mark)).has_any(Glance::URL));
                    assert!(all(with(mark)).has_any(Glance::URL));
                }
                assert!(all(with("@")).has_any(Glance::EMAIL));
                assert!(all(with(":")).has_any(Glance::ASSIGNMENT));
            }
            let digits = all("7".repeat(length));
            assert!(digits.has_any(Glance::CARD) || length < 13, "{length}");
        }
        let id = b"01a1fc6b-6a44-75c7-a7b8-e0c3c08b4f82";
        assert_eq!(Glance::at_all(id), Glance::default());
        for prefix in PREFIXES {
            let text = format!("it has {prefix} in its text");
            assert!(
                Glance::at_all(text.as_bytes()).has_any(Glance::KEY),
                "{prefix}"
            );
        }
    }
}
