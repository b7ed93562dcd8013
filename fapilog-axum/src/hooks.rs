//! [`Hooks`]: what a service wants done while it ends.

use std::{future::Future, io, panic::Location, pin::Pin, thread};

use fapilog_core::{context::carry, diagnostics::say};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{Instant, timeout_at},
};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The hooks of one moment, which run one after the other.
pub(crate) struct Hooks<A> {
    moment: &'static str,
    hooks: Vec<Hook<A>>,
}

struct Hook<A> {
    /// Where it was added.
    place: &'static Location<'static>,
    begin: Box<dyn FnOnce(&A) -> Work + Send>,
}

impl<A: Clone + Send + 'static> Hooks<A> {
    pub(crate) fn new(moment: &'static str) -> Self {
        Self {
            moment,
            hooks: Vec::new(),
        }
    }

    #[track_caller]
    pub(crate) fn add<F>(&mut self, hook: impl FnOnce(&A) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.hooks.push(Hook {
            place: Location::caller(),
            begin: Box::new(|about| Box::pin(hook(about))),
        });
    }

    /// Runs those for which there is time, and says which one did not end well.
    pub(crate) async fn run(self, about: &A, deadline: Instant) {
        let mut left = self.hooks.len();
        for hook in self.hooks {
            left -= 1;
            let which = format!("{} hook of {}", self.moment, hook.place);
            match hook.begin(about.clone()) {
                Ok(ended) => match timeout_at(deadline, ended).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => say(&format!("the {which} panicked")),
                    Err(_) => {
                        say(&format!(
                            "the {which} took too long; hooks after it: {left}, left out"
                        ));
                        return;
                    }
                },
                Err(error) => say(&format!("the {which} could not run: {error}")),
            }
        }
    }
}

impl<A: Send + 'static> Hook<A> {
    /// Runs on a thread of its own: a hook that panics, or blocks the thread that it runs on, must
    /// hold up nobody, be it on a runtime of one thread.
    fn begin(self, about: A) -> io::Result<oneshot::Receiver<()>> {
        let (done, ended) = oneshot::channel();
        let runtime = Handle::current();
        let run = carry(move || {
            runtime.block_on(async { (self.begin)(&about).await });
            // Nobody waits any longer if it took too long.
            let _ = done.send(());
        });
        let thread = thread::Builder::new().name("fapilog-hook".to_owned());
        thread.spawn(run)?;
        Ok(ended)
    }
}
