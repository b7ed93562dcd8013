//! `cargo xtask docs`: what is written from the code, so that it says what the code does.

use std::{fmt::Write, fs};

use fapilog_core::settings::{Setting, Settings};

use crate::Outcome;

const HEAD: &str = "\
# Settings

Written by `cargo xtask docs` from the tree of settings; `docs/settings.schema.json` is the form of
the file for editors.

Weakest first: default, what the process finds around it, preset, `RUST_LOG` (the level alone), the
file of `FAPILOG_CONFIG`, code, `FAPILOG_` variables. Sizes are a number with `B`, `KB`, `MB`, `GB`,
each 1024 of the one before; times a number of seconds, or one with a unit (`500ms`, `5s`, `1h`,
`2d`); lists and maps JSON, or joined with commas. Whatever cannot be read, cannot work or is unknown
is an error that names the value, its source and the fix.
";

/// Each file, and what should stand in it.
fn files() -> [(&'static str, String); 2] {
    [
        ("docs/settings.md", markdown()),
        ("docs/settings.schema.json", Settings::json_schema()),
    ]
}

pub(crate) fn write() -> Outcome {
    fs::create_dir_all("docs")?;
    for (path, text) in files() {
        fs::write(path, text)?;
    }
    Ok(())
}

pub(crate) fn check() -> Outcome {
    for (path, text) in files() {
        if fs::read_to_string(path).ok() != Some(text) {
            return Err(format!("{path} is stale; `cargo xtask docs` writes it").into());
        }
    }
    Ok(())
}

fn markdown() -> String {
    let mut text = HEAD.to_owned();
    let settings = Settings::reference();
    let (built, pending): (Vec<_>, Vec<_>) = settings
        .iter()
        .partition(|setting| setting.pending.is_none());
    let mut group = None;
    for setting in built {
        if group != Some(group_of(setting)) {
            group = Some(group_of(setting));
            begin(&mut text, group_of(setting));
        }
        row(&mut text, setting);
    }
    text.push_str(
        "\n## Not built yet\n\nThese are refused, by name, until what they are for is there.\n\n",
    );
    text.push_str("| setting | waits for |\n|---|---|\n");
    for setting in pending {
        let part = setting.pending.unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{}` | {part} |", setting.key);
    }
    text
}

fn group_of(setting: &Setting) -> &str {
    setting.key.rsplit_once('.').map_or("", |(group, _)| group)
}

fn begin(text: &mut String, group: &str) {
    let title = match group {
        "" => "Without a group".to_owned(),
        group => format!("`{group}`"),
    };
    let _ = write!(
        text,
        "\n## {title}\n\n| variable | in a file | default | takes | what it does |\n|---|---|---|---|---|\n"
    );
}

fn row(text: &mut String, setting: &Setting) {
    let mut names: Vec<_> = setting
        .variables
        .iter()
        .map(|it| format!("`{it}`"))
        .collect();
    if setting.is_secret {
        names.push("… or with `_FILE`".to_owned());
    }
    let default = match setting.default.as_str() {
        "" => "–".to_owned(),
        default => format!("`{default}`"),
    };
    let escaped = |text: &str| text.replace('|', "\\|");
    let _ = writeln!(
        text,
        "| {} | `{}` | {} | {} | {} |",
        names.join(" "),
        setting.key,
        escaped(&default),
        escaped(&setting.expected),
        escaped(&setting.doc)
    );
}
