//! Draws the congestion window and two flows as the page shows them.
//!
//! `cargo run -p tcp --example tcp-plots -- FOLDER` writes `window.svg` and `flows.svg` there. The
//! same code gives the same bytes on each system: all coordinates are whole numbers, and no font is
//! read. The reader's system chooses between the light and the dark colours.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use plotters::prelude::*;
use tcp::congestion::{self, SECOND_BEGINS};

const SIZE: (u32, u32) = (720, 300);

const PAGE: RGBColor = RGBColor(255, 255, 255);
const TEXT: RGBColor = RGBColor(31, 35, 40);
const FIRST: RGBColor = RGBColor(11, 98, 196);
const SECOND: RGBColor = RGBColor(163, 38, 43);

/// The same colours in the dark. A rule of a style sheet counts more than an attribute.
const DARK: [(RGBColor, &str); 4] =
    [(PAGE, "#0d1117"), (TEXT, "#e6edf3"), (FIRST, "#6cb0ff"), (SECOND, "#ff938a")];

/// Some lines over time, each with its name and colour.
struct Plot {
    title: &'static str,
    y: &'static str,
    highest: i32,
    from: i32,
    /// The last second.
    to: i32,
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    colour: RGBColor,
    points: Vec<(i32, i32)>,
}

impl Plot {
    /// The x coordinates of the lines are milliseconds.
    fn draw(&self) -> Result<String> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            area.fill(&PAGE)?;
            let text = ("sans-serif", 16).into_font().color(&TEXT);
            let mut chart = ChartBuilder::on(&area)
                .caption(self.title, ("sans-serif", 18).into_font().color(&TEXT))
                .margin(12)
                .x_label_area_size(46)
                .y_label_area_size(64)
                .build_cartesian_2d(1000 * self.from..1000 * self.to, 0..self.highest)?;
            chart
                .configure_mesh()
                .disable_mesh()
                .axis_style(TEXT)
                .label_style(text.clone())
                .x_desc("seconds")
                .y_desc(self.y)
                .x_labels(11)
                .y_labels(6)
                .x_label_formatter(&|x| (x / 1000).to_string())
                .draw()?;
            for Line { name, colour, points } in &self.lines {
                let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
                let series = chart.draw_series(line)?;
                if self.lines.len() > 1 {
                    let colour = *colour;
                    series.label(*name).legend(move |(x, y)| {
                        PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
                    });
                }
            }
            if self.lines.len() > 1 {
                chart
                    .configure_series_labels()
                    .position(SeriesLabelPosition::UpperRight)
                    .label_font(text)
                    .border_style(PAGE)
                    .draw()?;
            }
            area.present()?;
        }
        Ok(svg)
    }
}

/// The bytes in flight of one flow: the most in each tenth of a second.
fn window() -> Result<Plot> {
    const TENTH: u128 = 100;
    let flow = congestion::one_flow()?;
    let mut points: Vec<(i32, i32)> = Vec::new();
    for sample in flow.samples {
        let tenth = (sample.time.as_millis() / TENTH * TENTH) as i32;
        let packets = (sample.in_flight / 1_500) as i32;
        match points.last_mut() {
            Some((time, most)) if *time == tenth => *most = packets.max(*most),
            _ => points.push((tenth, packets)),
        }
    }
    points.retain(|(time, _)| *time <= 20_000);
    Ok(Plot {
        title: "One flow alone: packets in flight",
        y: "packets in flight",
        highest: 70,
        from: 0,
        to: 20,
        lines: vec![Line { name: "", colour: FIRST, points }],
    })
}

/// What two flows carry, in each second.
fn flows() -> Result<Plot> {
    let seconds = congestion::two_flows()?;
    let line = |flow: usize, from: usize| {
        let rate = move |(second, carried): (usize, &[u64; 2])| {
            (1000 * second as i32 + 500, (carried[flow] / 1000) as i32)
        };
        seconds.iter().enumerate().skip(from).map(rate).collect()
    };
    let begins = SECOND_BEGINS.as_secs() as usize;
    Ok(Plot {
        title: "Two flows on a link of 4,000 kbit/s",
        y: "kbit/s",
        highest: 5_000,
        from: 0,
        to: seconds.len() as i32,
        lines: vec![
            Line { name: "first", colour: FIRST, points: line(0, 0) },
            Line { name: "second", colour: SECOND, points: line(1, begins) },
        ],
    })
}

/// The drawing without a fixed size, with a description, and with its colours in the dark.
fn finish(svg: &str, description: &str) -> String {
    let hex = |colour: RGBColor| format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
    let mut style = String::from("<style>@media(prefers-color-scheme:dark){\n");
    for (colour, dark) in DARK {
        let light = hex(colour);
        for attribute in ["fill", "stroke"] {
            style += &format!("[{attribute}=\"{light}\"]{{{attribute}:{dark}}}\n");
        }
    }
    style += "}</style>\n";
    let end = svg.find('>').map_or(0, |end| end + 1);
    let head = &svg[..end];
    format!("{head}\n<title>{description}</title>\n{style}{}", svg[end..].trim_start())
}

fn write(folder: &Path) -> Result<()> {
    let drawn = [
        ("window.svg", window()?, "The packets in flight of one flow, over time"),
        ("flows.svg", flows()?, "What two flows carry, over time"),
    ];
    for (name, plot, description) in drawn {
        let path = folder.join(name);
        fs::write(&path, finish(&plot.draw()?, description))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    narration::run(|| {
        let folder = env::args_os().nth(1).context("the folder to draw into is missing")?;
        write(Path::new(&folder))?;
        Ok(ExitCode::SUCCESS)
    })
}
