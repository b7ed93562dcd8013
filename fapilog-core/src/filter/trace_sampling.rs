//! Keeping a share of traces, each with all of its events.

use super::{EventPath, Filter, Verdict, sampling};
use crate::{
    envelope,
    event::{Event, FieldValue},
};

/// A filter that keeps a share of traces: of each, all events or none.
///
/// A trace is known by `context.trace_id`, else by `context.request_id`, which is the correlation
/// id too; an event with neither is kept by chance. Events of protected levels are always kept. A
/// kept event tells the share in `data.sample_rate`. The books call it `trace_sampling`.
///
/// Every service with the same share decides alike, without talking to the others; what a lower
/// share keeps, a higher one keeps too. For trace ids of the W3C (32 hexadecimal digits) it is the
/// rule of OpenTelemetry's consistent probability sampling: the last 56 bits are the randomness `R`
/// of the trace, and it is kept if `R >= (1 - share) * 2^56`. Of any other id, `R` is the last 56
/// bits of its FNV-1a hash of 64 bits after the finalizer of MurmurHash3.
#[derive(Clone, Debug)]
pub struct TraceSampling {
    rate: f64,
    random: fastrand::Rng,
    /// Memory of the last id, for the next one.
    buffer: Vec<u8>,
}

const TRACE_ID: EventPath = EventPath::of_context("trace_id");
const REQUEST_ID: EventPath = EventPath::of_context("request_id");

/// The bits of a trace id that are random.
const BITS: u32 = 56;

impl TraceSampling {
    /// Keeps this share, 0 to 1; what is beyond counts as the nearer end.
    pub fn new(rate: f64) -> Self {
        Self {
            rate: sampling::share(rate),
            random: fastrand::Rng::new(),
            buffer: Vec::new(),
        }
    }

    /// Whether a trace of this randomness is kept.
    fn keeps(&self, randomness: u64) -> bool {
        let threshold = ((1.0 - self.rate) * (1_u64 << BITS) as f64).round() as u64;
        randomness >= threshold
    }

    fn randomness(&mut self, event: &Event<'_>) -> Option<u64> {
        let id = TRACE_ID.find(event).or_else(|| REQUEST_ID.find(event))?;
        Some(match &*id {
            FieldValue::Str(id) => of_trace_id(id).unwrap_or_else(|| hash(id.as_bytes())),
            other => {
                self.buffer.clear();
                envelope::value(&mut self.buffer, other);
                hash(&self.buffer)
            }
        })
    }
}

/// The randomness of a trace id as the W3C has them.
fn of_trace_id(id: &str) -> Option<u64> {
    let is_one = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    let digits = is_one.then(|| &id[32 - BITS as usize / 4..])?;
    u64::from_str_radix(digits, 16).ok()
}

/// The same for every service, now and later: it is part of what is promised.
fn hash(id: &[u8]) -> u64 {
    let fnv = id.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ fnv >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ mixed >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (mixed ^ mixed >> 33) & ((1 << BITS) - 1)
}

impl Filter for TraceSampling {
    fn name(&self) -> &str {
        "trace_sampling"
    }

    fn spares_protected(&self) -> bool {
        true
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        match self.randomness(event) {
            Some(randomness) if self.keeps(randomness) => Verdict::KeepAt(self.rate),
            Some(_) => Verdict::Drop,
            None => sampling::by_chance(&mut self.random, self.rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_that_of_opentelemetry() {
        // The threshold of a share of a quarter is `c` with zeros after it.
        let quarter = TraceSampling::new(0.25);
        let randomness = |id| of_trace_id(id).unwrap();
        assert!(quarter.keeps(randomness("0000000000000000ffc0000000000000")));
        assert!(!quarter.keeps(randomness("ffffffffffffffffffbfffffffffffff")));
        assert!(!TraceSampling::new(0.0).keeps(randomness(&"f".repeat(32))));
        assert!(TraceSampling::new(1.0).keeps(0));
        assert_eq!(of_trace_id("01a1fc6b-6a44-7db2-b7bf-cd862d7f"), None);
    }

    #[test]
    fn other_ids_have_the_randomness_that_they_always_had() {
        assert_eq!(hash(b"request-1"), 0x0f_6514_855b_e93e);
        assert_eq!(hash(b""), 0xd0_1f60_ba99_2926);
    }
}
