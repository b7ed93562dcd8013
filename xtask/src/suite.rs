//! `cargo xtask test`: every check, in the order in which a mistake is cheapest to learn.

use std::{process::ExitCode, time::Duration};

use crate::{
    Outcome, budget,
    cargo::{cargo, thin},
    house_rules, instructions,
    progress::Progress,
    reference,
    workspace::{LIBRARIES, Workspace},
};

const LIMIT: Duration = Duration::from_secs(45 * 60);

type Work = fn(&mut Progress) -> Outcome;

const PHASES: [(&str, Work); 10] = [
    ("format", format),
    ("clippy", clippy),
    ("tests", tests),
    ("doc tests", doc_tests),
    ("docs", docs),
    ("reference", |_| reference::check()),
    ("instructions", instructions),
    ("loom", loom),
    ("features", features),
    ("house rules", house_rules),
];

/// Stops at the first phase that fails; the summary comes last in any case.
pub(crate) fn test() -> Outcome<ExitCode> {
    let mut progress = Progress::start(LIMIT);
    let outcome = PHASES
        .into_iter()
        .try_for_each(|(name, work)| progress.phase(name, work));
    if let Err(error) = &outcome {
        eprintln!("\nerror: {error}");
    }
    progress.summarise();
    Ok(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn format(progress: &mut Progress) -> Outcome {
    progress.run(&mut cargo("fmt --all --check"))
}

fn clippy(progress: &mut Progress) -> Outcome {
    progress.run(&mut cargo(
        "clippy --workspace --all-targets --all-features --locked -- -D warnings",
    ))
}

fn tests(progress: &mut Progress) -> Outcome {
    progress.run_tests(&mut cargo(
        "test --workspace --all-features --lib --bins --tests --locked",
    ))
}

fn doc_tests(progress: &mut Progress) -> Outcome {
    progress.run(&mut cargo("test --workspace --all-features --doc --locked"))
}

fn docs(progress: &mut Progress) -> Outcome {
    let mut doc = cargo("doc --workspace --all-features --no-deps --locked");
    progress.run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Says in the summary what it counted, also when that is too much.
fn instructions(progress: &mut Progress) -> Outcome {
    let (line, verdict) = instructions::compare(|build| progress.run(build))?;
    progress.note(line);
    verdict
}

/// Tries every order of the threads, with up to three preemptions. The target directory is apart,
/// because other flags would throw away the builds of the other phases.
fn loom(progress: &mut Progress) -> Outcome {
    let mut models = cargo("test -p fapilog-core --lib --release --locked -- loom_");
    models
        .env("RUSTFLAGS", "--cfg fapilog_loom")
        .env("CARGO_TARGET_DIR", "target/loom")
        .env("LOOM_MAX_PREEMPTIONS", "3");
    progress.run_tests(thin(&mut models))
}

/// Each library alone, then with each of its features alone: a feature that leans on another one,
/// or code that only some feature uses, shows nowhere else.
fn features(progress: &mut Progress) -> Outcome {
    let workspace = Workspace::load()?;
    for library in LIBRARIES {
        let mut choices = vec![String::new()];
        for feature in workspace.features(library)? {
            choices.push(format!("--features {feature}"));
        }
        for choice in choices {
            // Flags after `--` reach our crates only, so the dependencies are built once.
            progress.run(&mut cargo(&format!(
                "clippy -p {library} --no-default-features {choice} --locked -- -D warnings"
            )))?;
        }
    }
    // What is refused where it is not compiled in, only such a build can show: with nothing, and with
    // the sink alone whose bodies could be compressed.
    for choice in ["", "--features http"] {
        progress.run_tests(&mut cargo(&format!(
            "test -p fapilog-core --no-default-features {choice} --lib --locked -- without_the_feature_",
        )))?;
    }
    Ok(())
}

fn house_rules(_: &mut Progress) -> Outcome {
    house_rules::check()?;
    budget::check(&Workspace::load()?)
}
