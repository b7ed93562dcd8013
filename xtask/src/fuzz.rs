//! Inputs that nobody thought of, led by what they cover: see `fuzz/`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    Outcome,
    cargo::{cargo, describe, failed, output, run},
};

/// What cargo-fuzz asks of a nightly compiler, as a stable one takes it too.
const INSTRUMENTED: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
const TARGETS: &str = "fuzz/src/bin";
/// Builds, what each target has found so far, and inputs that failed.
const BUILDS: &str = "fuzz/target";
const SECONDS: u32 = 60;

/// Builds all targets, and runs those that are named, or each, for a minute; the summary comes last.
pub(crate) fn run_each(named: &[&str]) -> Outcome {
    // With a machine named, the flags reach what runs in the end, and no build script.
    let mut build =
        cargo("build --release --manifest-path fuzz/Cargo.toml --target host-tuple --locked");
    run(build.env("RUSTFLAGS", INSTRUMENTED))?;
    let mut targets = targets()?;
    if !named.is_empty() {
        targets.retain(|target| named.contains(&&**target));
    }
    if targets.len() < named.len() {
        return Err(format!("of {named:?}, {targets:?} are files in {TARGETS}").into());
    }
    let built = built()?;
    let mut summary = Vec::new();
    for target in targets {
        summary.push(format!("fuzz {target}: {}", fuzz(&built, &target)?));
    }
    println!("\n== summary\n{}", summary.join("\n"));
    Ok(())
}

/// The names of the targets: each file is one.
fn targets() -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(TARGETS)? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|it| it.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// The folder of the programs: it is called after the machine.
fn built() -> Outcome<PathBuf> {
    let version = output(&mut cargo("-vV"))?;
    let host = version.lines().find_map(|it| it.strip_prefix("host: "));
    let host = host.ok_or("cargo does not tell its host")?;
    Ok(Path::new(BUILDS).join(host).join("release"))
}

/// Runs one target; returns its last figures.
fn fuzz(built: &Path, target: &str) -> Outcome<String> {
    let found = Path::new(BUILDS).join("found").join(target);
    fs::create_dir_all(&found)?;
    let mut command = Command::new(built.join(target));
    command
        .arg(format!("-max_total_time={SECONDS}"))
        .arg("-timeout=10")
        .arg(format!("-artifact_prefix={BUILDS}/{target}-"))
        .arg(found);
    let seeds = Path::new("fuzz/seeds").join(target);
    if seeds.exists() {
        command.arg(seeds);
    }
    println!("$ {}", describe(&command));
    let mut child = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().ok_or("the target has no stderr")?;
    let mut figures = None;
    for line in BufReader::new(stderr).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        eprintln!("{line}");
        figures = figures.or(figures_in(&line));
    }
    match (child.wait()?.success(), figures) {
        (true, Some(figures)) => Ok(figures),
        _ => Err(failed(&command)),
    }
}

/// Those of a line like `#4711  DONE   cov: 512 ft: 1024 corp: 88/5Kb … exec/s: 2023 rss: 70Mb`.
fn figures_in(line: &str) -> Option<String> {
    let (runs, rest) = line.strip_prefix('#')?.split_once("DONE")?;
    let after = |label| {
        let (_, rest) = rest.split_once(label)?;
        rest.split_whitespace().next()
    };
    let (runs, covered) = (runs.trim(), after("cov: ")?);
    let (speed, memory) = (after("exec/s: ")?, after("rss: ")?);
    Some(format!(
        "{runs} runs, {speed} a second, {covered} places covered, {memory}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_of_the_last_line() {
        let line = "#4711\tDONE   cov: 512 ft: 1024 corp: 88/5Kb lim: 4096 exec/s: 2023 rss: 70Mb";

        let expected = "4711 runs, 2023 a second, 512 places covered, 70Mb";
        assert_eq!(figures_in(line).as_deref(), Some(expected));
        assert_eq!(figures_in("#4711\tNEW    cov: 512 ft: 1024"), None);
    }
}
