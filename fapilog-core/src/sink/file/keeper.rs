//! [`Keeper`]: the thread that compresses and removes old files.

use std::{
    io, mem,
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
        while let Ok(last) = orders.recv() {
            let mut orders = Orders::new(orders, last);
            while mem::take(&mut orders.are_open) {
                if let Err(error) = self.tidy(&mut orders, ended) {
                    let text = format!("cannot tidy up: {error}");
                    self.voice.say(&text);
                    self.handle.trouble(Some(text));
                }
            }
        }
    }

    fn tidy(&self, orders: &mut Orders<'_>, ended: &AtomicBool) -> io::Result<()> {
        let directory = Directory::open(&self.names.directory)?;
        // Another process does the same work, or will with its next file.
        let Some(_lock) = directory.try_lock(&self.names.lock("tidy"))? else {
            return Ok(());
        };
        let compressed = match self.compresses {
            true => self.compress(&directory, orders, ended),
            false => Ok(()),
        };
        self.remove(&directory, orders).and(compressed)
    }

    fn compress(
        &self,
        directory: &Directory,
        orders: &mut Orders<'_>,
        ended: &AtomicBool,
    ) -> io::Result<()> {
        let files = directory.files()?;
        for found in &files {
            if self.names.of_temporary(&found.name).is_some() {
                // A process was killed while it compressed; the original is still there.
                directory.remove(&found.name)?;
            }
        }
        let mut old = own(&self.names, files, orders.active());
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

    fn remove(&self, directory: &Directory, orders: &mut Orders<'_>) -> io::Result<()> {
        let files = directory.files()?;
        let old = own(&self.names, files, orders.active());
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

/// What was ordered, of which the last knows best.
struct Orders<'o> {
    orders: &'o Receiver<String>,
    last: String,
    /// Some have come since the work on the last ones was begun.
    are_open: bool,
}

impl<'o> Orders<'o> {
    fn new(orders: &'o Receiver<String>, last: String) -> Self {
        Self {
            orders,
            last,
            are_open: true,
        }
    }

    /// The file that is written to. To be asked when the directory has been read: of files that have
    /// been begun since an order, that order's would seem to be the newest, and they old.
    fn active(&mut self) -> &str {
        while let Ok(later) = self.orders.try_recv() {
            self.last = later;
            self.are_open = true;
        }
        &self.last
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        clock::SystemClock,
        settings::{FileMode, FileSettings},
    };

    #[test]
    fn an_order_that_was_overtaken_removes_no_newer_file() {
        let scratch = std::env::temp_dir().join(format!("fapilog-keeper-{}", std::process::id()));
        fs::create_dir_all(&scratch).unwrap();
        let name = |second: u32| format!("app-20260115-10300{second}.jsonl");
        let (send, orders) = channel();
        for second in 0..5 {
            fs::write(scratch.join(name(second)), "x").unwrap();
            send.send(name(second)).unwrap();
        }
        let settings = FileSettings {
            max_files: Some(2),
            ..FileSettings::default()
        };
        let work = Work {
            names: Names::dated_only(scratch.clone(), "app", FileMode::Json),
            retention: Retention::new(&settings),
            compresses: false,
            clock: Arc::new(SystemClock),
            handle: FileHandle::default(),
            voice: Voice::of_thread(),
        };
        let last = orders.recv().unwrap();
        let mut orders = Orders::new(&orders, last);
        work.tidy(&mut orders, &AtomicBool::new(false)).unwrap();
        let kept: Vec<_> = (0..5)
            .filter(|it| scratch.join(name(*it)).exists())
            .collect();
        fs::remove_dir_all(scratch).unwrap();
        assert_eq!(kept, [2, 3, 4]);
    }
}
