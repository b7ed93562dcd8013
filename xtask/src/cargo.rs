//! Cargo, and what else there is to run, as child processes.

use std::{
    env,
    error::Error,
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use crate::Outcome;

/// The same cargo that runs us, with the arguments of `line`, which are split at white space.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(line.split_whitespace()).stdin(Stdio::null());
    command
}

/// Release code without the whole-program optimisation of the release profile, which takes minutes
/// for each test binary and proves nothing more.
pub(crate) fn thin(command: &mut Command) -> &mut Command {
    command
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
}

/// Runs the command to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    println!("$ {}", describe(command));
    if command.status()?.success() {
        return Ok(());
    }
    Err(failed(command))
}

/// What the command prints.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(failed(command))
}

/// The error of a command that ended badly; why, it has said itself.
pub(crate) fn failed(command: &Command) -> Box<dyn Error> {
    format!("`{}` failed", describe(command)).into()
}

/// The command as one types it, with the variables that it is given.
pub(crate) fn describe(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        Some(format!("{}={value:?}", name.to_string_lossy()))
    });
    let program = Path::new(command.get_program()).file_stem();
    let program = program.map(|name| name.to_string_lossy().into_owned());
    let args = command.get_args().map(OsStr::to_string_lossy);
    let words = variables.chain(program).chain(args.map(String::from));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_described_as_one_types_it() {
        let mut command = cargo("test -p a  --lib");
        command.env("RUSTFLAGS", "--cfg b");

        assert_eq!(
            describe(&command),
            r#"RUSTFLAGS="--cfg b" cargo test -p a --lib"#
        );
    }
}
