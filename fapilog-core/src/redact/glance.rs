//! [`Glance`]: what a text has in it, as far as that is seen at once.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;

/// What a text has in it. Most texts have nothing that a closer look would be for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) has_at: bool,
    pub(super) has_equals: bool,
    pub(super) has_colon: bool,
    pub(super) has_question: bool,
    /// `//` at the beginning.
    pub(super) has_slashes: bool,
    /// How many, or more.
    pub(super) digits: usize,
    /// What tokens and keys begin with.
    pub(super) has_prefix: bool,
}

/// Looked at together.
const PIECE: usize = 16;
/// No token and no key is as short as that.
const SHORTEST: usize = 12;

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
    "xox",
    "k_live_",
    "k_test_",
    "whsec_",
    "earer",
    "EARER",
    "asic",
    "ASIC",
];

static PREFIX: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(PREFIXES));

impl Glance {
    /// Looks for what URLs have in them.
    #[inline]
    pub(super) fn at_urls(text: &[u8]) -> Self {
        let seen = Seen::of(text, |seen, byte, at| {
            seen.colon[at] |= u8::from(byte == b':');
            seen.question[at] |= u8::from(byte == b'?');
        });
        Self {
            has_slashes: text.starts_with(b"//"),
            ..seen.glance()
        }
    }

    /// Looks for all of it.
    pub(super) fn at_all(text: &[u8]) -> Self {
        let seen = Seen::of(text, |seen, byte, at| {
            seen.at[at] |= u8::from(byte == b'@');
            seen.equals[at] |= u8::from(byte == b'=');
            seen.colon[at] |= u8::from(byte == b':');
            seen.question[at] |= u8::from(byte == b'?');
            seen.digits[at] = seen.digits[at].saturating_add(u8::from(byte.is_ascii_digit()));
        });
        let has_prefix = text.len() >= SHORTEST
            && PREFIX
                .as_ref()
                .is_none_or(|searcher| searcher.find(text).is_some());
        Self {
            has_slashes: text.starts_with(b"//"),
            has_prefix,
            ..seen.glance()
        }
    }
}

/// What was seen at each place of the pieces of a text: so that a piece is looked at in a few
/// steps, without a branch.
#[derive(Default)]
struct Seen {
    at: [u8; PIECE],
    equals: [u8; PIECE],
    colon: [u8; PIECE],
    question: [u8; PIECE],
    digits: [u8; PIECE],
}

impl Seen {
    #[inline(always)]
    fn of(text: &[u8], look: impl Fn(&mut Self, u8, usize)) -> Self {
        let mut seen = Self::default();
        let (pieces, rest) = text.as_chunks::<PIECE>();
        for piece in pieces {
            for (at, byte) in piece.iter().enumerate() {
                look(&mut seen, *byte, at);
            }
        }
        for (at, byte) in rest.iter().enumerate() {
            look(&mut seen, *byte, at);
        }
        seen
    }

    #[inline(always)]
    fn glance(&self) -> Glance {
        let any = |places: &[u8; PIECE]| places.iter().fold(0, |any, it| any | it) != 0;
        Glance {
            has_at: any(&self.at),
            has_equals: any(&self.equals),
            has_colon: any(&self.colon),
            has_question: any(&self.question),
            digits: self.digits.iter().map(|it| usize::from(*it)).sum(),
            ..Glance::default()
        }
    }
}
