//! [`Admission`]: where no event may be lost, a request begins when its terminal event has room.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use fapilog_core::{__private::Permit, Logger, context::Scope};

/// The permit of the request to come. A clone has none.
#[derive(Default)]
pub(crate) struct Admission {
    permit: Option<Permit>,
    waiting: Option<Pin<Box<dyn Future<Output = Option<Permit>> + Send + Sync>>>,
}

impl Admission {
    /// Ready when there is a permit, or none is needed, or the pipeline has ended.
    pub(crate) fn poll_ready(&mut self, logger: &Logger, cx: &mut Context<'_>) -> Poll<()> {
        // Within a request, a layer further out has the permit: to wait for a second one here
        // could be to wait for oneself.
        let is_within = || Scope::current().is_some_and(|scope| scope.is_request());
        if !logger.never_loses() || self.permit.is_some() || is_within() {
            return Poll::Ready(());
        }
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(logger.permit()));
        self.permit = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(())
    }

    /// The permit, for the request that has come.
    pub(crate) fn take(&mut self) -> Option<Permit> {
        self.permit.take()
    }
}

impl Clone for Admission {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("permit", &self.permit)
            .finish_non_exhaustive()
    }
}
