//! The checks of this repository, run as `cargo xtask <command>`.
//!
//! They need the stable toolchain with rustfmt and clippy, and valgrind; what goes beyond that is
//! written here.

mod budget;
mod cargo;
mod figures;
mod fuzz;
mod house_rules;
mod instructions;
mod place;
mod policy;
mod progress;
mod reference;
mod source;
mod suite;
mod tally;
mod workspace;

use std::{env, error::Error, path::Path, process::ExitCode};

use cargo::{cargo, run, thin};

/// The commands have one reader, a person at a terminal; so an error is its text.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: cargo xtask <command>

  test            every check and every test, ending with their figures
  docs            writes the reference of settings from the code
  policy          licences, sources and bans of the dependencies, by cargo-deny
  soak            the tests in release mode, with a hundred times their counts, then fuzz
  fuzz [targets]  what no input may break, each target a minute; all of them if none is named
  bench [args]    the benchmarks; the arguments are passed on
  instructions    what a call and the worker take, beside the stored figures; --renew stores these";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    dispatch(&args).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn dispatch(args: &[&str]) -> Outcome<ExitCode> {
    enter_root()?;
    match args {
        ["test"] => return suite::test(),
        ["docs"] => reference::write()?,
        ["policy"] => policy::check()?,
        ["soak"] => soak()?,
        ["fuzz", targets @ ..] => fuzz::run_each(targets)?,
        ["bench", rest @ ..] => bench(rest)?,
        ["instructions"] => instructions::check()?,
        ["instructions", "--renew"] => instructions::renew()?,
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The alias works in any folder; everything after this line speaks of the repository's root.
fn enter_root() -> Outcome {
    // Asked at run time, because checkouts that share a target directory share this binary.
    let xtask = env::var_os("CARGO_MANIFEST_DIR").ok_or("start this as `cargo xtask`")?;
    Ok(env::set_current_dir(Path::new(&xtask).join(".."))?)
}

/// The integration tests multiply their counts by `FAPILOG_TEST_SCALE`.
fn soak() -> Outcome {
    let mut tests = cargo("test --workspace --all-features --release --tests --locked");
    run(thin(&mut tests).env("FAPILOG_TEST_SCALE", "100"))?;
    fuzz::run_each(&[])
}

/// The peers that we compare with are dependencies of `benches` alone: it is its own workspace.
fn bench(args: &[&str]) -> Outcome {
    run(cargo("run --release --manifest-path benches/Cargo.toml --locked --").args(args))
}
