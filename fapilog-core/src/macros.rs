//! The log macros, in the grammar of `tracing`.

macro_rules! level_macros {
    ($d:tt $($(#[$doc:meta])* $name:ident = $level:ident;)+) => {$(
        $(#[$doc])*
        #[macro_export]
        macro_rules! $name {
            ($d($d rest:tt)*) => {
                $crate::__log!($crate::Level::$level, $d($d rest)*)
            };
        }
    )+};
}

level_macros! { $
    /// Logs an event of level TRACE; see [`info!`](crate::info) for its grammar.
    trace = Trace;
    /// Logs an event of level DEBUG; see [`info!`](crate::info) for its grammar.
    debug = Debug;
    /// Logs an event of level INFO.
    ///
    /// Fields come first, the message last; both may be left out. The message takes format
    /// arguments. Nothing is evaluated if the event is not wanted.
    ///
    /// | field | value |
    /// |---|---|
    /// | `order_id` | the variable, under its name |
    /// | `%currency`, `?order` | its `Display` text, its `Debug` text, under its name |
    /// | `amount = 12.5` | an expression |
    /// | `currency = %cur`, `order = ?o` | the `Display` or `Debug` text of an expression |
    /// | `http.status = 200` | the key `http.status` |
    /// | `"any text" = 1` | the key `any text` |
    ///
    /// The event goes to the logger of the current [`Scope`](crate::context::Scope), else to the
    /// process-wide pipeline, else nowhere; `logger: log` at the front names one.
    ///
    /// The call never waits for a sink, does no I/O and allocates nothing once its thread has
    /// logged before. When the queue is full, it waits up to `core.backpressure_wait_ms` on a
    /// plain thread, and not at all on a thread of an async runtime; then the event is dropped
    /// and counted.
    ///
    /// ```
    /// use fapilog_core::{Level, LoggerBuilder, Memory, info};
    ///
    /// let memory = Memory::new();
    /// let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build()?;
    /// let (order_id, cur) = (42, "EUR");
    /// info!(logger: log, order_id, amount = 12.5, currency = %cur, "order {} placed", order_id);
    /// pipeline.shutdown_blocking(std::time::Duration::from_secs(3));
    ///
    /// let event = &memory.events()[0];
    /// assert_eq!(event.message(), "order 42 placed");
    /// assert_eq!(event.data().get("currency"), Some(&"EUR".into()));
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    info = Info;
    /// Logs an event of level WARNING; see [`info!`](crate::info) for its grammar.
    warn = Warning;
    /// Logs an event of level ERROR; see [`info!`](crate::info) for its grammar.
    error = Error;
    /// Logs an event of level CRITICAL; see [`info!`](crate::info) for its grammar.
    critical = Critical;
}

/// Reads the grammar of [`info!`](crate::info). The `@` forms collect `[keys] [values]`, then the
/// message.
#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ($level:expr, logger: $logger:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, ::core::option::Option::Some(&$logger), [] [] $($($rest)*)?)
    };
    ($level:expr, $($rest:tt)*) => {
        $crate::__log!(@fields $level, ::core::option::Option::None, [] [] $($rest)*)
    };

    // The end, without a message.
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]) => {
        $crate::__log!(@emit $level, $logger, [$($key,)*] [$($value,)*] "")
    };

    // `%name`, `?name`
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        % $head:ident $(. $tail:ident)* $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger,
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DisplayValue(&$head $(. $tail)*),] $($($rest)*)?)
    };
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        ? $head:ident $(. $tail:ident)* $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger,
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DebugValue(&$head $(. $tail)*),] $($($rest)*)?)
    };

    // `a.b = %value`, `a.b = ?value`, `a.b = value`
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $head:ident $(. $tail:ident)* = % $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger,
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DisplayValue(&$new),] $($($rest)*)?)
    };
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $head:ident $(. $tail:ident)* = ? $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger,
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DebugValue(&$new),] $($($rest)*)?)
    };
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $head:ident $(. $tail:ident)* = $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger,
            [$($key,)* stringify!($head $(. $tail)*),] [$($value,)* $new,] $($($rest)*)?)
    };

    // `"any text" = …`
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $text:literal = % $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger, [$($key,)* $text,]
            [$($value,)* $crate::__private::DisplayValue(&$new),] $($($rest)*)?)
    };
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $text:literal = ? $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger, [$($key,)* $text,]
            [$($value,)* $crate::__private::DebugValue(&$new),] $($($rest)*)?)
    };
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $text:literal = $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger, [$($key,)* $text,]
            [$($value,)* $new,] $($($rest)*)?)
    };

    // `name`, `name.field`
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*]
        $head:ident $(. $tail:ident)* $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $level, $logger,
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $head $(. $tail)*,] $($($rest)*)?)
    };

    // The message.
    (@fields $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*] $($message:tt)+) => {
        $crate::__log!(@emit $level, $logger, [$($key,)*] [$($value,)*] $($message)+)
    };

    (@emit $level:expr, $logger:expr, [$($key:expr,)*] [$($value:expr,)*] $($message:tt)+) => {
        if $crate::__private::may_be_enabled($level) {
            static CALLSITE: $crate::__private::Callsite = $crate::__private::Callsite::new(
                $level, ::core::module_path!(), ::core::file!(), ::core::line!(), &[$($key),*],
            );
            if let ::core::option::Option::Some(call) =
                $crate::__private::begin(&CALLSITE, $logger)
            {
                // A match keeps the borrowed temporaries alive until the event is written.
                match &[$(&$value as &dyn $crate::Value),*] as &[&dyn $crate::Value] {
                    values => call.finish(values, ::core::format_args!($($message)+)),
                }
            }
        }
    };
}

