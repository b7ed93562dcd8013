//! A type that is neither a number nor a text says how it wants to be shown.

struct Order;

fn main() {
    let order = Order;
    fapilog_core::info!(order, "placed");
}
