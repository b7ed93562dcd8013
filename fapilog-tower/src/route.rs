//! What the router and the server know of a request.

use http::{Extensions, Request, Uri};
use std::net::IpAddr;

#[cfg(feature = "axum")]
pub(crate) use axum::extract::MatchedPath as Route;

/// Without axum, nobody knows of routes.
#[cfg(not(feature = "axum"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route {}

#[cfg(not(feature = "axum"))]
impl Route {
    pub(crate) fn as_str(&self) -> &str {
        match *self {}
    }
}

/// The route that axum has matched, if it has.
pub(crate) fn route(extensions: &Extensions) -> Option<Route> {
    #[cfg(feature = "axum")]
    return extensions.get::<Route>().cloned();
    #[cfg(not(feature = "axum"))]
    {
        let _ = extensions;
        None
    }
}

/// The target of the request, as the client has sent it: a router within a router sees only what is
/// left of it.
pub(crate) fn target<B>(request: &Request<B>) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = request.extensions().get::<axum::extract::OriginalUri>() {
        return original;
    }
    request.uri()
}

/// The address of the connection's other end, if axum serves with it.
pub(crate) fn client_ip(extensions: &Extensions) -> Option<IpAddr> {
    #[cfg(feature = "axum")]
    {
        use axum::extract::ConnectInfo;
        let info = extensions.get::<ConnectInfo<std::net::SocketAddr>>()?;
        Some(info.0.ip().to_canonical())
    }
    #[cfg(not(feature = "axum"))]
    {
        let _ = extensions;
        None
    }
}
