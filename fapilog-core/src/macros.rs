//! The log macros, in the grammar of `tracing`.

macro_rules! level_macros {
    ($d:tt $($(#[$doc:meta])* $name:ident = $level:ident;)+) => {$(
        $(#[$doc])*
        #[macro_export]
        macro_rules! $name {
            ($d($d rest:tt)*) => {
                $crate::__log!([$crate::Level::$level, new] $d($d rest)*)
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
    /// | `order = json(&order)` | its structure, see [`json`](crate::json()) |
    /// | `err = &e`, `error = &e`, `err` | an error, with its causes: see below |
    /// | `..map` | pairs of keys and values that are only known at run time |
    /// | `sensitive = { card, pin = 1 }`, `pii = {…}` | hidden at the call: `"sensitive": {"card": "**REDACTED**", …}` |
    ///
    /// An error stands in `diagnostics.exception`, as `error.type`, `error.message`, and if it has
    /// causes, `error.cause`, the innermost, and `error.chain`, up to 16 of them. Boxes and
    /// `anyhow::Error` are fine too; of a report that has captured a backtrace, `error.stack` and
    /// the ten innermost frames are told. What is no error is a field like others.
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
    /// Logs a record for auditors, which passes every level filter; see [`info!`](crate::info) for
    /// its grammar.
    audit = Audit;
    /// Logs a record for security, which passes every level filter; see [`info!`](crate::info) for
    /// its grammar.
    security = Security;
}

/// Logs an event of any level, which is a constant: `event!(Level::Info, …)`, or one of
/// [your own](crate::Level::custom); see [`info!`](crate::info) for the rest of its grammar.
///
/// For a level that is only known at run time, there is [`Logger::event`](crate::Logger::event).
#[macro_export]
macro_rules! event {
    ($level:expr $(, $($rest:tt)*)?) => {
        $crate::__log!([$level, new] $($($rest)*)?)
    };
}

/// Logs an event of level DEBUG that **no redactor touches**, marked `data._fapilog_unsafe`; see
/// [`info!`](crate::info) for its grammar.
///
/// For a secret that has to be seen for once, on a machine of your own. What is `sensitive`, `pii`
/// or [`Sensitive`](crate::Sensitive) stays hidden.
#[macro_export]
macro_rules! unsafe_debug {
    ($($rest:tt)*) => {
        $crate::__log!([$crate::Level::Debug, unredacted] $($rest)*)
    };
}

/// Reads the grammar of [`info!`](crate::info).
///
/// The `@fields` forms take one field after the other from the front, until the message is left.
/// What they have read stands before it: what is fixed, the keys, the values, and the rest, which
/// are the hidden fields and the maps.
#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ([$level:expr, $site:ident] logger: $logger:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields [$level, $site, ::core::option::Option::Some(&$logger)]
            [] [] {[] []} $($($rest)*)?)
    };
    ([$level:expr, $site:ident] $($rest:tt)*) => {
        $crate::__log!(@fields [$level, $site, ::core::option::Option::None]
            [] [] {[] []} $($rest)*)
    };

    // The end, without a message.
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt) => {
        $crate::__log!(@hide $fixed [$($key,)*] [$($value,)*] $more "")
    };

    // `..map`
    (@fields $fixed:tt $keys:tt $values:tt {$hidden:tt [$($map:expr,)*]}
        .. $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed $keys $values {$hidden [$($map,)* $new,]} $($($rest)*)?)
    };

    // `sensitive = {…}`, `pii = {…}`
    (@fields $fixed:tt $keys:tt $values:tt $more:tt
        sensitive = { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::__log!(@hidden $fixed $keys $values $more {$($inner)*} $($($rest)*)?)
    };
    (@fields $fixed:tt $keys:tt $values:tt $more:tt
        pii = { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::__log!(@hidden $fixed $keys $values $more {$($inner)*} $($($rest)*)?)
    };

    // `%name`, `?name`
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        % $head:ident $(. $tail:ident)* $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DisplayValue(&$head $(. $tail)*),]
            $more $($($rest)*)?)
    };
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        ? $head:ident $(. $tail:ident)* $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DebugValue(&$head $(. $tail)*),]
            $more $($($rest)*)?)
    };

    // `a.b = %value`, `a.b = ?value`
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $head:ident $(. $tail:ident)* = % $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DisplayValue(&$new),] $more $($($rest)*)?)
    };
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $head:ident $(. $tail:ident)* = ? $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $crate::__private::DebugValue(&$new),] $more $($($rest)*)?)
    };

    // `err = value`, `error = value`
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        err = $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed [$($key,)* "err",]
            [$($value,)* (&&&$crate::__private::Argument(&$new)).fapilog_value(),]
            $more $($($rest)*)?)
    };
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        error = $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed [$($key,)* "error",]
            [$($value,)* (&&&$crate::__private::Argument(&$new)).fapilog_value(),]
            $more $($($rest)*)?)
    };
    // `a.b = value`
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $head:ident $(. $tail:ident)* = $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed
            [$($key,)* stringify!($head $(. $tail)*),] [$($value,)* $new,] $more $($($rest)*)?)
    };

    // `"any text" = …`
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $text:literal = % $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed [$($key,)* $text,]
            [$($value,)* $crate::__private::DisplayValue(&$new),] $more $($($rest)*)?)
    };
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $text:literal = ? $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed [$($key,)* $text,]
            [$($value,)* $crate::__private::DebugValue(&$new),] $more $($($rest)*)?)
    };
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $text:literal = $new:expr $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed [$($key,)* $text,] [$($value,)* $new,] $more $($($rest)*)?)
    };

    // `name`; errors by their name. A name that stands in a pattern is not the caller's, so it is
    // passed along twice.
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $name:ident $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed [$($key,)* stringify!($name),]
            [$($value,)* $crate::__log!(@variable $name $name),] $more $($($rest)*)?)
    };
    (@variable err $value:ident) => {
        (&&&$crate::__private::Argument(&$value)).fapilog_value()
    };
    (@variable error $value:ident) => {
        (&&&$crate::__private::Argument(&$value)).fapilog_value()
    };
    (@variable $name:ident $value:ident) => {
        $value
    };

    // `name.field`
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt
        $head:ident $(. $tail:ident)* $(, $($rest:tt)*)?) => {
        $crate::__log!(@fields $fixed
            [$($key,)* stringify!($head $(. $tail)*),]
            [$($value,)* $head $(. $tail)*,] $more $($($rest)*)?)
    };

    // The message.
    (@fields $fixed:tt [$($key:expr,)*] [$($value:expr,)*] $more:tt $($message:tt)+) => {
        $crate::__log!(@hide $fixed [$($key,)*] [$($value,)*] $more $($message)+)
    };

    // Hidden fields: of each, the key is kept and the value is only looked at by the compiler.
    (@hidden $fixed:tt $keys:tt $values:tt $more:tt {} $($rest:tt)*) => {
        $crate::__log!(@fields $fixed $keys $values $more $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt $more:tt {% $($inner:tt)*} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values $more {$($inner)*} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt $more:tt {? $($inner:tt)*} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values $more {$($inner)*} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$head:ident $(. $tail:ident)* = % $new:expr $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values {[$($hidden)* (stringify!($head $(. $tail)*), $new)] $maps}
            {$($($inner)*)?} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$head:ident $(. $tail:ident)* = ? $new:expr $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values {[$($hidden)* (stringify!($head $(. $tail)*), $new)] $maps}
            {$($($inner)*)?} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$head:ident $(. $tail:ident)* = $new:expr $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values {[$($hidden)* (stringify!($head $(. $tail)*), $new)] $maps}
            {$($($inner)*)?} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$text:literal = % $new:expr $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values {[$($hidden)* ($text, $new)] $maps}
            {$($($inner)*)?} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$text:literal = ? $new:expr $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values {[$($hidden)* ($text, $new)] $maps}
            {$($($inner)*)?} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$text:literal = $new:expr $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values {[$($hidden)* ($text, $new)] $maps}
            {$($($inner)*)?} $($rest)*)
    };
    (@hidden $fixed:tt $keys:tt $values:tt {[$($hidden:tt)*] $maps:tt}
        {$head:ident $(. $tail:ident)* $(, $($inner:tt)*)?} $($rest:tt)*) => {
        $crate::__log!(@hidden $fixed $keys $values
            {[$($hidden)* (stringify!($head $(. $tail)*), $head $(. $tail)*)] $maps}
            {$($($inner)*)?} $($rest)*)
    };

    // The hidden fields become one.
    (@hide $fixed:tt $keys:tt $values:tt {[] $maps:tt} $($message:tt)+) => {
        $crate::__log!(@emit $fixed $keys $values $maps $($message)+)
    };
    (@hide $fixed:tt [$($key:expr,)*] [$($value:expr,)*]
        {[$(($hidden:expr, $unseen:expr))+] $maps:tt} $($message:tt)+) => {{
        if false {
            $(let _ = &$unseen;)+
        }
        $crate::__log!(@emit $fixed [$($key,)* "sensitive",]
            [$($value,)* $crate::__private::Masked(&[$($hidden),+]),] $maps $($message)+)
    }};

    (@emit [$level:expr, $site:ident, $logger:expr] [$($key:expr,)*] [$($value:expr,)*]
        $maps:tt $($message:tt)+) => {
        if $crate::__private::may_be_enabled($level) {
            static CALLSITE: $crate::__private::Callsite = $crate::__private::Callsite::$site(
                $level, ::core::module_path!(), ::core::file!(), ::core::line!(), &[$($key),*],
            );
            #[allow(unused_imports)]
            use $crate::__private::{OfBox as _, OfError as _, OfOther as _, OfReport as _};
            if let ::core::option::Option::Some(call) =
                $crate::__private::begin(&CALLSITE, $logger)
            {
                // A match keeps the borrowed temporaries alive until the event is written.
                match &[$(&$value as &dyn $crate::Value),*] as &[&dyn $crate::Value] {
                    values => $crate::__log!(@finish call values $maps $($message)+),
                }
            }
        }
    };

    (@finish $call:ident $values:ident [] $($message:tt)+) => {
        $call.finish($values, ::core::format_args!($($message)+))
    };
    (@finish $call:ident $values:ident [$($map:expr,)+] $($message:tt)+) => {{
        let mut maps = $crate::__private::FieldBlock::new();
        $(maps.extend($call.limits(), $map);)+
        let message = ::core::format_args!($($message)+);
        $call.finish_with(
            $crate::__private::stamp(), $values, &maps, $crate::__private::Message::Format(message),
        )
    }};
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
