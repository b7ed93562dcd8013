//! [`Client`]: posts to one endpoint.

use http::{HeaderMap, Method};
use reqwest::Request;
use tokio::time::Instant;

use super::{answer::Answer, classify, endpoint::Endpoint, trouble::told};
use crate::error::SinkError;

/// Posts to one endpoint.
pub(in crate::sink) struct Client {
    client: reqwest::Client,
    endpoint: Endpoint,
    headers: HeaderMap,
}

impl Client {
    /// A client whose requests have these headers.
    pub(in crate::sink) fn new(
        client: reqwest::Client,
        endpoint: Endpoint,
        headers: HeaderMap,
    ) -> Self {
        Self {
            client,
            endpoint,
            headers,
        }
    }

    /// A request with this body, to which headers may be added.
    pub(in crate::sink) fn request(&self, body: Vec<u8>) -> Request {
        let mut request = Request::new(Method::POST, self.endpoint.url().clone());
        *request.headers_mut() = self.headers.clone();
        *request.body_mut() = Some(body.into());
        request
    }

    /// Sends a request once, and waits for the head of the reply, until the deadline; the body has to
    /// come until then too.
    pub(in crate::sink) async fn send(
        &self,
        mut request: Request,
        deadline: Instant,
    ) -> Result<Answer, SinkError> {
        let left = deadline.saturating_duration_since(Instant::now());
        *request.timeout_mut() = Some(left);
        match self.client.execute(request).await {
            Ok(response) => Ok(Answer::new(response)),
            Err(error) => Err(no_answer(error)),
        }
    }
}

/// What is to be done where there is no reply, or half of one.
pub(super) fn no_answer(error: reqwest::Error) -> SinkError {
    SinkError::with(classify::of_error(&error), told(error))
}
