//! Which events are taken, which wait and which are refused: random sequences against a model.

mod calls;
mod judge;
mod model;
mod rig;

use std::time::Duration;

use fapilog_core::{Level, Pressure};
use fapilog_tests::{alone, random, scaled};

use self::{
    model::{LARGEST, Rules},
    rig::Rig,
};

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    PlainThread,
    RuntimeThread,
    Async,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Call(Way, Level, usize),
    /// Calls until one is not taken.
    Fill(Level, usize),
    /// Which of two like events is taken, the protected one or the other?
    Compare(usize),
    LetThrough(usize),
    Open,
    Close,
    Flush,
    /// Looks after those who wait.
    Poll,
    Cancel(usize),
    /// Waits until nothing moves any more.
    Rest,
}

fn level(random: &mut fastrand::Rng) -> Level {
    let protected = [Level::Error, Level::Critical, Level::Audit, Level::Security];
    match random.usize(0..8) {
        it @ 0..4 => protected[it],
        _ => Level::Info,
    }
}

fn size(random: &mut fastrand::Rng) -> usize {
    match random.usize(0..16) {
        0..6 => random.usize(0..200),
        6..9 => random.usize(200..8000),
        9..12 => random.usize(8000..30_000),
        12 | 13 => random.usize(60_000..65_536),
        14 => random.usize(65_537..LARGEST),
        _ => 2000,
    }
}

fn step(random: &mut fastrand::Rng) -> Step {
    let way = [Way::PlainThread, Way::RuntimeThread, Way::Async][random.usize(0..3)];
    match random.usize(0..24) {
        0..8 => Step::Call(way, level(random), size(random)),
        8..13 => Step::Fill(level(random), size(random).max(2000)),
        13 | 14 => Step::Compare(size(random)),
        15 => Step::LetThrough(random.usize(1..4)),
        16 => Step::Open,
        17 => Step::Close,
        18 => Step::Flush,
        19 => Step::Poll,
        20 => Step::Cancel(random.usize(0..8)),
        _ => Step::Rest,
    }
}

fn rules(random: &mut fastrand::Rng) -> Rules {
    let pressures = [None, Some(Pressure::Shed), Some(Pressure::Propagate)];
    let mut pressure = || pressures[random.usize(0..3)];
    let sinks = [pressure(), pressure()];
    Rules {
        budget: random.usize(128 * 1024..320 * 1024),
        reserve: [0, random.usize(65_536..200_000)][random.usize(0..2)],
        wait: Duration::from_millis([0, 2][random.usize(0..2)]),
        drop_on_full: random.usize(0..3) > 0,
        gated: sinks[0],
        other: random.bool().then_some(sinks[1]),
    }
}

/// Runs one sequence; if it fails, says which it was.
fn sequence(seed: u64) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut rig = Rig::new(seed, rules(&mut random));
    for _ in 0..random.usize(5..40) {
        rig.run(step(&mut random));
    }
    rig.finish()
}

#[test]
fn an_event_is_refused_for_want_of_room_alone_and_one_that_is_taken_arrives_once_in_order() {
    let _alone = alone();
    let mut random = random();
    let mut seed = random.get_seed();
    let mut judged = 0;
    // What is not optimised takes ten times as long.
    let count = if scaled(1) > 1 { scaled(1000) } else { 250 };
    for _ in 0..count {
        judged += sequence(seed);
        seed = random.u64(..);
    }
    assert!(judged > count, "{judged} refusals and waits were judged");
}
