//! [`Upgraded`]: the handler of an upgraded connection, in the scope of its request.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use fapilog_core::{
    __private::panic_text,
    context::{Covered, Scope},
};

use crate::{admission::Admission, connection::Connection, outcome::Outcome};

type Handler = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What runs the handler of an upgraded connection; made by
/// [`RequestHandle::upgraded`](crate::RequestHandle::upgraded). Dropped before its end, the
/// connection ends as `cancelled`.
#[must_use = "futures do nothing unless polled"]
pub struct Upgraded {
    // Dropped first, in its scope, so that the connection ends after it.
    handler: Option<Covered<Handler>>,
    connection: Arc<Connection>,
    admission: Admission,
}

impl Upgraded {
    pub(crate) fn new(
        connection: Arc<Connection>,
        handler: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let handler: Handler = Box::pin(handler);
        Self {
            handler: Some(Scope::of(Arc::clone(&connection.request)).cover(handler)),
            connection,
            admission: Admission::default(),
        }
    }
}

impl Future for Upgraded {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let connection = &this.connection;
        // Before anything is asked, so that no answer comes too late to be heard.
        connection.watch(cx.waker());
        if connection.is_announced() {
            let logger = &connection.request.config.logger;
            ready!(this.admission.poll_ready(logger, cx));
            connection.open(this.admission.take());
        }
        if connection.is_closed() {
            this.handler = None;
        }
        let Some(handler) = &mut this.handler else {
            return Poll::Ready(());
        };
        match catch_unwind(AssertUnwindSafe(|| Pin::new(handler).poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => {
                this.handler = None;
                this.connection.close(Outcome::Completed, None);
                Poll::Ready(())
            }
            Err(payload) => {
                let text = panic_text(&*payload);
                this.connection.close(Outcome::Panicked, Some(&text));
                resume_unwind(payload);
            }
        }
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
