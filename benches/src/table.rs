//! Prints what a group has measured.

use crate::{effort::Effort, group::Group};

/// Prints a line for each contender and metric; `figures` is by contender, round and metric.
pub fn print(group: &Group, figures: &[Vec<Vec<f64>>], effort: Effort) {
    let base = group.contenders.iter().position(|it| *it == group.baseline);
    let base = base.expect("the baseline is one of the contenders");
    println!(
        "## {}: {}; {} rounds{}\n",
        group.name,
        group.title,
        figures[0].len(),
        if effort.quick {
            ", quick: with a part of the work"
        } else {
            ""
        },
    );
    println!(
        "| contender | metric | median | min–max | / {} |",
        group.baseline
    );
    println!("|---|---|---:|---:|---:|");
    for (contender, rounds) in group.contenders.iter().zip(figures) {
        for (index, metric) in group.metrics.iter().enumerate() {
            let sorted = column(rounds, index);
            let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
            println!(
                "| {contender} | {metric} | {} | {}–{} | {} |",
                number(median(&sorted)),
                number(least),
                number(most),
                ratio(median(&sorted), median(&column(&figures[base], index))),
            );
        }
    }
    println!();
}

/// The figures of one metric, least first.
pub fn column(rounds: &[Vec<f64>], metric: usize) -> Vec<f64> {
    let mut column: Vec<f64> = rounds.iter().map(|round| round[metric]).collect();
    column.sort_by(f64::total_cmp);
    column
}

pub fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

fn ratio(figure: f64, base: f64) -> String {
    if base == 0.0 {
        return "–".to_owned();
    }
    format!("{:.3}", figure / base)
}

/// Whole numbers in groups of three digits; fractions of small ones with a few places.
fn number(figure: f64) -> String {
    if figure.abs() < 1.0 && figure != 0.0 {
        return format!("{figure:.4}");
    }
    if figure.abs() < 100.0 && figure.fract() != 0.0 {
        return format!("{figure:.2}");
    }
    grouped(figure)
}

/// A number without its fraction, in groups of three digits.
pub fn grouped(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let after_digit = index > 0 && !text.ends_with('-');
        if after_digit && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
