//! [`Syncer`]: the thread that forces what is written onto the disk from time to time.

use std::{
    fs::File,
    io,
    sync::{
        Arc, Weak,
        atomic::{
            AtomicBool,
            Ordering::{AcqRel, Release},
        },
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{diagnostics::Voice, own::mark_thread};

/// Forces a file onto the disk so long after it was written to.
#[derive(Debug)]
pub(super) struct Syncer {
    files: Option<Sender<Weak<File>>>,
    thread: Option<JoinHandle<()>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A file waits for its turn.
    is_due: AtomicBool,
    failed: AtomicBool,
}

impl Syncer {
    /// Starts the thread.
    pub(super) fn start(interval: Duration, voice: Voice) -> io::Result<Self> {
        let state = Arc::<State>::default();
        let (files, received) = channel();
        let own = Arc::clone(&state);
        let thread = thread::Builder::new().name("fapilog-sync".to_owned());
        let thread = thread.spawn(move || {
            mark_thread();
            own.run(&received, interval, &voice);
        })?;
        Ok(Self {
            files: Some(files),
            thread: Some(thread),
            state,
        })
    }

    /// The file was written to. It is not kept open for this: whoever closes it forces it onto the
    /// disk first.
    pub(super) fn written(&self, file: &Arc<File>) {
        if let Some(files) = &self.files
            && !self.state.is_due.swap(true, AcqRel)
        {
            // Without the thread, which only a panic ends, it is never due again.
            let _ = files.send(Arc::downgrade(file));
        }
    }

    /// Whether it went wrong since this was asked last.
    pub(super) fn has_failed(&self) -> bool {
        self.state.failed.swap(false, AcqRel)
    }

    /// Ends the thread. What was written last is left to the caller.
    pub(super) fn stop(&mut self) {
        self.files = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn run(&self, files: &Receiver<Weak<File>>, interval: Duration, voice: &Voice) {
        while let Ok(file) = files.recv() {
            // Nothing comes before this file had its turn, but for the end.
            if let Err(RecvTimeoutError::Disconnected) = files.recv_timeout(interval) {
                return;
            }
            self.is_due.store(false, Release);
            let Some(file) = file.upgrade() else { continue };
            if let Err(error) = file.sync_data() {
                voice.say(&format!("cannot sync, events may be lost: {error}"));
                self.failed.store(true, Release);
            }
        }
    }
}
