//! [`scrub`]: numbers of payment cards.

use std::ops::Range;

use super::edits::Edits;

/// Digits of the shortest number, and of the longest.
pub(super) const SHORTEST: usize = 13;
const LONGEST: usize = 19;
const SHORTEST_GROUP: usize = 3;

/// Marks numbers of 13 to 19 digits with the right check digit, the first of them 2 to 6. They may
/// stand in groups of three or more, with a blank or a hyphen between these, and with other numbers
/// before and behind.
pub(super) fn scrub<'m>(text: &str, mask: &'m str, edits: &mut Edits<'m>) {
    let mut groups = Vec::new();
    let mut from = 0;
    while let Some(group) = next_group(text, from) {
        let follows = group.start == from + 1 && [b' ', b'-'].contains(&text.as_bytes()[from]);
        if from > 0 && !follows {
            cards(text, &groups, mask, edits);
            groups.clear();
        }
        from = group.end;
        if group.len() < SHORTEST_GROUP {
            cards(text, &groups, mask, edits);
            groups.clear();
        } else {
            groups.push(group);
        }
    }
    cards(text, &groups, mask, edits);
}

/// Whether there is a run of digits, blanks and hyphens that is long enough: in most texts with many
/// digits there is not. What is no part of a run is looked for from its end on, so that few bytes are
/// looked at.
pub(super) fn may_have_number(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'-');
    let mut rest = text;
    while let Some(run) = rest.first_chunk::<SHORTEST>() {
        let Some(at) = run.iter().rposition(|byte| !is_part(byte)) else {
            return true;
        };
        rest = &rest[at + 1..];
    }
    false
}

/// The next digits that stand by themselves, or beside what is no letter.
fn next_group(text: &str, from: usize) -> Option<Range<usize>> {
    let is_digit = |it: char| it.is_ascii_digit();
    let mut from = from;
    loop {
        let start = from + text[from..].find(is_digit)?;
        let length = text[start..].find(|it| !is_digit(it));
        let end = length.map_or(text.len(), |it| start + it);
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        let is_alone = !text[..start].ends_with(is_word) && !text[end..].starts_with(is_word);
        if is_alone {
            return Some(start..end);
        }
        from = end;
    }
}

/// Marks the cards in groups that follow each other: all that may be one, so that no part of the
/// right one is left by chance.
fn cards<'m>(text: &str, groups: &[Range<usize>], mask: &'m str, edits: &mut Edits<'m>) {
    for (first, group) in groups.iter().enumerate() {
        let mut digits = 0;
        let ends = groups[first..].iter().take_while(|it| {
            digits += it.len();
            digits <= LONGEST
        });
        let cards = ends.filter(|it| is_card(&text[group.start..it.end]));
        if let Some(last) = cards.last() {
            edits.put(group.start..last.end, mask);
        }
    }
}

/// Whether it has the right length, first digit, and check digit (ISO/IEC 7812-1).
fn is_card(number: &str) -> bool {
    let digits = || number.bytes().rev().filter(u8::is_ascii_digit);
    let weighed = digits().enumerate().map(|(index, digit)| {
        let digit = u32::from(digit - b'0');
        match index % 2 {
            0 => digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        }
    });
    number.starts_with(['2', '3', '4', '5', '6'])
        && (SHORTEST..=LONGEST).contains(&digits().count())
        && weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::edits::edited;

    fn scrubbed(text: &str) -> String {
        edited(text, |edits| scrub(text, "***", edits))
    }

    #[test]
    fn cards_are_found_among_other_numbers() {
        for (given, left) in [
            ("4111 1111 1111 1111.", "***."),
            ("27 4111 1111 1111 1111 123 45", "27 *** 123 45"),
            ("12-27-4111111111111111 1", "12-27-*** 1"),
            ("4111-1111-1111-1111,5555555555554444", "***,***"),
            ("378282246310005 6011111111111117", "*** ***"),
            ("#4222222222222", "#***"),
        ] {
            assert_eq!(scrubbed(given), left);
            assert_eq!(scrubbed(left), left);
        }
        for text in [
            "4111  1111  1111  1111",
            "4111 1111 1111 1112",
            "1700000000000",
            "411111111111111141111111",
            "x4111111111111111",
            "4111111111111111_",
            "ä4111111111111111",
        ] {
            assert_eq!(scrubbed(text), text);
        }
    }
}
