//! A trace as files and as space-time diagrams.
//!
//! | ending | view | function |
//! |---|---|---|
//! | `.txt` | the ladder, 80 columns wide | [`Trace::ladder`](trace::Trace::ladder) |
//! | `.svg` | the same diagram as SVG | [`svg`](svg()) |
//! | `.html` | a page to explore in a browser | [`html`](html()) |
//! | `.shiviz` | a log for the tool ShiViz | [`shiviz::log`] |
//! | `.jsonl` | the trace itself | [`file::write`] |
//!
//! [`write`](write()) writes any of them, by the ending of the file's name. Where several processes
//! each write a file of their own, [`files`] reads them and [`merge`](mod@merge) makes one trace of
//! them, by their messages alone.

pub mod file;
pub mod files;
mod html;
pub mod merge;
pub mod shiviz;
mod svg;
mod write;

pub use html::html;
pub use svg::svg;
pub use write::{ViewError, draw, write};
