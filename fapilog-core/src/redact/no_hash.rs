//! [`Hasher`]: pseudonyms, without the feature that makes them.

use crate::{Sensitive, event::FieldValue};

/// There is none.
#[derive(Clone, Debug)]
pub(super) enum Hasher {}

impl Hasher {
    pub(super) const EXPECTED: &str = "no key: the feature \"hash\" is not compiled in";
    pub(super) const FIX: &str = "enable the feature \"hash\" of fapilog-core";

    pub(super) fn new(_: &Sensitive<String>) -> Option<Self> {
        None
    }

    pub(super) fn pseudonym(&self, _: &FieldValue<'_>) -> String {
        match *self {}
    }
}
