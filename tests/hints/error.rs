//! What stands behind `err` is an error, or a field like others.

struct NotAnError;

fn main() {
    fapilog_core::error!(err = NotAnError, "failed");
}
