//! Draws the load of both simulations as the page shows it.
//!
//! `cargo run -p retry --example retry-plots -- FOLDER` writes `herd.svg` and `overload.svg` there.
//! The same code gives the same bytes on each system: all coordinates are whole numbers, and no
//! font is read. The reader's system chooses between the light and the dark colours.

use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use retry::herd::{INTERVAL, Outcome, Scenario};
use retry::{overload, synchrony};

const SIZE: (u32, u32) = (720, 520);
/// Where the herd's bars are cut.
const HERD_HIGHEST: i32 = 130;
/// The run that is shown where something is drawn at random.
const SEEDS: Range<u64> = 1..2;

const PAGE: RGBColor = RGBColor(255, 255, 255);
const TEXT: RGBColor = RGBColor(31, 35, 40);
const LOAD: RGBColor = RGBColor(11, 98, 196);
const CAPACITY: RGBColor = RGBColor(163, 38, 43);
const DOWN: RGBColor = RGBColor(226, 230, 235);

/// The same colours in the dark. A rule of a style sheet counts more than an attribute.
const DARK: [(RGBColor, &str); 5] = [
    (PAGE, "#0d1117"),
    (TEXT, "#e6edf3"),
    (LOAD, "#6cb0ff"),
    (CAPACITY, "#ff938a"),
    (DOWN, "#2a313a"),
];

/// One run: what is counted in each of its bars, and up to where the axes go.
struct Panel<'a> {
    title: String,
    scenario: &'a Scenario,
    bar_ms: i32,
    bars: Vec<i32>,
    seconds: i32,
    highest: i32,
}

impl<'a> Panel<'a> {
    /// `intervals` of the simulation are one bar.
    fn new(title: String, scenario: &'a Scenario, outcome: &Outcome, intervals: usize) -> Self {
        let bars = outcome.arrivals.chunks(intervals).map(|bar| bar.iter().sum::<u32>() as i32);
        let bar_ms = INTERVAL.as_millis() as i32 * intervals as i32;
        Panel { title, scenario, bar_ms, bars: bars.collect(), seconds: 0, highest: 0 }
    }

    fn draw(&self, area: &DrawingArea<SVGBackend<'_>, Shift>, y: &str) -> Result<()> {
        let text = ("sans-serif", 16).into_font().color(&TEXT);
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, text.clone())
            .margin(8)
            .margin_right(16)
            .x_label_area_size(40)
            .y_label_area_size(56)
            .build_cartesian_2d(0..self.seconds * 1000, 0..self.highest)?;
        let down = &self.scenario.down;
        let down = [down.start, down.end].map(|moment| moment.as_millis() as i32);
        let is_down = [(down[0], 0), (down[1], self.highest)];
        chart.draw_series([Rectangle::new(is_down, DOWN.filled())])?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(TEXT)
            .label_style(text.clone())
            .x_labels(12)
            .y_labels(5)
            .x_desc("seconds")
            .x_label_formatter(&|ms| (ms / 1000).to_string())
            .y_desc(y)
            .draw()?;
        chart.draw_series(self.bars.iter().zip(0..).filter(|(count, _)| **count > 0).map(
            |(count, bar)| {
                let top = (*count).min(self.highest);
                let corners = [(bar * self.bar_ms, 0), ((bar + 1) * self.bar_ms, top)];
                Rectangle::new(corners, LOAD.filled())
            },
        ))?;
        let capacity = self.bar_ms / self.scenario.work.as_millis() as i32;
        let end = self.seconds * 1000;
        let across = [(0, capacity), (end, capacity)];
        chart.draw_series(LineSeries::new(across, CAPACITY.stroke_width(2)))?;
        let label = format!("capacity: {capacity}");
        let labels = [
            (
                (down[0] + (down[1] - down[0]) / 2, self.highest * 97 / 100),
                "down".to_owned(),
                &TEXT,
                HPos::Center,
                VPos::Top,
            ),
            ((end, capacity + self.highest / 50), label, &CAPACITY, HPos::Right, VPos::Bottom),
        ];
        chart.draw_series(labels.map(|(at, words, colour, h, v)| {
            let style = text.color(colour).pos(Pos::new(h, v));
            Text::new(words, at, style)
        }))?;
        Ok(())
    }
}

fn main() -> ExitCode {
    narration::run(|| {
        let folder = env::args_os().nth(1).context("say into which folder to draw")?;
        for (name, svg) in [("herd.svg", herd()?), ("overload.svg", overloaded()?)] {
            let file = Path::new(&folder).join(name);
            fs::write(&file, svg).with_context(|| format!("cannot write {}", file.display()))?;
            narration::log(format!("wrote {}", file.display()));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The herd with two ways of retrying, a bar for each 0.1 s.
fn herd() -> Result<String> {
    let herd = synchrony::compare(&SEEDS);
    let panels = [&herd.exponential, &herd.jittered].map(|compared| {
        let title = format!("{}: 100 calls at once", compared.name);
        let mut panel = Panel::new(title, &synchrony::SCENARIO, &compared.runs[0], 1);
        // Only the first bar is higher. Cut, it leaves the capacity room to be seen.
        if panel.bars[0] > HERD_HIGHEST {
            panel.title += &format!(" (cut: the first bar has {})", panel.bars[0]);
        }
        Panel { seconds: 11, highest: HERD_HIGHEST, ..panel }
    });
    draw("Requests of a hundred clients that failed together", &panels, "requests in 0.1 s")
}

/// The overload without a cure and with a budget, a bar for each second.
fn overloaded() -> Result<String> {
    let overloads = overload::compare(&SEEDS);
    let panels = [&overloads.jittered.long, &overloads.budget.long].map(|compared| {
        let run = &compared.runs[0];
        let title = format!("{}: {} of 800 calls answered", compared.name, run.succeeded);
        let panel = Panel::new(title, &overload::SCENARIO, run, 10);
        Panel { seconds: 30, highest: 200, ..panel }
    });
    draw(
        "Requests of a steady stream of calls, before and after an outage",
        &panels,
        "requests in 1 s",
    )
}

/// Two panels, one below the other.
fn draw(description: &str, panels: &[Panel<'_>; 2], y: &str) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&PAGE)?;
        for (panel, area) in panels.iter().zip(root.split_evenly((2, 1))) {
            panel.draw(&area, y)?;
        }
        root.present()?;
    }
    let (open, drawing) = svg.split_once('\n').context("plotters writes one element a line")?;
    let dark = DARK.map(|(light, dark)| {
        let RGBColor(red, green, blue) = light;
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        format!("[fill=\"{light}\"]{{fill:{dark}}}\n[stroke=\"{light}\"]{{stroke:{dark}}}\n")
    });
    let dark = dark.concat();
    Ok(format!(
        "{open}\n<title>{description}</title>\n\
         <style>\n@media(prefers-color-scheme:dark){{\n{dark}}}\n</style>\n{drawing}"
    ))
}
