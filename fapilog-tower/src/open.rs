//! The requests that have begun and not ended.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use fapilog_core::{__private::stamp, Logger};
use slab::Slab;

use crate::{
    outcome::Outcome,
    request::{OpenRequest, State},
};

const SHARDS: usize = 16;

/// The open requests of all layers that log to one pipeline.
#[derive(Debug, Default)]
pub struct OpenRequests {
    shards: [Shard; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    requests: Mutex<Slab<Weak<State>>>,
    /// How many they are: to be read without the lock.
    count: AtomicUsize,
}

/// Where an open request is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    shard: usize,
    key: usize,
}

impl OpenRequests {
    /// The open requests of the layers that log to the pipeline of this logger.
    pub fn of(logger: &Logger) -> Arc<Self> {
        static ALL: Mutex<Option<HashMap<u64, Weak<OpenRequests>>>> = Mutex::new(None);
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let all = all.get_or_insert_default();
        let known = all.get(&logger.pipeline_id()).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            all.retain(|_, open| open.strong_count() > 0);
            let open = Arc::<Self>::default();
            let watched = Arc::clone(&open);
            logger.watch_requests(move || !watched.is_empty());
            all.insert(logger.pipeline_id(), Arc::downgrade(&open));
            open
        })
    }

    /// The number of requests that are open now.
    pub fn len(&self) -> usize {
        let counts = self
            .shards
            .iter()
            .map(|it| it.count.load(Ordering::Relaxed));
        counts.sum()
    }

    /// Whether no request is open.
    pub fn is_empty(&self) -> bool {
        let mut counts = self
            .shards
            .iter()
            .map(|it| it.count.load(Ordering::Relaxed));
        counts.all(|count| count == 0)
    }

    /// Ends each open request as `request_cancelled`, outcome `shutdown`; returns how many.
    ///
    /// Their services go on, unlogged, until the process ends: this is for the moment in a
    /// shutdown when requests are no longer waited for, before the pipeline is drained.
    pub fn end_all(&self) -> usize {
        let mut ended = 0;
        self.for_each(|state| ended += usize::from(state.end(Outcome::Shutdown, None)));
        ended
    }

    /// The requests that are open now, the oldest first.
    ///
    /// Requests begin and end meanwhile: each one in the list was open at a moment of this call.
    pub fn list(&self) -> Vec<OpenRequest> {
        let (now, mut list) = (stamp(), Vec::new());
        self.for_each(|state| list.extend(OpenRequest::of(state, now)));
        list.sort_by_key(|request| Reverse(request.age));
        list
    }

    /// Looks at each, without a lock: to end one is to remove it.
    fn for_each(&self, mut look: impl FnMut(&State)) {
        for shard in &self.shards {
            let open: Vec<_> = shard.lock().iter().map(|(_, it)| it.clone()).collect();
            for state in open.iter().filter_map(Weak::upgrade) {
                look(&state);
            }
        }
    }

    /// Keeps a request until it is removed. Any `number` will do that differs from those of the
    /// requests that come at the same time: it spreads them over the shards.
    pub(crate) fn add(&self, state: Weak<State>, number: u64) -> Place {
        let shard = (number % SHARDS as u64) as usize;
        let mut requests = self.shards[shard].lock();
        let key = requests.insert(state);
        self.shards[shard]
            .count
            .store(requests.len(), Ordering::Relaxed);
        Place { shard, key }
    }

    pub(crate) fn remove(&self, place: Place) {
        let shard = &self.shards[place.shard];
        let mut requests = shard.lock();
        requests.try_remove(place.key);
        shard.count.store(requests.len(), Ordering::Relaxed);
    }
}

impl Shard {
    fn lock(&self) -> MutexGuard<'_, Slab<Weak<State>>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
