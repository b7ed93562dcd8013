//! [`Paths`]: paths and patterns of them.

/// Paths, in which `*` stands for anything, slashes included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths(Vec<String>);

impl Paths {
    pub(crate) fn new(patterns: &[String]) -> Self {
        Self(patterns.to_vec())
    }

    pub(crate) fn contain(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, path))
    }
}

/// Looks for the pieces between the stars, one after the other, the last one at the end.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(mut path) = path.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        match path.find(piece) {
            Some(at) => path = &path[at + piece.len()..],
            None => return false,
        }
    }
    path.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_all_else_for_itself() {
        for (pattern, path, is_match) in [
            ("/healthz", "/healthz", true),
            ("/healthz", "/healthz/", false),
            ("/healthz", "/Healthz", false),
            ("/static/*", "/static/a/b.css", true),
            ("/static/*", "/static", false),
            ("*.png", "/a.png", true),
            ("*.png", "/a.png.html", false),
            ("/a*c*e", "/abcde", true),
            ("/a*c*e", "/abde", false),
            ("/a*a", "/a", false),
            ("*", "", true),
            ("**", "/x", true),
            ("", "/", false),
        ] {
            assert_eq!(matches(pattern, path), is_match, "{pattern} {path}");
        }
    }
}
