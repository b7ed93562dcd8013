//! Lines for people.

use std::{fs::File, os::fd::OwnedFd, process::Stdio};

use fapilog_tests::{
    PATIENCE,
    forgery::{CORPUS, is_hostile},
    random, scaled,
};

use super::{Running, command, run, text};

/// The length of a time in UTC, such as `2026-01-15 10:30:00.123Z`.
const TIME: usize = 24;

#[test]
fn an_event_is_one_aligned_line_and_its_exception_stands_indented_below() {
    let (stdout, books) = run("pretty sample", &[]);
    assert_eq!(books["sink"], "stdout_pretty");
    assert_eq!(books["delivered"], 4);
    let lines: Vec<_> = stdout.lines().collect();
    let event = |line: &'static str| format!("Z {line}");
    assert!(lines[0].starts_with("2026-01-15 10:30:"), "{stdout}");
    let from_z = |line: &str| line[TIME - 1..].to_owned();
    assert_eq!(from_z(lines[0]), event("INFO     shop::orders starting"));
    assert_eq!(
        from_z(lines[1]),
        event(
            "INFO     [2d7f723f] shop::orders order placed  user_id=u-1 order_id=42 \
             note=\"two words\" nested.map.name=\"Ada L.\" \
             nested.list=[\"Ada L.\",{name=\"Ada L.\"}]"
        )
    );
    assert_eq!(
        from_z(lines[2]),
        event("ERROR    [2d7f723f] shop::orders charge failed  user_id=u-1")
    );
    assert_eq!(lines[3], "    console::CardError: card declined");
    assert!(lines[4].starts_with("    caused by: an error"), "{stdout}");
    assert_eq!(
        from_z(lines[5]),
        event("CRITICAL [2d7f723f] shop::orders all is lost  user_id=u-1")
    );
    assert_eq!(
        lines[6..],
        [
            "    StockError: no stock",
            "    caused by: no stock",
            "    caused by: no stock",
            "      at pay",
            "      at no stock",
            "    error.code=\"no stock\"",
        ]
    );
}

#[test]
fn nothing_in_an_event_can_forge_a_line_or_a_terminal_sequence() {
    let seed = random().u64(..);
    let steps = format!("pretty seed:{seed} forge:{}", scaled(2000));
    let (plain, books) = run(&steps, &[]);
    for line in plain.lines() {
        assert!(!line.contains(is_hostile), "{line:?}");
    }
    let events = events(&plain);
    assert_eq!(books["delivered"], events.len());
    assert_eq!(books["issued"], events.len());
    assert!(events.len() >= 100 * CORPUS.len());
    for event in &events {
        assert!(event.starts_with("Z INFO     ["), "{event:?}");
    }

    let (coloured, _) = run(&steps, &[("FORCE_COLOR", "1")]);
    assert!(coloured.contains("\x1b[34m"));
    let stripped = without_styles(&coloured);
    assert_eq!(self::events(&stripped), events, "styles are all it adds");
}

