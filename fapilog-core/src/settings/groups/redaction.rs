//! Redactors.

use super::KIB;
use crate::{
    Sensitive,
    sensitive::MASK,
    settings::{
        kind::{Choices, Expressions, FieldPaths, Maybe, Names, Secret, Size, Text, choice},
        leaf::group,
    },
};

choice! {
    /// A redactor that fapilog brings along.
    pub enum RedactorKind {
        /// Masks, removes or hashes fields by name and path, those of presets among them.
        FieldMask = "field_mask",
        /// Masks fields whose path matches.
        RegexMask = "regex_mask",
        /// Takes credentials out of URLs.
        UrlCredentials = "url_credentials",
        /// Keeps fields out that hold whole bodies.
        FieldBlocker = "field_blocker",
        /// Masks what looks like a secret.
        ValuePatterns = "value_patterns",
        /// Shortens strings.
        StringTruncate = "string_truncate",
    }
}

choice! {
    /// Secrets that are known by what they look like, wherever in a text they stand.
    pub enum ValuePattern {
        /// Private keys in PEM, to the end of the block.
        PrivateKey = "private_key",
        /// JSON web tokens.
        Jwt = "jwt",
        /// What follows `Bearer` or `Basic`, from 10 characters on.
        Bearer = "bearer",
        /// Keys of AWS, GitHub, GitLab, Google, npm, OpenAI, SendGrid, Slack and Stripe, by their
        /// prefixes.
        CloudKey = "cloud_key",
        /// Numbers of payment cards: 13 to 19 digits, perhaps in groups of three or more, the first of
        /// them 2 to 6, with the right check digit (Luhn).
        Card = "card",
        /// E-mail addresses.
        Email = "email",
        /// `password=…`, `"token": "…"`: what stands behind the name of a credential.
        Assignment = "assignment",
    }
}

impl ValuePattern {
    /// All of them.
    pub const ALL: [ValuePattern; 7] = [
        ValuePattern::PrivateKey,
        ValuePattern::Jwt,
        ValuePattern::Bearer,
        ValuePattern::CloudKey,
        ValuePattern::Card,
        ValuePattern::Email,
        ValuePattern::Assignment,
    ];
}

group! {
    /// The redactor `field_mask`. It acts on the fields that are named here, and on those of
    /// `core.redaction_presets`, whether or not `core.redactors` has it.
    pub struct FieldMaskSettings at [redactor_config.field_mask] {
        /// Fields that are masked, besides those of presets: a name, of a field wherever it stands,
        /// or a path, which begins in `data` unless it begins with another part of the event; any
        /// spelling of a key will do. None by default.
        fields_to_mask: Vec<String> = Vec::new(), FieldPaths;
        /// Fields that are left out altogether. None by default.
        fields_to_remove: Vec<String> = Vec::new(), FieldPaths;
        /// Fields that become a pseudonym, which is the same for the same value: HMAC-SHA256 with
        /// `hash_key`. Where code hides fields by name, a variable cannot add to these. None by
        /// default.
        fields_to_hash: Vec<String> = Vec::new(), FieldPaths;
        /// The key of pseudonyms, at least 16 bytes. None by default.
        hash_key: Option<Sensitive<String>> = None, Maybe(Secret);
        /// What stands in the place of a value. Defaults to `**REDACTED**`.
        mask_string: String = MASK.to_owned(), Text;
    }
}

group! {
    /// The redactor `regex_mask`. It acts on what matches here, whether or not `core.redactors` has
    /// it.
    pub struct RegexMaskSettings at [redactor_config.regex_mask] {
        /// Expressions that match the whole path of a field: its keys from the top of the event down,
        /// joined with dots; items of lists have no part in it. None by default.
        patterns: Vec<String> = Vec::new(), Expressions;
        /// What stands in its place. Defaults to `**REDACTED**`.
        mask_string: String = MASK.to_owned(), Text;
    }
}

group! {
    /// The redactor `url_credentials`.
    pub struct UrlCredentialsSettings at [redactor_config.url_credentials] {
        /// Bytes of a text in which URLs are looked for; what lies beyond is masked if there may be
        /// one in it. Defaults to 64 KiB.
        max_string_length: usize = 64 * KIB, Size::of(1, usize::MAX);
    }
}

group! {
    /// The redactor `field_blocker`.
    pub struct FieldBlockerSettings at [redactor_config.field_blocker] {
        /// Names of fields that are not shown, wherever they stand. Defaults to those of whole bodies:
        /// `body`, `request_body`, `response_body`, `payload`, `raw`, `dump`, `raw_body`,
        /// `raw_request`, `raw_response`.
        blocked_fields: Vec<String> = [
            "body", "request_body", "response_body", "payload", "raw", "dump", "raw_body",
            "raw_request", "raw_response",
        ].map(str::to_owned).to_vec(), Names { example: "body,payload" };
        /// Names among them that are shown after all. None by default.
        allowed_fields: Vec<String> = Vec::new(), Names { example: "raw" };
        /// What stands in their place. Defaults to `[REDACTED:HIGH_RISK_FIELD]`.
        replacement: String = "[REDACTED:HIGH_RISK_FIELD]".to_owned(), Text;
    }
}

group! {
    /// The redactor `value_patterns`.
    pub struct ValuePatternsSettings at [redactor_config.value_patterns] {
        /// What is looked for in texts, messages and errors. Defaults to all there is.
        patterns: Vec<ValuePattern> = ValuePattern::ALL.to_vec(), Choices::<ValuePattern>::NEW;
    }
}

group! {
    /// The redactor `string_truncate`. It acts if it has a length, whether or not `core.redactors`
    /// has it, and after all others.
    pub struct StringTruncateSettings at [redactor_config.string_truncate] {
        /// Bytes of a string, at most; a longer one is cut, and ends with `[truncated]`. A variable
        /// can make it less, but not more. None by default.
        max_string_length: Option<usize> = None, Maybe(Size::of(1, usize::MAX));
    }
}
