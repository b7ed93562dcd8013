//! Models of what threads may do to each other here: every interleaving, within loom's bounds.

#![cfg(all(test, fapilog_loom))]

use loom::{sync::atomic::AtomicUsize, thread};

use super::*;
use crate::{
    callsite::Callsite,
    level::Level,
    record::{self, Scratch},
};

/// Bytes that are a record, as far as the queue looks.
fn record() -> Vec<u8> {
    static SITE: Callsite = Callsite::new(Level::Info, "model", "", 0, &[]);
    let mut scratch = Scratch::take();
    let parts = record::Parts::default();
    record::encode(&mut scratch, clock::stamp(), &SITE, &parts, &[]);
    scratch.as_slice().to_vec()
}

fn queue(budget: usize) -> Arc<Queue> {
    Arc::new(Queue::new(1, Budget::new(budget, 0)))
}

fn records(chunks: Vec<Chunk>) -> usize {
    let mut order = Order::new(Budget::new(0, 0));
    order.add(chunks.into_iter(), u64::MAX);
    order.len()
}

#[test]
fn loom_an_append_is_never_slept_over() {
    loom::model(|| {
        let queue = queue(4 * CHUNK);
        let producer = {
            let queue = Arc::clone(&queue);
            let record = record();
            thread::spawn(move || queue.append(&record, Class::Ordinary))
        };
        // A worker that parks too late sleeps for ever, and loom says so.
        let mut chunks = Vec::new();
        queue.sweep(&mut chunks);
        while chunks.is_empty() {
            queue.park();
            queue.sweep(&mut chunks);
        }
        assert_eq!(records(chunks), 1);
        assert!(producer.join().is_ok());
    });
}

#[test]
fn loom_an_append_is_swept_or_refused_by_the_close() {
    loom::model(|| {
        let queue = queue(4 * CHUNK);
        let producer = {
            let queue = Arc::clone(&queue);
            let record = record();
            thread::spawn(move || queue.append(&record, Class::Ordinary))
        };
        let mut chunks = Vec::new();
        queue.close(&mut chunks);
        let swept = records(chunks);
        let accepted = producer.join().is_ok_and(|outcome| outcome.is_ok());
        assert_eq!(swept, usize::from(accepted));
        assert_eq!(queue.accepted(), swept as u64);
    });
}

#[test]
fn loom_what_happened_before_comes_before_whatever_shards_it_went_to() {
    loom::model(|| {
        let queue = Arc::new(Queue::new(2, Budget::new(8 * CHUNK, 0)));
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                for shard in [0, 1] {
                    let record = record();
                    let mut brought = queue.draw(record.len(), Class::Ordinary);
                    let mut shard = lock(&queue.shards[shard].0);
                    shard.append(&record, Class::Ordinary, &mut brought);
                }
            })
        };
        let (mut order, mut handled) = (Order::new(Budget::new(0, 0)), Vec::new());
        let mut producer = Some(producer);
        for _sweep in 0..2 {
            let mut chunks = Vec::new();
            let cut = queue.sweep(&mut chunks);
            order.add(chunks.into_iter(), cut);
            while let Some(entry) = order.peek() {
                let record = crate::record::Record::read(order.record(entry));
                handled.extend(record.map(|record| record.stamp));
                drop(order.handled(entry));
            }
            // The second sweep finds the rest.
            if let Some(producer) = producer.take() {
                assert!(producer.join().is_ok());
            }
        }
        assert_eq!(handled.len(), 2);
        assert!(handled.is_sorted(), "an effect came before its cause");
    });
}

#[test]
fn loom_a_waiter_is_woken_when_memory_comes_back() {
    loom::model(|| {
        let budget = Budget::new(2 * CHUNK, 0);
        let held = budget.draw(CHUNK, Class::Ordinary);
        let waiter = {
            let budget = Arc::clone(&budget);
            let want = Want::new(Class::Ordinary, 1);
            thread::spawn(move || {
                // Loom's waits do not end by time: a wake-up that is lost is a deadlock here.
                budget.shut(1, Class::Ordinary) || budget.wait(want).is_some()
            })
        };
        drop(held);
        assert!(waiter.join().is_ok_and(|admitted| admitted));
        assert!(budget.draw(CHUNK, Class::Ordinary).is_some());
    });
}

#[test]
fn loom_a_flush_covers_every_append_that_returned_before_it() {
    loom::model(|| {
        let queue = queue(4 * CHUNK);
        let ordered = Arc::new(AtomicUsize::new(0));
        let caller = {
            let (queue, ordered) = (Arc::clone(&queue), Arc::clone(&ordered));
            let record = record();
            thread::spawn(move || {
                let appended = queue.append(&record, Class::Ordinary).is_ok();
                // The order goes by another way than the event, and wakes the worker too.
                ordered.store(usize::from(appended), Ordering::Release);
                queue.wake();
            })
        };
        // The worker's loop: orders first, then the cut and the sweep, then sleep.
        let mut order = Order::new(Budget::new(0, 0));
        loop {
            let flush = ordered.load(Ordering::Acquire);
            let mut chunks = Vec::new();
            let cut = queue.sweep(&mut chunks);
            order.add(chunks.into_iter(), cut);
            let mut handled = 0;
            while let Some(entry) = order.peek() {
                drop(order.handled(entry));
                handled += 1;
            }
            if flush > 0 {
                assert_eq!(order.len(), 0, "held back from a flush");
                break;
            }
            assert!(handled <= 1);
            queue.park();
        }
        assert!(caller.join().is_ok());
    });
}
