//! [`Plot`]: small charts beside each other, as SVG.

use std::fmt::Write;

use crate::table::grouped;

/// Lines over a common kind of value, one chart for each thing that it may depend on.
pub struct Plot {
    pub title: &'static str,
    /// What stands at each vertical axis, with its unit.
    pub y_label: &'static str,
    /// One for each line of a chart.
    pub lines: &'static [&'static str],
    pub charts: Vec<Chart>,
}

pub struct Chart {
    /// What stands at the horizontal axis, with its unit.
    pub x_label: &'static str,
    pub points: Vec<Point>,
}

pub struct Point {
    pub x: f64,
    /// For each line: the median, the least, and the most.
    pub y: Vec<[f64; 3]>,
}

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 22.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 52.0;
const HEAD: f64 = 56.0;
const COLUMNS: usize = 2;
/// Told apart in print and by people who do not see all colours.
const COLOURS: [&str; 2] = ["#0b5fa5", "#d1600a"];

impl Plot {
    pub fn to_svg(&self) -> String {
        let rows = self.charts.len().div_ceil(COLUMNS);
        let (width, height) = (WIDTH * COLUMNS as f64, HEAD + HEIGHT * rows as f64);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
        );
        self.head(&mut svg);
        for (index, chart) in self.charts.iter().enumerate() {
            let x = WIDTH * (index % COLUMNS) as f64;
            let y = HEAD + HEIGHT * (index / COLUMNS) as f64;
            put(
                &mut svg,
                format_args!("<g transform=\"translate({x} {y})\">"),
            );
            self.chart(&mut svg, chart);
            put(&mut svg, format_args!("</g>"));
        }
        svg + "</svg>\n"
    }

    fn head(&self, svg: &mut String) {
        text(
            svg,
            (LEFT, 20.0),
            "start",
            &format!("<tspan font-weight=\"bold\">{}</tspan>", self.title),
        );
        let mut x = LEFT;
        for (name, colour) in self.lines.iter().zip(COLOURS) {
            put(
                svg,
                format_args!("<path d=\"M{x} 38h22\" stroke=\"{colour}\" stroke-width=\"2\"/>"),
            );
            text(svg, (x + 28.0, 42.0), "start", name);
            x += 60.0 + 6.5 * name.len() as f64;
        }
    }

    fn chart(&self, svg: &mut String, chart: &Chart) {
        let most = |value: fn(&Point) -> f64| chart.points.iter().map(value).fold(0.0, f64::max);
        let frame = Frame {
            x: Axis::quarters(most(|point| point.x)),
            y: Axis::to(most(|point| {
                point.y.iter().map(|y| y[2]).fold(0.0, f64::max)
            })),
        };
        frame.draw(svg, chart.x_label, self.y_label);
        for (line, colour) in COLOURS.iter().enumerate().take(self.lines.len()) {
            frame.line(svg, &chart.points, line, colour);
        }
    }
}

/// Where the values of a chart lie.
struct Frame {
    x: Axis,
    y: Axis,
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let width = WIDTH - LEFT - RIGHT;
        let height = HEIGHT - TOP - BOTTOM;
        (
            LEFT + width * x / self.x.end,
            TOP + height * (1.0 - y / self.y.end),
        )
    }

    fn draw(&self, svg: &mut String, x_label: &str, y_label: &str) {
        let (left, bottom) = self.at(0.0, 0.0);
        let (right, _) = self.at(self.x.end, 0.0);
        for value in self.y.ticks() {
            let (_, y) = self.at(0.0, value);
            put(
                svg,
                format_args!("<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"#ddd\"/>"),
            );
            text(svg, (left - 6.0, y + 4.0), "end", &grouped(value));
        }
        for value in self.x.ticks() {
            let (x, _) = self.at(value, 0.0);
            put(
                svg,
                format_args!("<path d=\"M{x:.1} {bottom:.1}v5\" stroke=\"#333\"/>"),
            );
            text(svg, (x, bottom + 18.0), "middle", &grouped(value));
        }
        put(
            svg,
            format_args!("<path d=\"M{left:.1} {bottom:.1}H{right:.1}\" stroke=\"#333\"/>"),
        );
        text(
            svg,
            ((left + right) / 2.0, bottom + 38.0),
            "middle",
            x_label,
        );
        let middle = (TOP + bottom) / 2.0;
        put(
            svg,
            format_args!(
                "<text transform=\"translate(16 {middle:.1}) rotate(-90)\" \
             text-anchor=\"middle\">{y_label}</text>"
            ),
        );
    }

    /// The medians, joined; a bar at each from the least to the most.
    fn line(&self, svg: &mut String, points: &[Point], line: usize, colour: &str) {
        let mut path = String::new();
        for (index, point) in points.iter().enumerate() {
            let [median, least, most] = point.y[line];
            let (x, y) = self.at(point.x, median);
            put(
                &mut path,
                format_args!("{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' }),
            );
            let ((_, low), (_, high)) = (self.at(0.0, least), self.at(0.0, most));
            put(
                svg,
                format_args!(
                    "<path d=\"M{x:.1} {low:.1}V{high:.1}\" stroke=\"{colour}\" opacity=\"0.5\"/>\
                 <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"
                ),
            );
        }
        let path = path.replace('\n', "");
        put(
            svg,
            format_args!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
            ),
        );
    }
}

/// From 0, in steps. Linear, so that linear growth is a straight line.
struct Axis {
    step: f64,
    end: f64,
}

impl Axis {
    const STEPS: f64 = 6.0;

    /// An axis that ends with this value: for what has been chosen to be round.
    fn quarters(most: f64) -> Self {
        Self {
            step: most / 4.0,
            end: most,
        }
    }

    /// An axis that just has room for this value.
    fn to(most: f64) -> Self {
        let least_step = (most / Self::STEPS).max(f64::MIN_POSITIVE);
        let power = 10_f64.powf(least_step.log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|it| it * power);
        let step = steps.into_iter().find(|step| *step >= least_step);
        let step = step.unwrap_or(10.0 * power);
        Self {
            step,
            end: step * (most / step).ceil(),
        }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = (self.end / self.step).round() as u32;
        (0..=count).map(|index| f64::from(index) * self.step)
    }
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, text: &str) {
    let (x, y) = at;
    put(
        svg,
        format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"),
    );
}

fn put(svg: &mut String, element: std::fmt::Arguments<'_>) {
    writeln!(svg, "{element}").expect("a string takes everything");
}
