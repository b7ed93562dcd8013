//! `cargo xtask policy`: what our dependencies may be.

use crate::{
    Outcome,
    cargo::{cargo, run},
};

/// Options and configuration of cargo-deny change between minor versions.
const SERIES: &[u8] = b"cargo-deny 0.20.";

/// Leaves out the advisories: their verdict on the same commit changes from day to day.
pub(crate) fn check() -> Outcome {
    if !is_installed()? {
        run(&mut cargo("install cargo-deny --version 0.20.2 --locked"))?;
    }
    run(&mut cargo(
        "deny --config .deny.toml --all-features --locked check bans licenses sources",
    ))
}

fn is_installed() -> Outcome<bool> {
    let version = cargo("deny --version").output()?;
    Ok(version.stdout.starts_with(SERIES))
}
