//! Taking the scope along, into other tasks and threads.

use std::future::Future;

use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use super::{Covered, Scope};

/// Takes the scope that is entered now along with a future.
pub trait InCurrentContext: Future + Sized {
    /// The future inside the scope that is entered now, wherever it is polled and dropped; just
    /// the future if none is.
    ///
    /// ```
    /// use fapilog_core::{context::{InCurrentContext, Scope}, info};
    /// # let (log, _pipeline) = fapilog_core::LoggerBuilder::new().sink(fapilog_core::Null).build()?;
    ///
    /// let scope = Scope::new(&log, [("request_id", "r-1")]);
    /// let _entered = scope.enter();
    /// let future = async { info!("request_id is on this event") }.in_current_context();
    /// # drop(future);
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    fn in_current_context(self) -> Covered<Self> {
        Covered {
            future: Some(self),
            scope: Scope::entered_here(),
        }
    }
}

impl<F: Future> InCurrentContext for F {}

/// Spawns a task that stays in the scope that is entered now; else as [`tokio::spawn`].
///
/// # Panics
///
/// Outside of a tokio runtime, as `tokio::spawn` does.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_context())
}

/// Runs a function on tokio's blocking pool, in the scope that is entered now; else as
/// [`tokio::task::spawn_blocking`].
///
/// # Panics
///
/// Outside of a tokio runtime, as `tokio::task::spawn_blocking` does.
pub fn spawn_blocking<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    tokio::task::spawn_blocking(carry(run))
}

/// A function that runs in the scope that is entered now, on whatever thread it is called: for
/// [`std::thread::spawn`], thread pools and callbacks.
///
/// ```
/// use fapilog_core::{context, info};
///
/// let thread = std::thread::spawn(context::carry(|| info!("still in the same context")));
/// # thread.join().unwrap();
/// ```
pub fn carry<T>(run: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let scope = Scope::entered_here();
    move || {
        let _entered = scope.map(Scope::into_entered);
        run()
    }
}

/// Spawns tasks on a set that stay in the scope that is entered now.
pub trait SpawnInContext<T> {
    /// The same as [`JoinSet::spawn`], in the scope that is entered now.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `JoinSet::spawn` does.
    fn spawn_in_context(&mut self, future: impl Future<Output = T> + Send + 'static)
    -> AbortHandle;
}

impl<T: Send + 'static> SpawnInContext<T> for JoinSet<T> {
    fn spawn_in_context(
        &mut self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> AbortHandle {
        self.spawn(future.in_current_context())
    }
}
