//! Queue, levels, stages, life.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::Value as Json;

use super::{KIB, MIB};
use crate::{
    Level,
    filter::LevelFilter,
    queue::CHUNK,
    record::Limits,
    settings::{
        groups::RedactorKind,
        kind::{
            Choices, Choose, FilePath, Flag, LevelNames, Levels, Maybe, Millis, Names, Number,
            Seconds, Size, Text, Values, Whole, Yes, choice,
        },
        leaf::group,
        sinks::SinkNames,
        stages::{ENRICHERS, FILTERS, PROCESSORS},
    },
};

/// Of memory for events. More would be no buffer, but a leak.
const MOST: usize = 1 << if usize::BITS > 32 { 40 } else { 30 };

group! {
    /// The pipeline itself.
    pub struct CoreSettings at [core] {
        /// Name of the application: `diagnostics.service`, unless `service` is set. Defaults to
        /// `fapilog`.
        app_name: Option<String> = None, Maybe(Text);
        /// Which events are taken: a level, with exceptions by module. Defaults to INFO and above.
        log_level: LevelFilter = LevelFilter::default(), Levels;
        /// Bytes that events may hold on their way from call to sink. Defaults to 20 MiB; 128 KiB to
        /// 1 TiB.
        queue_budget: usize = 20 * MIB, Size::of(2 * CHUNK, MOST);
        /// Bytes on top of it for ERROR, CRITICAL, AUDIT and SECURITY. Defaults to 5 MiB; 0, or 64 KiB
        /// to 1 TiB.
        protected_reserve: usize = 5 * MIB,
            Size { or_zero: true, ..Size::of(CHUNK, MOST) };
        /// Events that may wait in the queue, besides the limit in bytes. None by default.
        max_queue_size: Option<usize> = None, Maybe(Whole::from(1));
        /// Events that `protected_reserve` is for, as a number. None by default.
        protected_queue_size: Option<usize> = None, Maybe(Whole::from(1));
        /// Levels whose events may use the reserve; a level of one's own goes with the one below it
        /// unless it is named. Defaults to ERROR, CRITICAL, AUDIT, SECURITY.
        protected_levels: Vec<Level> =
            vec![Level::Error, Level::Critical, Level::Audit, Level::Security], LevelNames;
        /// Bytes that one event may take in the queue; fields beyond are left out, with the mark
        /// `diagnostics.truncated`. Defaults to 256 KiB; 1 KiB to 64 MiB.
        max_event_bytes: usize = Limits::default().event, Size::of(KIB, 64 * MIB);
        /// Fields that one event may have; others are left out, with the mark
        /// `diagnostics.truncated`. Defaults to 256; 1 to 65,535.
        max_fields: usize = Limits::default().fields, Whole::of(1, 65_535);
        /// How deep lists and maps may be nested; what is deeper becomes `…[truncated]`. Defaults
        /// to 16; 1 to 64.
        max_depth: usize = Limits::default().depth, Whole::of(1, 64);
        /// Bytes of one string; a longer one keeps its head, then `…[truncated]`. Defaults to 64
        /// KiB; 64 B to 64 MiB.
        max_string_bytes: usize = Limits::default().string, Size::of(64, 64 * MIB);
        /// How long a call of a plain thread waits for room when the queue is full, before the
        /// event is dropped, in milliseconds. Defaults to 50; 0 drops at once.
        backpressure_wait as "backpressure_wait_ms": Duration = Duration::from_millis(50), Millis;
        /// Whether an event is dropped when there is no room after that time. If not, its call
        /// waits until there is, and stalls whatever else its thread does; `emit_async` waits
        /// without stalling. Defaults to true.
        drop_on_full: bool = true, Flag;
        /// Events in a batch for a sink, at most; a batch has at most 64 KiB in any case. Defaults to
        /// 256.
        batch_max_size: usize = 256, Whole::from(1);
        /// How long a batch may wait for more events, of sinks that gather them and do not say for
        /// themselves. Defaults to 0.25 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_millis(250),
            Seconds::SOME;
        /// Events become JSON once, on the worker, for all sinks together; a sink that wants the
        /// event itself says so (`takes_serialized`). So only true is accepted.
        serialize_in_flush: bool = true, Yes;
        /// Threads that order, process and encode events. It is one for each pipeline, so that
        /// events keep their order; every sink has a thread of its own besides. Only 1 is accepted.
        worker_count: usize = 1, Whole::of(1, 1);
        /// Batches that a sink behind a network may send at once; with more than 1, they may arrive in
        /// another order. Defaults to 1.
        sink_concurrency: usize = 1, Whole::from(1);
        /// Sinks, by name: `stdout` (in the `format`), `stdout_json`, `stdout_pretty`, `stderr`,
        /// `null`, `rotating_file`, `http` (feature `http`), `webhook` (feature `webhook`). They run
        /// beside those that code brings along. If it brings none either: `http` where its endpoint is set, else the file where its
        /// directory is set, else `stdout`; with the preset `hardened` `stdout` and the file, and
        /// `http` where its endpoint is set.
        sinks: Vec<String> = Vec::new(), SinkNames;
        /// Enrichers, by name, in the order in which they run: `runtime_info`, `context_vars`,
        /// `kubernetes` (or `k8s`), `host`. They run before those that code brings along. Defaults to
        /// `runtime_info` and `context_vars`, and in a pod of Kubernetes, where the environment has a
        /// say, `kubernetes` too.
        enrichers: Vec<String> = ["runtime_info", "context_vars"].map(str::to_owned).to_vec(),
            ENRICHERS;
        /// Redactors that fapilog brings along. They run together, in one pass: in the place of a field
        /// stands what `field_mask` says, else `regex_mask`, else `field_blocker`. A variable adds to
        /// the list, and takes nothing away. Defaults to `url_credentials`.
        redactors: Vec<RedactorKind> = vec![RedactorKind::UrlCredentials],
            Choices::<RedactorKind>::NEW;
        /// Presets whose fields are masked, such as `CREDENTIALS` and `GDPR_PII`. A variable adds to
        /// the list. None by default.
        redaction_presets: Vec<String> = Vec::new(), Names { example: "CREDENTIALS,PII_CORE" };
        /// Processors, by name, in the order in which they run: `size_guard`, and `zero_copy`, which does
        /// nothing, as no event is copied for a processor. They run after those that code brings along.
        /// None by default.
        processors: Vec<String> = Vec::new(), PROCESSORS;
        /// Filters, by name, in the order in which they run: `sampling`, `adaptive_sampling`,
        /// `trace_sampling`, `rate_limit`, `first_occurrence`. They run after those that code brings
        /// along, and after `log_level`, which always holds. None by default.
        filters: Vec<String> = Vec::new(), FILTERS;
        /// How deep the redactors of fapilog look into lists and maps; what is deeper is masked.
        /// Defaults to 16; 1 to 64.
        redaction_max_depth: usize = 16, Whole::of(1, 64);
        /// How many keys and items of an event the redactors of fapilog look at; what comes after is
        /// masked. Defaults to 5000.
        redaction_max_keys_scanned: usize = 5000, Whole::from(1);
        /// What happens to an event of which a redactor of one's own fails. A variable may make it
        /// stricter, and not laxer. Defaults to `closed`.
        redaction_fail_mode: FailMode = FailMode::Closed, Choose::<FailMode>::NEW;
        /// Fields of every event. None by default.
        default_bound_context: BTreeMap<String, Json> = BTreeMap::new(), Values;
        /// Whether the stack of an error is told. Defaults to true.
        exceptions_enabled: bool = true, Flag;
        /// Frames of a stack that are told, at most. Defaults to 10.
        exceptions_max_frames: usize = 10, Whole::from(1);
        /// Bytes of a stack that are told, at most. Defaults to 20,000; at least 1000.
        exceptions_max_stack_chars: usize = 20_000, Whole::from(1000);
        /// In how many seconds the same error is logged once. Defaults to 0: each time.
        error_dedupe_window as "error_dedupe_window_seconds": Duration = Duration::ZERO,
            Seconds::ANY;
        /// How many errors are remembered for that. Defaults to 1000.
        error_dedupe_max_entries: usize = 1000, Whole::from(1);
        /// After how many windows an error is forgotten. Defaults to 10.
        error_dedupe_ttl_multiplier: f64 = 10.0, Number::from(1.0);
        /// Whether the pipeline counts for Prometheus. Defaults to false.
        enable_metrics: bool = false, Flag;
        /// Form of the JSON: `flat`, or `wrapped` under `log` as the original's. Defaults to `flat`.
        envelope: Envelope = Envelope::Flat, Choose::<Envelope>::NEW;
        /// How long the final flush may take. Defaults to 3 s.
        shutdown_timeout as "shutdown_timeout_seconds": Duration = Duration::from_secs(3),
            Seconds::ANY;
        /// Whether the end of the process waits for the last events of the process-wide pipeline.
        /// Defaults to true.
        atexit_drain_enabled: bool = true, Flag;
        /// How long it waits at most. Defaults to 2 s.
        atexit_drain_timeout as "atexit_drain_timeout_seconds": Duration = Duration::from_secs(2),
            Seconds::ANY;
        /// Whether `serve` ends on SIGINT and SIGTERM. Defaults to true.
        signal_handler_enabled: bool = true, Flag;
        /// Whether panics are logged too, as CRITICAL. Defaults to false.
        capture_unhandled_enabled: bool = false, Flag;
        /// Whether an event of CRITICAL is followed by a flush, which the call does not wait for.
        /// Defaults to false.
        flush_on_critical: bool = false, Flag;
        /// Whether the log itself tells that events were lost. Defaults to true.
        emit_drop_summary: bool = true, Flag;
        /// How often it does at most. Defaults to 1 s.
        drop_summary_window as "drop_summary_window_seconds": Duration = Duration::from_secs(1),
            Seconds::SOME;
        /// Whether each problem of fapilog itself is reported, five a second of each part, instead
        /// of each kind once. Defaults to false.
        internal_logging_enabled: bool = false, Flag;
        /// Whether a sink that keeps failing is left alone for a while. What is for it waits meanwhile,
        /// as far as memory allows, or goes to its fallback. Defaults to false.
        sink_circuit_breaker_enabled: bool = false, Flag;
        /// Failures in a row after which it is. Defaults to 5.
        sink_circuit_breaker_failure_threshold: usize = 5, Whole::from(1);
        /// For how long, at least; up to half as long again. Defaults to 30 s.
        sink_circuit_breaker_recovery_timeout as "sink_circuit_breaker_recovery_timeout_seconds":
            Duration = Duration::from_secs(30), Seconds::SOME;
        /// Which sink gets what another one does not deliver, for whatever reason: one of the pipeline,
        /// or of the names of `core.sinks`, such as `stderr`, which then gets nothing else. None by
        /// default.
        sink_circuit_breaker_fallback_sink: Option<String> = None, Maybe(Text);
        /// The file for events that a destination refuses, and those that are not delivered and have no
        /// fallback: a JSON object a line, with the reason, of mode 0600. None by default.
        sink_dead_letter_file: Option<PathBuf> = None, Maybe(FilePath);
        /// Bytes of that file, at most; what comes then is dropped, and counted. Defaults to 100 MiB.
        sink_dead_letter_max_bytes: usize = 100 * MIB, Size::of(KIB, MOST);
    }
}

choice! {
    /// What happens to an event whose redaction fails.
    pub enum FailMode {
        /// The event goes on as it was before that redactor.
        Open = "open",
        /// A skeleton without its fields goes on, and a diagnostic tells of it.
        Closed = "closed",
        /// The event goes on as it was before that redactor, and a diagnostic tells of it.
        Warn = "warn",
    }
}

choice! {
    /// The form of the JSON.
    pub enum Envelope {
        /// One flat object.
        Flat = "flat",
        /// The object stands under `log`, beside `schema_version`.
        Wrapped = "wrapped",
    }
}

impl CoreSettings {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            event: self.max_event_bytes,
            fields: self.max_fields,
            depth: self.max_depth,
            string: self.max_string_bytes,
            frames: self.exceptions_max_frames,
            stack: match self.exceptions_enabled {
                true => self.exceptions_max_stack_chars,
                false => 0,
            },
        }
    }
}
