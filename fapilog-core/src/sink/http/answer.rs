//! [`Answer`]: what came back.

use std::time::{Duration, SystemTime};

use reqwest::Response;
use tokio::time::timeout;

use super::{classify, client::no_answer, retry_after};
use crate::error::{Action, SinkError};

/// Bytes of a reply that are read, at most.
const MOST: usize = 64 * 1024;

/// How long the rest of a reply may take that nobody wants to know: the events are delivered or not by
/// then, and a new connection costs less.
const REST: Duration = Duration::from_millis(50);

/// What came back: a head, and a body that is still to be read.
pub(in crate::sink) struct Answer {
    response: Response,
}

/// The body of a reply, up to a limit.
pub(in crate::sink) struct Content {
    pub(in crate::sink) bytes: Vec<u8>,
    /// Whether there was more.
    pub(in crate::sink) is_cut: bool,
}

impl Answer {
    pub(super) fn new(response: Response) -> Self {
        Self { response }
    }

    pub(in crate::sink) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// What is to be done, by the head of the reply; `gone` is what becomes of a 410.
    pub(in crate::sink) fn verdict(&self, gone: Action) -> Result<(), SinkError> {
        let status = self.status();
        classify::of_status(status, gone).map_err(|action| {
            let text = format!("answered {status}: {}", classify::meaning(status));
            let asked = retry_after::of(self.response.headers(), SystemTime::now());
            SinkError::with(action, text).after(asked)
        })
    }

    /// Reads the body, up to 64 KiB.
    pub(in crate::sink) async fn content(mut self) -> Result<Content, SinkError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.response.chunk().await.map_err(no_answer)? {
            let room = MOST - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                return Ok(Content {
                    bytes,
                    is_cut: true,
                });
            }
        }
        Ok(Content {
            bytes,
            is_cut: false,
        })
    }

    /// Leaves the body unread, so that the connection can be used again if it is short.
    pub(in crate::sink) async fn ignored(self) {
        // What is in it, and whether it comes at all, changes nothing.
        let _ = timeout(REST, self.content()).await;
    }
}
