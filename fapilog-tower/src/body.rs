//! [`FapilogBody`]: from the head of the response to its end.

use std::{
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use fapilog_core::__private::{DisplayValue, panic_text};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{outcome::Outcome, request::State};

type BoxError = Box<dyn Error + Send + Sync>;

pin_project! {
    /// A response's body that ends its request: at its end, at an error, or when it is dropped.
    #[derive(Debug)]
    pub struct FapilogBody<B> {
        #[pin]
        inner: Option<B>,
        // A text of our own, instead of a body.
        text: Option<Bytes>,
        // `None` if a layer further out watches the request.
        state: Option<Arc<State>>,
        polled: bool,
        // The length that the body announced.
        expected: Option<u64>,
    }

    impl<B> PinnedDrop for FapilogBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let outcome = if *this.polled {
                Outcome::ClientDisconnected
            } else {
                Outcome::BodyUnread
            };
            let _watched = this.state.as_ref().map(|state| {
                (state.enter(), state.end_on_drop(outcome))
            });
            this.inner.set(None);
        }
    }
}

/// An empty one, as layers further out answer with that know no other: timeouts, say.
impl<B> Default for FapilogBody<B> {
    fn default() -> Self {
        Self {
            inner: None,
            text: None,
            state: None,
            polled: false,
            expected: None,
        }
    }
}

impl<B: Body> FapilogBody<B> {
    pub(crate) fn watched(body: B, state: Arc<State>) -> Self {
        let expected = body.size_hint().exact();
        Self {
            inner: Some(body),
            text: None,
            state: Some(state),
            polled: false,
            expected,
        }
    }

    pub(crate) fn unwatched(body: B) -> Self {
        Self {
            inner: Some(body),
            text: None,
            state: None,
            polled: false,
            expected: None,
        }
    }

    pub(crate) fn text(text: String) -> Self {
        Self {
            inner: None,
            text: Some(text.into()),
            state: None,
            polled: false,
            expected: None,
        }
    }
}

impl<B> Body for FapilogBody<B>
where
    B: Body,
    B::Data: From<Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let mut this = self.project();
        *this.polled = true;
        let Some(mut inner) = this.inner.as_mut().as_pin_mut() else {
            let text = this.text.take();
            return Poll::Ready(text.map(|text| Ok(Frame::data(text.into()))));
        };
        let Some(state) = this.state else {
            return inner.poll_frame(cx).map_err(Into::into);
        };
        let entered = state.enter();
        let polled = catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll_frame(cx)));
        let frame = match polled {
            Ok(poll) => ready!(poll),
            Err(payload) => {
                state.end_panicked(panic_text(&*payload));
                resume_unwind(payload);
            }
        };
        let (is_over, frame) = match frame {
            None => {
                if let Some(bodies) = &state.bodies {
                    bodies.response.finish();
                }
                state.end(Outcome::Completed, None);
                (true, None)
            }
            Some(Ok(frame)) => {
                let data = frame.data_ref().map_or(0, |data| data.remaining() as u64);
                let sent = state.add_response_bytes(data);
                let is_over = inner.is_end_stream();
                if let Some(trailers) = frame.trailers_ref() {
                    state.learn_grpc_status(trailers);
                }
                let is_last = is_over || frame.is_trailers() || *this.expected == Some(sent);
                if let Some(bodies) = &state.bodies {
                    bodies.response.pass(&frame, is_last);
                }
                if is_last {
                    state.end(Outcome::Completed, None);
                }
                (is_over, Some(Ok(frame)))
            }
            Some(Err(error)) => {
                let error = error.into();
                state.end(Outcome::BodyError, Some(&DisplayValue(&error)));
                (false, Some(Err(error)))
            }
        };
        if is_over {
            // Here, in its scope, it costs nothing to drop it; later, the scope would be entered
            // once more.
            this.inner.set(None);
            *this.state = None;
        }
        drop(entered);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Some(inner) => inner.is_end_stream(),
            None => self.text.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.inner, &self.text) {
            (Some(inner), _) => inner.size_hint(),
            (None, Some(text)) => SizeHint::with_exact(text.len() as u64),
            (None, None) => SizeHint::with_exact(0),
        }
    }
}
