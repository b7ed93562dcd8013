//! [`Traceparent`]: which trace a request is of, and the span that it is.

use std::{fmt, io::Write};

use fapilog_core::__private::{new_id, random_bits};
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Bytes of version 00: `00-<trace id>-<span id>-<flags>`.
const LENGTH: usize = 55;
const TRACE: std::ops::Range<usize> = 3..35;
const SPAN: std::ops::Range<usize> = 36..52;
const FLAGS: std::ops::Range<usize> = 53..LENGTH;
const DASHES: [usize; 3] = [2, 35, 52];

const SAMPLED: u8 = 1;

/// A `traceparent` of version 00, in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traceparent([u8; LENGTH]);

impl Traceparent {
    /// The parent that the client sent, if it is one and only one, and valid.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut sent = headers.get_all(TRACEPARENT).iter();
        match (sent.next(), sent.next()) {
            (Some(parent), None) => Self::parse(parent.as_bytes()),
            _ => None,
        }
    }

    /// Reads version 00 to the letter, and of versions to come what they promise to keep. Of the
    /// flags, `sampled` is kept: others must not be sent on by those who do not know them.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut parent = Self(*text.first_chunk()?);
        let is_whole = match (&text[..2], text.get(LENGTH)) {
            (b"ff", _) => false,
            (b"00", more) => more.is_none(),
            (_, more) => more.is_none_or(|&next| next == b'-'),
        };
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_shaped = parent.0.iter().enumerate().all(|(at, byte)| {
            let is_dash = DASHES.contains(&at);
            if is_dash { *byte == b'-' } else { is_hex(byte) }
        });
        let is_zero = |id: &str| id.bytes().all(|digit| digit == b'0');
        if !is_whole || !is_shaped || is_zero(parent.trace_id()) || is_zero(parent.span_id()) {
            return None;
        }
        let flags = u8::from_str_radix(parent.part(FLAGS), 16).ok()?;
        parent.0[..2].copy_from_slice(b"00");
        parent.0[FLAGS].copy_from_slice(if flags & SAMPLED == 0 { b"00" } else { b"01" });
        Some(parent)
    }

    /// A trace of our own, for a request that has `begun` by this stamp. It is `sampled`: its
    /// events are logged.
    ///
    /// Its first half is of the time, so that no two processes make the same, and its second half
    /// is random, as those expect who sample by it.
    pub(crate) fn new(begun: u64) -> Self {
        let (time, _) = new_id(begun).as_u64_pair();
        let mut text = [0; LENGTH];
        // It is as long as the text: never an error.
        let (random, span) = (random_bits(), random_bits());
        let _ = write!(&mut text[..], "00-{time:016x}{random:016x}-{span:016x}-01");
        Self(text)
    }

    /// A new span of the same trace.
    pub(crate) fn child(mut self) -> Self {
        let _ = write!(&mut self.0[SPAN], "{:016x}", random_bits());
        self
    }

    pub(crate) fn trace_id(&self) -> &str {
        self.part(TRACE)
    }

    pub(crate) fn span_id(&self) -> &str {
        self.part(SPAN)
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.part(FLAGS) == "01"
    }

    pub(crate) fn as_str(&self) -> &str {
        self.part(0..LENGTH)
    }

    pub(crate) fn to_header(self) -> HeaderValue {
        // It holds digits, letters and hyphens: never an error.
        HeaderValue::from_bytes(&self.0).unwrap_or_else(|_| HeaderValue::from_static("invalid"))
    }

    /// Empty if it is no text, which only what is not valid can be.
    fn part(&self, range: std::ops::Range<usize>) -> &str {
        str::from_utf8(&self.0[range]).unwrap_or_default()
    }
}

