//! Prints the settings of the process-wide pipeline, started in a way with a preset: `preset logger
//! axum`, `preset layer axum`.

use std::env;

use fapilog_axum::FapilogLayer;
use fapilog_core::Logger;

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    match words[0].as_str() {
        "logger" => drop(Logger::preset(&words[1]).expect("the settings are fine")),
        "layer" => drop(FapilogLayer::preset(&words[1])),
        other => panic!("no such way: {other}"),
    }
    let pipeline = fapilog_core::pipeline().expect("it runs");
    for explained in pipeline.settings().explain() {
        println!("{} = {}", explained.key, explained.value);
    }
}
