//! [`Logger`]: the handle that calls go through.

use std::{error::Error, fmt, future::Future, sync::Arc};

use crate::{
    BuildError, Level, Value,
    callsite::Callsite,
    clock,
    context::{Scope, Scoped},
    pipeline::{LeftOut, Shared, add, process_logger},
    queue::{Class, Permit, Ticket},
    record::{self, FieldBlock, Limits, Message, Scratch},
    settings::{Settings, UnknownPreset},
    value::ErrorValue,
};

/// A handle to a pipeline, with fields of its own. Cheap to clone, free to share.
///
/// It does not keep the pipeline running: that is up to its [`Pipeline`](crate::Pipeline). What is
/// logged after the end is refused and counted.
#[derive(Clone)]
pub struct Logger {
    shared: Arc<Shared>,
    name: Option<Arc<str>>,
    bound: Option<Arc<FieldBlock>>,
}

impl Logger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            bound: shared.bound.clone(),
            name: None,
            shared,
        }
    }

    /// A logger of the process-wide pipeline, which is started with the preset of this name on
    /// first use; see [`attach`](crate::attach).
    ///
    /// # Errors
    ///
    /// Those of `attach`, and if there is no such preset.
    pub fn preset(name: &str) -> Result<Self, BuildError> {
        let preset = name
            .parse()
            .map_err(|error: UnknownPreset| BuildError::conflict(error.to_string()))?;
        crate::attach(preset)
    }

    /// The same logger under another name: it stands as `logger` in the event, where the module
    /// path of the call stands otherwise.
    #[must_use = "the logger itself is unchanged"]
    pub fn named(&self, name: impl Into<Arc<str>>) -> Self {
        Self {
            name: Some(name.into()),
            ..self.clone()
        }
    }

    /// A logger whose events all carry these fields; this one is unchanged.
    ///
    /// Fields of the call win over bound ones, later bound ones over earlier.
    ///
    /// ```
    /// # let (log, _pipeline) = fapilog_core::LoggerBuilder::new().sink(fapilog_core::Null).build()?;
    /// let log = log.bind([("tenant", "acme")]);
    /// fapilog_core::info!(logger: log, "tenant is on this event");
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    #[must_use = "the logger itself is unchanged"]
    pub fn bind<K: AsRef<str>, V: Value>(&self, fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut bound = self.bound.as_deref().cloned().unwrap_or_default();
        bound.extend(self.limits(), fields);
        Self {
            bound: Some(Arc::new(bound)),
            ..self.clone()
        }
    }

    /// The same logger without the fields of these keys.
    #[must_use = "the logger itself is unchanged"]
    pub fn unbind<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) -> Self {
        let mut bound = self.bound.as_deref().cloned().unwrap_or_default();
        keys.into_iter().for_each(|key| bound.remove(key.as_ref()));
        Self {
            bound: Some(Arc::new(bound)),
            ..self.clone()
        }
    }

    /// Whether calls wait for room rather than lose their events: then a permit is what those need
    /// that cannot wait.
    #[doc(hidden)]
    pub fn never_loses(&self) -> bool {
        self.shared.never_lose
    }

    /// Waits for room for one event, in line with all who wait; `None` after the end.
    #[doc(hidden)]
    pub fn permit(&self) -> impl Future<Output = Option<Permit>> + Send + Sync + use<> {
        Permit::wait(Arc::clone(self.shared.queue.budget()))
    }

    /// Lets the pipeline know whether requests are open.
    #[doc(hidden)]
    pub fn watch_requests(&self, are_open: impl Fn() -> bool + Send + Sync + 'static) {
        self.shared.watch_requests(Box::new(are_open));
    }

    /// Counts a request that is not logged as filtered.
    #[doc(hidden)]
    pub fn leave_out(&self, why: LeftOut) {
        if !self.shared.is_inherited() {
            add(&self.shared.ledger.left_out[why as usize], 1);
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// What its events may take.
    #[doc(hidden)]
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// The settings that the pipeline was built with. The level may have been changed since.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Identifies the pipeline in this process.
    pub fn pipeline_id(&self) -> u64 {
        self.shared.id
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("pipeline", &self.shared.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A log call that is wanted, and for which there may be room.
pub struct Call<'a> {
    callsite: &'static Callsite,
    class: Class,
    source: Source<'a>,
    scope: Option<Scope>,
    ticket: Ticket,
    permit: Option<Permit>,
}

enum Source<'a> {
    Named(&'a Logger),
    /// A scope that need not be entered.
    Given(&'a dyn Scoped),
    /// The logger of the call's scope.
    Scope,
    Process(arc_swap::Guard<Option<Arc<Logger>>>),
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("callsite", &self.callsite)
            .finish_non_exhaustive()
    }
}

/// Begins a log call. `None` if nobody wants it, or if there is no room and it is counted as
/// refused: then nothing has been evaluated yet.
#[inline]
pub fn begin<'a>(callsite: &'static Callsite, logger: Option<&'a Logger>) -> Option<Call<'a>> {
    let scope = Scope::current();
    let source = match logger {
        Some(logger) => Source::Named(logger),
        None if scope.is_some() => Source::Scope,
        None => Source::Process(process_logger()),
    };
    let mut call = Call::new(callsite, source, scope);
    (call.class, call.ticket) = call.wanted()?.admit(callsite.level())?;
    Some(call)
}

/// The same for a call in this scope, whether it is entered or not. With a permit there is room.
#[inline]
pub fn begin_within<'a>(
    callsite: &'static Callsite,
    scoped: &'a dyn Scoped,
    permit: Option<Permit>,
) -> Option<Call<'a>> {
    let mut call = Call::new(callsite, Source::Given(scoped), None);
    let shared = call.wanted()?;
    (call.class, call.ticket) = match &permit {
        Some(_) => (shared.class(callsite.level()), Ticket::FIRST),
        None => shared.admit(callsite.level())?,
    };
    call.permit = permit;
    Some(call)
}

impl<'a> Call<'a> {
    #[inline(always)]
    fn new(callsite: &'static Callsite, source: Source<'a>, scope: Option<Scope>) -> Self {
        Self {
            callsite,
            class: Class::Ordinary,
            source,
            scope,
            ticket: Ticket::FIRST,
            permit: None,
        }
    }
}

impl Call<'_> {
    /// Writes the event into the queue.
    pub fn finish(self, values: &[&dyn Value], message: fmt::Arguments<'_>) {
        let message = Message::Format(message);
        static NO_FIELDS: FieldBlock = FieldBlock::new();
        self.finish_with(clock::stamp(), values, &NO_FIELDS, message);
    }

    /// The pipeline, if it wants the event.
    #[inline(always)]
    fn wanted(&self) -> Option<&Shared> {
        let shared = &self.logger()?.shared;
        if !shared.wants(self.callsite) {
            return None;
        }
        if !self.is_in_request() {
            shared.outside_of_requests();
        }
        Some(shared)
    }

    /// The call if there may be room for it; else counts the refusal.
    fn admitted(mut self) -> Option<Self> {
        (self.class, self.ticket) = self.logger()?.shared.admit(self.callsite.level())?;
        Some(self)
    }

    /// Writes the event, of the time `stamp`, with more fields than the call site knows, into the
    /// queue.
    pub fn finish_with(
        mut self,
        stamp: u64,
        values: &[&dyn Value],
        extra: &FieldBlock,
        message: Message<'_>,
    ) {
        let permit = self.permit.take();
        let Some(logger) = self.logger() else {
            return;
        };
        let record = self.encode(logger, stamp, values, extra, message);
        let (shared, record) = (&logger.shared, record.as_slice());
        match permit {
            Some(permit) => shared.append_permitted(record, self.class, permit),
            None => shared.append(record, self.class, self.ticket),
        }
        shared.after(self.callsite.level());
    }

    fn encode(
        &self,
        logger: &Logger,
        stamp: u64,
        values: &[&dyn Value],
        extra: &FieldBlock,
        message: Message<'_>,
    ) -> Scratch {
        let (scope, bound) = (self.fields(), logger.bound.as_deref());
        let is_cut = |fields: Option<&FieldBlock>| fields.is_some_and(FieldBlock::is_cut);
        let parts = record::Parts {
            logger: logger.name.as_deref().unwrap_or_default(),
            scope: scope.map_or(&[], FieldBlock::as_slice),
            bound: bound.map_or(&[], FieldBlock::as_slice),
            extra: extra.as_slice(),
            cut: extra.is_cut() || is_cut(scope) || is_cut(bound),
            message,
            limits: logger.limits(),
        };
        let mut scratch = Scratch::take();
        record::encode(&mut scratch, stamp, self.callsite, &parts, values);
        scratch
    }

    fn logger(&self) -> Option<&Logger> {
        match &self.source {
            Source::Named(logger) => Some(logger),
            Source::Given(scoped) => Some(scoped.logger()),
            Source::Scope => self.scope.as_ref().map(Scope::logger),
            Source::Process(logger) => logger.as_deref(),
        }
    }

    /// What the event may take.
    pub fn limits(&self) -> &Limits {
        self.logger().map_or(&Limits::DEFAULT, Logger::limits)
    }

    fn is_in_request(&self) -> bool {
        match &self.source {
            Source::Given(scoped) => scoped.is_request(),
            _ => self.scope.as_ref().is_some_and(Scope::is_request),
        }
    }

    /// The fields of the scope.
    fn fields(&self) -> Option<&FieldBlock> {
        match &self.source {
            Source::Given(scoped) => Some(scoped.fields()),
            _ => self.scope.as_ref().map(Scope::fields),
        }
    }
}

