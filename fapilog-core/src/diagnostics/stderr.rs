//! The thread that writes to stderr, so that nobody else waits for it.

use std::{
    io::Write,
    sync::{
        OnceLock,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

/// Lines that wait; more are left out.
const ROOM: usize = 64;

enum Order {
    Line(Vec<u8>),
    Settle(SyncSender<()>),
}

/// Writes a line if there is room for it.
pub(super) fn write(line: Vec<u8>) {
    if let Some(orders) = writer() {
        // Full or gone: the line is left out, as the module says.
        let _ = orders.try_send(Order::Line(line));
    }
}

/// Writes a line of plain text to stderr, after the diagnostics that were said before. Never
/// waits: if stderr is not being read, the line is left out.
///
/// Made for the last words of a service, such as the summary of its
/// [`DrainReport`](crate::DrainReport).
pub fn say(text: &str) {
    write(format!("fapilog: {text}\n").into_bytes());
    settle(Duration::from_millis(100));
}

/// Waits until what was said is written, but no longer than `patience`.
pub(crate) fn settle(patience: Duration) {
    if let Some(orders) = WRITER.get().and_then(Option::as_ref) {
        let (done, settled) = sync_channel(1);
        if orders.try_send(Order::Settle(done)).is_ok() {
            // Too late or gone: it was worth a try.
            let _ = settled.recv_timeout(patience);
        }
    }
}

static WRITER: OnceLock<Option<SyncSender<Order>>> = OnceLock::new();

/// Starts the thread on first use. `None` if the system has no thread to give.
fn writer() -> Option<&'static SyncSender<Order>> {
    let writer = WRITER.get_or_init(|| {
        let (orders, received) = sync_channel(ROOM);
        let thread = thread::Builder::new().name("fapilog-stderr".to_owned());
        thread.spawn(move || run(&received)).ok().map(|_| orders)
    });
    writer.as_ref()
}

fn run(orders: &Receiver<Order>) {
    for order in orders {
        match order {
            // There is no place left to report a broken stderr to.
            Order::Line(line) => drop(std::io::stderr().write_all(&line)),
            Order::Settle(done) => drop(done.try_send(())),
        }
    }
}
