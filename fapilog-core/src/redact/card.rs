//! Numbers of payment cards.

use std::ops::{Range, RangeInclusive};

use super::edits::Edits;

/// How many digits a number of a card has, or more.
pub(super) const FEWEST_DIGITS: usize = 13;
const DIGITS: RangeInclusive<usize> = FEWEST_DIGITS..=19;

/// Marks numbers of payment cards: digits, perhaps in groups with a blank or a hyphen between them,
/// that begin with 2 to 6 and end with the right check digit.
pub(super) fn scrub<'m>(text: &str, mask: &'m str, edits: &mut Edits<'m>) {
    for number in numbers(text.as_bytes()) {
        edits.put(number, mask);
    }
}

/// Whether there is a run of digits, blanks and hyphens that is long enough: in most texts with many
/// digits there is not. What is no part of a run is looked for from its end on, so that few bytes are
/// looked at.
pub(super) fn may_have_number(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'-');
    let mut rest = text;
    while let Some(run) = rest.first_chunk::<FEWEST_DIGITS>() {
        let Some(at) = run.iter().rposition(|byte| !is_part(byte)) else {
            return true;
        };
        rest = &rest[at + 1..];
    }
    false
}

fn numbers(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    let runs = std::iter::from_fn(move || {
        let run = next_run(text, from)?;
        from = run.end;
        Some(run)
    });
    runs.filter_map(|run| card_in(text, run))
}

/// The next run of enough digits, with no more than one blank or hyphen between them, that is not part
/// of a word.
fn next_run(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut run = from..from;
    let (mut digits, mut is_in_word) = (0, false);
    let mut before = from.checked_sub(1).map_or(b' ', |at| text[at]);
    let is_number = |run: &Range<usize>, digits| {
        FEWEST_DIGITS <= digits && !text.get(run.end).is_some_and(u8::is_ascii_alphabetic)
    };
    for (at, &byte) in text.iter().enumerate().skip(from) {
        if byte.is_ascii_digit() {
            if digits == 0 {
                run.start = at;
                is_in_word = before.is_ascii_alphabetic();
            }
            digits += 1;
            run.end = at + 1;
        } else if digits > 0 && !(matches!(byte, b' ' | b'-') && before.is_ascii_digit()) {
            if !is_in_word && is_number(&run, digits) {
                return Some(run);
            }
            digits = 0;
        }
        before = byte;
    }
    (!is_in_word && is_number(&run, digits)).then_some(run)
}

/// The number of a card that some of the groups of a run are: before it may stand another number, and
/// behind it the month until which it holds.
fn card_in(text: &[u8], run: Range<usize>) -> Option<Range<usize>> {
    let is_start = |at: &usize| *at == run.start || !text[at - 1].is_ascii_digit();
    let is_end = |at: &usize| *at == run.end || !text[*at].is_ascii_digit();
    let starts = run
        .clone()
        .filter(|at| text[*at].is_ascii_digit())
        .filter(is_start);
    let mut cards = starts.flat_map(|start| {
        // With a separator after each digit, and no longer.
        let most = run.end.min(start + 2 * DIGITS.end());
        let ends = (start + FEWEST_DIGITS..=most).rev();
        let ends = ends
            .filter(|at| text[at - 1].is_ascii_digit())
            .filter(is_end);
        ends.map(move |end| start..end)
    });
    cards.find(|range| is_card(&text[range.clone()]))
}

/// The check digit is that of ISO/IEC 7812-1 (Luhn).
fn is_card(number: &[u8]) -> bool {
    let digits = || number.iter().filter(|it| it.is_ascii_digit());
    if !DIGITS.contains(&digits().count()) || !matches!(number.first(), Some(b'2'..=b'6')) {
        return false;
    }
    let weighed = digits().rev().enumerate().map(|(index, digit)| {
        let digit = u32::from(digit - b'0');
        match index % 2 {
            0 => digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        }
    });
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cards_are_found_among_others() {
        for (given, left) in [
            ("4111111111111111", "***"),
            ("card 4111 1111 1111 1111 x", "card *** x"),
            ("4111-1111-1111-1111, 5500 0000 0000 0004.", "***, ***."),
            ("4111111111111111 12/27", "*** 12/27"),
            ("order 17 4111111111111111 2027", "order 17 *** 2027"),
            ("4111111111111112", "4111111111111112"),
            ("a4111111111111111", "a4111111111111111"),
            ("4111111111111111b", "4111111111111111b"),
            ("1700000000000", "1700000000000"),
            ("", ""),
        ] {
            let mut edits = Edits::default();
            scrub(given, "***", &mut edits);
            assert_eq!(edits.apply(given), left, "{given}");
        }
    }
}
