//! Destinations that fail as a script tells: an HTTP server, and a proxy for any address. Both are
//! real sockets on threads of their own, and can be switched while they are in use.

mod port;
mod proxy;
mod reply;
mod request;
mod script;
mod server;
mod watched;
mod way;

pub use self::{
    port::Counts,
    proxy::Proxy,
    reply::Reply,
    request::Request,
    script::{Script, in_turn},
    server::{Exchange, Server, Welcome},
    way::Way,
};
