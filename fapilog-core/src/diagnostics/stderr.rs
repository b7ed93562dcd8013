//! The thread that writes to stderr, so that nobody else waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread,
    time::Duration,
};

use arc_swap::ArcSwapOption;

use super::{Diagnostic, line};
use crate::{pipeline::forks, sink::Console};

/// Lines that wait; more are left out.
const ROOM: usize = 64;

enum Order {
    /// A line, and how many diagnostics go with it if it is left out.
    Line(Vec<u8>, u64),
    Settle(SyncSender<()>),
}

/// What gives orders to the thread.
struct Writer {
    /// A forked child has none of the threads of its parent, and starts one of its own.
    forks: u32,
    orders: SyncSender<Order>,
    left_out: Arc<AtomicU64>,
}

static WRITER: ArcSwapOption<Writer> = ArcSwapOption::const_empty();

/// Writes a line if there is room for it.
pub(super) fn write(diagnostic: Diagnostic) {
    send(line(&diagnostic), 1 + diagnostic.suppressed);
}

/// Writes a line of plain text to stderr, after the diagnostics that were said before. Never
/// waits: if stderr is not being read, the line is left out.
///
/// Made for the last words of a service, such as the summary of its
/// [`DrainReport`](crate::DrainReport).
pub fn say(text: &str) {
    send(format!("fapilog: {text}\n").into_bytes(), 1);
    settle(Duration::from_millis(100));
}

fn send(line: Vec<u8>, counts: u64) {
    if let Some(writer) = writer()
        && writer.orders.try_send(Order::Line(line, counts)).is_err()
    {
        writer.left_out.fetch_add(counts, Relaxed);
    }
}

/// Waits until what was said is written, but no longer than `patience`.
pub(super) fn settle(patience: Duration) {
    if let Some(writer) = running() {
        let (done, settled) = sync_channel(1);
        if writer.orders.try_send(Order::Settle(done)).is_ok() {
            // Too late or gone: it was worth a try.
            let _ = settled.recv_timeout(patience);
        }
    }
}

/// The thread of this process, if it has one.
fn running() -> Option<Arc<Writer>> {
    let writer = WRITER.load_full()?;
    if writer.forks == forks() {
        return Some(writer);
    }
    // To drop the last of its senders would be to lock what the parent may have had locked.
    std::mem::forget(writer);
    None
}

/// Starts the thread on first use. `None` if the system has no thread to give.
fn writer() -> Option<Arc<Writer>> {
    running().or_else(|| {
        let (orders, received) = sync_channel(ROOM);
        let left_out = Arc::default();
        let writing = Arc::clone(&left_out);
        let thread = thread::Builder::new().name("fapilog-stderr".to_owned());
        thread.spawn(move || run(&received, &writing)).ok()?;
        let writer = Arc::new(Writer {
            forks: forks(),
            orders,
            left_out,
        });
        // Of two that are started at once, the first ends when it has written what it got.
        WRITER.store(Some(Arc::clone(&writer)));
        Some(writer)
    })
}

fn run(orders: &Receiver<Order>, left_out: &AtomicU64) {
    let mut stderr = Console::stderr();
    loop {
        let order = match orders.try_recv() {
            Err(TryRecvError::Empty) => {
                tell(&mut stderr, left_out);
                orders.recv().ok()
            }
            order => order.ok(),
        };
        match order {
            Some(Order::Line(line, counts)) => put(&mut stderr, &line, counts, left_out),
            Some(Order::Settle(done)) => {
                tell(&mut stderr, left_out);
                // Whoever asked may have gone.
                let _ = done.try_send(());
            }
            None => return,
        }
    }
}

/// Tells how many lines were left out since it was told last.
fn tell(stderr: &mut Console, left_out: &AtomicU64) {
    let count = left_out.swap(0, Relaxed);
    if count > 0 {
        let message = format!("left out: {count}, because stderr was full or broken");
        let line = line(&Diagnostic::of_ours(message, count));
        put(stderr, &line, count, left_out);
    }
}

/// Writes a line to what is stderr now, or counts it as left out.
fn put(stderr: &mut Console, line: &[u8], counts: u64, left_out: &AtomicU64) {
    if stderr.open().is_err() || stderr.write(line).is_err() {
        left_out.fetch_add(counts, Relaxed);
    }
}
