//! Context: fields that every event of a request or task carries, without being passed along.
//!
//! A [`Scope`] holds a logger and fields. While it is entered, macros without `logger:` log to its
//! logger, and every event of the thread carries its fields. [`Scope::cover`] enters it for each
//! poll of a future, and while the future is dropped, so that a task keeps its context on whatever
//! thread it runs, and no other task sees it.
//!
//! `request_id`, `user_id`, `tenant_id`, `trace_id` and `span_id` stand in the event's `context`,
//! and `request_id` is its `correlation_id` too; all other fields stand in `data`.

mod carry;
mod covered;

pub use self::{
    carry::{InCurrentContext, SpawnInContext, carry, spawn, spawn_blocking},
    covered::Covered,
};

use std::{
    any::Any,
    cell::Cell,
    fmt,
    future::Future,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwapOption;

use crate::{Logger, Value, record::FieldBlock};

/// What holds where no scope is entered. The flag saves those who have none the look.
static DEFAULT: ArcSwapOption<Scope> = ArcSwapOption::const_empty();
static HAS_DEFAULT: AtomicBool = AtomicBool::new(false);

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

    /// Whether it is the scope of a request.
    fn is_request(&self) -> bool;

    /// What its layer knows of that request.
    fn request(self: Arc<Self>) -> Option<Request> {
        None
    }
}

type Request = Arc<dyn Any + Send + Sync>;

struct Plain {
    logger: Logger,
    fields: FieldBlock,
    is_request: bool,
    request: Option<Request>,
}

impl Scoped for Plain {
    fn logger(&self) -> &Logger {
        &self.logger
    }

    fn fields(&self) -> &FieldBlock {
        &self.fields
    }

    fn is_request(&self) -> bool {
        self.is_request
    }

    fn request(self: Arc<Self>) -> Option<Request> {
        self.request.clone()
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
            is_request: Self::current().is_some_and(|scope| scope.is_request()),
            request: Self::current().and_then(Scope::request),
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

    /// Makes this the scope of every thread and task where none is entered: for a program whose
    /// every event carries the same fields, or goes to the same logger.
    ///
    /// Replaces the default from before; [`clear_default`](Self::clear_default) leaves none.
    ///
    /// ```standalone_crate
    /// use fapilog_core::{LoggerBuilder, Memory, context::Scope, info};
    ///
    /// let memory = Memory::new();
    /// let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build()?;
    /// Scope::new(&log, [("tenant_id", "acme")]).make_default();
    /// std::thread::spawn(|| info!("here too")).join().unwrap();
    /// Scope::clear_default();
    /// info!("nowhere");
    ///
    /// pipeline.shutdown_blocking(std::time::Duration::from_secs(3));
    /// let events = memory.events();
    /// assert_eq!(events.len(), 1);
    /// assert_eq!(events[0].context().get("tenant_id"), Some(&"acme".into()));
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    pub fn make_default(self) {
        DEFAULT.store(Some(Arc::new(self)));
        HAS_DEFAULT.store(true, Ordering::Release);
    }

    /// Leaves no scope where none is entered.
    pub fn clear_default() {
        HAS_DEFAULT.store(false, Ordering::Release);
        DEFAULT.store(None);
    }

    /// The scope that is entered on this thread, else the [default](Self::make_default).
    #[inline]
    pub fn current() -> Option<Self> {
        Self::entered_here().or_else(|| {
            let has_default = HAS_DEFAULT.load(Ordering::Acquire);
            has_default
                .then(|| DEFAULT.load().as_deref().cloned())
                .flatten()
        })
    }

    /// The scope that is entered on this thread.
    #[inline]
    fn entered_here() -> Option<Self> {
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
            scope: Some(self),
        }
    }

    pub(crate) fn fields(&self) -> &FieldBlock {
        self.0.fields()
    }

    /// Whether it is the scope of a request, or within one.
    #[doc(hidden)]
    pub fn is_request(&self) -> bool {
        self.0.is_request()
    }

    /// What the layer knows of the request that it is the scope of, or within.
    #[doc(hidden)]
    pub fn request(self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.request()
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
