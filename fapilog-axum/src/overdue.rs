//! What is said of the requests that outlive their deadline.

use fapilog_core::diagnostics::say;
use fapilog_tower::{OpenRequest, OpenRequests};

/// More are only counted.
const MOST: usize = 10;
/// What is longer is cut: clients make paths and methods as long as they like.
const LONGEST: usize = 200;

/// Says on stderr, in one line, which requests are open.
pub(crate) fn tell(open: &OpenRequests) {
    let requests = open.list();
    if !requests.is_empty() {
        say(&text(&requests));
    }
}

fn text(requests: &[OpenRequest]) -> String {
    let mut text = format!("still open at the deadline: {}", requests.len());
    for (index, request) in requests.iter().take(MOST).enumerate() {
        text += if index == 0 { ": " } else { "; " };
        text += &one(request);
    }
    if let Some(more @ 1..) = requests.len().checked_sub(MOST) {
        text += &format!("; and {more} more");
    }
    text
}

fn one(request: &OpenRequest) -> String {
    let (method, path) = (short(request.method.as_str()), short(&request.path));
    let seconds = request.age.as_secs_f64();
    format!("{method} {path} ({}, {seconds:.1} s)", request.id)
}

/// A text as long as it may be, in one line whatever it holds.
fn short(text: &str) -> String {
    let shown = text.chars().take(LONGEST);
    let mut shown: String = shown.flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
