//! [`Leaf`]: one setting, whatever its type; and how groups of them are declared.

use serde_json::Value as Json;

use super::{
    Settings,
    kind::{Describe, Refused},
};

/// One setting.
pub(super) struct Leaf {
    /// Its path in the tree: `core.log_level`.
    pub(super) key: &'static str,
    /// The lines of its documentation.
    pub(super) doc: &'static [&'static str],
    pub(super) kind: &'static dyn Describe,
    pub(super) set: fn(&mut Settings, &Json) -> Result<(), Refused>,
    pub(super) get: fn(&Settings) -> Json,
}

impl Leaf {
    /// The value as people may see it.
    pub(super) fn shown(&self, settings: &Settings) -> String {
        match (self.get)(settings) {
            Json::Null => "none".to_owned(),
            Json::Object(entries) if entries.is_empty() => "{}".to_owned(),
            _ if self.kind.is_secret() => crate::sensitive::MASK.to_owned(),
            Json::String(text) => text,
            value => value.to_string(),
        }
    }

    /// Whether the value would be refused, had it been given.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Refused> {
        (self.set)(&mut settings.clone(), &(self.get)(settings))
    }
}

/// Declares the leaf of a field, at a path in brackets.
macro_rules! leaf {
    ([$($path:ident).*] $field:ident $key:expr, $kind:expr, $doc:expr) => {
        $crate::settings::leaf::Leaf {
            key: concat!($(stringify!($path), ".",)* $key),
            doc: $doc,
            kind: &$kind,
            set: |settings, given| {
                settings$(.$path)*.$field = $crate::settings::kind::Kind::read(&$kind, given)?;
                Ok(())
            },
            get: |settings| $crate::settings::kind::Kind::show(&$kind, &settings$(.$path)*.$field),
        }
    };
}

/// The name of a field in the tree: its own, unless another is given.
macro_rules! name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

/// Declares a group of settings: a struct with a default, and its leaves.
macro_rules! group {
    (
        $(#[$meta:meta])*
        pub struct $group:ident at $path:tt {
            $(
                $(#[doc = $doc:literal])+
                $field:ident $(as $name:literal)?: $type:ty = $default:expr, $kind:expr;
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $group {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $group {
            pub(in crate::settings) const LEAVES: &'static [$crate::settings::leaf::Leaf] = &[$(
                $crate::settings::leaf::leaf!(
                    $path $field $crate::settings::leaf::name!($field $($name)?),
                    $kind,
                    &[$($doc),+]
                ),
            )+];
        }
    };
}

pub(super) use {group, leaf, name};
