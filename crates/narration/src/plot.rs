//! Plots: what a table cannot show, in about a dozen lines of characters.

use textwrap::core::display_width;

use crate::number;
use crate::text::{escaped, left, right, wrapped};

/// Lines between the lowest tick and the highest, about.
const HEIGHT: usize = 12;
/// Steps between the ticks of the y axis, at most.
const Y_TICKS: usize = 5;
/// Columns that a tick of the x axis wants.
const X_TICK_WIDTH: usize = 10;
/// A series of points is distinguished from the others by its sign.
const SIGNS: [char; 4] = ['●', '×', '+', '◇'];
/// What a line is made of between its points.
const BETWEEN: char = '·';
/// How far a bar fills its last line, in eighths.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// No axis is longer than this, in either direction.
const FARTHEST: f64 = 1e12;
const INDENT: &str = "    ";

/// Series of points over two named axes. The y axis begins at zero or below. Points beyond ±10¹²,
/// and values that are not numbers, are left out.
///
/// ```
/// use narration::{Narrator, Plot};
///
/// let load = [(0.0, 100.0), (1.0, 40.0), (2.0, 15.0)];
/// let plot = Plot::new("time, s", "attempts a second").bars("", load);
/// Narrator::plain(80, std::io::sink()).plot(&plot)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plot {
    x: String,
    y: String,
    series: Vec<Series>,
}

#[derive(Clone, Debug)]
struct Series {
    name: String,
    shape: Shape,
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Points,
    Line,
    Bars,
}

impl Plot {
    /// A plot with nothing in it yet. The axes name their units: `Plot::new("timeout, ms", "false
    /// alarms, %")`.
    pub fn new(x: &str, y: &str) -> Self {
        Plot { x: escaped(x), y: escaped(y), series: Vec::new() }
    }

    /// With one more series, drawn as single points. An empty name stands in no legend.
    #[must_use]
    pub fn points(self, name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.with(Shape::Points, name, points)
    }

    /// With one more series, drawn as a line from point to point in the order given.
    #[must_use]
    pub fn line(self, name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.with(Shape::Line, name, points)
    }

    /// With one more series, drawn as bars. Each stands on zero, from its x to the next one, all
    /// equally wide; where several share a column, the highest shows.
    #[must_use]
    pub fn bars(self, name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.with(Shape::Bars, name, points)
    }

    fn with(
        mut self,
        shape: Shape,
        name: &str,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let fits = |(x, y): &(f64, f64)| x.abs() <= FARTHEST && y.abs() <= FARTHEST;
        let points = points.into_iter().filter(fits).collect();
        self.series.push(Series { name: escaped(name), shape, points });
        self
    }

    /// The lines of the plot, within `width` columns.
    pub(crate) fn draw(&self, width: usize) -> String {
        let values = self.series.iter().flat_map(|series| &series.points).map(|(_, y)| *y);
        let y = Axis::over(values.chain([0.0]), Y_TICKS);
        let labels: Vec<_> = (0..=y.ticks).map(|tick| y.label(tick)).collect();
        let margin = labels.iter().map(String::len).max().unwrap_or(0) + 1;
        let width = width - INDENT.len();
        let room = width.saturating_sub(margin);
        let reach = self.series.iter().flat_map(Series::reach);
        let x = Axis::over(reach, (room / X_TICK_WIDTH).max(2));

        let mut canvas = Canvas::new(x, y, room);
        for (series, sign) in self.signed() {
            canvas.draw(series, sign);
        }
        let mut lines = wrapped(&self.y, width);
        lines.extend(canvas.lines(&labels, margin));
        let end = margin + canvas.columns();
        lines.extend(wrapped(&self.x, end).iter().map(|line| right(line, end)));
        lines.extend(self.legend(width));
        lines.iter().map(|line| format!("{INDENT}{}\n", line.trim_end())).collect()
    }

    /// Each series with the sign that stands for it: bars first, so that lines and points lie over
    /// them.
    fn signed(&self) -> impl Iterator<Item = (&Series, char)> {
        let mut signs = SIGNS.into_iter().cycle();
        let (bars, others): (Vec<_>, Vec<_>) =
            self.series.iter().partition(|series| series.shape == Shape::Bars);
        let bars = bars.into_iter().map(|series| (series, EIGHTHS[8]));
        bars.chain(others.into_iter().filter_map(move |series| Some((series, signs.next()?))))
    }

    fn legend(&self, width: usize) -> Vec<String> {
        let named = self.signed().filter(|(series, _)| !series.name.is_empty());
        let entries: Vec<_> =
            named.map(|(series, sign)| format!("{sign}\u{a0}{}", series.name)).collect();
        if entries.is_empty() { Vec::new() } else { wrapped(&entries.join("   "), width) }
    }
}

impl Series {
    /// From where to where it goes along the x axis.
    fn reach(&self) -> Vec<f64> {
        self.points.iter().flat_map(|(x, _)| [*x, x + self.bar_width()]).collect()
    }

    fn bar_width(&self) -> f64 {
        match (self.shape, &self.points[..]) {
            (Shape::Bars, [(first, _), (second, _), ..]) => (second - first).abs(),
            (Shape::Bars, _) => 1.0,
            _ => 0.0,
        }
    }
}

/// An axis in equal steps, each 1, 2 or 5 and a power of ten.
struct Axis {
    step: f64,
    /// The number of the step that it begins with: zero is the end of step 0.
    first: f64,
    ticks: usize,
    decimals: usize,
}

