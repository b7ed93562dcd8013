//! Putting the parts of a pipeline together.

use std::{sync::Arc, thread, time::Duration};

use super::{
    LoggerBuilder, NewSink, fallbacks, named,
    routing::{self, Routes},
    stages,
};
use crate::{
    BuildError, CircuitBreaker, Delivery,
    clock::Clock,
    diagnostics::Diagnostics,
    envelope,
    lane::{Backlog, Builder, DeadLetterOffice, Lane, Room, Service},
    level::ProtectedLevels,
    own,
    pipeline::{
        Hand, Intake, Ledger, Losses, Outbox, Pace, Parts, Shared, SinkLedger, Stages, WORKER,
        Worker, log_panics_to,
    },
    queue::{Budget, Order, Queue},
    redact::{self, Redaction, Rules},
    route::Router,
    settings::{CoreSettings, Resolved, Settings},
    sink::{Pressure, SinkOptions},
};

impl LoggerBuilder {
    /// Puts the parts together and starts their threads.
    pub(crate) fn start(mut self) -> Result<Arc<Shared>, BuildError> {
        let (resolved, rules, routes) = self.settle()?;
        let Resolved {
            settings,
            overridden,
        } = resolved;
        let core = &settings.core;
        let logs_panics = core.capture_unhandled_enabled;
        let diagnostics = Diagnostics::new(self.receiver, core.internal_logging_enabled);
        for overridden in overridden {
            diagnostics.report(
                "settings",
                &format!("the environment changes what code sets: {overridden}"),
            );
        }
        self.filters.extend(stages::filters(&settings));
        self.processors.extend(stages::processors(&settings));
        let enrichers =
            stages::enrichers(&settings, self.sources.variables.as_ref(), self.enrichers);
        for idle in stages::idle(&settings) {
            diagnostics.report("settings", &idle);
        }
        let mut stages = Stages::new(
            self.filters,
            enrichers,
            self.redactors,
            self.processors,
            ProtectedLevels::new(&core.protected_levels),
            diagnostics.clone(),
        );
        let redaction = rules.clone().map(Redaction::new);
        stages = stages.redacting(redaction, core.redaction_fail_mode);
        let constants = stages.constants().unwrap_or_default();
        let router = routing::router(routes, &settings, &self.sinks, &diagnostics);
        let shared = shared(settings, &self.sinks, &stages, diagnostics);
        let keeps_events = self.sinks.iter().any(|sink| !sink.takes_serialized);
        let intake = Intake::new(constants, shared.limits.fields, rules);
        let worker = worker(&shared, stages, intake, self.clock, keeps_events, router);
        spawn(&shared, worker, self.sinks).map_err(|error| {
            // Those threads that run already are told to end.
            shared.close(Duration::ZERO);
            shared.backlogs.iter().for_each(|backlog| backlog.abandon());
            BuildError::thread(error)
        })?;
        if logs_panics {
            log_panics_to(&shared);
        }
        Ok(shared)
    }

    /// The settings, the sinks that they name, the rules of redaction that they come to, and those of
    /// routing.
    fn settle(&mut self) -> Result<(Resolved, Option<Arc<Rules>>, Routes), BuildError> {
        let mut problems = Vec::new();
        let resolved = self.sources.resolve().unwrap_or_else(|mut found| {
            problems.append(&mut found);
            Resolved::default()
        });
        let has_others = !self.sinks.is_empty();
        let named = named::sinks(&resolved.settings, has_others, &self.clock, &mut problems);
        self.sinks.extend(named);
        let routes = routing::resolve(
            &resolved.settings,
            std::mem::take(&mut self.routes),
            &mut self.sinks,
            &self.clock,
            &mut problems,
        );
        fallbacks::resolve(
            &resolved.settings,
            &mut self.sinks,
            &self.clock,
            &mut problems,
        );
        named::check_names(&self.sinks, &mut problems);
        let rules = redact::compile(&resolved.settings, &self.presets, &mut problems);
        let rules = (!rules.are_none()).then(|| Arc::new(rules));
        match problems.is_empty() {
            true => Ok((resolved, rules, routes)),
            false => Err(BuildError::settings(problems)),
        }
    }
}

