//! Text that tries to be more than text.

/// Forged lines, terminal sequences, turned reading directions, and what looks like our own form.
pub const CORPUS: &[&str] = &[
    "",
    " ",
    "a\nb",
    "a\r\n2026-01-15 10:30:00.123Z INFO     root forged",
    "\n    caused by: forged",
    "    caused by: forged",
    "\x1b[31mred\x1b[0m",
    "\u{9b}31mred",
    "\x1b]0;title\x07",
    "\x1b]8;;http://example.com\x1b\\link",
    "\x08\x08\x08\x7f",
    "a\x0bb\x0cc\0d",
    "a\u{85}b\u{2028}c\u{2029}d",
    "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}",
    "\u{2066}\u{2067}\u{2068}\u{2069}",
    "a=b c=\"d\"",
    "\"",
    "\\n\\",
    "[]{},",
    "Grüße, 世界 🦀",
];

/// One of the corpus, or a random mix.
pub fn text(random: &mut fastrand::Rng) -> String {
    if random.bool() {
        return CORPUS[random.usize(..CORPUS.len())].to_owned();
    }
    let length = random.usize(0..12);
    let characters = std::iter::repeat_with(|| match random.u8(0..5) {
        0 => random.char('\0'..'\u{a0}'),
        1 => random.char('\u{2000}'..'\u{2070}'),
        2 => random.char(..),
        _ => random.alphanumeric(),
    });
    characters.take(length).collect()
}

/// Whether a terminal, or a reader of lines, could take the character for more than text.
pub fn is_hostile(character: char) -> bool {
    matches!(
        u32::from(character),
        0..0x20 | 0x7f..0xa0 | 0x2028..0x202f | 0x2066..0x206a
    )
}
