//! How a lesson talks: headings, steps, predictions, tables, for a terminal or a pipe.
//!
//! A lesson computes first and narrates afterwards, and its text must read well in a terminal of 80
//! columns or of 40, in a pipe and on a page. A [`Narrator`] is the one place that knows the
//! difference: it wraps, lines up columns, colours and asks, or leaves that out. [`run`] is the
//! body of every `main`: it turns an error into one line, and a reader who quits or closes the pipe
//! into a quiet end.
//!
//! What holds:
//!
//! * No line is wider than the screen, which is at most 80 columns; at 40 everything is still
//!   there.
//! * Off a terminal nothing is asked and no escape code is written.
//! * What the reader types is bounded, and the answer to a prediction is the value that was
//!   observed.
//! * Colour says nothing that is not also said in words or signs.
//! * Text from outside is shown, never obeyed: control characters come out escaped.
//!
//! Left out: drawing over what is already on the screen (but for the line that waits for Enter),
//! raw keys, and languages other than English.

mod args;
mod event;
mod exit;
mod guess;
mod narrator;
mod quantity;
mod table;
mod terminal;
mod text;
mod time;

pub use args::{Args, DrawArgs, NodeArgs, SeedArgs, TunArgs, duration, parse};
pub use exit::{Log, WithHint, listening, log, run};
pub use guess::Answer;
pub use narrator::Narrator;
pub use table::Table;
pub use text::{hex, number, printable};
pub use time::{exact, measured};
