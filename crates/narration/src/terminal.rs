//! What stdout is: how wide, how it shows colour and characters, and whether a reader is there to
//! ask.

use std::borrow::Cow;
use std::env;
use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Effects, Style};
use clap::ColorChoice;
use unicode_width::UnicodeWidthChar;

use crate::Args;

/// The widest screen that is used, and the width where none is known.
const WIDEST: usize = 80;

/// A narrower screen is written to as if it had this width.
const NARROWEST: usize = 30;

/// The height where none is known.
const USUAL_HEIGHT: usize = 24;

/// A lower screen is paused on as if it had this height: less than a step fits into nothing.
const LOWEST: usize = 8;

/// What matters most: a term being defined, an answer, a marked row.
pub(crate) const BOLD: Style = Style::new().bold();
/// What may be passed over.
pub(crate) const DIM: Style = Style::new().effects(Effects::DIMMED);
/// A question to the reader.
pub(crate) const QUESTION: Style = AnsiColor::Magenta.on_default().effects(Effects::BOLD);
/// A right guess.
pub(crate) const RIGHT: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
/// A wrong guess.
pub(crate) const WRONG: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);

/// What the output can show. The basic colours that read well on light and on dark are used, and no
/// others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// In columns.
    pub(crate) width: usize,
    /// In rows.
    pub(crate) height: usize,
    pub(crate) colour: bool,
    /// Every character outside ASCII is written as one inside it.
    pub(crate) ascii: bool,
    /// A reader sits there: questions and pauses make sense.
    pub(crate) interactive: bool,
    /// A line that has been read can be taken back.
    pub(crate) erases: bool,
}

impl Terminal {
    /// This process's stdout.
    pub(crate) fn of_process(args: &Args) -> Self {
        let lines = Lines {
            stdin: io::stdin().is_terminal(),
            stdout: io::stdout().is_terminal(),
            size: terminal_size::terminal_size_of(io::stdout())
                .map(|(width, height)| (width.0.into(), height.0.into())),
        };
        Terminal::new(args, &lines, environment)
    }

    /// A pipe that reads UTF-8.
    pub(crate) const fn plain(width: usize) -> Self {
        Terminal {
            width,
            height: USUAL_HEIGHT,
            colour: false,
            ascii: false,
            interactive: false,
            erases: false,
        }
    }

    fn new(args: &Args, lines: &Lines, variable: impl Fn(&str) -> Option<String>) -> Self {
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let set = variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let colour = match args.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => lines.stdout && !dumb && variable("NO_COLOR").is_none(),
        };
        let interactive = lines.stdin && lines.stdout && !args.no_pause && variable("CI").is_none();
        let (columns, rows) = lines.size.unzip();
        Terminal {
            height: rows.unwrap_or(USUAL_HEIGHT).max(LOWEST),
            colour,
            ascii: is_ascii(&variable),
            interactive,
            erases: interactive && !dumb,
            ..Terminal::plain(set.or(columns).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST))
        }
    }

    /// The text in a style, where there is colour.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// The text in characters that the output can show, each as wide as before.
    pub(crate) fn encode<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.ascii { in_ascii(text) } else { text.into() }
    }
}

/// What the process is connected to.
struct Lines {
    stdin: bool,
    stdout: bool,
    /// Its columns and rows, where it is a terminal.
    size: Option<(usize, usize)>,
}

/// Drops what was typed before the question was there, a second Enter or the rest of a paste: it
/// would answer what the reader has not seen.
pub(crate) fn forget_type_ahead() {
    // Where stdin is not a terminal, nothing was typed.
    #[cfg(unix)]
    let _ = nix::sys::termios::tcflush(io::stdin(), nix::sys::termios::FlushArg::TCIFLUSH);
}

/// Text for stderr, in the characters of the locale.
pub(crate) fn for_locale(text: &str) -> Cow<'_, str> {
    if is_ascii(environment) { in_ascii(text) } else { text.into() }
}

/// A variable that is set to something: most conventions take an empty one for none.
fn environment(name: &str) -> Option<String> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(|value| value.to_string_lossy().into_owned())
}

