//! What the reader's screen can show, and whether a reader sits at it.

use std::env;
use std::io::{IsTerminal, stdin, stdout};

use anstyle::{AnsiColor, Style};

use crate::args::{Args, ColorWhen};

/// The longest line, in columns. Longer ones are hard to read, on any screen.
pub const MAX_WIDTH: usize = 80;

/// A screen narrower than this is written to as if it had so many columns.
const MIN_WIDTH: usize = 30;

/// What may be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) width: usize,
    pub(crate) utf8: bool,
    pub(crate) color: bool,
}

impl Screen {
    pub(crate) fn of_stdout(args: &Args) -> Screen {
        let capable = stdout().is_terminal() && env("TERM").as_deref() != Some("dumb");
        Screen {
            width: width(),
            utf8: is_utf8(),
            color: match args.color {
                ColorWhen::Always => true,
                ColorWhen::Never => false,
                ColorWhen::Auto => capable && env("NO_COLOR").is_none(),
            },
        }
    }

    pub(crate) fn plain(width: usize) -> Screen {
        Screen {
            width: width.clamp(MIN_WIDTH, MAX_WIDTH),
            utf8: true,
            color: false,
        }
    }

    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// `text` as this screen can show it, each character in its column.
    pub(crate) fn encode(&self, text: &str) -> String {
        if self.utf8 {
            return text.to_owned();
        }
        text.chars().map(ascii).collect()
    }
}

/// Whether somebody can be asked: they see what we write, and type what we read.
pub(crate) fn is_interactive(args: &Args) -> bool {
    !args.no_pause && env("CI").is_none() && stdin().is_terminal() && stdout().is_terminal()
}

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const ACCENT: Style = AnsiColor::Cyan.on_default().bold();
pub(crate) const RIGHT: Style = AnsiColor::Green.on_default().bold();
pub(crate) const WRONG: Style = AnsiColor::Red.on_default().bold();

/// `COLUMNS` if it is a number, or else the terminal's own width.
fn width() -> usize {
    let columns = env("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = columns.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0.into()));
    width.unwrap_or(MAX_WIDTH).clamp(MIN_WIDTH, MAX_WIDTH)
}

/// Whether the locale is UTF-8. The first of these that is set decides (POSIX, section 8.2); where none is, as in many
/// containers and on Windows, terminals show UTF-8 all the same.
fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(env);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// An environment variable that is set to something.
fn env(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The ASCII character nearest to `c`, always one for one.
fn ascii(c: char) -> char {
    match c {
        _ if c.is_ascii() => c,
        '─' | '━' | '–' | '—' | '−' => '-',
        '│' | '┃' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' => '+',
        '▶' | '→' | '›' => '>',
        '◀' | '←' | '‹' => '<',
        '●' | '○' => 'o',
        '█' | '▇' | '▆' | '▅' | '▄' | '▃' | '▂' | '▁' => '#',
        '✓' => 'v',
        '✗' | '×' => 'x',
        '≈' => '~',
        '…' => '.',
        '·' | '•' => '*',
        'µ' => 'u',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        _ => '?',
    }
}
