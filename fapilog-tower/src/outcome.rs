//! How a request ended.

/// The ways in which a request, or a connection, may end; see the tables of the [crate](crate).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Completed,
    BodyUnread,
    ServiceError,
    Panicked,
    BodyError,
    ClientDisconnected,
    Shutdown,
    /// Of connections alone: nobody runs their handler any more.
    Cancelled,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::BodyUnread => "body_unread",
            Outcome::ServiceError => "service_error",
            Outcome::Panicked => "panicked",
            Outcome::BodyError => "body_error",
            Outcome::ClientDisconnected => "client_disconnected",
            Outcome::Shutdown => "shutdown",
            Outcome::Cancelled => "cancelled",
        }
    }

    /// The message of the terminal event of a request.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Outcome::Completed | Outcome::BodyUnread => "request_completed",
            Outcome::ServiceError | Outcome::Panicked | Outcome::BodyError => "request_failed",
            Outcome::ClientDisconnected | Outcome::Shutdown | Outcome::Cancelled => {
                "request_cancelled"
            }
        }
    }

    pub(crate) fn is_failure(self) -> bool {
        self.message() == "request_failed"
    }
}
