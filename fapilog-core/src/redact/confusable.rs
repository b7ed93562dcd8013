//! Letters that are taken for others.

/// Letters of other scripts that look like the Latin one beside them, in lower case. From the
/// confusables of [UTS #39](https://www.unicode.org/reports/tr39/), as far as they are letters of
/// one piece.
const ALIKE: &[(char, char)] = &[
    ('а', 'a'),
    ('ɑ', 'a'),
    ('α', 'a'),
    ('Ь', 'b'),
    ('с', 'c'),
    ('ϲ', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ҽ', 'e'),
    ('ɡ', 'g'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ı', 'i'),
    ('ι', 'i'),
    ('ɩ', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('κ', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('п', 'n'),
    ('ո', 'n'),
    ('о', 'o'),
    ('ο', 'o'),
    ('σ', 'o'),
    ('р', 'p'),
    ('ρ', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('ſ', 's'),
    ('т', 't'),
    ('τ', 't'),
    ('υ', 'u'),
    ('ս', 'u'),
    ('ѵ', 'v'),
    ('ν', 'v'),
    ('ԝ', 'w'),
    ('ѡ', 'w'),
    ('х', 'x'),
    ('χ', 'x'),
    ('у', 'y'),
    ('ү', 'y'),
    ('γ', 'y'),
    ('А', 'a'),
    ('Α', 'a'),
    ('В', 'b'),
    ('Β', 'b'),
    ('С', 'c'),
    ('Е', 'e'),
    ('Ε', 'e'),
    ('Н', 'h'),
    ('Η', 'h'),
    ('І', 'i'),
    ('Ι', 'i'),
    ('Ј', 'j'),
    ('К', 'k'),
    ('Κ', 'k'),
    ('М', 'm'),
    ('Μ', 'm'),
    ('Ν', 'n'),
    ('О', 'o'),
    ('Ο', 'o'),
    ('Р', 'p'),
    ('Ρ', 'p'),
    ('Ѕ', 's'),
    ('Т', 't'),
    ('Τ', 't'),
    ('Х', 'x'),
    ('Χ', 'x'),
    ('У', 'y'),
    ('Υ', 'y'),
];

/// The Latin letter that this one is taken for; else the letter itself.
pub(super) fn plain(letter: char) -> char {
    match letter {
        '\0'..='\u{7f}' => letter,
        // The wide forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xff01 + 0x21).unwrap_or(letter)
        }
        _ => {
            let found = ALIKE.iter().find(|(other, _)| *other == letter);
            found.map_or(letter, |(_, latin)| *latin)
        }
    }
}

/// Whether the character takes no place: joiners, marks that sit on others, soft hyphens,
/// fillers.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
    )
}
