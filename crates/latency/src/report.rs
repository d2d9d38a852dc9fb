//! A histogram of latencies, for a terminal, for a page, and for other tools.
//!
//! All times in the histograms are nanoseconds.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use narration::{measured, number};
use plots::plotters::prelude::*;
use plots::{Area, FIRST, Line, SECOND, TEXT, draw_lines, figure, text};

/// The upper ends of the rows of [`bars`], in microseconds. They are the same for each histogram,
/// so that two can be compared by eye.
const ROWS: [u64; 15] = [
    20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000,
];

/// The percentiles that are shown, in tenths of a percent.
pub const PERCENTILES: [(&str, u64); 5] =
    [("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999), ("max", 1000)];

/// A percentile by nearest rank; zero of an empty histogram.
pub fn percentile(histogram: &Histogram<u64>, tenths: u64) -> Duration {
    Duration::from_nanos(histogram.value_at_quantile(tenths as f64 / 1000.0))
}

/// How many latencies lie up to each end and above the one before, as a row with a bar for each.
/// The numbers are measured ones, and marked so.
pub fn bars(histogram: &Histogram<u64>, width: usize) -> String {
    let ends = ROWS.map(|micros| 1_000 * micros);
    // A value that the histogram cannot tell from a row's end lies in that row.
    let up_to = ends.map(|end| histogram.count_between(0, end));
    let mut counts: Vec<u64> =
        up_to.iter().zip([0].iter().chain(&up_to)).map(|(to, from)| to - from).collect();
    counts.push(histogram.len() - counts.iter().sum::<u64>());
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let labels = ends.map(|end| format!("to {}", narration::exact(Duration::from_nanos(end))));
    let labels = labels.into_iter().chain(["longer".to_owned()]);
    let width = width.saturating_sub(26).max(1) as u64;
    let row = |(label, count): (String, u64)| {
        // One latency of very many has a bar, too: it is what one looks for.
        let bar = "▇".repeat((count * width).div_ceil(most) as usize);
        format!("{label:>9}  {:>11} {bar}", format!("≈ {}", number(count))).trim_end().to_owned()
    };
    labels.zip(counts).map(|labelled| row(labelled) + "\n").collect()
}

/// The percentiles on one line.
pub fn percentiles_line(histogram: &Histogram<u64>) -> String {
    let shown = |(name, tenths)| format!("{name} {}", measured(percentile(histogram, tenths)));
    PERCENTILES.map(shown).join("  ")
}

/// Steps between two halvings of what is still above the percentile.
const STEPS: u32 = 5;

/// The percentile distribution as HdrHistogram prints it, in milliseconds: other tools draw it.
///
/// The columns are a value, the share of all latencies that are at most that, how many those are,
/// and one in how many is above it.
pub fn percentile_distribution(histogram: &Histogram<u64>) -> String {
    const MS: f64 = 1e6;
    let mut out = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut total = 0;
    for step in histogram.iter_quantiles(STEPS) {
        total += step.count_since_last_iteration();
        let (value, share) = (step.value_iterated_to() as f64 / MS, step.quantile_iterated_to());
        out += &format!("{value:12.6} {share:14.12} {total:10}");
        if share < 1.0 {
            out += &format!(" {:14.2}", 1.0 / (1.0 - share));
        }
        out += "\n";
    }
    let (mean, deviation) = (histogram.mean() / MS, histogram.stdev() / MS);
    let max = histogram.max() as f64 / MS;
    out += &format!("#[Mean    = {mean:12.6}, StdDeviation   = {deviation:12.6}]\n");
    out += &format!("#[Max     = {max:12.6}, Total count    = {:12}]\n", histogram.len());
    // A bucket holds the values between two powers of two, and 2,048 of them distinguish three
    // digits.
    out += &format!("#[Buckets = {:12}, SubBuckets     = {:12}]\n", histogram.buckets(), 2_048);
    out
}

/// A place on the axis of percentiles, in thousandths of a halving: 50 % is at 1,000, 75 % at
/// 2,000, 87.5 % at 3,000, and between two of them the axis is even.
fn place(halvings: u32, step: u32) -> i32 {
    (1000 * halvings + 1000 * step / STEPS) as i32
}

/// Where 90 %, 99 %, 99.9 % … are, with the number of nines.
fn place_of_nines(nines: u32) -> i32 {
    // Of all latencies 1 in 10^nines is above; the halving before it leaves 1 in 2^halvings.
    let above = 10_u64.pow(nines);
    let halvings = above.ilog2();
    let rest = 2_000 - 2_000 * (1 << halvings) / above;
    1000 * halvings as i32 + rest as i32
}

/// Draws percentiles of latencies, as one line for each histogram, with the rare ones spread out as
/// far as the frequent ones.
///
/// # Errors
/// Never: what is drawn is in memory.
pub fn svg(title: &str, lines: &[(&'static str, &Histogram<u64>)]) -> Result<String> {
    let colours = [FIRST, SECOND, TEXT].into_iter().cycle();
    let curves: Vec<Line> = lines
        .iter()
        .zip(colours)
        .map(|((name, histogram), colour)| Line { name, colour, points: curve(histogram) })
        .collect();
    let ends = || curves.iter().filter_map(|line| line.points.last());
    let right = ends().map(|(x, _)| *x).max().unwrap_or(0).max(1000);
    let highest = ends().map(|(_, y)| *y).max().unwrap_or(0).max(1);
    figure((720, 320), title, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, text(18))
            .margin(12)
            // The last mark's name stands in the middle below it.
            .margin_right(40)
            .x_label_area_size(46)
            .y_label_area_size(74)
            .build_cartesian_2d(0..right, 0..highest.saturating_add(highest / 5 + 1))?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(TEXT)
            .label_style(text(16))
            .disable_x_axis()
            .y_desc("latency, ms")
            .y_labels(6)
            .y_label_formatter(&|micros| milliseconds(*micros))
            .draw()?;
        draw_marks(area, right, |mark| chart.backend_coord(&(mark, 0)))?;
        draw_lines(&mut chart, &curves, SeriesLabelPosition::UpperLeft)
    })
}

/// Draws the axis of percentiles up to `right`; `at` is where a place on it stands in the drawing.
fn draw_marks(area: &Area<'_>, right: i32, at: impl Fn(i32) -> (i32, i32)) -> Result<()> {
    let marks = [0, 1000].into_iter().chain((1..8).map(place_of_nines));
    for (mark, name) in marks.zip(NAMES).filter(|(mark, _)| *mark <= right) {
        let (x, bottom) = at(mark);
        area.draw(&PathElement::new([(x, bottom), (x, bottom + 5)], TEXT))?;
        area.draw(&Text::new(name, (x - 4 * name.len() as i32, bottom + 8), text(16)))?;
    }
    let (_, bottom) = at(0);
    area.draw(&Text::new("percentile", (340, bottom + 28), text(16)))?;
    Ok(())
}

/// The marks of the axis of percentiles.
const NAMES: [&str; 9] =
    ["min", "50 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "10^-6", "10^-7"];

/// The percentiles at each step, and the maximum at the end; latencies in microseconds.
fn curve(histogram: &Histogram<u64>) -> Vec<(i32, i32)> {
    // Beyond the last halving less than one latency is left.
    let halvings = histogram.len().max(1).ilog2() + 1;
    let steps = (0..halvings).flat_map(|halving| (0..STEPS).map(move |step| (halving, step)));
    let mut points: Vec<_> = steps
        .map(|(halving, step)| {
            let above = 0.5_f64.powi(halving as i32) * (1.0 - f64::from(step) / 10.0);
            (place(halving, step), micros(histogram.value_at_quantile(1.0 - above)))
        })
        .collect();
    points.push((place(halvings, 0), micros(histogram.max())));
    points
}

fn micros(nanos: u64) -> i32 {
    i32::try_from(nanos / 1000).unwrap_or(i32::MAX)
}

fn milliseconds(micros: i32) -> String {
    let (whole, rest) = (micros / 1000, micros % 1000);
    match rest {
        0 => number(whole),
        _ => format!("{}.{}", number(whole), format!("{rest:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(micros: &[u64]) -> Histogram<u64> {
        let mut histogram = Histogram::new(3).unwrap();
        for value in micros {
            histogram.record(1_000 * value).unwrap();
        }
        histogram
    }

    #[test]
    fn each_latency_has_its_row_and_the_rarest_has_a_bar() {
        let mut all = vec![30; 1_000];
        // An end of a row belongs to it, as far as three digits can tell.
        all.extend([0, 20, 50, 100, 999_000, 2_000_000]);
        let text = bars(&histogram(&all), 80);
        let rows: Vec<_> = text.lines().collect();
        assert_eq!(rows.len(), 16);
        assert_eq!(rows[0], " to 20 µs          ≈ 2 ▇");
        assert_eq!(rows[1], format!(" to 50 µs      ≈ 1,001 {}", "▇".repeat(54)));
        assert_eq!(rows[3], "to 200 µs          ≈ 0");
        let counts = rows.iter().map(|row| &row[row.find('≈').unwrap() + 4..]);
        let counts = counts.map(|count| count.split(' ').next().unwrap().replace(',', ""));
        let all_counted: usize = counts.map(|count| count.parse::<usize>().unwrap()).sum();
        assert_eq!(all_counted, all.len(), "{text}");
        assert_eq!(&rows[14..], ["   to 1 s          ≈ 1 ▇", "   longer          ≈ 1 ▇"]);
        assert!(rows.iter().all(|row| row.chars().count() <= 80), "{text}");
        assert_eq!(bars(&histogram(&[]), 40).lines().count(), 16);
    }

    #[test]
    fn a_percentile_is_a_time_and_its_mark_has_no_zeros_at_its_end() {
        let histogram = histogram(&[1, 1, 2, 2_000]);
        // 2 µs, which a histogram of three digits knows to the nanosecond.
        let found = [500, 750, 1_000].map(|tenths| percentile(&histogram, tenths));
        assert_eq!(found.map(|time| time.as_micros()), [1, 2, 2_000]);
        let marks = [0, 10, 1_500, 2_000, 1_234_500].map(milliseconds);
        assert_eq!(marks, ["0", "0.01", "1.5", "2", "1,234.5"]);
    }

    #[test]
    fn the_distribution_has_the_form_of_hdrhistogram() {
        let text = percentile_distribution(&histogram(&[1_000, 2_000, 3_000, 10_000]));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "       Value     Percentile TotalCount 1/(1-Percentile)");
        assert_eq!(lines[2], "    1.000447 0.000000000000          1           1.00");
        let ends = lines.iter().filter(|line| line.ends_with("1.000000000000          4"));
        assert_eq!(ends.count(), 1, "{text}");
        // The mean is 4, and the squares of the deviations sum to 50, to three digits.
        let footer = lines[lines.len() - 3];
        assert!(footer.starts_with("#[Mean    =     3.9995"), "{footer}");
        assert!(footer.contains(", StdDeviation   =     3.53"), "{footer}");
        assert_eq!(
            lines[lines.len() - 2],
            "#[Max     =    10.002431, Total count    =            4]"
        );
        assert!(percentile_distribution(&histogram(&[])).contains("Total count    =            0"));
    }

    #[test]
    fn the_axis_of_percentiles_has_the_nines_where_they_belong() {
        assert_eq!([1, 2, 3, 4].map(place_of_nines), [3_400, 6_720, 9_976, 13_362]);
        assert_eq!([place(1, 0), place(3, 2)], [1_000, 3_400]);
    }

    #[test]
    fn a_curve_rises_to_the_maximum() {
        let points = curve(&histogram(&(1..=1_000).collect::<Vec<_>>()));
        assert!(points.is_sorted(), "{points:?}");
        assert!(points.contains(&(1_000, 500)) && points.contains(&(3_400, 900)), "{points:?}");
        assert_eq!(points.last(), Some(&(10_000, 1_000)));
        assert_eq!(curve(&histogram(&[])).last(), Some(&(1_000, 0)));
    }

    #[test]
    fn a_drawing_names_its_lines() {
        let (one, other) = (histogram(&[1, 2]), histogram(&[5]));
        let drawn = svg("a title", &[("one", &one), ("other", &other)]).unwrap();
        for text in ["a title", "one", "other", "latency, ms"] {
            assert!(drawn.contains(text), "{text}");
        }
        assert!(!drawn.contains("90 %"), "two latencies have no 90th percentile of their own");
        assert!(svg("empty", &[("none", &histogram(&[]))]).is_ok());
        // What has no room on the axis is drawn at its end.
        assert!(svg("endless", &[("longest", &histogram(&[1 << 40]))]).is_ok());
    }
}
