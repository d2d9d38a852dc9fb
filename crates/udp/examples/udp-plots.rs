//! Draws the staleness over UDP and over TCP as the page shows it.
//!
//! `cargo run -p udp --example udp-plots -- FOLDER` writes `staleness.svg` there. The same code
//! gives the same bytes on each system: all coordinates are whole numbers, and no font is read. The
//! reader's system chooses between the light and the dark colours.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use plotters::prelude::*;
use udp::staleness::{self, Played};

/// Of a thousand packets, how many are lost, as in the run.
const LOST: u64 = 20;

/// A point of the plot is the worst staleness within so many milliseconds.
const WITHIN: u32 = 100;

const SIZE: (u32, u32) = (720, 300);

const TITLE: &str = "How old the drawn position is, at worst, in each tenth of a second";

const PAGE: RGBColor = RGBColor(255, 255, 255);
const TEXT: RGBColor = RGBColor(31, 35, 40);
const UDP: RGBColor = RGBColor(11, 98, 196);
const TCP: RGBColor = RGBColor(163, 38, 43);

/// The same colours in the dark. A rule of a style sheet counts more than an attribute.
const DARK: [(RGBColor, &str); 4] =
    [(PAGE, "#0d1117"), (TEXT, "#e6edf3"), (UDP, "#6cb0ff"), (TCP, "#ff938a")];

/// The time in milliseconds, and the worst staleness around it.
fn points(played: &Played) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = Vec::new();
    for (at, stale) in played.staleness() {
        let (at, stale) = ((at / WITHIN * WITHIN) as i32, stale as i32);
        match points.last_mut() {
            Some((time, worst)) if *time == at => *worst = stale.max(*worst),
            _ => points.push((at, stale)),
        }
    }
    points
}

/// A name, a colour, and the points.
type Line = (&'static str, RGBColor, Vec<(i32, i32)>);

fn draw(lines: [Line; 2]) -> Result<String> {
    let worst = lines.iter().flat_map(|line| &line.2).map(|(_, stale)| *stale).max();
    let highest = worst.unwrap_or(0) + 50;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&PAGE)?;
        let text = ("sans-serif", 16).into_font().color(&TEXT);
        let mut chart = ChartBuilder::on(&area)
            .caption(TITLE, ("sans-serif", 18).into_font().color(&TEXT))
            .margin(12)
            .x_label_area_size(46)
            .y_label_area_size(56)
            .build_cartesian_2d(0..20_000, 0..highest)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(TEXT)
            .label_style(text.clone())
            .x_desc("seconds")
            .y_desc("milliseconds")
            .x_labels(11)
            .y_labels(6)
            .x_label_formatter(&|x: &i32| (x / 1000).to_string())
            .draw()?;
        for (name, colour, points) in lines {
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?.label(name).legend(
                move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)),
            );
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(text)
            .border_style(PAGE)
            .draw()?;
        area.present()?;
    }
    Ok(svg)
}

/// The drawing without a fixed size, with a description, and with its colours in the dark.
fn finish(svg: &str, description: &str) -> String {
    let mut style = String::from("<style>@media(prefers-color-scheme:dark){\n");
    for (RGBColor(red, green, blue), dark) in DARK {
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        for attribute in ["fill", "stroke"] {
            style += &format!("[{attribute}=\"{light}\"]{{{attribute}:{dark}}}\n");
        }
    }
    let end = svg.find('>').map_or(0, |end| end + 1);
    let (head, body) = svg.split_at(end);
    format!("{head}\n<title>{description}</title>\n{style}}}</style>\n{}", body.trim_start())
}

fn main() -> ExitCode {
    narration::run(|| {
        let folder = env::args_os().nth(1).context("the folder to draw into is missing")?;
        let [udp, tcp] = staleness::both(1, LOST, None)?;
        let svg = draw([("over TCP", TCP, points(&tcp)), ("over UDP", UDP, points(&udp))])?;
        let path = Path::new(&folder).join("staleness.svg");
        fs::write(&path, finish(&svg, "The staleness over UDP and over TCP, over time"))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(ExitCode::SUCCESS)
    })
}
