//! Serves requests that never end. Tells at each line of stdin how many bytes are in use, how many of
//! those requests are open, and how many events have been delivered. The end of stdin ends it.
//!
//! Of `/bare`, nothing is logged: the difference is what the layer keeps.

// An allocator is unsafe by nature.
#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::{IntoFuture, pending},
    io,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use axum::{Router, body::Body, routing::any};
use fapilog_axum::{FapilogLayer, LoggerBuilder};
use fapilog_core::Null;
use fapilog_tests::{PATIENCE, oracle::assert_settled};
use http_body_util::BodyExt;
use tokio::{net::TcpListener, runtime::Builder};

fn main() -> io::Result<()> {
    let (log, pipeline) = LoggerBuilder::new()
        .sink(Null)
        .build()
        .map_err(io::Error::other)?;
    let app = Router::new()
        .route("/", any(|| async {}))
        .route("/logged", any(hold))
        .layer(FapilogLayer::new(log).traceresponse(true))
        .route("/bare", any(hold));
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    println!("{}", listener.local_addr()?);
    runtime.spawn(axum::serve(listener, app).into_future());
    for line in io::stdin().lines() {
        line?;
        assert!(pipeline.flush_blocking(PATIENCE).is_complete());
        let delivered = pipeline.stats().sinks[0].delivered;
        println!("{} {} {delivered}", LIVE.load(Relaxed), OPEN.load(Relaxed));
    }
    drop(runtime);
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    Ok(())
}

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Reads the body as it comes, and never answers.
async fn hold(mut body: Body) {
    struct Open;
    impl Drop for Open {
        fn drop(&mut self) {
            OPEN.fetch_sub(1, Relaxed);
        }
    }
    OPEN.fetch_add(1, Relaxed);
    let _open = Open;
    while let Some(frame) = body.frame().await {
        if frame.is_err() {
            // Its client is gone.
            return;
        }
    }
    pending().await
}

static LIVE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// SAFETY: everything is passed on to the allocator of the system as it came; what is not overridden
// here goes through these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(old, layout) }
    }
}
