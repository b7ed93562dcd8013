//! Redactors take secrets out of events.
//!
//! There is one boundary: what stages, the terminal, sinks and files see of an event is what
//! redaction has left of it, and that goes for fields of calls, loggers and scopes, what enrichers
//! add, messages, and errors with their causes.
//!
//! # What fapilog brings along
//!
//! | redactor | takes out | where it is on |
//! |---|---|---|
//! | `field_mask` | fields by their names or paths, and those of [presets](RedactionPreset) such as `CREDENTIALS` and `GDPR_PII`: masked, removed, or under a pseudonym | presets `production`, `axum`, `serverless`, `hardened` |
//! | `regex_mask` | fields whose path matches an expression | where there are expressions |
//! | `url_credentials` | users and passwords in URLs, and parameters that are credentials, in any text | everywhere but in presets `dev` and `minimal` |
//! | `field_blocker` | fields that hold whole bodies | preset `hardened` |
//! | `value_patterns` | what looks like a token, a key, a card, an e-mail address, in any text, messages and errors among them | preset `hardened` |
//! | `string_truncate` | the ends of long strings | where there is a length |
//!
//! They are told what to do by [settings](crate::settings::RedactorConfig), and run in one pass over
//! an event. Most events have nothing in them that is to be hidden, which is found out while they are
//! written.
//!
//! **Names** of fields are compared by their words, at any depth, in lists too: `access_token` is
//! also `accessToken`, `ACCESS-TOKEN`, `access.token`, with letters of other scripts that look alike.
//! Whole words decide: what masks `token` masks `auth_tokens` and not `tokenizer`.
//! **Paths** are keys from the top of the event down, `data.user.email`, and begin in `data` unless
//! they begin with another part of the event. `*` stands for any key or item, `items[*]` for each item
//! of a list, `items.0` for the first; a list in the way of a key is passed through.
//!
//! What lies deeper than `core.redaction_max_depth`, or comes after more keys than
//! `core.redaction_max_keys_scanned`, is masked. Texts of keys are searched as those of values are;
//! keys that are the same without their secrets are numbered.
//!
//! # What it does not see
//!
//! - **By name:** a name in one word with others that no preset has (`PGPASSWORD`), a value whose name
//!   stands beside it as a value (`{"key": "password", "value": "…"}`), and what is hidden in a text, such
//!   as JSON in a string; of this, `value_patterns` sees what stands
//!   behind the name of a credential, up to a blank unless it is in quotes or brackets.
//! - **In URLs:** a password before the `@` of no URL (`user:password@host`, `scott/tiger@//host`), one
//!   that begins with digits and goes on behind a `/`, `?` or `#` (as a port and a path do).
//! - **By look:** numbers that are no text, and secrets that look like nothing, such as an AWS secret key.
//! - `fields_to_mask` and the like know `context.request_id`, and with it its copy, the `correlation_id`,
//!   by the former name alone.
//!
//! # One's own
//!
//! A [`Redactor`] runs after these. `unsafe_debug!` alone passes all of them by.

mod action;
mod assignment;
mod card;
mod compile;
mod confusable;
mod credential;
mod edits;
mod glance;
#[cfg_attr(not(feature = "hash"), path = "no_hash.rs")]
mod hash;
mod keys;
mod memo;
mod name;
mod names;
mod parameter;
mod path;
mod pattern;
mod preset;
mod presets;
mod redaction;
mod registry;
mod rules;
mod texts;
mod url;
mod value_pattern;

pub(crate) use self::{
    compile::{check_field, check_pattern, compile},
    redaction::Redaction,
    rules::{Part, Rules},
    texts::clean,
};
pub use self::{
    credential::is_credential,
    preset::RedactionPreset,
    registry::{Registry, UnknownRedactionPreset},
    url::has_credentials,
};

use crate::{error::StageError, event::Event};

/// A stage that takes secrets out. It runs after enrichment, so it sees all that leaves the
/// process, but for what processors add; [here](crate::filter#how-stages-run) is how stages run.
///
/// **Redactors fail closed.**
///
/// | result | what becomes of the event |
/// |---|---|
/// | `Ok` | the next redactor has it; after the last one, the processors |
/// | `Err` or a panic | it ends here, dropped, `redaction_failed`; no other stage sees it. A skeleton with its time, level and logger takes its place, counted as generated |
///
/// The setting `core.redaction_fail_mode` makes it `warn` or `open`: then the event goes on as it was
/// before this redactor.
///
/// A redactor is asked for every event, however often it has failed. Only the events of
/// `unsafe_debug!` pass redactors by. The text of an error or a panic goes to stderr: keep values
/// out of it.
///
/// ```
/// use fapilog_core::{Event, LoggerBuilder, StageError, redact::Redactor};
///
/// struct NoCustomers;
///
/// impl Redactor for NoCustomers {
///     fn name(&self) -> &str {
///         "no_customers"
///     }
///
///     fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
///         event.data_mut().remove("customer");
///         Ok(())
///     }
/// }
///
/// let builder = LoggerBuilder::new().redactor(NoCustomers);
/// ```
pub trait Redactor: Send + 'static {
    /// Names the redactor in reports. Asked once, when the pipeline is built.
    fn name(&self) -> &str;

    /// Takes the secrets out of one event.
    ///
    /// # Errors
    ///
    /// After an error, nothing of the event but its time, level and logger leaves the process.
    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError>;
}