#[cfg(all(test, not(fapilog_loom)))]
mod tests {
    use crate::{FieldValue, LoggerBuilder, Memory};
    use std::time::Duration;

    #[test]
    fn the_plain_forms_of_tracing_are_understood() {
        struct Order {
            id: u32,
        }
        let memory = Memory::new();
        let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
        let (plain, shown, order) = (1_u8, 'c', Order { id: 7 });
        let name = String::from("n");
        info!(logger: log, plain, %shown, ?name, order.id, kept = name, "m");
        info!(logger: log, a = 1, b = %"d", c = ?"e", x.y = 2.5, "with space" = true, "q" = ?'q', r#type = 0);
        info!(logger: log, "only {}, {named}, {plain}", 1, named = 2);
        info!(logger: log, a = Some(3), none = None::<u8>,);
        warn!(logger: log);
        pipeline.shutdown_blocking(Duration::from_secs(5));
        let events = memory.events();
        let data = |index: usize| {
            let fields = events[index].data().iter();
            fields
                .map(|(key, value)| (key.to_owned(), value.clone()))
                .collect::<Vec<(String, FieldValue<'static>)>>()
        };
        assert_eq!(
            data(0),
            [
                ("plain".to_owned(), 1_u8.into()),
                ("shown".to_owned(), "c".into()),
                ("name".to_owned(), "\"n\"".into()),
                ("order.id".to_owned(), 7_u32.into()),
                ("kept".to_owned(), "n".into()),
            ]
        );
        let keys: Vec<_> = data(1).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["a", "b", "c", "x.y", "with space", "q", "type"]);
        assert_eq!(events[2].message(), "only 1, 2, 1");
        assert_eq!(data(3)[1].1, FieldValue::Null);
        assert_eq!(events[4].message(), "");
        assert_eq!(events[0].logger(), module_path!());
    }

    #[test]
    fn nothing_is_evaluated_for_an_event_that_nobody_wants() {
        let (log, _pipeline) = LoggerBuilder::new().sink(Memory::new()).build().unwrap();
        let evaluated = || -> u8 { panic!("evaluated") };
        debug!(logger: log, never = evaluated(), "{}", evaluated());
    }
}
