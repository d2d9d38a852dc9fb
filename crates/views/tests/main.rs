//! The views of a trace, each against what it promises.

mod any;
mod file;
mod html;
mod merge;
mod shiviz;
mod svg;
mod write;
