//! PostgreSQL.

use std::time::Duration;

use crate::{
    Sensitive,
    settings::{
        kind::{Flag, Maybe, Names, Seconds, Secret, Text, Whole},
        leaf::group,
    },
};

group! {
    /// The sink `postgres`.
    pub struct PostgresSettings at [sink_config.postgres] {
        /// Where the database is, as a URL; instead of the five below. None by default.
        dsn: Option<Sensitive<String>> = None, Maybe(Secret);
        /// The host. Defaults to `localhost`.
        host: String = "localhost".to_owned(), Text;
        /// The port. Defaults to 5432.
        port: usize = 5432, Whole::of(1, 65_535);
        /// The database. Defaults to `fapilog`.
        database: String = "fapilog".to_owned(), Text;
        /// The user. Defaults to `fapilog`.
        user: String = "fapilog".to_owned(), Text;
        /// The password. None by default.
        password: Option<Sensitive<String>> = None, Maybe(Secret);
        /// The table. Defaults to `logs`.
        table_name: String = "logs".to_owned(), Text;
        /// The schema. Defaults to `public`.
        schema_name: String = "public".to_owned(), Text;
        /// Whether the table is created if it is missing. Defaults to true.
        create_table: bool = true, Flag;
        /// Connections that are kept open, at least. Defaults to 2.
        min_pool_size: usize = 2, Whole::ANY;
        /// Connections, at most. Defaults to 10.
        max_pool_size: usize = 10, Whole::from(1);
        /// How long to wait for a connection. Defaults to 10 s.
        pool_acquire_timeout: Duration = Duration::from_secs(10), Seconds::SOME;
        /// Events in a batch, at most. Defaults to 100.
        batch_size: usize = 100, Whole::from(1);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// Attempts after the first, at most. Defaults to 3.
        max_retries: usize = 3, Whole::ANY;
        /// How long the first pause between attempts is; it doubles. Defaults to 0.5 s.
        retry_base_delay: Duration = Duration::from_millis(500), Seconds::SOME;
        /// Whether the database is left alone for a while when it keeps failing. Defaults to true.
        circuit_breaker_enabled: bool = true, Flag;
        /// Failures in a row after which it is. Defaults to 5.
        circuit_breaker_threshold: usize = 5, Whole::from(1);
        /// Whether events are stored as JSONB instead of JSON. Defaults to true.
        use_jsonb: bool = true, Flag;
        /// Whether the whole event is stored, besides what is extracted. Defaults to true.
        include_raw_json: bool = true, Flag;
        /// Fields with a column of their own. Defaults to timestamp, level, logger, correlation_id
        /// and message.
        extract_fields: Vec<String> =
            ["timestamp", "level", "logger", "correlation_id", "message"].map(str::to_owned).to_vec(),
            Names { example: "timestamp,level,message" };
    }
}
