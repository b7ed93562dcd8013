//! What the events of a request carry from its head.

use std::{
    net::IpAddr,
    sync::{Mutex, OnceLock},
};

use fapilog_core::{
    __private::{FieldBlock, caught},
    context::Scope,
    json,
};
use http::{HeaderMap, HeaderName, Request};

use crate::{client, layer::Config, options::RequestHead, request::Added, request_id::RequestId};

/// A name of a user or tenant that is longer is none.
const LONGEST: usize = 128;

/// The fields of the request's scope.
pub(crate) fn fields(
    config: &Config,
    id: &RequestId,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
) -> FieldBlock {
    let mut fields = Scope::inherit(&config.logger, [("request_id", id.as_bytes())]);
    let options = &config.options;
    let told = [
        ("user_id", &options.user_header),
        ("tenant_id", &options.tenant_header),
    ];
    for (key, name) in told {
        let Some(name) = name else { continue };
        let is_trusted =
            peer.is_some_and(|it| client::is_in(&options.settings.trusted_proxies, it));
        if let Some(value) = one(headers, name).filter(|_| is_trusted) {
            fields.set(config.logger.limits(), key, &value);
        }
    }
    fields
}

/// The value of a header that stands there once, as text.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next()?, values.next());
    let text = first.to_str().ok()?;
    (second.is_none() && (1..=LONGEST).contains(&text.len())).then_some(text)
}

/// What the terminal event has besides what it always has.
pub(crate) fn added<B>(config: &Config, request: &Request<B>) -> OnceLock<Mutex<Added>> {
    let (options, limits) = (&config.options, config.logger.limits());
    let headers = options.headers.of(request.headers());
    let shown = options.query.as_ref();
    let query = shown.and_then(|it| Some(it.shown(request.uri().query()?)));
    let mut added = FieldBlock::new();
    if let Some(headers) = &headers {
        added.set(limits, "headers", &json(headers));
    }
    if let Some(query) = &query {
        added.set(limits, "query", query);
    }
    if let Some(fields) = &options.fields {
        let head = RequestHead {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        };
        // Logging fails no request: what there was before the panic is kept.
        drop(caught(|| {
            fields(&head, &mut |key, value| added.set(limits, key, value))
        }));
    }
    match headers.is_some() || query.is_some() || options.fields.is_some() {
        true => OnceLock::from(Mutex::new(added.into())),
        false => OnceLock::new(),
    }
}
