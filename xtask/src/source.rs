//! Rust files as the house rules see them: without comments, and with empty literals.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Outcome;

pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// The text, with blanks for comments and literals; line numbers stay true.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: &Path, text: &str) -> Self {
        Self {
            path: path.strip_prefix(".").unwrap_or(path).to_owned(),
            code: code_of(text),
        }
    }
}

/// All Rust files at and below the folder, but for hidden folders and build output.
pub(crate) fn below(folder: &Path) -> Outcome<Vec<Source>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && name != "target" {
                sources.extend(below(&path)?);
            }
        } else if name.ends_with(".rs") {
            sources.push(Source::new(&path, &fs::read_to_string(&path)?));
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// The words of a line of code, each with what follows it.
pub(crate) fn words(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = line;
    std::iter::from_fn(move || {
        let start = rest.find(is_part)?;
        let word = &rest[start..];
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        rest = &word[end..];
        Some((&word[..end], rest))
    })
}

fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest)
            .or_else(|| raw_string(rest))
            .or_else(|| quoted(rest));
        let (head, tail) = rest.split_at(skipped.unwrap_or(first.len_utf8()));
        match skipped {
            Some(_) => code.extend(head.chars().map(|c| if c == '\n' { c } else { ' ' })),
            None => code.push(first),
        }
        rest = tail;
    }
    code
}

/// The length of the comment at the start of the text. Block comments nest.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.strip_prefix("/*")?;
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < bytes.len() {
        (at, depth) = match &bytes[at..] {
            [b'/', b'*', ..] => (at + 2, depth + 1),
            [b'*', b'/', ..] => (at + 2, depth - 1),
            _ => (at + 1, depth),
        };
    }
    Some(at)
}

/// The length of the raw string at the start of the text.
fn raw_string(text: &str) -> Option<usize> {
    let tail = text.strip_prefix('r')?;
    let hashes = tail.len() - tail.trim_start_matches('#').len();
    let body = tail[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + length)
}

/// The length of the string or character at the start of the text.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let is_lifetime = || !text[1..].starts_with('\\') && text.chars().nth(2) != Some('\'');
    if quote == '\'' && is_lifetime() {
        return None;
    }
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(end.map_or(text.len(), |at| at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code with runs of white space as one blank.
    fn squeezed(text: &str) -> String {
        let code = code_of(text);
        assert_eq!(code.lines().count(), text.lines().count(), "lines moved");
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_no_code() {
        assert_eq!(squeezed("a // b\n/// c\nd"), "a d");
        assert_eq!(squeezed("a /* b /* c */ \" \n d */ e"), "a e");
        assert_eq!(squeezed("a / b"), "a / b");
    }

    #[test]
    fn literals_are_no_code() {
        assert_eq!(squeezed(r#"a("b \" // c", d)"#), "a( , d)");
        assert_eq!(squeezed(r##"a(r#"b " c"#, br"\", d)"##), "a( , b , d)");
        assert_eq!(squeezed(r"a('\'', '\u{41}', 'ß', b)"), "a( , , , b)");
        assert_eq!(squeezed("a(\"b\n// c\") d"), "a( ) d");
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        assert_eq!(
            squeezed("fn a<'b>(r#type: &'b C)"),
            "fn a<'b>(r#type: &'b C)"
        );
    }

    #[test]
    fn an_unfinished_comment_or_literal_ends_with_the_text() {
        assert_eq!(squeezed("a /* b"), "a");
        assert_eq!(squeezed("a \"b"), "a");
        assert_eq!(squeezed("a r#\"b\""), "a");
    }

    #[test]
    fn words_come_with_what_follows_them() {
        let found: Vec<_> = words("deny(unsafe_code); dbg!(x)").collect();

        let expected = [
            ("deny", "(unsafe_code); dbg!(x)"),
            ("unsafe_code", "); dbg!(x)"),
            ("dbg", "!(x)"),
            ("x", ")"),
        ];
        assert_eq!(found, expected);
    }
}
