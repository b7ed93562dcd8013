//! Where a logger writes to: a file, nowhere, or to something slow or stuck.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

#[derive(Clone)]
pub enum Output {
    /// Files in a directory of their own.
    File,
    /// Takes all and keeps nothing.
    Null,
    /// Takes so many bytes a second.
    Slow(f64),
    /// Takes nothing until its gate is open.
    Stuck(Gate),
}

pub type Writer = Box<dyn Write + Send + Sync>;

impl Output {
    /// One writer, and where to see what has arrived.
    pub fn open(self) -> (Writer, Arrived) {
        let lines = Arc::default();
        let arrived = Arrived::Counted(Arc::clone(&lines));
        let writer: Writer = match self {
            Output::File => {
                let directory = TempDir::create();
                let file = directory.create_file("log.json");
                return (Box::new(file), Arrived::Kept(directory));
            }
            Output::Null => Box::new(Counting {
                lines,
                before: |_: usize| {},
            }),
            Output::Slow(rate) => {
                let mut device = Device::new(rate);
                Box::new(Counting {
                    lines,
                    before: move |bytes| device.take(bytes),
                })
            }
            Output::Stuck(gate) => Box::new(Counting {
                lines,
                before: move |_| gate.pass(),
            }),
        };
        (writer, arrived)
    }
}

/// Where to see what has arrived.
pub enum Arrived {
    /// The files, for as long as this lives.
    Kept(TempDir),
    Counted(Arc<AtomicU64>),
}

impl Arrived {
    pub fn events(&self) -> u64 {
        match self {
            Arrived::Kept(directory) => directory.lines(),
            Arrived::Counted(count) => count.load(Ordering::Relaxed),
        }
    }
}

/// A directory among the temporary ones; removed with this value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn create() -> Self {
        let path = env::temp_dir().join(format!("fapilog-benches-{}", process::id()));
        fs::create_dir_all(&path).expect("the directory for temporary files takes another");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn create_file(&self, name: &str) -> File {
        File::create(self.0.join(name)).expect("a directory of our own takes a file")
    }

    /// The lines of all files.
    pub fn lines(&self) -> u64 {
        let entries = fs::read_dir(&self.0).expect("the directory is there until it is dropped");
        let files = entries.map(|entry| File::open(entry.expect("and can be listed").path()));
        let lines = |file| BufReader::new(file).split(b'\n').count() as u64;
        files
            .map(|file| lines(file.expect("its files are there too")))
            .sum()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Counts the lines that are written, each after something that may take time.
struct Counting<F> {
    lines: Arc<AtomicU64>,
    before: F,
}

impl<F: FnMut(usize)> Write for Counting<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.before)(bytes.len());
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.lines.fetch_add(lines as u64, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A device that is busy with each byte for a while.
struct Device {
    rate: f64,
    idle_from: Instant,
}

impl Device {
    /// Shorter sleeps take longer than they should.
    const SLEEP: Duration = Duration::from_millis(1);

    fn new(rate: f64) -> Self {
        Self {
            rate,
            idle_from: Instant::now(),
        }
    }

    fn take(&mut self, bytes: usize) {
        let now = Instant::now();
        self.idle_from =
            self.idle_from.max(now) + Duration::from_secs_f64(bytes as f64 / self.rate);
        let wait = self.idle_from - now;
        if wait >= Self::SLEEP {
            thread::sleep(wait);
        }
    }
}

/// Holds up whoever wants to pass, until it is opened for good.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// The same, open from the beginning.
    pub fn opened(self) -> Self {
        self.open();
        self
    }

    pub fn open(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    pub fn pass(&self) {
        let (lock, opened) = &*self.0;
        let mut is_open = lock.lock().unwrap_or_else(PoisonError::into_inner);
        while !*is_open {
            is_open = opened.wait(is_open).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
