//! How often a log call goes to the allocator, on the thread of the call.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

use fapilog_core::LoggerBuilder;

use crate::{
    clock::WARM_UP,
    event::{self, Sample},
    floor::Floor,
    group::Group,
    peers::{Fapilog, Tracing},
};

pub const GROUP: Group = Group {
    name: "alloc",
    title: "allocations a call, on the caller's thread, 10,000 calls after 1,000",
    metrics: &["allocations"],
    contenders: &["fapilog", "tracing", "tracing-no-span", "floor"],
    baseline: "tracing",
    rounds: 1,
    measure,
};

const CALLS: u64 = 10_000;

fn measure(contender: &str) -> Vec<f64> {
    let count = match contender {
        "fapilog" => {
            let fapilog = Fapilog::start(LoggerBuilder::new());
            let scope = event::fapilog_scope(&fapilog.log);
            let _entered = scope.enter();
            count(event::fapilog)
        }
        "tracing" => {
            let _tracing = Tracing::start(true);
            let _entered = event::tracing_span().entered();
            count(event::tracing)
        }
        "tracing-no-span" => {
            let _tracing = Tracing::start(true);
            count(event::tracing_flat)
        }
        _ => {
            let mut floor = Floor::new();
            count(|sample| floor.log(sample))
        }
    };
    vec![count as f64 / CALLS as f64]
}

fn count(mut call: impl FnMut(&Sample)) -> u64 {
    let mut before = 0;
    for number in 0..WARM_UP + CALLS {
        if number == WARM_UP {
            before = allocations();
        }
        call(black_box(&Sample::new(number)));
    }
    allocations() - before
}

/// Allocations of this thread so far, those that grow one included.
pub fn allocations() -> u64 {
    COUNT.get()
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

impl Counting {
    fn count() {
        COUNT.set(COUNT.get() + 1);
    }
}

// SAFETY: everything is passed on to the allocator of the system as it came. Counting neither
// allocates nor panics: the cell is made at compile time and has no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        unsafe { System.dealloc(old, layout) }
    }
}
