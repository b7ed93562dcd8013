//! How many crates a service builds because of us.

use std::collections::BTreeSet;

use crate::{
    Outcome,
    cargo::{cargo, output},
    workspace::Workspace,
};

const LIMIT: usize = 35;

/// Compares quickstart with bare axum, which is what axum and tokio bring along with the features
/// that quickstart wants of them.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let tree = output(&mut cargo(
        "tree -p quickstart -e normal,build --prefix depth --no-dedupe --format {p} --locked",
    ))?;
    let own: BTreeSet<&str> = workspace.names().collect();
    let mut all = reach(&tree, &["quickstart"]);
    all.retain(|package| !own.contains(name(package)));
    let bare = reach(&tree, &["axum", "tokio"]);
    let more = all.difference(&bare).count();

    println!(
        "quickstart builds {} crates, bare axum {}: {more} more, at most {LIMIT} are allowed",
        all.len(),
        bare.len()
    );
    if more > LIMIT {
        return Err(format!("quickstart builds {more} crates more than bare axum").into());
    }
    Ok(())
}

/// The packages at and below the roots. A line of the tree is a depth and a package, `2bytes v1.12.1`.
fn reach<'t>(tree: &'t str, roots: &[&str]) -> BTreeSet<&'t str> {
    let mut inside = None;
    let mut reached = BTreeSet::new();
    for line in tree.lines() {
        let package = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let depth: usize = line[..line.len() - package.len()].parse().unwrap_or(0);
        // The first line that is not deeper than its root ends a subtree.
        inside = inside.filter(|&root| depth > root);
        if inside.is_none() && roots.contains(&name(package)) {
            inside = Some(depth);
        }
        if inside.is_some() {
            reached.insert(package);
        }
    }
    reached
}

fn name(package: &str) -> &str {
    package.split(' ').next().unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0app v1.0.0 (/app)\n1axum v0.8.9\n2bytes v1.0.0\n2http v1.5.0\n3bytes v1.0.0\n1jiff v0.2.0\n2tokio v1.0.0\n3mio v1.0.0\n2core v0.1.0\n";

    #[test]
    fn a_root_reaches_what_is_deeper_than_it_and_nothing_after() {
        let reached = reach(TREE, &["axum"]);

        assert_eq!(
            Vec::from_iter(reached),
            ["axum v0.8.9", "bytes v1.0.0", "http v1.5.0"]
        );
    }

    #[test]
    fn roots_are_found_at_any_depth() {
        let reached = reach(TREE, &["tokio", "http"]);

        assert_eq!(
            Vec::from_iter(reached),
            ["bytes v1.0.0", "http v1.5.0", "mio v1.0.0", "tokio v1.0.0"]
        );
    }

    #[test]
    fn a_package_that_is_reached_twice_counts_once() {
        assert_eq!(reach(TREE, &["app"]).len(), 8);
    }
}
