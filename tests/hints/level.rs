//! A level that is only known at run time is for `Logger::event`.

fn main() {
    let level: fapilog_core::Level = "info".parse().unwrap();
    fapilog_core::event!(level, "placed");
}
