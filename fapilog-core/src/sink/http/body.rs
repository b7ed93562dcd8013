//! The body of a request, in each form.

use std::io;

use super::gzip;
use crate::settings::{BatchFormat, HttpSettings};

/// The events, each a JSON object that is copied as it is, in the form of the settings.
pub(super) fn of<'a>(
    events: impl Iterator<Item = &'a [u8]>,
    size: usize,
    settings: &HttpSettings,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(size + settings.batch_wrapper_key.len() + 16);
    match settings.batch_format {
        BatchFormat::Ndjson => lines(events, &mut body),
        BatchFormat::Array => array(events, &mut body),
        BatchFormat::Wrapped => {
            let key = serde_json::Value::from(&*settings.batch_wrapper_key);
            body.extend_from_slice(format!("{{{key}:").as_bytes());
            array(events, &mut body);
            body.push(b'}');
        }
    }
    match settings.compress {
        true => gzip::compressed(&body),
        false => Ok(body),
    }
}

/// What the form is called in `Content-Type`.
pub(super) fn content_type(format: BatchFormat) -> &'static str {
    match format {
        BatchFormat::Ndjson => "application/x-ndjson",
        BatchFormat::Array | BatchFormat::Wrapped => "application/json",
    }
}

fn lines<'a>(events: impl Iterator<Item = &'a [u8]>, body: &mut Vec<u8>) {
    for event in events {
        body.extend_from_slice(event);
        body.push(b'\n');
    }
}

fn array<'a>(events: impl Iterator<Item = &'a [u8]>, body: &mut Vec<u8>) {
    body.push(b'[');
    for (index, event) in events.enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(event);
    }
    body.push(b']');
}
