//! The requests that have begun and not ended.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use fapilog_core::{__private::stamp, Logger};
use slab::Slab;

use crate::request::OpenRequest;

const SHARDS: usize = 16;

/// What is open until it ends: a request, or the connection that it became.
pub(crate) trait Open: fmt::Debug + Send + Sync {
    /// Ends it because the server shuts down. Returns whether it was open.
    fn shut_down(&self) -> bool;

    /// What can be told of it, if it is open.
    fn told(&self, now: u64) -> Option<OpenRequest>;
}

/// The open requests of all layers that log to one pipeline, and the connections that requests have
/// become, as WebSockets do: see [`RequestHandle::upgraded`](crate::RequestHandle::upgraded).
#[derive(Debug, Default)]
pub struct OpenRequests {
    shards: [Shard; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    requests: Mutex<Slab<Weak<dyn Open>>>,
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

    /// The number of requests that are open now, and of connections that are or are about to be.
    pub fn len(&self) -> usize {
        let counts = self
            .shards
            .iter()
            .map(|it| it.count.load(Ordering::Relaxed));
        counts.sum()
    }

    /// Whether no request is open, and no connection.
    pub fn is_empty(&self) -> bool {
        let mut counts = self
            .shards
            .iter()
            .map(|it| it.count.load(Ordering::Relaxed));
        counts.all(|count| count == 0)
    }

    /// Ends each open request as `request_cancelled`, each connection as `connection_closed`, outcome
    /// `shutdown`; returns how many.
    ///
    /// The services of requests go on, unlogged, until the process ends; the handlers of connections
    /// are dropped. This is for the moment in a shutdown when they are no longer waited for, before
    /// the pipeline is drained.
    pub fn end_all(&self) -> usize {
        let mut ended = 0;
        self.for_each(|open| ended += usize::from(open.shut_down()));
        ended
    }

    /// The requests and connections that are open now, the oldest first.
    ///
    /// They begin and end meanwhile: each in the list was open at a moment of this call.
    pub fn list(&self) -> Vec<OpenRequest> {
        let (now, mut list) = (stamp(), Vec::new());
        self.for_each(|open| list.extend(open.told(now)));
        list.sort_by_key(|request| Reverse(request.age));
        list
    }

    /// Looks at each, without a lock: to end one is to remove it.
    fn for_each(&self, mut look: impl FnMut(&dyn Open)) {
        for shard in &self.shards {
            let open: Vec<_> = shard.lock().iter().map(|(_, it)| it.clone()).collect();
            for open in open.iter().filter_map(Weak::upgrade) {
                look(&*open);
            }
        }
    }

    /// Keeps what is open until it is removed. Any `number` will do that differs from those that come
    /// at the same time: it spreads them over the shards.
    pub(crate) fn add(&self, open: Weak<dyn Open>, number: u64) -> Place {
        let shard = (number % SHARDS as u64) as usize;
        let mut requests = self.shards[shard].lock();
        let key = requests.insert(open);
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
    fn lock(&self) -> MutexGuard<'_, Slab<Weak<dyn Open>>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
