//! Compressing an old file, without the feature that does it.

use std::{
    fs::File,
    io::{self, ErrorKind},
    sync::atomic::AtomicBool,
};

use super::directory::{Directory, Found};

/// Whether this can be done.
pub(super) const IS_BUILT: bool = false;

/// It cannot.
pub(super) fn file(_: &Directory, _: &Found, _: &File, _: &AtomicBool) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use crate::{
        LoggerBuilder, rotating_file,
        settings::{FileMode, FileSettings},
        sink::{BlockingSink, RotatingFile},
    };

    #[test]
    fn without_the_feature_nothing_starts_that_is_to_be_compressed() {
        let file = rotating_file("app.log", "10 MB", None, true, FileMode::Json);
        let error = file.unwrap_err().to_string();
        assert!(error.contains("the feature \"gzip\""), "{error}");

        let directory = std::env::temp_dir().join("fapilog-never-made");
        let settings = FileSettings {
            directory: Some(directory.clone()),
            compress_rotated: true,
            ..FileSettings::default()
        };
        let started = RotatingFile::of_settings(&settings).start();
        assert!(started.is_err() && !directory.exists());

        let variables = [
            ("FAPILOG_FILE__DIRECTORY", directory.to_str().unwrap()),
            ("FAPILOG_FILE__COMPRESS_ROTATED", "true"),
        ];
        let built = LoggerBuilder::new().env_vars(variables).build();
        let problems = built.err().unwrap().to_string();
        assert!(
            problems.contains("enable the feature \"gzip\""),
            "{problems}"
        );
    }
}
