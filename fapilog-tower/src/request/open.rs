//! [`OpenRequest`]: what can be told of a request before it has ended.

use std::{sync::atomic::Ordering, time::Duration};

use http::Method;

use super::State;
use crate::{open::Open, outcome::Outcome};

/// A request that has begun and not ended, or the connection that it became, as [`OpenRequests::list`](crate::OpenRequests::list)
/// found it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenRequest {
    /// Its method.
    pub method: Method,
    /// Its path, without the query.
    pub path: String,
    /// The route that has matched, such as `/users/{id}`; `None` if none has yet.
    pub route: Option<String>,
    /// Its id, as it stands in every event of it.
    pub id: String,
    /// For how long it has been open; a connection, since it was upgraded.
    pub age: Duration,
}

impl OpenRequest {
    /// One that is open since this stamp.
    pub(crate) fn of(state: &State, since: u64, now: u64) -> Self {
        Self {
            method: state.method.clone(),
            path: state.path().to_owned(),
            route: state.route().map(str::to_owned),
            id: String::from_utf8_lossy(state.id.as_bytes()).into_owned(),
            // Another thread's stamps may be a little behind.
            age: Duration::from_nanos(now.saturating_sub(since)),
        }
    }
}

impl Open for State {
    fn shut_down(&self) -> bool {
        self.end(Outcome::Shutdown, None)
    }

    fn told(&self, now: u64) -> Option<OpenRequest> {
        let told = OpenRequest::of(self, self.begun, now);
        (!self.ended.load(Ordering::Acquire)).then_some(told)
    }
}
