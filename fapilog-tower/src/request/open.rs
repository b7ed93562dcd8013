//! [`OpenRequest`]: what can be told of a request before it has ended.

use std::{sync::atomic::Ordering, time::Duration};

use http::Method;

use super::State;
use crate::route::Route;

/// A request that has begun and not ended, as [`OpenRequests::list`](crate::OpenRequests::list)
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
    /// For how long it has been open.
    pub age: Duration,
}

impl OpenRequest {
    /// `None` if it has ended meanwhile.
    pub(crate) fn of(state: &State, now: u64) -> Option<Self> {
        let route = state.route.as_ref().or_else(|| state.inner_route.get());
        let open = Self {
            method: state.method.clone(),
            path: state.path().to_owned(),
            route: route.map(Route::as_str).map(str::to_owned),
            id: String::from_utf8_lossy(state.id.as_bytes()).into_owned(),
            age: state.age(now),
        };
        (!state.ended.load(Ordering::Acquire)).then_some(open)
    }
}
