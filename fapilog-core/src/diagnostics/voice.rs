//! [`Voice`]: how a sink of ours says what costs no event, and so is the result of no call.

use std::{cell::RefCell, fmt};

use super::Diagnostics;

/// Speaks for one sink. A sink takes the voice of its lane's thread when it starts, and may hand it
/// on to threads of its own.
#[derive(Clone, Default)]
pub(crate) struct Voice(Option<(Diagnostics, String)>);

thread_local! {
    static OF_THREAD: RefCell<Voice> = RefCell::default();
}

impl Voice {
    /// Lets this thread speak for the sink of this name.
    pub(crate) fn give_thread(diagnostics: &Diagnostics, sink: &str) {
        let voice = Self(Some((diagnostics.clone(), sink.to_owned())));
        OF_THREAD.with_borrow_mut(|own| *own = voice);
    }

    /// That of this thread; a mute one where there is none.
    pub(crate) fn of_thread() -> Self {
        OF_THREAD.with_borrow(Self::clone)
    }

    /// Says that something went wrong.
    pub(crate) fn say(&self, text: &str) {
        if let Some((diagnostics, sink)) = &self.0 {
            diagnostics.report("sink", &format!("{sink} {text}"));
        }
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Voice")
    }
}
