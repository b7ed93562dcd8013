//! Compressing a body, without the feature that does it.

use std::io::{self, ErrorKind};

/// Whether this can be done.
pub(super) const IS_BUILT: bool = false;

/// It cannot.
pub(super) fn compressed(_: &[u8]) -> io::Result<Vec<u8>> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use crate::{Http, LoggerBuilder};

    #[test]
    fn without_the_feature_no_body_is_to_be_compressed() {
        let http = Http::new("https://logs.example.com").compress(true);
        let error = http.check().unwrap_err().to_string();
        assert!(error.contains("the feature \"gzip\""), "{error}");

        let variables = [
            ("FAPILOG_HTTP__ENDPOINT", "https://logs.example.com"),
            ("FAPILOG_HTTP__COMPRESS", "true"),
        ];
        let built = LoggerBuilder::new().env_vars(variables).build();
        let problems = built.err().unwrap().to_string();
        assert!(problems.contains("the feature \"gzip\""), "{problems}");
    }
}
