//! The drawings on the pages, as SVG: plots over time, and figures of lines and boxes.
//!
//! A lesson's `examples/NAME-plots.rs` names its files in a call of [`run`], and the test of the
//! page draws them again and compares. What holds: the same code gives the same bytes on each
//! system, since all coordinates are whole numbers and no font is read; and the reader's system
//! chooses between the light and the dark colours.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordi32;
use plotters::prelude::*;

pub use plotters;

/// Behind everything.
pub const PAGE: RGBColor = RGBColor(255, 255, 255);
/// Text and axes.
pub const TEXT: RGBColor = RGBColor(31, 35, 40);
/// The first line, and the only one.
pub const FIRST: RGBColor = RGBColor(11, 98, 196);
/// The second line, and what is wrong.
pub const SECOND: RGBColor = RGBColor(163, 38, 43);

/// The same colours in the dark. A rule of a style sheet counts more than an attribute.
const DARK: [(RGBColor, &str); 4] =
    [(PAGE, "#0d1117"), (TEXT, "#e6edf3"), (FIRST, "#6cb0ff"), (SECOND, "#ff938a")];

/// What a figure is drawn on.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The text of a drawing, of this size.
pub fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&TEXT)
}

/// A figure of this size in pixels. `description` is for those who do not see it.
///
/// # Errors
/// Those of `draw`.
pub fn figure(
    size: (u32, u32),
    description: &str,
    draw: impl FnOnce(&Area<'_>) -> Result<()>,
) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAGE)?;
        draw(&area)?;
        area.present()?;
    }
    Ok(finish(&svg, description))
}

/// Some values over time.
pub struct Plot {
    /// What it shows.
    pub title: &'static str,
    /// What the values are, with their unit.
    pub y: &'static str,
    /// The highest value that has room.
    pub highest: i32,
    /// The first and the last second.
    pub seconds: (i32, i32),
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line of a plot.
pub struct Line {
    /// Its name, which is shown where there are several.
    pub name: &'static str,
    /// Its colour.
    pub colour: RGBColor,
    /// Places on the axes; in a [`Plot`] milliseconds, and the value then.
    pub points: Vec<(i32, i32)>,
}

impl Plot {
    /// Draws it.
    ///
    /// # Errors
    /// Never, as long as it has room for a value and a second.
    pub fn draw(&self, description: &str) -> Result<String> {
        figure((720, 300), description, |area| self.draw_on(area))
    }

    fn draw_on(&self, area: &Area<'_>) -> Result<()> {
        let (from, to) = self.seconds;
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, text(18))
            .margin(12)
            .x_label_area_size(46)
            .y_label_area_size(64)
            .build_cartesian_2d(1000 * from..1000 * to, 0..self.highest)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(TEXT)
            .label_style(text(16))
            .x_desc("seconds")
            .y_desc(self.y)
            .x_labels(11)
            .y_labels(6)
            .x_label_formatter(&|x| (x / 1000).to_string())
            .draw()?;
        draw_lines(&mut chart, &self.lines, SeriesLabelPosition::UpperRight)
    }
}

/// A chart whose two axes are whole numbers.
pub type Chart<'c, 'a> =
    ChartContext<'c, SVGBackend<'a>, Cartesian2d<RangedCoordi32, RangedCoordi32>>;

/// Draws the lines into a chart and, where there are several, their names in that corner.
///
/// # Errors
/// Never: what is drawn is in memory.
pub fn draw_lines<'c, 'a: 'c>(
    chart: &mut Chart<'c, 'a>,
    lines: &[Line],
    corner: SeriesLabelPosition,
) -> Result<()> {
    let has_names = lines.len() > 1;
    for Line { name, colour, points } in lines {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
        let series = chart.draw_series(line)?;
        if has_names {
            let colour = *colour;
            series.label(*name).legend(move |(x, y)| {
                PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
            });
        }
    }
    if has_names {
        chart
            .configure_series_labels()
            .position(corner)
            .label_font(text(16))
            .border_style(PAGE)
            .draw()?;
    }
    Ok(())
}

/// The drawing with a description, and with its colours in the dark.
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

/// A file, and what is drawn into it.
pub type Drawing = (&'static str, fn() -> Result<String>);

/// The body of an example's `main`: draws each file into the folder that its argument names.
pub fn run(drawings: &[Drawing]) -> ExitCode {
    narration::run(|| {
        let folder = env::args_os().nth(1).context("the folder to draw into is missing")?;
        for (name, draw) in drawings {
            let path = Path::new(&folder).join(name);
            fs::write(&path, draw()?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
