//! [`Limits`]: how large an event may become.

/// What a record may take. What goes beyond is left out, with a mark in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole record.
    pub(crate) event: usize,
    /// Fields of one event.
    pub(crate) fields: usize,
    /// Lists and maps within each other.
    pub(crate) depth: usize,
    /// Bytes of one string.
    pub(crate) string: usize,
    /// Frames of the stack of an error, the innermost.
    pub(crate) frames: usize,
    /// Bytes of that stack; 0 leaves it out.
    pub(crate) stack: usize,
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self {
        event: 256 * 1024,
        fields: 256,
        depth: 16,
        string: 64 * 1024,
        frames: 10,
        stack: 20_000,
    };

    /// Those within a list or map.
    pub(super) fn one_level_less(&self) -> Self {
        Self {
            depth: self.depth.saturating_sub(1),
            ..*self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Default for &Limits {
    fn default() -> Self {
        &Limits::DEFAULT
    }
}
