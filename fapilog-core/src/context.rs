//! Context: fields that every event of a request or task carries, without being passed along.
//!
//! A [`Scope`] holds a logger and fields. While it is entered, macros without `logger:` log to its
//! logger, and every event of the thread carries its fields. [`Scope::cover`] enters it for each
//! poll of a future, and while the future is dropped, so that a task keeps its context on whatever
//! thread it runs, and no other task sees it.
//!
//! `request_id`, `user_id`, `tenant_id`, `trace_id` and `span_id` stand in the event's `context`,
//! and `request_id` is its `correlation_id` too; all other fields stand in `data`.

use std::{
    cell::Cell,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{Logger, Value, record::FieldBlock};

thread_local! {
    static CURRENT: Cell<Option<Scope>> = const { Cell::new(None) };
}

/// A logger and fields for all that happens within a request or task. Cheap to clone.
#[derive(Clone)]
pub struct Scope(Arc<dyn Scoped>);

/// What a scope is made of: for layers that keep it in one piece of memory with their own state.
#[doc(hidden)]
pub trait Scoped: Send + Sync {
    fn logger(&self) -> &Logger;
    fn fields(&self) -> &FieldBlock;
}

struct Plain {
    logger: Logger,
    fields: FieldBlock,
}

impl Scoped for Plain {
    fn logger(&self) -> &Logger {
        &self.logger
    }

    fn fields(&self) -> &FieldBlock {
        &self.fields
    }
}

impl Scope {
    /// A scope with these fields and those of the scope that is entered now; of a key that both
    /// have, the new value counts.
    pub fn new<K: AsRef<str>, V: Value>(
        logger: &Logger,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self(Arc::new(Plain {
            logger: logger.clone(),
            fields: Self::inherit(logger, fields),
        }))
    }

    /// A scope that is part of something larger.
    #[doc(hidden)]
    pub fn of(scoped: Arc<impl Scoped + 'static>) -> Self {
        Self(scoped)
    }

    /// These fields and those of the scope that is entered now.
    #[doc(hidden)]
    pub fn inherit<K: AsRef<str>, V: Value>(
        logger: &Logger,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> FieldBlock {
        let mut block = Self::current().map_or_else(FieldBlock::new, |it| it.fields().clone());
        block.extend(logger.limits(), fields);
        block
    }

    /// The scope that is entered on this thread.
    #[inline]
    pub fn current() -> Option<Self> {
        // Taken and put back: a clone cannot run code that looks here.
        let current = CURRENT.try_with(|current| {
            let scope = current.take();
            let clone = scope.clone();
            current.set(scope);
            clone
        });
        current.ok().flatten()
    }

    /// The logger of the scope.
    pub fn logger(&self) -> &Logger {
        self.0.logger()
    }

    /// Enters the scope on this thread, until the guard is dropped.
    ///
    /// Do not hold the guard over an `.await`: use [`cover`](Self::cover).
    pub fn enter(&self) -> Entered {
        self.clone().into_entered()
    }

    /// Enters the scope and gives it up.
    #[doc(hidden)]
    pub fn into_entered(self) -> Entered {
        let outer = CURRENT.try_with(|current| current.replace(Some(self)));
        Entered {
            outer: outer.ok().flatten(),
            _not_send: PhantomData,
        }
    }

    /// A future that runs, and is dropped, inside this scope.
    pub fn cover<F: Future>(self, future: F) -> Covered<F> {
        Covered {
            future: Some(future),
            scope: self,
        }
    }

    pub(crate) fn fields(&self) -> &FieldBlock {
        self.0.fields()
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("logger", self.logger())
            .finish_non_exhaustive()
    }
}

/// Leaves a scope when dropped; the one around it is current again.
#[derive(Debug)]
#[must_use = "the scope is left when this is dropped: keep it in a named variable"]
pub struct Entered {
    outer: Option<Scope>,
    /// It belongs to its thread.
    _not_send: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let outer = self.outer.take();
        let left = CURRENT.try_with(|current| current.replace(outer));
        // Dropped outside of the access: it may be the last handle of a whole pipeline.
        drop(left);
    }
}

pin_project! {
    /// A future inside a [`Scope`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Covered<F> {
        #[pin]
        future: Option<F>,
        scope: Scope,
    }

    impl<F> PinnedDrop for Covered<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.enter();
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for Covered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.scope.enter();
        match this.future.as_pin_mut() {
            Some(future) => future.poll(cx),
            // Only the drop takes the future out.
            None => Poll::Pending,
        }
    }
}
