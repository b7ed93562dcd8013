//! `cargo xtask instructions`: what a log call and the worker's part of an event take, counted by
//! callgrind, since times on a shared machine tell a regression from noise too late.

use std::{
    fs,
    io::ErrorKind,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    Outcome,
    cargo::{cargo, output, run},
    figures::Figures,
    workspace::Workspace,
};

/// Another instruction set has other figures, and callgrind knows few systems.
const IS_STORED: bool = cfg!(all(target_arch = "x86_64", target_os = "linux"));
const LEFT_OUT: &str = "instructions: left out, figures are stored for x86-64 Linux alone";
/// The difference between so many and twice as many leaves out how the pipeline starts and ends.
const EVENTS: u64 = 16 * 1024;

/// Compares with the stored figures.
pub(crate) fn check() -> Outcome {
    let (_, verdict) = compare(run)?;
    verdict
}

/// Prints how the figures compare with the stored ones; returns the same in one line, and whether
/// they may pass.
pub(crate) fn compare(build: impl FnOnce(&mut Command) -> Outcome) -> Outcome<(String, Outcome)> {
    let Some(figures) = measure(build)? else {
        println!("{LEFT_OUT}");
        return Ok((LEFT_OUT.to_owned(), Ok(())));
    };
    let stored = Figures::stored()?;
    print!("{}", figures.table(&stored));
    Ok((figures.line(&stored), figures.hold_to(&stored)))
}

/// Stores the figures of now.
pub(crate) fn renew() -> Outcome {
    let Some(figures) = measure(run)? else {
        return Err(LEFT_OUT.into());
    };
    let version = output(&mut cargo("--version"))?;
    let toolchain = version.split(" (").next().unwrap_or(&version);
    figures.store(toolchain.trim())?;
    print!("{}", figures.table(&figures));
    Ok(())
}

/// `None` where no figures are stored.
fn measure(build: impl FnOnce(&mut Command) -> Outcome) -> Outcome<Option<Figures>> {
    if !IS_STORED {
        return Ok(None);
    }
    require_valgrind()?;
    build(&mut cargo(
        "build --release -p fapilog-tests --bin instructions --locked",
    ))?;
    let target = Workspace::load()?.target;
    let (call, worker_event) = event(&target, "minimal")?;
    Ok(Some(Figures {
        call,
        worker_event,
        production_event: event(&target, "production")?.1,
        hardened_event: event(&target, "hardened")?.1,
    }))
}

/// What an event takes with a preset: in the thread that logs, and in the worker.
fn event(target: &Path, preset: &str) -> Outcome<(u64, u64)> {
    let (once, twice) = (
        count(target, EVENTS, preset)?,
        count(target, 2 * EVENTS, preset)?,
    );
    let an_event = |once: u64, twice: u64| twice.saturating_sub(once) / EVENTS;
    Ok((an_event(once.0, twice.0), an_event(once.1, twice.1)))
}

fn require_valgrind() -> Outcome {
    match Command::new("valgrind").arg("--version").output() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("valgrind is not installed: install the Debian package `valgrind`".into())
        }
        Err(error) => Err(error.into()),
    }
}

/// What the two threads take in a whole run with so many events.
fn count(target: &Path, events: u64, preset: &str) -> Outcome<(u64, u64)> {
    let folder = target.join("instructions");
    // Left behind, the file of another run could be taken for one of this.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let worker = output(
        Command::new("valgrind")
            .args(["--quiet", "--tool=callgrind", "--separate-threads=yes"])
            .arg(format!("--callgrind-out-file={}/out", folder.display()))
            .arg(target.join("release/instructions"))
            .args([&events.to_string(), preset])
            .stdin(Stdio::null()),
    )?;
    let worker: u32 = worker.trim().parse()?;
    let thread = |number: u32| -> Outcome<u64> {
        let profile = fs::read_to_string(folder.join(format!("out-{number:02}")))?;
        total(&profile).ok_or_else(|| format!("callgrind has no total of thread {number}").into())
    };
    Ok((thread(1)?, thread(worker)?))
}

/// The instructions of a whole profile, from its line `totals: 25441091`.
fn total(profile: &str) -> Option<u64> {
    let mut totals = profile.lines().filter_map(|it| it.strip_prefix("totals:"));
    totals.next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_profile_is_found_among_its_costs() {
        let profile =
            "thread: 3\nevents: Ir\nsummary: 7\n\nfn=(1) main\n5 40\n+1 2\n\ntotals: 42\n";

        assert_eq!(total(profile), Some(42));
    }

    #[test]
    fn a_profile_that_breaks_off_has_no_total() {
        assert_eq!(total("events: Ir\nfn=(1) totals: 5\n5 40\n"), None);
        assert_eq!(total("totals: many\n"), None);
    }
}
