//! The narrator.

use std::fmt::Display;
use std::io::{self, Write};

use crate::{Args, Plot, Table};

/// Tells a lesson.
pub struct Narrator<'out> {
    out: Box<dyn Write + 'out>,
    steps: usize,
}

impl<'out> Narrator<'out> {
    /// On stdout, as the flags, the environment and the terminal ask.
    pub fn new(_args: &Args) -> Self {
        Narrator {
            out: Box::new(io::stdout()),
            steps: 0,
        }
    }

    /// Into `out`, as into a pipe of that width: no colour, no questions.
    pub fn plain(_width: usize, out: impl Write + 'out) -> Self {
        Narrator {
            out: Box::new(out),
            steps: 0,
        }
    }

    /// Whether there is someone to ask.
    pub fn is_interactive(&self) -> bool {
        false
    }

    /// Opens a lesson: its name, and the question that it answers.
    pub fn title(&mut self, lesson: &str, question: &str) -> io::Result<()> {
        writeln!(self.out, " {lesson}\n {question}")
    }

    /// Opens a step, numbered by itself. `world` says what is real in it: "real sockets", "virtual time".
    pub fn step(&mut self, heading: &str, world: &str) -> io::Result<()> {
        self.steps += 1;
        writeln!(self.out, "\n {}  {heading} -- {world}\n", self.steps)
    }

    /// A paragraph. `**term**` marks a term that this sentence defines.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "    {text}\n")
    }

    /// An item of a short list.
    pub fn bullet(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "      - {text}")
    }

    /// What one party does. Consecutive events line up.
    pub fn event(&mut self, who: &str, does: &str, what: &str) -> io::Result<()> {
        writeln!(self.out, "      {who:8} {does:8} {what}")
    }

    /// Lines shown as they are.
    pub fn picture(&mut self, lines: &str) -> io::Result<()> {
        writeln!(self.out, "{lines}")
    }

    /// A table.
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        for row in std::iter::once(&table.headings).chain(&table.rows) {
            writeln!(self.out, "    {}", row.join("  "))?;
        }
        Ok(())
    }

    /// A plot.
    pub fn plot(&mut self, plot: &Plot) -> io::Result<()> {
        writeln!(self.out, "    {} over {}", plot.y, plot.x)
    }

    /// Asks the reader to guess; the answer is what was observed.
    pub fn predict(&mut self, question: &str, answer: impl Display, why: &str) -> io::Result<()> {
        writeln!(self.out, "    ? {question}\n      {answer}. {why}\n")
    }

    /// Waits for Enter, where there is someone to ask: "Enter {goes_on}, q quits".
    pub fn pause(&mut self, _goes_on: &str) -> io::Result<()> {
        Ok(())
    }

    /// Closes the lesson: one sentence to remember, and the question that the next lesson answers.
    pub fn remember(&mut self, sentence: &str, next_question: &str) -> io::Result<()> {
        writeln!(
            self.out,
            "\n Remember\n\n    {sentence}\n\n    Next: {next_question}"
        )
    }
}
