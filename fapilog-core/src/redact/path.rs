//! [`Path`]: where a field stands, as it is configured.

use super::name::Name;

/// The parts of an event that a path may begin with; others begin in `data`.
const ROOTS: [&str; 3] = ["context", "diagnostics", "data"];

/// Where fields stand: keys from the top of the event down, joined with dots.
#[derive(Debug)]
pub(super) struct Path(Vec<Segment>);

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    /// A key in any spelling; of a list, each item is looked at.
    Key(String),
    /// An item of a list by its number, or the key with these digits.
    Index(usize, String),
    /// Each key of a map, each item of a list.
    Any,
}

/// How far a value is along a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) path: usize,
    next: usize,
}

impl Path {
    /// Reads `data.user.email`, `user.*.email`, `items[*].card`, `items.0.card`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut segments = Vec::new();
        for part in text.split('.') {
            let (key, rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !key.is_empty() {
                segments.push(Segment::key(key)?);
            }
            if key.is_empty() && rest.is_empty() {
                return Err("there is nothing between two dots");
            }
            items(rest, &mut segments)?;
        }
        let begins_at_root = match segments.first() {
            Some(Segment::Key(key)) => ROOTS.contains(&key.as_str()),
            _ => false,
        };
        if !begins_at_root {
            segments.insert(0, Segment::Key("data".to_owned()));
        }
        match segments.len() {
            0 | 1 => Err("it names a part of the event, and no field in it"),
            _ => Ok(Self(segments)),
        }
    }

    /// The way begins.
    pub(super) fn start(path: usize) -> Reached {
        Reached { path, next: 0 }
    }

    /// Goes down to a key, if that is on the path.
    pub(super) fn at_key(&self, reached: Reached, key: &Name, raw: &str) -> Option<Reached> {
        let is_next = match self.0.get(reached.next)? {
            Segment::Key(name) => name == key.as_str(),
            Segment::Index(_, digits) => digits == raw,
            Segment::Any => true,
        };
        is_next.then_some(reached.further())
    }

    /// Goes down to an item of a list: past a segment of its own, or as if there were no list.
    pub(super) fn at_item(&self, reached: Reached, index: usize) -> Option<Reached> {
        Some(match self.0.get(reached.next)? {
            Segment::Key(_) => reached,
            Segment::Any => reached.further(),
            Segment::Index(wanted, _) => (*wanted == index).then_some(reached.further())?,
        })
    }

    pub(super) fn is_end(&self, reached: Reached) -> bool {
        reached.next == self.0.len()
    }
}

impl Segment {
    fn key(key: &str) -> Result<Self, &'static str> {
        if key == "*" {
            return Ok(Segment::Any);
        }
        if let Ok(index) = key.parse() {
            return Ok(Segment::Index(index, key.to_owned()));
        }
        let name = Name::of(key);
        match name.as_str() {
            "" => Err("there is no letter and no digit in a key"),
            _ if key.contains(['*', ']']) => Err("`*` and `[*]` stand for whole keys"),
            name => Ok(Segment::Key(name.to_owned())),
        }
    }
}

/// Reads `[*][0]…`.
fn items(mut text: &str, segments: &mut Vec<Segment>) -> Result<(), &'static str> {
    while !text.is_empty() {
        let inside = text.strip_prefix('[').and_then(|it| it.split_once(']'));
        let Some((inside, rest)) = inside else {
            return Err("a bracket is not closed");
        };
        segments.push(match inside {
            "*" => Segment::Any,
            digits => match digits.parse() {
                Ok(index) => Segment::Index(index, digits.to_owned()),
                Err(_) => return Err("a bracket holds `*` or a number"),
            },
        });
        text = rest;
    }
    Ok(())
}

impl Reached {
    fn further(self) -> Self {
        Self {
            next: self.next + 1,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_or_refused_with_a_reason() {
        let key = |text: &str| Segment::Key(text.to_owned());
        let read = |text: &str| Path::parse(text).map(|it| it.0);
        assert_eq!(
            read("user.eMail"),
            Ok(vec![key("data"), key("user"), key("email")])
        );
        assert_eq!(
            read("context.user_id"),
            Ok(vec![key("context"), key("userid")])
        );
        let any = vec![key("data"), key("tags"), Segment::Any];
        assert_eq!(read("tags[*]").as_ref(), Ok(&any));
        assert_eq!(read("data.tags.*"), Ok(any));
        for wrong in ["a..b", "", "data", "a[", "a[x]", "a*", "a.[", "_._"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
