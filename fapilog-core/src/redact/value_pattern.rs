//! [`ValuePatterns`]: secrets that are known by what they look like.

use std::ops::BitOr;

use regex::Regex;

use super::{assignment, card, edits::Edits, glance::Glance};
use crate::settings::ValuePattern;

impl ValuePattern {
    /// What it looks like; the first group is the secret, if there is a group. None of those that are
    /// found without an expression.
    fn expression(self) -> Option<&'static str> {
        Some(match self {
            ValuePattern::PrivateKey => concat!(
                r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----",
                r"(?:.*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|.*)",
            ),
            ValuePattern::Jwt => r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*",
            ValuePattern::Bearer => r"(?i:bearer|basic)[ \t]+([A-Za-z0-9._~+/=-]{10,})",
            ValuePattern::CloudKey => concat!(
                r"(?:AKIA|ASIA)[A-Z0-9]{16}|gh[opsur]_[A-Za-z0-9]{20,}",
                r"|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}",
                r"|ya29\.[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|(?-u:\b)sk-[A-Za-z0-9_-]{20,}",
                r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}",
                r"|[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}",
            ),
            ValuePattern::Email => {
                r"[\w.!#$%&'*+/=?^`{|}~-]+@\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+"
            }
            ValuePattern::Card | ValuePattern::Assignment => return None,
        })
    }

    /// What a text has in it that may hold one.
    fn at_a_glance(self) -> Glance {
        match self {
            ValuePattern::PrivateKey
            | ValuePattern::Jwt
            | ValuePattern::Bearer
            | ValuePattern::CloudKey => Glance::KEY,
            ValuePattern::Card => Glance::CARD,
            ValuePattern::Email => Glance::EMAIL,
            ValuePattern::Assignment => Glance::ASSIGNMENT,
        }
    }
}

/// What marks secrets in texts.
#[derive(Debug)]
pub(super) struct ValuePatterns(Vec<(ValuePattern, Option<Regex>)>);

impl ValuePatterns {
    /// # Errors
    ///
    /// If an expression is none, which those here are.
    pub(super) fn new(which: &[ValuePattern]) -> Result<Self, regex::Error> {
        let patterns = which.iter().map(|it| {
            let expression = it.expression().map(Regex::new).transpose()?;
            Ok((*it, expression))
        });
        Ok(Self(patterns.collect::<Result<_, regex::Error>>()?))
    }

    /// What a text has in it that may hold a secret.
    pub(super) fn at_a_glance(&self) -> Glance {
        let patterns = self.0.iter().map(|(pattern, _)| pattern.at_a_glance());
        patterns.fold(Glance::default(), BitOr::bitor)
    }

    /// Marks them in a text.
    pub(super) fn scrub<'m>(
        &self,
        text: &str,
        glance: Glance,
        mask: &'m str,
        edits: &mut Edits<'m>,
    ) {
        for (pattern, expression) in &self.0 {
            match (pattern, expression) {
                _ if !glance.has_any(pattern.at_a_glance()) => {}
                (ValuePattern::Card, _) => card::scrub(text, mask, edits),
                (ValuePattern::Assignment, _) => assignment::scrub(text, mask, edits),
                (_, Some(expression)) => {
                    for found in expression.captures_iter(text) {
                        let secret = found.get(1).or_else(|| found.get(0));
                        secret
                            .into_iter()
                            .for_each(|it| edits.put(it.range(), mask));
                    }
                }
                (_, None) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::edits::edited;

    fn scrubbed(text: &str) -> String {
        let patterns = ValuePatterns::new(&ValuePattern::ALL).unwrap();
        let glance = Glance::at_all(text.as_bytes());
        edited(text, |edits| {
            if glance.has_any(patterns.at_a_glance()) {
                patterns.scrub(text, glance, "***", edits);
            }
        })
    }

    #[test]
    fn secrets_are_known_by_what_they_look_like() {
        for (given, left) in [
            ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln!", "got ***!"),
            ("sent Bearer abc.def-123", "sent Bearer ***"),
            ("BASIC dXNlcjpwYXNz", "BASIC ***"),
            ("card 4111 1111 1111 1111.", "card ***."),
            ("4111111111111111", "***"),
            ("to Jörg.Müller+x@sub.example.com: sent", "to ***: sent"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- ok",
                "*** ok",
            ),
            ("-----BEGIN PRIVATE KEY-----\nabc", "***"),
            ("AKIAIOSFODNN7EXAMPLE", "***"),
            ("with ghp_0123456789abcdefghij0123456789abcdef", "with ***"),
            ("xoxb-123456789012-abc", "***"),
            ("sk_live_0123456789abcdef", "***"),
            ("password=hunter2", "password=***"),
        ] {
            assert_eq!(scrubbed(given), left);
            assert_eq!(scrubbed(left), left, "twice is as good as once");
        }
    }

    #[test]
    fn what_only_resembles_a_secret_stays() {
        for text in [
            "4111 1111 1111 1112",
            "1700000000000",
            "41111111111111111111111111",
            "01a1fc6b-6a44-75c7-a7b8-e0c3c08b4f82",
            "a@b",
            "the bearer came",
            "AKIA",
            "task-0123456789abcdef0123456789",
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "GET /users/7 took 3 ms",
        ] {
            assert_eq!(scrubbed(text), text);
        }
    }
}
