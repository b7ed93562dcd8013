//! [`Action`]: what becomes of a value that must not be seen.

/// What becomes of a value that must not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// The mask takes its place.
    Mask,
    /// The mask of `regex_mask` does.
    MaskPattern,
    /// The replacement of `field_blocker` does.
    Block,
    /// A pseudonym does: the same for the same value.
    Hash,
    /// The field goes.
    Remove,
}
