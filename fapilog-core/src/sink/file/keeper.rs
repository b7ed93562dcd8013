//! [`Keeper`]: the thread that compresses and removes old files.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use super::{
    active::is_free,
    compress,
    directory::Directory,
    name::Names,
    reopen::FileHandle,
    retention::{Retention, own},
};
use crate::{clock::Clock, diagnostics::Voice, own::mark_thread, settings::FileSettings};

/// Keeps old files in order on a thread of its own, of low priority: no event waits for it. It is
/// called whenever a file is begun.
#[derive(Debug)]
pub(super) struct Keeper {
    orders: Option<Sender<String>>,
    thread: Option<JoinHandle<()>>,
    /// The sink has ended: what takes long is left for the next time.
    ended: Arc<AtomicBool>,
}

/// What the thread works with.
pub(super) struct Work {
    pub(super) names: Names,
    pub(super) retention: Retention,
    pub(super) compresses: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) handle: FileHandle,
    pub(super) voice: Voice,
}

impl Work {
    /// Whether there is anything to do, ever.
    pub(super) fn is_needed(settings: &FileSettings) -> bool {
        settings.compress_rotated || !Retention::new(settings).keeps_all()
    }
}

impl Keeper {
    /// Starts the thread.
    pub(super) fn start(work: Work) -> io::Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let (orders, received) = channel();
        let told = Arc::clone(&ended);
        let thread = thread::Builder::new().name("fapilog-files".to_owned());
        let thread = thread.spawn(move || {
            mark_thread();
            lower_priority();
            work.run(&received, &told);
        })?;
        Ok(Self {
            orders: Some(orders),
            thread: Some(thread),
            ended,
        })
    }

    /// Puts in order what is there beside this file.
    pub(super) fn tidy(&self, active: &str) {
        if let Some(orders) = &self.orders {
            // A thread that has panicked takes no orders.
            let _ = orders.send(active.to_owned());
        }
    }

    /// Waits until what was ordered is done; files that are not compressed by now stay as they are.
    pub(super) fn stop(&mut self) {
        self.ended.store(true, Relaxed);
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Work {
    fn run(&self, orders: &Receiver<String>, ended: &AtomicBool) {
        while let Ok(mut active) = orders.recv() {
            // Of several orders the last one knows best.
            while let Ok(later) = orders.try_recv() {
                active = later;
            }
            if let Err(error) = self.tidy(&active, ended) {
                let text = format!("cannot tidy up: {error}");
                self.voice.say(&text);
                self.handle.trouble(Some(text));
            }
        }
    }

    fn tidy(&self, active: &str, ended: &AtomicBool) -> io::Result<()> {
        let directory = Directory::open(&self.names.directory)?;
        // Another process does the same work, or will with its next file.
        let Some(_lock) = directory.try_lock(&self.names.lock("tidy"))? else {
            return Ok(());
        };
        let compressed = match self.compresses {
            true => self.compress(&directory, active, ended),
            false => Ok(()),
        };
        self.remove(&directory, active).and(compressed)
    }

    fn compress(&self, directory: &Directory, active: &str, ended: &AtomicBool) -> io::Result<()> {
        let files = directory.files()?;
        for found in &files {
            if self.names.of_temporary(&found.name).is_some() {
                // A process was killed while it compressed; the original is still there.
                directory.remove(&found.name)?;
            }
        }
        let mut old = own(&self.names, files, active);
        old.retain(|old| !old.dated.is_compressed);
        old.sort_by(|a, b| a.dated.cmp(&b.dated));
        let mut outcome = Ok(());
        for old in old {
            if ended.load(Relaxed) {
                break;
            }
            let opened = directory.append_to(&old.found.name);
            let done = opened.and_then(|file| match is_free(&file) {
                true => compress::file(directory, &old.found, &file, ended),
                false => Ok(()),
            });
            // One that cannot be compressed keeps no other from it.
            outcome = outcome.and(done);
        }
        outcome
    }

    fn remove(&self, directory: &Directory, active: &str) -> io::Result<()> {
        let old = own(&self.names, directory.files()?, active);
        let outdated = self.retention.outdated(&old, self.clock.now());
        let mut outcome = Ok(());
        for name in outdated.iter().map(|old| &old.found.name) {
            // It may have become a link meanwhile, or be another process's active file.
            let opened = directory.append_to(name);
            outcome = outcome.and(opened.and_then(|file| match is_free(&file) {
                true => directory.remove(name),
                false => Ok(()),
            }));
        }
        outcome
    }
}

/// Leaves the processor to whoever else wants it.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        const LOWEST: i32 = 19;
        // On Linux it is the priority of the thread alone. A refusal changes nothing but the pace.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LOWEST);
    }
}
