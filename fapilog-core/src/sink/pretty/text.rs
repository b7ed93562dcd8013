//! Text that stays within its line, and within its place there.

/// Appends text with all that is escaped which could end the line, steer the terminal, or turn the
/// direction of reading: control characters, U+2028, U+2029, and the bidirectional embeddings,
/// overrides and isolates. A backslash is escaped too, so that escapes can be read back.
pub(super) fn escaped(out: &mut Vec<u8>, text: &str) {
    escape(out, text, false);
}

/// The same in quotes.
pub(super) fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text, true);
    out.push(b'"');
}

/// Appends text as one word: in quotes if it is empty or has blanks, quotes, `=`, one of `also`, or
/// anything to escape.
pub(super) fn word(out: &mut Vec<u8>, text: &str, also: &[char]) {
    let splits = |character: char| {
        character.is_whitespace()
            || matches!(character, '=' | '"' | '\\')
            || also.contains(&character)
            || is_hostile(character)
    };
    if text.is_empty() || text.contains(splits) {
        quoted(out, text);
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

fn escape(out: &mut Vec<u8>, text: &str, in_quotes: bool) {
    let mut copied = 0;
    for (at, character) in text.char_indices() {
        let escape = match character {
            '\\' => "\\\\",
            '"' if in_quotes => "\\\"",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ if is_hostile(character) => &format!("\\u{{{:x}}}", u32::from(character)),
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[copied..at]);
        out.extend_from_slice(escape.as_bytes());
        copied = at + character.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[copied..]);
}

fn is_hostile(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    /// Reads escapes back.
    fn unescaped(text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text.chars());
        while let Some(character) = rest.next() {
            let escaped = match character {
                '\\' => rest.next().unwrap(),
                _ => {
                    out.push(character);
                    continue;
                }
            };
            out.push(match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let digits: String = rest.by_ref().take_while(|it| *it != '}').collect();
                    let code = u32::from_str_radix(&digits[1..], 16).unwrap();
                    char::from_u32(code).unwrap()
                }
                other => other,
            });
        }
        out
    }

    #[test]
    fn every_code_point_reads_back_and_none_that_is_hostile_is_left() {
        for character in '\0'..=char::MAX {
            let text = format!("a{character}\\{character}n\"");
            for made in [
                made(|out| escaped(out, &text)),
                made(|out| quoted(out, &text)),
            ] {
                assert!(!made.contains(is_hostile), "{made:?}");
                let inner = made.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                assert_eq!(unescaped(inner.unwrap_or(&made)), text);
            }
        }
    }

    #[test]
    fn hostile_are_all_that_end_lines_steer_terminals_or_turn_the_reading() {
        let expected = (0..0x20)
            .chain(0x7f..0xa0)
            .chain(0x2028..0x202f)
            .chain(0x2066..0x206a);
        let found = ('\0'..=char::MAX).filter(|it| is_hostile(*it));
        assert!(found.map(u32::from).eq(expected));
    }

    #[test]
    fn a_word_is_quoted_only_where_it_has_to_be() {
        let word = |text| made(|out| word(out, text, &[',']));
        assert_eq!(word("/users/{id}"), "/users/{id}");
        assert_eq!(word(""), r#""""#);
        assert_eq!(word("a b"), r#""a b""#);
        assert_eq!(word("a=b"), r#""a=b""#);
        assert_eq!(word("a,b"), r#""a,b""#);
        assert_eq!(word("a\nb"), r#""a\nb""#);
        assert_eq!(word(r#"a"b"#), r#""a\"b""#);
        assert_eq!(word(r"a\b"), r#""a\\b""#);
    }
}
