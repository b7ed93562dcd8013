//! Strings in JSON.

/// Appends text as a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    bytes(out, text.as_bytes());
}

/// The same for text that is known to be UTF-8. Without anything to escape it is copied in one go.
pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = next_special(bytes, at) {
        let escaped = escape(out, bytes, copied, found);
        at = found + escaped.unwrap_or(1);
        if escaped.is_some() {
            copied = at;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

/// The same for the first `length` bytes of `padded`, if there is nothing to escape in them; else
/// appends nothing and returns false. A copy of fixed length needs no call.
#[inline]
pub(super) fn short(out: &mut Vec<u8>, padded: &[u8; SHORT], length: usize) -> bool {
    // What follows the text is none of it.
    let of_text = |at: usize, byte: u8| if at < length { byte } else { b' ' };
    if any_special(&std::array::from_fn(|at| of_text(at, padded[at]))) {
        return false;
    }
    out.push(b'"');
    let start = out.len();
    out.extend_from_slice(padded);
    out.truncate(start + length);
    out.push(b'"');
    true
}

/// The longest text that [`short`] can write.
pub(super) const SHORT: usize = 16;

/// Writes the escape of the character at `found`, after the plain text before it. `None` if the
/// character needs none after all.
fn escape(out: &mut Vec<u8>, bytes: &[u8], copied: usize, found: usize) -> Option<usize> {
    let byte = bytes[found];
    let (code, length) = match byte {
        // The first byte of U+0080 to U+00BF; only U+0080 to U+009F are control characters.
        0xc2 => match bytes.get(found + 1) {
            Some(&second) if second < 0xa0 => (second, 2),
            _ => return None,
        },
        _ => (byte, 1),
    };
    out.extend_from_slice(&bytes[copied..found]);
    match code {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        _ => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            let [high, low] = [code >> 4, code & 15].map(|nibble| HEX[usize::from(nibble)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    }
    Some(length)
}

/// The first byte from `from` on that may need an escape.
fn next_special(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(piece) = bytes[at..].first_chunk::<SHORT>() {
        if any_special(piece) {
            return first_special(bytes, at);
        }
        at += SHORT;
    }
    if bytes.len() >= SHORT {
        // The last ones, some of them for the second time.
        let last = bytes.len() - SHORT;
        let piece = bytes[last..].first_chunk::<SHORT>()?;
        return any_special(piece)
            .then(|| first_special(bytes, at))
            .flatten();
    }
    while let Some(word) = bytes[at..].first_chunk::<8>() {
        if may_be_special(u64::from_le_bytes(*word)) {
            return first_special(bytes, at);
        }
        at += 8;
    }
    if may_be_special(last_word(bytes, at)) {
        return first_special(bytes, at);
    }
    None
}

/// The bytes from `at` on, fewer than eight, as one word; some of the others may be in it too.
/// Read in overlapping pieces: put together in memory, the word would have to wait for itself.
fn last_word(bytes: &[u8], at: usize) -> u64 {
    if let Some(word) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*word);
    }
    let rest = &bytes[at..];
    match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
        }
        _ => {
            let byte = |index: usize| u64::from(rest.get(index).copied().unwrap_or(b' '));
            byte(0) | byte(1) << 8 | byte(2) << 16 | BLANKS << 24
        }
    }
}

/// A word without anything special.
const BLANKS: u64 = 0x2020_2020_2020_2020;

fn first_special(bytes: &[u8], from: usize) -> Option<usize> {
    let special = |byte: &u8| SPECIAL[usize::from(*byte)];
    let found = bytes[from..].iter().position(special);
    found.map(|index| from + index)
}

/// Whether one of the bytes may need an escape: without branches, so that all are looked at at once.
#[inline(always)]
fn any_special(bytes: &[u8; SHORT]) -> bool {
    bytes
        .iter()
        .fold(false, |any, &byte| any | is_special(byte))
}

/// Looks at eight bytes at once: true if one of them is special, and sometimes if none is.
fn may_be_special(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let has = |byte: u8| {
        let zeroed = word ^ (ONES * u64::from(byte));
        zeroed.wrapping_sub(ONES) & !zeroed & HIGH
    };
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    control | has(b'"') | has(b'\\') | has(0x7f) | has(0xc2) != 0
}

/// Whether the byte may need an escape.
#[inline(always)]
const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f) | (byte == 0xc2)
}

static SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_special(byte as u8);
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_code_point_parses_back_and_control_characters_are_escaped() {
        for code in 0..=0x0010_ffff {
            let Some(character) = char::from_u32(code) else {
                continue;
            };
            let text = format!("abcdefg{character}hijklmnop{character}");
            let json = json(&text);
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            assert!(!json.chars().any(char::is_control), "U+{code:04X}");
        }
    }

    #[test]
    fn plain_text_is_copied() {
        assert_eq!(json(""), r#""""#);
        assert_eq!(json("Grüße, 世界 – £5"), r#""Grüße, 世界 – £5""#);
        assert_eq!(json("a\"b\\c\n\u{85}"), r#""a\"b\\c\n\u0085""#);
    }
}
