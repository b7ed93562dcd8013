//! [`HttpReply`]: what a destination says to events that it took.

/// What a destination says to events that it took, or to a part of them; for
/// [`Http::on_reply`](super::Http::on_reply).
#[derive(Clone, Copy, Debug)]
pub struct HttpReply<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
    pub(super) is_cut: bool,
    pub(super) events: usize,
}

impl<'a> HttpReply<'a> {
    /// The status, 200 to 299.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body, or its first 64 KiB.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Whether the body was longer than that.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many events were sent; their indices go up to it.
    pub fn events(&self) -> usize {
        self.events
    }
}
