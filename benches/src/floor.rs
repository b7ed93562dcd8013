//! The least that an asynchronous logger can do in a call: copy the values, under a lock.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::event::{REQUEST_ID, Sample};

const CHUNK: usize = 64 * 1024;

/// Keeps records in one chunk, and begins anew when it is full: nobody reads them.
pub struct Floor {
    begun: Instant,
    scratch: Vec<u8>,
    chunk: Mutex<Vec<u8>>,
}

impl Floor {
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            scratch: Vec::with_capacity(1024),
            chunk: Mutex::new(Vec::with_capacity(CHUNK)),
        }
    }

    #[inline(never)]
    pub fn log(&mut self, sample: &Sample) {
        let out = &mut self.scratch;
        out.clear();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&(self.begun.elapsed().as_nanos() as u64).to_le_bytes());
        out.extend_from_slice(&8_u32.to_le_bytes());
        text(out, REQUEST_ID);
        text(out, sample.method);
        text(out, sample.path);
        tagged(out, 2, &sample.status.to_le_bytes());
        tagged(out, 3, &sample.latency_ms.to_le_bytes());
        tagged(out, 4, &sample.user_id.to_le_bytes());
        tagged(out, 4, &sample.bytes.to_le_bytes());
        text(out, sample.region);
        text(out, "request completed");
        let length = out.len() as u32;
        out[..4].copy_from_slice(&length.to_le_bytes());
        let mut chunk = self.chunk.lock().unwrap_or_else(PoisonError::into_inner);
        if chunk.capacity() - chunk.len() < out.len() {
            chunk.clear();
        }
        chunk.extend_from_slice(out);
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    tagged(out, 1, &(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend_from_slice(bytes);
}
