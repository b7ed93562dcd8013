//! Sizes as people write them.

/// Reads `1024`, `64 KB`, `20MB`, `1.5 GB`: units of 1024, in any case.
pub(super) fn parse(text: &str) -> Option<usize> {
    let binary = parse_size::Config::new().with_binary();
    usize::try_from(binary.parse_size(text.trim()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_steps_of_1024() {
        assert_eq!(parse("10 MB"), Some(10 * 1024 * 1024));
        assert_eq!(parse("64kb"), Some(64 * 1024));
        assert_eq!(parse(" 512 "), Some(512));
        assert_eq!(parse("1.5 KB"), Some(1536));
        assert_eq!(parse("ten"), None);
        assert_eq!(parse("-1"), None);
    }
}
