//! [`Copied`]: the bytes of one body, as far as they are kept.

use std::{io::IoSlice, mem};

use http_body::SizeHint;
use serde_json::Value;

use super::{form, json, text};

/// What a body has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Form,
    Text,
}

impl Kind {
    /// What content of this type is; `None` if it has parts that nothing here can read.
    pub(super) fn of(content_type: &str) -> Option<Self> {
        let is_json = content_type.ends_with("/json") || content_type.ends_with("+json");
        match content_type {
            _ if is_json => Some(Kind::Json),
            "application/x-www-form-urlencoded" => Some(Kind::Form),
            _ if content_type.starts_with("multipart/") => None,
            _ => Some(Kind::Text),
        }
    }
}

/// How far the bytes reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// More may come.
    Open,
    /// The end of the body.
    End,
    /// As much as may be kept.
    Most,
    /// A frame in more pieces than are looked at.
    Pieces,
}

/// The bytes of one body.
#[derive(Debug)]
pub(super) struct Copied {
    kind: Kind,
    most: usize,
    /// The length that the body announced, at most.
    expected: usize,
    bytes: Vec<u8>,
    reach: Reach,
}

impl Copied {
    pub(super) fn new(kind: Kind, most: usize, size: &SizeHint) -> Self {
        let is_longer = kind != Kind::Text && size.lower() > most as u64;
        let expected = size.upper().and_then(|it| usize::try_from(it).ok());
        Self {
            kind,
            most,
            expected: expected.unwrap_or(most),
            bytes: Vec::new(),
            reach: if is_longer { Reach::Most } else { Reach::Open },
        }
    }

    /// Adds the pieces of a frame of this length.
    pub(super) fn add(&mut self, pieces: &[IoSlice<'_>], length: usize) {
        if self.reach != Reach::Open || length == 0 {
            return;
        }
        if self.bytes.capacity() == 0 {
            // Once, and no more than may be kept.
            self.bytes = Vec::with_capacity(self.expected.min(self.most));
        }
        let mut found = 0;
        for piece in pieces {
            let room = self.most - self.bytes.len();
            self.bytes
                .extend_from_slice(&piece[..piece.len().min(room)]);
            found += piece.len();
            if piece.len() > room {
                self.reach = Reach::Most;
                break;
            }
        }
        if self.reach == Reach::Open && found < length {
            self.reach = Reach::Pieces;
        }
        if self.reach != Reach::Open && self.kind != Kind::Text {
            // Half of it says nothing.
            drop(mem::take(&mut self.bytes));
        }
    }

    /// There is no more to come.
    pub(super) fn finish(&mut self) {
        if self.reach == Reach::Open {
            self.reach = Reach::End;
        }
    }

    /// What of it stands in the event; `None` of a body without a byte.
    pub(super) fn shown(self) -> Option<Value> {
        if self.reach == Reach::End && self.bytes.is_empty() {
            return None;
        }
        let read = self.read();
        Some(read.unwrap_or_else(|why| format!("[not captured: {why}]").into()))
    }

    /// The body, or why nothing of it can be shown.
    fn read(&self) -> Result<Value, String> {
        let whole = match self.reach {
            Reach::End => Ok(()),
            Reach::Open => Err("incomplete".to_owned()),
            Reach::Most => Err(format!("longer than {} bytes", self.most)),
            Reach::Pieces => Err("in too many pieces".to_owned()),
        };
        if self.kind != Kind::Text {
            whole.clone()?;
        }
        let text = text::of(&self.bytes, whole.is_err())?;
        if json::may_be(text) {
            // Whatever its type says.
            whole?;
            return Ok(json::read(text)?);
        }
        Ok(match self.kind {
            Kind::Json => json::read(text)?,
            Kind::Form => form::read(text)?,
            Kind::Text if whole.is_err() => text::clean(&text::head(text)).into(),
            Kind::Text => text::clean(text).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(kind: Kind, most: usize, frames: &[&str], is_whole: bool) -> Option<Value> {
        let mut copied = Copied::new(kind, most, &SizeHint::default());
        for frame in frames {
            copied.add(&[IoSlice::new(frame.as_bytes())], frame.len());
            assert!(copied.bytes.capacity() <= most);
        }
        if is_whole {
            copied.finish();
        }
        copied.shown()
    }

    #[test]
    fn structure_is_shown_whole_or_not_at_all() {
        let longer = "[not captured: longer than 8 bytes]";
        for (kind, frames, is_whole, shown) in [
            (Kind::Json, &["[1,", "2]"][..], true, "[1,2]"),
            (Kind::Json, &["[1,", "2]"], false, "incomplete"),
            (Kind::Json, &["[1,2,", "3,4]"], true, longer),
            (Kind::Form, &["a=1&", "b=2"], true, r#"{"a":"1","b":"2"}"#),
            (Kind::Form, &["a=1&b", "=2&c=3"], true, longer),
            (Kind::Text, &["[\"a\"", ",\"b\"]"], true, longer),
            (
                Kind::Text,
                &["one ", "two three"],
                true,
                "one two…[truncated]",
            ),
            (Kind::Text, &["one ", "two"], true, "one two"),
        ] {
            let found = copied(kind, 8, frames, is_whole).unwrap().to_string();
            assert!(found.contains(shown), "{found}");
        }
        assert_eq!(copied(Kind::Json, 8, &["", ""], true), None);
        assert!(copied(Kind::Json, 8, &[], false).is_some());
    }

    #[test]
    fn a_frame_in_more_pieces_than_are_looked_at_is_no_end() {
        let mut copied = Copied::new(Kind::Json, 8, &SizeHint::default());
        copied.add(&[IoSlice::new(b"[1]")], 4);
        copied.finish();
        let shown = copied.shown().unwrap();
        assert_eq!(shown, "[not captured: in too many pieces]");
    }
}