impl fmt::Debug for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT_ID: &str = "b7ad6b7169203331";
    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn parse(text: impl AsRef<[u8]>) -> Option<Traceparent> {
        Traceparent::parse(text.as_ref())
    }

    #[test]
    fn what_the_specification_allows_is_read() {
        let ids = format!("{TRACE_ID}-{PARENT_ID}");
        for (sent, is_sampled) in [
            (format!("00-{ids}-00"), false),
            (format!("00-{ids}-01"), true),
            (format!("00-{ids}-02"), false),
            (format!("00-{ids}-ff"), true),
            (format!("01-{ids}-01"), true),
            (format!("cc-{ids}-01-"), true),
            (format!("cc-{ids}-00-what-the-future-will-be-like"), false),
            (format!("fe-{ids}-01-\u{e9}"), true),
        ] {
            let parent = parse(&sent).unwrap_or_else(|| panic!("{sent}"));
            assert_eq!(parent.trace_id(), TRACE_ID, "{sent}");
            assert_eq!(parent.span_id(), PARENT_ID, "{sent}");
            assert_eq!(parent.is_sampled(), is_sampled, "{sent}");
            let flags = if is_sampled { "01" } else { "00" };
            assert_eq!(parent.as_str(), format!("00-{ids}-{flags}"), "{sent}");
        }
    }

    #[test]
    fn what_the_specification_forbids_is_refused() {
        let zeros = |count| "0".repeat(count);
        for sent in [
            String::new(),
            "00".to_owned(),
            // Versions.
            VALID.replacen("00", "ff", 1),
            VALID.replacen("00", "FE", 1),
            VALID.replacen("00", "0x", 1),
            VALID.replacen("00", "0", 1),
            VALID.replacen("00", "000", 1),
            // Lengths.
            VALID[..54].to_owned(),
            format!("{VALID}-"),
            format!("{VALID}-what"),
            format!("{VALID}0"),
            format!("{VALID}-01")
                .replacen("00", "cc", 1)
                .replace("01-01", "0101"),
            format!("{VALID}.what").replacen("00", "cc", 1),
            VALID[..54].replacen("00", "cc", 1),
            // Ids.
            VALID.replace(TRACE_ID, &zeros(32)),
            VALID.replace(PARENT_ID, &zeros(16)),
            VALID.replace(TRACE_ID, &TRACE_ID.to_uppercase()),
            VALID.replace(PARENT_ID, &PARENT_ID.to_uppercase()),
            VALID.replace(TRACE_ID, &TRACE_ID[1..]),
            VALID.replace(PARENT_ID, &PARENT_ID[1..]),
            VALID.replace("0af7", ".af7"),
            VALID.replace("b7ad", "b7 d"),
            VALID.replace(&TRACE_ID[..2], "\u{e9}"),
            // Flags and what stands between.
            VALID.replace("-01", "-0."),
            VALID.replace("-01", "-1"),
            VALID.replace("-01", "-0A"),
            VALID.replace('-', "_"),
            VALID.replacen('-', "0", 1),
            format!(" {}", &VALID[..54]),
            format!("{VALID},{VALID}"),
        ] {
            assert_eq!(parse(&sent), None, "{sent}");
        }
        assert_eq!(parse([0xff; LENGTH]), None);
    }

    #[test]
    fn one_header_is_a_parent_and_two_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(Traceparent::of(&headers), None);
        headers.append(TRACEPARENT, HeaderValue::from_static(VALID));
        assert_eq!(Traceparent::of(&headers), parse(VALID));
        headers.append(TRACEPARENT, HeaderValue::from_static(VALID));
        assert_eq!(Traceparent::of(&headers), None);
    }

    #[test]
    fn a_new_trace_is_valid_sampled_and_unlike_others() {
        let (one, other) = (Traceparent::new(0), Traceparent::new(0));
        for new in [one, other, one.child()] {
            assert_eq!(parse(new.as_str()), Some(new));
            assert!(new.is_sampled());
        }
        assert_ne!(one.trace_id(), other.trace_id());
        assert_ne!(one.span_id(), other.span_id());
    }

    #[test]
    fn a_child_is_another_span_of_the_same_trace() {
        for flags in ["00", "01"] {
            let parent = parse(VALID.replace("-01", &format!("-{flags}"))).unwrap();
            let child = parent.child();
            assert_eq!(child.trace_id(), parent.trace_id());
            assert_ne!(child.span_id(), parent.span_id());
            assert_eq!(child.is_sampled(), parent.is_sampled());
            assert_eq!(child.to_header(), child.as_str());
        }
    }
}