#[test]
fn no_color_wins_over_force_color_and_over_a_terminal() {
    let is_coloured = |variables: &[_]| run("pretty sample", variables).0.contains('\x1b');
    assert!(!is_coloured(&[]), "a pipe is no terminal");
    assert!(is_coloured(&[("FORCE_COLOR", "1")]));
    assert!(!is_coloured(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!is_coloured(&[("FORCE_COLOR", "0")]));

    let is_coloured = |variables: &[_]| on_terminal("pretty sample", variables).contains('\x1b');
    assert!(is_coloured(&[("TERM", "xterm")]));
    assert!(!is_coloured(&[("TERM", "xterm"), ("NO_COLOR", "1")]));
    assert!(!is_coloured(&[("TERM", "dumb")]));
}

#[test]
fn a_request_id_has_the_same_colour_on_each_of_its_lines() {
    let (stdout, _) = run("pretty sample", &[("FORCE_COLOR", "1")]);
    let style = |line: &str| {
        let (_, after) = line
            .split_once('[')
            .unwrap()
            .1
            .split_once("[\x1b[")
            .unwrap();
        after.split_once("m2d7f723f\x1b[0m]").unwrap().0.to_owned()
    };
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(style(lines[1]), style(lines[2]));
}

#[test]
fn a_terminal_gets_lines_for_people_and_everything_else_json() {
    let is_json = |stdout: &str| stdout.starts_with("{\"schema_version\"");
    let is_pretty = |stdout: &str| stdout.contains("2026-01-15 10:30:");
    let pretty = ("FAPILOG_FORMAT", "pretty");
    let json = ("FAPILOG_FORMAT", "json");
    let term = ("TERM", "xterm");

    assert!(is_json(&run("default sample", &[]).0));
    assert!(is_json(
        &run("default sample", &[("FAPILOG_FORMAT", "Auto")]).0
    ));
    assert!(is_pretty(&run("default sample", &[pretty]).0));
    assert!(is_pretty(&on_terminal("default sample", &[term])));
    assert!(is_pretty(&on_terminal(
        "default sample",
        &[term, ("CI", "")]
    )));
    assert!(is_json(&on_terminal(
        "default sample",
        &[term, ("CI", "1")]
    )));
    assert!(is_json(&on_terminal("default sample", &[term, json])));

    assert!(is_pretty(&run("built-pretty sample", &[]).0));
    assert!(
        is_json(&run("built-pretty sample", &[json]).0),
        "operators win"
    );
    assert!(
        is_json(&run("json sample", &[pretty]).0),
        "a named sink stays"
    );
}

#[test]
fn a_format_that_does_not_exist_ends_the_start_with_the_fix() {
    let output = command(&[("FAPILOG_FORMAT", "xml")])
        .args(["default", "sample"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    for part in [
        "format = \"xml\"  (from FAPILOG_FORMAT)",
        "expected one of auto, json, pretty",
        "fix: FAPILOG_FORMAT=json",
    ] {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}

#[test]
fn local_time_follows_the_time_zone_of_the_machine() {
    let zone = [("TZ", "XYZ-03:30")];
    let (local, _) = run("local sample", &zone);
    assert!(local.starts_with("2026-01-15 14:00:5"), "{local}");
    assert_eq!(local.as_bytes()[TIME - 1], b' ', "no Z: {local}");
    let (utc, _) = run("pretty sample", &zone);
    assert!(utc.starts_with("2026-01-15 10:30:5"), "{utc}");
}

/// The lines of events, from the `Z` of their times on; all other lines have to be indented.
fn events(stdout: &str) -> Vec<&str> {
    let is_event = |line: &&str| line.starts_with("2026-01-15 10:30:");
    let others = stdout.lines().filter(|line| !is_event(line));
    others.for_each(|line| assert!(line.starts_with("    "), "{line:?}"));
    let events = stdout.lines().filter(is_event);
    events.map(|line| &line[TIME - 1..]).collect()
}

/// The text without `ESC [ digits m`; any other use of ESC fails.
fn without_styles(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let style = part.strip_prefix('[').and_then(|it| it.split_once('m'));
        let (digits, rest) = style.unwrap_or_else(|| panic!("no style: {part:?}"));
        let is_style = digits.chars().all(|it| it.is_ascii_digit() || it == ';');
        assert!(is_style, "no style: {part:?}");
        out += rest;
    }
    out
}

/// Runs the helper with a terminal as its stdout; what the terminal got.
fn on_terminal(steps: &str, variables: &[(&str, &str)]) -> String {
    use rustix::{
        fs::{Mode, OFlags, open},
        pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    };
    let ours: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let running = Running::start(steps, variables, Stdio::from(theirs));
    let shown = text(File::from(ours));
    let books = running.books();
    assert_eq!(books["delivered"], books["issued"]);
    shown.recv_timeout(PATIENCE).unwrap()
}
