//! How a lesson talks: headings, steps, predictions, tables, plots, for a terminal or a pipe.
//!
//! A lesson computes first and tells afterwards, so what it says must read the same in an 80-column terminal, in a
//! narrow one, in a pipe and on a page. A [`Narrator`] is the one place that knows the difference: it wraps, lays
//! out columns, colours, asks, or leaves all that out. [`run`] is the body of every `main`; it turns an error into
//! one line, and a reader who quits or closes the pipe into a quiet end.

mod args;
mod exit;
mod narrator;
mod plot;
mod table;
mod text;
mod time;

pub use args::{Args, SeedArgs};
pub use exit::{WithHint, answer, listening, log, run};
pub use narrator::Narrator;
pub use plot::Plot;
pub use table::Table;
pub use text::{hex, number, printable};
pub use time::{exact, measured};
