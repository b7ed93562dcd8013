//! An allocator that counts: what each thread asks for, and if it is told to, what is in use.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

/// Allocations of this thread so far, those that grow one included.
pub fn allocations() -> u64 {
    COUNT.get()
}

/// Counts from now on what is in use. Before, it would make threads wait for each other.
pub fn count_live() {
    COUNTS_LIVE.store(true, Relaxed);
}

/// Bytes in use, more than when they began to be counted.
pub fn live() -> usize {
    // What was there before, and is given back, may lower it below nothing.
    (LIVE.load(Relaxed) as isize).max(0) as usize
}

/// The most bytes in use since they are counted.
pub fn most_live() -> usize {
    MOST_LIVE.load(Relaxed)
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

static COUNTS_LIVE: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static MOST_LIVE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

impl Counting {
    fn taken(bytes: usize) {
        COUNT.set(COUNT.get() + 1);
        if COUNTS_LIVE.load(Relaxed) {
            let live = LIVE.fetch_add(bytes, Relaxed).wrapping_add(bytes);
            if (live as isize) > 0 {
                MOST_LIVE.fetch_max(live, Relaxed);
            }
        }
    }

    fn given_back(bytes: usize) {
        if COUNTS_LIVE.load(Relaxed) {
            LIVE.fetch_sub(bytes, Relaxed);
        }
    }
}

// SAFETY: everything is passed on to the allocator of the system as it came. Counting neither
// allocates nor panics: the cell is made at compile time and has no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::taken(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::given_back(layout.size());
        Self::taken(size);
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        Self::given_back(layout.size());
        unsafe { System.dealloc(old, layout) }
    }
}
