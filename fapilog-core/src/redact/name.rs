//! [`Name`]: a key in the one of its spellings that all are compared in.

use super::confusable;

/// The words of a key, put together in lower case: `accessToken`, `access_token`, `ACCESS-TOKEN` and
/// `AccessToken` are one name of two words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    text: String,
    /// Where words begin in the text.
    starts: Vec<usize>,
}

/// Words that are looked at together: no name has as many, and one that is spelt with more hyphens than
/// letters costs no more than others.
const MOST_WORDS: usize = 6;

/// What a character is to the words of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Upper,
    Lower,
    Digit,
    /// It stands between words.
    Between,
}

impl Name {
    /// A word begins after what is neither letter nor digit, where digits begin or end, and with a
    /// capital that follows a small letter or begins one: `HTTPHeader` has two words.
    pub(super) fn of(key: &str) -> Self {
        let mut name = Self::default();
        let mut before = Class::Between;
        let mut letters = key
            .chars()
            .filter(|it| !confusable::is_invisible(*it))
            .peekable();
        while let Some(letter) = letters.next() {
            let class = Class::of(letter);
            let next = letters.peek().map_or(Class::Between, |it| Class::of(*it));
            if class != Class::Between {
                if begins_word(before, class, next) {
                    name.starts.push(name.text.len());
                }
                name.text.extend(confusable::plain(letter).to_lowercase());
            }
            before = class;
        }
        name
    }

    /// The name as a whole.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Each run of whole words of at most so many bytes, and no more than [`MOST_WORDS`].
    pub(super) fn runs(&self, most: usize) -> impl Iterator<Item = &str> {
        let from = self.starts.iter().enumerate();
        from.flat_map(move |(index, &start)| {
            let ends = self.starts[index + 1..].iter().copied();
            let ends = ends.chain([self.text.len()]);
            ends.take(MOST_WORDS)
                .take_while(move |end| end - start <= most)
                .map(move |end| &self.text[start..end])
        })
    }
}

impl Class {
    fn of(letter: char) -> Self {
        if letter.is_uppercase() {
            Class::Upper
        } else if letter.is_alphabetic() {
            Class::Lower
        } else if letter.is_numeric() {
            Class::Digit
        } else {
            Class::Between
        }
    }
}

fn begins_word(before: Class, class: Class, next: Class) -> bool {
    match (before, class) {
        (Class::Upper, Class::Lower) => false,
        (Class::Upper, Class::Upper) => next == Class::Lower,
        (before, class) => before != class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(key: &str) -> Vec<String> {
        let name = Name::of(key);
        let ends = name.starts.iter().skip(1).copied();
        let ends = ends.chain([name.text.len()]);
        let words = name.starts.iter().zip(ends);
        words
            .map(|(&start, end)| name.text[start..end].to_owned())
            .collect()
    }

    #[test]
    fn all_spellings_have_the_same_words() {
        for key in [
            "accessToken",
            "access_token",
            "ACCESS-TOKEN",
            "AccessToken",
            "access token",
            "__access.token__",
        ] {
            assert_eq!(words(key), ["access", "token"], "{key}");
        }
        assert_eq!(
            words("HTTPAuthHeader2x"),
            ["http", "auth", "header", "2", "x"]
        );
        assert_eq!(words("userID"), ["user", "id"]);
        assert_eq!(words("passenger"), ["passenger"]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn letters_that_look_alike_or_cannot_be_seen_do_not_hide_a_name() {
        for key in [
            "pаsswоrd",
            "ｐａｓｓｗｏｒｄ",
            "pass\u{200b}word",
            "p\u{ad}assword",
            "pass\u{3164}word",
            "ＰＡＳＳＷＯＲＤ",
        ] {
            assert_eq!(Name::of(key).as_str(), "password", "{key}");
        }
    }

    #[test]
    fn runs_are_of_whole_words() {
        let name = Name::of("my_access_token");
        let runs: Vec<_> = name.runs(11).collect();
        assert_eq!(runs, ["my", "myaccess", "access", "accesstoken", "token"]);
    }
}
