//! Sinks of any kind behind one type, with panics contained at every call and every poll.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::runtime::{Builder, Runtime};

use super::{BlockingSink, Sink};
use crate::{
    error::{Action, SinkError},
    lane::{Batch, BatchError},
    own, panics,
};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The twin of [`Sink`] that can be a trait object: one allocation a call, so one a batch.
pub(crate) trait ErasedSink: Send + Sync {
    fn start(&self) -> Boxed<'_, Result<(), SinkError>>;
    fn write_batch<'a>(&'a self, batch: &'a Batch) -> Boxed<'a, Result<(), BatchError>>;
    fn flush(&self) -> Boxed<'_, Result<(), SinkError>>;
    fn stop(&self) -> Boxed<'_, Result<(), SinkError>>;
}

impl<S: Sink> ErasedSink for S {
    fn start(&self) -> Boxed<'_, Result<(), SinkError>> {
        Box::pin(Sink::start(self))
    }

    fn write_batch<'a>(&'a self, batch: &'a Batch) -> Boxed<'a, Result<(), BatchError>> {
        Box::pin(Sink::write_batch(self, batch))
    }

    fn flush(&self) -> Boxed<'_, Result<(), SinkError>> {
        Box::pin(Sink::flush(self))
    }

    fn stop(&self) -> Boxed<'_, Result<(), SinkError>> {
        Box::pin(Sink::stop(self))
    }
}

/// A sink as its lane holds it.
pub(crate) enum AnySink {
    Async(Arc<dyn ErasedSink>),
    Blocking(Box<dyn BlockingSink>),
}

impl AnySink {
    /// The runtime that the sink's lane needs: with all drivers, or with a clock alone.
    pub(crate) fn runtime(&self) -> io::Result<Runtime> {
        let mut builder = Builder::new_current_thread();
        builder.on_thread_start(own::mark_thread);
        match self {
            AnySink::Async(_) => builder.enable_all().build(),
            AnySink::Blocking(_) => builder.enable_time().build(),
        }
    }

    pub(crate) async fn start(&mut self) -> Result<(), SinkError> {
        match self {
            AnySink::Async(sink) => contained(|| sink.start()).await,
            AnySink::Blocking(sink) => caught(|| sink.start()),
        }
    }

    pub(crate) async fn flush(&mut self) -> Result<(), SinkError> {
        match self {
            AnySink::Async(sink) => contained(|| sink.flush()).await,
            AnySink::Blocking(sink) => caught(|| sink.flush()),
        }
    }

    pub(crate) async fn stop(&mut self) -> Result<(), SinkError> {
        match self {
            AnySink::Async(sink) => contained(|| sink.stop()).await,
            AnySink::Blocking(sink) => caught(|| sink.stop()),
        }
    }
}

/// Makes one attempt, which ends after so long at most. The outer error says that the sink panicked.
pub(crate) async fn attempt(
    sink: Arc<dyn ErasedSink>,
    batch: Batch,
    timeout: Option<Duration>,
) -> Result<Result<(), BatchError>, SinkError> {
    let attempt = contained(|| async { Ok(sink.write_batch(&batch).await) });
    let Some(timeout) = timeout else {
        return attempt.await;
    };
    tokio::time::timeout(timeout, attempt)
        .await
        .unwrap_or_else(|_| {
            let text = format!("no answer within {timeout:?}");
            Ok(Err(SinkError::with(Action::Retry, text).into()))
        })
}

/// The same, of a sink that blocks, and cannot be cut short.
pub(crate) fn attempt_blocking(
    sink: &mut dyn BlockingSink,
    batch: &Batch,
) -> Result<Result<(), BatchError>, SinkError> {
    caught(|| Ok(sink.write_batch(batch)))
}

/// Runs a call of a sink; a panic becomes an error.
pub(super) fn caught<T>(run: impl FnOnce() -> Result<T, SinkError>) -> Result<T, SinkError> {
    panics::caught(run).unwrap_or_else(|text| Err(SinkError::new(text)))
}

/// Awaits a call of a sink; a panic while it is made, or at any poll, becomes an error.
pub(super) async fn contained<T, F>(call: impl FnOnce() -> F) -> Result<T, SinkError>
where
    F: Future<Output = Result<T, SinkError>>,
{
    let future = caught(|| Ok(call()))?;
    let future = Some(future);
    CatchPanic { future }.await
}

pin_project! {
    struct CatchPanic<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<T, F: Future<Output = Result<T, SinkError>>> Future for CatchPanic<F> {
    type Output = Result<T, SinkError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut future = self.project().future;
        let polled = caught(|| match future.as_mut().as_pin_mut() {
            Some(future) => Ok(future.poll(cx)),
            None => Err(SinkError::new("was polled after its end")),
        });
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(panicked) => Err(panicked),
        };
        // Its end may panic as well, and changes nothing of the result.
        drop(panics::region(|| future.set(None)));
        Poll::Ready(result)
    }
}
