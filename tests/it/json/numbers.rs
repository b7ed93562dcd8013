//! Numbers: what a reader makes of the digits is the number that was logged.

use fapilog_core::{LoggerBuilder, info};
use fapilog_tests::{PATIENCE, oracle::assert_settled, random, sinks::Lines};

use super::values::{FLOATS, float};

/// What JSON says of each number.
fn digits<T: fapilog_core::Value + Copy>(numbers: &[T]) -> Vec<String> {
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(lines.clone())
        .drop_on_full(false)
        .build()
        .unwrap();
    for number in numbers {
        info!(logger: log, number);
    }
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let lines = lines.take();
    assert_eq!(lines.len(), numbers.len());
    let last = |line: &String| {
        let (_, digits) = line.rsplit_once(':').unwrap();
        digits.trim_end_matches('}').to_owned()
    };
    lines.iter().map(last).collect()
}

#[test]
fn a_floating_point_number_parses_back_to_the_same_number_and_what_is_none_is_null() {
    let mut random = random();
    let mut single: Vec<_> = (0..1000).map(|_| f32::from_bits(random.u32(..))).collect();
    single.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MAX]);
    for (digits, number) in digits(&single).iter().zip(single) {
        match digits.parse::<f32>() {
            Ok(parsed) => assert_eq!(parsed.to_bits(), number.to_bits()),
            Err(_) => assert!(digits == "null" && !number.is_finite(), "{digits} {number}"),
        }
    }
    let mut double: Vec<_> = (0..1000).map(|_| float(&mut random)).collect();
    double.extend(FLOATS);
    for (digits, number) in digits(&double).iter().zip(double) {
        match digits.parse::<f64>() {
            Ok(parsed) => assert_eq!(parsed.to_bits(), number.to_bits()),
            Err(_) => assert!(digits == "null" && !number.is_finite(), "{digits} {number}"),
        }
    }
}

#[test]
fn an_integer_of_any_width_keeps_all_its_digits() {
    let mut random = random();
    let mut signed: Vec<i128> = (0..500)
        .map(|_| random.i128(..) >> random.u32(0..128))
        .collect();
    signed.extend([i128::MIN, i128::MIN + 1, -1, 0, i128::MAX]);
    signed.extend([i64::MIN, i64::MAX].map(i128::from));
    let told: Vec<String> = signed.iter().map(i128::to_string).collect();
    assert_eq!(digits(&signed), told);
    let mut unsigned: Vec<u128> = (0..500)
        .map(|_| random.u128(..) >> random.u32(0..128))
        .collect();
    unsigned.extend([0, u128::from(u64::MAX), u128::from(u64::MAX) + 1, u128::MAX]);
    let told: Vec<String> = unsigned.iter().map(u128::to_string).collect();
    assert_eq!(digits(&unsigned), told);
}
