//! Records with numbers, for those who append and are killed.

/// A record that tells which one it is, and whether it is whole.
#[derive(Debug)]
pub struct Numbered {
    pub number: usize,
    /// Of its batch.
    pub is_last: bool,
}

impl Numbered {
    /// Of many lengths, up to about that of an event.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { number, is_last } = self;
        let filling = "x".repeat(number * 7919 % 600);
        format!("{number} {is_last} {filling} {number}").into_bytes()
    }

    /// Panics if it is not as it was made.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).expect("it is text");
        let mut words = text.split(' ');
        let mut word = || words.next().expect("a word");
        let number = word().parse().expect("a number");
        let is_last = word().parse().expect("true or false");
        let numbered = Self { number, is_last };
        assert_eq!(bytes, numbered.to_bytes(), "it is torn");
        numbered
    }
}