fn shared(
    settings: Settings,
    sinks: &[NewSink],
    stages: &Stages,
    diagnostics: Diagnostics,
) -> Arc<Shared> {
    let core = &settings.core;
    let budget = Budget::new(core.queue_budget, core.protected_reserve);
    let backlogs = backlogs(sinks, core);
    let ledgers = backlogs.iter().map(|it| Arc::clone(&it.ledger)).collect();
    Shared::new(Parts {
        queue: Arc::new(Queue::new(shards(), budget)),
        control: Arc::default(),
        ledger: Arc::new(Ledger::new(stages.ledgers(), ledgers)),
        backlogs,
        threads: Arc::default(),
        switches: Arc::clone(stages.switches()),
        diagnostics,
        settings,
    })
}

fn worker(
    shared: &Shared,
    stages: Stages,
    intake: Intake,
    clock: Arc<dyn Clock>,
    keeps_events: bool,
    router: Option<Router>,
) -> Worker {
    let (core, budget) = (&shared.settings.core, shared.queue.budget());
    let needs_events = keeps_events || router.as_ref().is_some_and(Router::needs_events);
    Worker {
        queue: Arc::clone(&shared.queue),
        control: Arc::clone(&shared.control),
        ledger: Arc::clone(&shared.ledger),
        outbox: Outbox::new(shared.backlogs.clone()),
        needs_events,
        is_direct: stages.are_redaction_alone() && !needs_events,
        stages,
        clock,
        intake,
        order: Order::new(Arc::clone(budget)),
        block: Builder::new(Arc::clone(budget), keeps_events, router, core),
        writer: envelope::Writer::new(core.envelope),
        losses: Losses::new(core.emit_drop_summary.then_some(core.drop_summary_window)),
        pace: Pace::new(),
        hand: Hand::default(),
    }
}

/// Starts the lanes, then the worker.
fn spawn(shared: &Shared, worker: Worker, sinks: Vec<NewSink>) -> std::io::Result<()> {
    for (new, backlog) in sinks.into_iter().zip(&shared.backlogs) {
        let alive = shared.threads.add(&format!("fapilog-{}", new.name));
        let core = &shared.settings.core;
        let service = service(new.options, new.delivery, core);
        let lane = Lane::new(
            new.sink,
            Arc::clone(backlog),
            Arc::clone(&shared.ledger),
            shared.diagnostics.clone(),
            service,
            core,
        );
        lane.spawn(alive)?;
    }
    let alive = shared.threads.add(WORKER);
    let run = move || {
        own::mark_thread();
        worker.run();
        drop(alive);
    };
    thread::Builder::new().name(WORKER.to_owned()).spawn(run)?;
    Ok(())
}

/// Two shards a core, so that threads seldom meet.
fn shards() -> usize {
    let cores = thread::available_parallelism().map_or(2, usize::from);
    (2 * cores).min(16)
}

/// What is said of a sink, else what it says of itself, else what holds for all.
fn service(options: SinkOptions, own: Delivery, core: &CoreSettings) -> Service {
    let breaker = core.sink_circuit_breaker_enabled.then(|| {
        CircuitBreaker::new()
            .threshold(core.sink_circuit_breaker_failure_threshold)
            .recovery(core.sink_circuit_breaker_recovery_timeout)
    });
    let path = options.dead_letters;
    let path = path.or_else(|| core.sink_dead_letter_file.clone());
    Service {
        delivery: options.delivery.unwrap_or(own),
        breaker: options.breaker.or(breaker),
        dead_letters: path.map(|path| DeadLetterOffice {
            path,
            most: core.sink_dead_letter_max_bytes as u64,
        }),
    }
}

/// A sole sink may make calls feel its pressure; of several, each drops rather than hold up the
/// others, unless events must not be lost. Half of the budget is theirs together.
fn backlogs(sinks: &[NewSink], core: &CoreSettings) -> Vec<Arc<Backlog>> {
    let regular = sinks.iter().filter(|sink| !sink.options.limit.is_spare);
    let usual = if regular.count() == 1 || !core.drop_on_full {
        Pressure::Propagate
    } else {
        Pressure::Shed
    };
    let share = 2 * sinks.len().max(1);
    let backlog = |(place, sink): (usize, &NewSink)| {
        let room = Room {
            pressure: sink.options.pressure.unwrap_or(usual),
            cap: core.queue_budget / share,
            reserve: core.protected_reserve / share,
            is_spare: sink.options.limit.is_spare,
        };
        Arc::new(Backlog::new(SinkLedger::new(&sink.name), place, room))
    };
    let backlogs: Vec<_> = sinks.iter().enumerate().map(backlog).collect();
    for (sink, backlog) in sinks.iter().zip(&backlogs) {
        if let Some(place) = sink.fallback {
            backlog.fall_back_to(&backlogs[place]);
        }
    }
    backlogs
}
