//! The status of a gRPC call, which stands in the trailers of a response of status 200, or in its head
//! if it has no body.

use http::HeaderMap;

const STATUS: &str = "grpc-status";

/// UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: those that OpenTelemetry
/// counts as errors of a server. All others are the client's, or none.
const FAULTS: [u16; 6] = [2, 4, 12, 13, 14, 15];

/// The status in a head or in trailers, if there is one.
pub(crate) fn status(headers: &HeaderMap) -> Option<u16> {
    headers.get(STATUS)?.to_str().ok()?.parse().ok()
}

pub(crate) fn is_fault(status: u16) -> bool {
    FAULTS.contains(&status)
}
