//! A pipeline that nobody keeps ends at once.

#![deny(unused_must_use)]

fn main() -> Result<(), fapilog_core::BuildError> {
    fapilog_core::LoggerBuilder::new().build()?.1;
    Ok(())
}