/// An event with keys made at run time; see [`Logger::event`].
#[derive(Debug)]
#[must_use = "nothing is logged before `emit`"]
pub struct EventBuilder<'a> {
    call: Option<Call<'a>>,
    message: &'a str,
    fields: FieldBlock,
}

impl Logger {
    /// Begins an event whose keys are only known at run time.
    ///
    /// ```
    /// # let (log, _pipeline) = fapilog_core::LoggerBuilder::new().sink(fapilog_core::Null).build()?;
    /// # let name = "rows";
    /// log.event(fapilog_core::Level::Info, "import done").field(name, 42).emit();
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    pub fn event<'a>(&'a self, level: Level, message: &'a str) -> EventBuilder<'a> {
        // Nothing else is looked at for a level that is off everywhere.
        let call = crate::callsite::may_be_enabled(level).then(|| {
            let site = Callsite::of_level(level);
            let call = Call::new(site, Source::Named(self), Scope::current());
            call.wanted().is_some().then_some(call)
        });
        EventBuilder {
            call: call.flatten(),
            message,
            fields: FieldBlock::new(),
        }
    }
}

impl EventBuilder<'_> {
    /// Adds a field; of a key that is added twice, the last value counts.
    pub fn field(mut self, key: &str, value: impl Value) -> Self {
        if let Some(call) = &self.call {
            self.fields.set(call.limits(), key, &value);
        }
        self
    }

    /// Adds many fields; of a key that is added twice, the last value counts.
    pub fn fields<K: AsRef<str>, V: Value>(
        mut self,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        if let Some(call) = &self.call {
            self.fields.extend(call.limits(), fields);
        }
        self
    }

    /// Adds an error and its causes: they stand in `diagnostics.exception`.
    pub fn error(self, error: &dyn Error) -> Self {
        self.field("error", ErrorValue::new(error))
    }

    /// Logs the event. Without room, it waits or is dropped as a call of a macro is.
    pub fn emit(self) {
        if let Some(call) = self.call.and_then(Call::admitted) {
            let message = Message::Text(self.message);
            call.finish_with(clock::stamp(), &[], &self.fields, message);
        }
    }

    /// Logs the event; without room, waits for it as long as a plain thread does, without blocking
    /// the thread, in line with all others who wait.
    ///
    /// Cancelled while it waits, the event is not logged, and not counted.
    pub async fn emit_async(self) {
        let Some((call, logger)) = self.call.as_ref().and_then(|it| Some((it, it.logger()?)))
        else {
            return;
        };
        let (shared, level) = (&logger.shared, call.callsite.level());
        if let Some((class, ticket)) = shared.admit_async(level).await {
            let message = Message::Text(self.message);
            let record = call.encode(logger, clock::stamp(), &[], &self.fields, message);
            shared.append_async(record.as_slice(), class, ticket).await;
            shared.after(level);
        }
    }
}
