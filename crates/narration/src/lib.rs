//! How a lesson talks: headings, steps, predictions, tables, plots, for a terminal or a pipe