/// Whether the locale names another character set than UTF-8. Where there is no locale at all,
/// UTF-8 is likelier.
fn is_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// Each character outside ASCII as one inside it, or as two where it is two columns wide: columns
/// stay.
fn in_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    text.chars()
        .flat_map(|char| std::iter::repeat_n(look_alike(char), char.width().unwrap_or(1)))
        .collect()
}

fn look_alike(char: char) -> char {
    match char {
        _ if char.is_ascii() => char,
        '─' | '━' | '–' | '—' | '−' | '‐' | '‑' => '-',
        '═' => '=',
        '│' | '┃' | '║' | '‖' => '|',
        '▶' | '→' | '▸' => '>',
        '◀' | '←' | '◂' => '<',
        '↑' | '▲' => '^',
        '↓' | '▼' | '✓' => 'v',
        '●' | '○' => 'o',
        '◆' | '◇' | '•' => '*',
        '✗' | '×' => 'x',
        '≈' => '~',
        '…' | '·' | '▁' | '▂' | '▃' => '.',
        '▄' | '▅' | '▆' | '▇' | '█' => '#',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        'µ' | 'μ' => 'u',
        '²' => '2',
        '³' => '3',
        '\u{2500}'..='\u{257f}' => '+', // the other box drawings
        '\u{a0}' => ' ',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use textwrap::core::display_width;

    const TERMINAL: Lines = Lines { stdin: true, stdout: true, size: Some((60, 24)) };
    const PIPE: Lines = Lines { stdin: true, stdout: false, size: None };

    fn seen(lines: &Lines, color: ColorChoice, variables: &[(&str, &str)]) -> Terminal {
        let args = Args { no_pause: false, color };
        Terminal::new(&args, lines, |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_is_asked_and_coloured_and_a_pipe_is_not() {
        let terminal = seen(&TERMINAL, ColorChoice::Auto, &[]);
        let all = Terminal { colour: true, interactive: true, erases: true, ..Terminal::plain(60) };
        assert_eq!(terminal, all);
        assert_eq!(seen(&PIPE, ColorChoice::Auto, &[]), Terminal::plain(80));
    }

    #[test]
    fn conventions_are_honoured() {
        let auto = |variable| seen(&TERMINAL, ColorChoice::Auto, &[variable]);
        assert!(!auto(("NO_COLOR", "1")).colour);
        let dumb = auto(("TERM", "dumb"));
        assert!(!dumb.colour && !dumb.erases && dumb.interactive);
        assert!(!auto(("CI", "true")).interactive);
        assert!(seen(&PIPE, ColorChoice::Always, &[("NO_COLOR", "1")]).colour);
        assert!(!seen(&TERMINAL, ColorChoice::Never, &[]).colour);
    }

    #[test]
    fn the_width_has_two_ends() {
        for (columns, width) in [("40", 40), ("7", 30), ("200", 80), ("wide", 60)] {
            assert_eq!(seen(&TERMINAL, ColorChoice::Auto, &[("COLUMNS", columns)]).width, width);
        }
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let ascii = |variables: &[_]| seen(&PIPE, ColorChoice::Auto, variables).ascii;
        assert!(!ascii(&[]));
        assert!(
            !ascii(&[("LANG", "de_DE.UTF-8")]) && !ascii(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")])
        );
        assert!(ascii(&[("LANG", "C")]) && ascii(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]));
    }

    #[test]
    fn a_ladder_keeps_its_shape_in_ascii() {
        assert_eq!(
            in_ascii("● 2 ──▶● 3   ──✗ lost   ≈ 5 µs …"),
            "o 2 -->o 3   --x lost   ~ 5 us ."
        );
        assert_eq!(in_ascii("400 ┤▂█   café 日本"), "400 +.#   caf? ????");
    }

    proptest! {
        #[test]
        fn ascii_is_ascii_and_as_wide(text in any::<String>()) {
            let text = crate::text::escaped(&text);
            let ascii = in_ascii(&text);
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(ascii.len(), display_width(&text));
        }
    }
}
