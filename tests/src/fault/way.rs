//! [`Way`]: how a proxy passes on what goes through one connection.

/// What happens to a connection through a [`Proxy`](super::Proxy). Up is from the client to the
/// target, down is back.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Way {
    pub(super) swallows: bool,
    pub(super) up: Limit,
    pub(super) down: Limit,
}

/// What happens in one direction after so many bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Limit {
    #[default]
    None,
    Cut(usize),
    Stall(usize),
}

impl Limit {
    /// How many bytes of these may still pass after so many.
    pub(super) fn room(self, passed: usize, count: usize) -> usize {
        match self {
            Self::None => count,
            Self::Cut(most) | Self::Stall(most) => count.min(most - passed),
        }
    }
}

impl Way {
    /// All is passed on.
    pub fn through() -> Self {
        Self::default()
    }

    /// What the client sends is read and thrown away; the target is never called.
    pub fn black_hole() -> Self {
        Self {
            swallows: true,
            ..Self::default()
        }
    }

    /// Both sides are reset after so many bytes upwards; with 0, before the first of them.
    pub fn cut_up(mut self, bytes: usize) -> Self {
        self.up = Limit::Cut(bytes);
        self
    }

    /// Both sides are reset after so many bytes downwards; with 0, before the first of them.
    pub fn cut_down(mut self, bytes: usize) -> Self {
        self.down = Limit::Cut(bytes);
        self
    }

    /// Nothing more is passed on upwards after so many bytes.
    pub fn stall_up(mut self, bytes: usize) -> Self {
        self.up = Limit::Stall(bytes);
        self
    }

    /// Nothing more is passed on downwards after so many bytes.
    pub fn stall_down(mut self, bytes: usize) -> Self {
        self.down = Limit::Stall(bytes);
        self
    }
}
