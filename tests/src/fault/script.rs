//! [`Script`]: decides how a request is answered.

use super::{reply::Reply, request::Request};

/// Decides how each request is answered: a [`Reply`] for all of them, or a closure, which is asked for
/// one request after the other.
pub trait Script: Send + 'static {
    fn reply(&mut self, request: &Request) -> Reply;
}

impl Script for Reply {
    fn reply(&mut self, _: &Request) -> Reply {
        self.clone()
    }
}

impl<F: FnMut(&Request) -> Reply + Send + 'static> Script for F {
    fn reply(&mut self, request: &Request) -> Reply {
        self(request)
    }
}

/// One reply after the other, then the last one for ever.
///
/// # Panics
///
/// If there is none.
pub fn in_turn(replies: impl IntoIterator<Item = Reply>) -> impl Script {
    let mut replies: Vec<_> = replies.into_iter().collect();
    assert!(!replies.is_empty(), "there is no reply");
    replies.reverse();
    move |_: &Request| match replies.len() {
        1 => replies[0].clone(),
        last => replies.remove(last - 1),
    }
}