impl Axis {
    /// An axis for these values in at most `most` steps; two are needed where zero lies between
    /// them. One that would begin near zero begins there.
    fn over(values: impl Iterator<Item = f64>, most: usize) -> Self {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) =
            values.fold(start, |(low, high), value| (value.min(low), value.max(high)));
        let near_zero = low > 0.0 && low < high / 2.0;
        let low = if near_zero || low > high { 0.0 } else { low };
        let high = if high > low { high } else { low + 1.0 };
        // Multiplied and divided, since a logarithm may differ from one system to another.
        let (mut decade, mut decimals) = (1.0, 0);
        while (high - low) / decade <= most as f64 && decimals < 9 {
            (decade, decimals) = (decade / 10.0, decimals + 1);
        }
        loop {
            for step in [1.0, 2.0, 5.0].map(|digit| digit * decade) {
                let first = (low / step).floor();
                let ticks = ((high / step).ceil() - first) as usize;
                if ticks <= most {
                    return Axis { step, first, ticks: ticks.max(1), decimals };
                }
            }
            (decade, decimals) = (decade * 10.0, decimals.saturating_sub(1));
        }
    }

    /// How many steps a value is from the beginning of the axis.
    fn steps(&self, value: f64) -> f64 {
        value / self.step - self.first
    }

    fn label(&self, tick: usize) -> String {
        let value = (self.first + tick as f64) * self.step;
        number(format!("{value:.*}", self.decimals))
    }
}

/// Lines of characters, the lowest first. Column 0 is the y axis, line 0 the x axis.
struct Canvas {
    x: Axis,
    y: Axis,
    columns_a_tick: usize,
    lines_a_tick: usize,
    cells: Vec<Vec<char>>,
}

impl Canvas {
    fn new(x: Axis, y: Axis, room: usize) -> Self {
        let columns_a_tick = (room.saturating_sub(1) / x.ticks).max(1);
        let lines_a_tick = HEIGHT / y.ticks;
        let cells = vec![vec![' '; x.ticks * columns_a_tick + 1]; y.ticks * lines_a_tick + 1];
        Canvas { x, y, columns_a_tick, lines_a_tick, cells }
    }

    fn columns(&self) -> usize {
        self.cells[0].len()
    }

    fn draw(&mut self, series: &Series, sign: char) {
        let points: Vec<_> =
            series.points.iter().map(|(x, y)| (self.column(*x), self.line(*y))).collect();
        if series.shape == Shape::Bars {
            let width = series.bar_width() / self.x.step * self.columns_a_tick as f64;
            return points.iter().for_each(|(column, top)| self.bar(*column, width, *top));
        }
        if series.shape == Shape::Line {
            points.windows(2).for_each(|ends| self.connect(ends[0], ends[1]));
        }
        points.iter().for_each(|(column, line)| *self.cell(*column, *line) = sign);
    }

    fn column(&self, x: f64) -> f64 {
        self.x.steps(x) * self.columns_a_tick as f64
    }

    fn line(&self, y: f64) -> f64 {
        self.y.steps(y) * self.lines_a_tick as f64
    }

    fn cell(&mut self, column: f64, line: f64) -> &mut char {
        let line = (line.round() as usize).min(self.cells.len() - 1);
        let column = (column.round() as usize).min(self.columns() - 1);
        &mut self.cells[line][column]
    }

    fn connect(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (right, up) = (to.0 - from.0, to.1 - from.1);
        let steps = right.abs().max(up.abs()).ceil();
        for step in 0..=steps as usize {
            let part = step as f64 / steps.max(1.0);
            let cell = self.cell(from.0 + right * part, from.1 + up * part);
            if *cell == ' ' {
                *cell = BETWEEN;
            }
        }
    }

    /// A bar right of `column`; where there is room, with a gap to the next one.
    fn bar(&mut self, column: f64, width: f64, top: f64) {
        let first = column.round() as usize + 1;
        let last = ((column + width).round() as usize).max(first);
        let last = if width >= 3.0 { last - 1 } else { last };
        let foot = self.line(0.0).round() as usize;
        for (line, cells) in self.cells.iter_mut().enumerate().skip(foot + 1) {
            let eighths = ((top - (line - 1) as f64).clamp(0.0, 1.0) * 8.0).ceil() as usize;
            for cell in cells.iter_mut().take(last + 1).skip(first) {
                let already = EIGHTHS.iter().position(|eighth| eighth == cell).unwrap_or(0);
                *cell = EIGHTHS[eighths.max(already)];
            }
        }
    }

    /// The lines from the top, with the axes and their numbers; the y axis has `margin` columns for
    /// its own.
    fn lines(&self, labels: &[String], margin: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (line, cells) in self.cells.iter().enumerate().rev() {
            let is_tick = line.is_multiple_of(self.lines_a_tick);
            let label = if is_tick { &labels[line / self.lines_a_tick] } else { "" };
            let cells = cells.iter().enumerate().map(|(column, cell)| match (cell, column, line) {
                (' ', 0, 0) => '└',
                (' ', 0, _) if is_tick => '┤',
                (' ', 0, _) => '│',
                (' ', _, 0) if column.is_multiple_of(self.columns_a_tick) => '┬',
                (' ', _, 0) => '─',
                _ => *cell,
            });
            lines.push(right(label, margin - 1) + " " + &cells.collect::<String>());
        }
        lines.push(self.numbers(margin));
        lines
    }

    /// The numbers of the x axis, each under its tick as far as the others and the edge let it.
    fn numbers(&self, margin: usize) -> String {
        let mut line = String::new();
        for tick in 0..=self.x.ticks {
            let label = self.x.label(tick);
            let middle = margin + tick * self.columns_a_tick;
            let begin = middle
                .saturating_sub(label.len() / 2)
                .min((margin + self.columns()).saturating_sub(label.len()));
            if display_width(&line) < begin || tick == 0 {
                line = left(&line, begin) + &label;
            }
        }
        line
    }
}
