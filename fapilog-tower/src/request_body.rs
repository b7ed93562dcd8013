//! Counting, and capturing, what the service reads of a request's body.

use std::sync::Arc;

use http::Request;
use http_body::Body;

use crate::request::State;

/// Counts from now on, and captures if that is wanted, where the body is axum's; else notes the
/// announced length.
///
/// The type of the request stays as it is, so that the layer fits in front of any service.
pub(crate) fn count<B: Body + 'static>(request: &mut Request<B>, state: &Arc<State>) {
    if request.body().is_end_stream() {
        return state.announce_request_bytes(0);
    }
    #[cfg(feature = "axum")]
    let is_counted = counted::count(request.body_mut(), state);
    #[cfg(not(feature = "axum"))]
    let is_counted = false;
    if is_counted {
        state.capture_request(request);
    } else if let Some(length) = request.body().size_hint().exact() {
        state.announce_request_bytes(length);
    }
}

#[cfg(feature = "axum")]
mod counted {
    use std::{
        any::Any,
        pin::Pin,
        sync::Arc,
        task::{Context, Poll},
    };

    use axum::body::Body;
    use bytes::Bytes;
    use http_body::{Frame, SizeHint};

    use crate::request::State;

    /// Returns whether the body is one that can be counted.
    pub(super) fn count(body: &mut dyn Any, state: &Arc<State>) -> bool {
        let Some(body) = body.downcast_mut() else {
            return false;
        };
        state.announce_request_bytes(0);
        let inner = std::mem::take(body);
        *body = Body::new(Counted {
            inner,
            state: Arc::clone(state),
        });
        true
    }

    struct Counted {
        inner: Body,
        state: Arc<State>,
    }

    impl http_body::Body for Counted {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            let frame = Pin::new(&mut self.inner).poll_frame(cx);
            if let Poll::Ready(Some(Ok(frame))) = &frame
                && let Some(data) = frame.data_ref()
            {
                self.state.add_request_bytes(data.len() as u64);
            }
            if let Some(bodies) = &self.state.bodies {
                match &frame {
                    Poll::Ready(Some(Ok(frame))) => {
                        bodies.request.pass(frame, self.inner.is_end_stream());
                    }
                    Poll::Ready(None) => bodies.request.finish(),
                    Poll::Ready(Some(Err(_))) | Poll::Pending => {}
                }
            }
            frame
        }

        fn is_end_stream(&self) -> bool {
            self.inner.is_end_stream()
        }

        fn size_hint(&self) -> SizeHint {
            self.inner.size_hint()
        }
    }
}
