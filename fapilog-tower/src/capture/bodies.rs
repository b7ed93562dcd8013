//! [`Bodies`]: what is kept of the bodies of one request.

use std::{io::IoSlice, sync::Mutex};

use bytes::Buf;
use fapilog_core::{
    __private::{FieldBlock, Limits},
    json,
};
use http::{Request, Response};
use http_body::{Body, Frame};

use super::Copied;
use crate::request::{State, lock};

/// Pieces that one frame may lie in: those of axum are one each.
const PIECES: usize = 16;

/// The bodies of one request.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    pub(crate) request: Passing,
    pub(crate) response: Passing,
}

/// A body that passes by; nothing of it is kept before it has begun, nor after the request's end.
#[derive(Debug, Default)]
pub(crate) struct Passing(Mutex<Option<Copied>>);

impl State {
    /// Captures the body of the request from now on, if that is wanted.
    pub(crate) fn capture_request<B: Body>(&self, request: &Request<B>) {
        if let (Some(capture), Some(bodies)) = (&self.config.options.capture, &self.bodies) {
            let size = request.body().size_hint();
            let copied = capture.request(request.headers(), &size, self.event_bytes());
            bodies.request.begin(copied);
        }
    }

    /// The same for the response.
    pub(crate) fn capture_response<B: Body>(&self, response: &Response<B>) {
        if let (Some(capture), Some(bodies)) = (&self.config.options.capture, &self.bodies) {
            let size = response.body().size_hint();
            let copied = capture.response(response.headers(), &size, self.event_bytes());
            bodies.response.begin(copied);
        }
    }

    fn event_bytes(&self) -> usize {
        self.config.logger.settings().core.max_event_bytes
    }
}

impl Bodies {
    /// Adds what there is to see of them.
    pub(crate) fn show(&self, limits: &Limits, fields: &mut FieldBlock) {
        for (key, body) in [
            ("request_body", &self.request),
            ("response_body", &self.response),
        ] {
            if let Some(shown) = body.take().and_then(Copied::shown) {
                fields.set(limits, key, &json(shown));
            }
        }
    }

    /// Gives back what nobody has looked at.
    pub(crate) fn release(&self) {
        drop((self.request.take(), self.response.take()));
    }
}

impl Passing {
    fn begin(&self, copied: Option<Copied>) {
        *lock(&self.0) = copied;
    }

    /// Copies what is in a frame.
    pub(crate) fn pass<D: Buf>(&self, frame: &Frame<D>, is_last: bool) {
        // Before the lock is taken: data may be of a type of somebody's own.
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let data = frame.data_ref();
        let length = data.map_or(0, Buf::remaining);
        let count = data.map_or(0, |data| data.chunks_vectored(&mut pieces));
        if let Some(copied) = &mut *lock(&self.0) {
            copied.add(&pieces[..count], length);
            if is_last {
                copied.finish();
            }
        }
    }

    /// There was no more to come.
    pub(crate) fn finish(&self) {
        if let Some(copied) = &mut *lock(&self.0) {
            copied.finish();
        }
    }

    fn take(&self) -> Option<Copied> {
        lock(&self.0).take()
    }
}
