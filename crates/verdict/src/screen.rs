//! How verdicts look: plain text in 40 to 80 columns.

use std::env;
use std::io::{self, Write};

/// The environment variable that asks for colours: <https://bixense.com/clicolors>. The program
/// that runs a judge knows the terminal.
pub const COLOUR: &str = "CLICOLOR_FORCE";

const LEAST: usize = 40;
const MOST: usize = 80;

/// What a table needs to have all its columns side by side.
const ROOMY: usize = 76;

/// Where the text of a labelled paragraph begins.
const LABEL: usize = 10;

/// Where the last column of a row begins, and its least width where something stands beside it.
const BESIDE: usize = 28;
const COLUMN: usize = 25;

/// Colours of verdicts, bold: SGR parameters (ECMA-48, section 8.3.117).
const RED: &str = "1;31";
const GREEN: &str = "1;32";
const YELLOW: &str = "1;33";

/// Writes what the reader sees. Nothing here needs colour. Errors are those of the writer.
pub struct Screen<'a> {
    out: &'a mut dyn Write,
    columns: usize,
    utf8: bool,
    colour: bool,
}

impl<'a> Screen<'a> {
    /// A screen of this many columns, or the nearest number from 40 to 80; its drawings are in
    /// ASCII where the locale says so.
    pub fn new(out: &'a mut dyn Write, columns: usize) -> Screen<'a> {
        Screen {
            out,
            columns: columns.clamp(LEAST, MOST),
            utf8: locale_is_utf8(),
            colour: env::var_os(COLOUR).is_some_and(|value| value != "0"),
        }
    }

    /// The columns that the environment has, in `COLUMNS`, or else 80.
    pub fn columns() -> usize {
        let value = env::var("COLUMNS").ok();
        value.and_then(|value| value.parse().ok()).unwrap_or(MOST)
    }

    /// The same screen whatever the locale is.
    pub fn utf8(out: &'a mut dyn Write, columns: usize) -> Screen<'a> {
        Screen { out, columns, utf8: true, colour: false }
    }

    /// Writes one line as it is.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// Writes lines that were drawn, beside the left edge.
    pub fn picture(&mut self, picture: &str) -> io::Result<()> {
        picture.lines().try_for_each(|line| match self.utf8 {
            true => self.line(&format!("  {line}")),
            false => self.line(&format!("  {}", line.chars().map(ascii).collect::<String>())),
        })
    }

    /// Writes the first line of a verdict: who, what, and what that means.
    pub fn headline(&mut self, name: &str, verdict: &str, text: &str) -> io::Result<()> {
        let style = match verdict {
            "PASS" => GREEN,
            "WRONG" | "KEEPS STATE" => RED,
            _ => YELLOW,
        };
        let head = format!("{name}   {}   ", self.paint(style, verdict));
        self.paragraph(&head, text, 10)?;
        self.line("")
    }

    /// Writes a paragraph with a label to its left.
    pub fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        let head = format!("  {label}");
        self.paragraph(&format!("{head:LABEL$}"), text, LABEL)
    }

    /// Writes paragraphs, each with its label.
    pub fn all_labelled(&mut self, lines: &[(&str, String)]) -> io::Result<()> {
        lines.iter().try_for_each(|(label, text)| self.labelled(label, text))
    }

    /// Writes a command with a label to its left, on one line, to be pasted.
    pub fn command(&mut self, label: &str, command: &str) -> io::Result<()> {
        let head = format!("  {label}");
        self.line(&format!("{head:LABEL$}{command}"))
    }

    /// Writes one of an exercise's hints, which stand apart by an empty line, and how to get the
    /// next. They are counted from 1.
    pub fn hint(&mut self, name: &str, hints: &str, level: usize) -> io::Result<()> {
        // On Windows git may have given the file its line ends.
        let hints = hints.replace('\r', "");
        let hints: Vec<&str> = hints.split("\n\n").collect();
        let count = hints.len();
        self.headline(name, "HINT", &format!("{level} of {count}"))?;
        self.labelled("", hints.get(level - 1).unwrap_or(&"There is no such hint."))?;
        if level < count {
            let next = format!("cargo run -- hint {name} {}", level + 1);
            self.command("next", &next)?;
        }
        Ok(())
    }

    /// Writes one row of a table: a label, what is done, and what comes of it, at least two spaces
    /// further on. Where they do not fit beside each other, the last comes below.
    pub fn row(&mut self, label: &str, does: &str, what: &str) -> io::Result<()> {
        let head = format!("  {label:8}{:18}", format!("{does}  "));
        if self.is_narrow() && !what.is_empty() {
            self.line(&head)?;
            return self.paragraph(&" ".repeat(12), what, 12);
        }
        self.paragraph(&head, what, BESIDE)
    }

    /// Writes the two rows that matter: what was wanted and, marked as this `first_wrong` thing,
    /// what came.
    pub fn difference(&mut self, want: &str, got: &str, first_wrong: &str) -> io::Result<()> {
        self.row("", "want", want)?;
        let mark = if self.utf8 { "◀" } else { "<-" };
        let mark = self.paint(RED, &format!("{mark} first wrong {first_wrong}"));
        if self.is_narrow() || BESIDE + width(got).max(COLUMN) + 1 + width(&mark) > self.columns {
            self.row("", "got", got)?;
            return self.line(&format!("{:LABEL$}{mark}", ""));
        }
        self.line(&format!("{:LABEL$}{:18}{got:COLUMN$} {mark}", "", "got"))
    }

    /// Whether a table needs a second row for what its last column says.
    fn is_narrow(&self) -> bool {
        self.columns < ROOMY
    }

    /// How many columns there are, from 40 to 80.
    pub fn width(&self) -> usize {
        self.columns
    }

    fn paint(&self, style: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{style}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    /// Writes words after `head`, and further lines under them from column `indent` on.
    pub fn paragraph(&mut self, head: &str, text: &str, indent: usize) -> io::Result<()> {
        let mut line = head.to_owned();
        let mut start = true;
        for word in text.split_whitespace() {
            if !start && width(&line) + 1 + width(word) > self.columns {
                self.line(&line)?;
                line = " ".repeat(indent);
                start = true;
            }
            if !start {
                line.push(' ');
            }
            // Longer than a line is only a path, or a word from the reader's code.
            line.extend(word.chars().take(MOST - indent));
            start = false;
        }
        self.line(&line)
    }
}

/// What stands for a sign of a drawing where the terminal shows only ASCII.
fn ascii(sign: char) -> char {
    match sign {
        '│' => '|',
        '─' => '-',
        '●' => 'o',
        '▶' => '>',
        '◀' => '<',
        '✗' => 'x',
        '█' => '#',
        '▌' => '|',
        '▁' => '_',
        '▲' => '^',
        sign => sign,
    }
}

/// The judge's own words are a column a character, and its colours none.
fn width(text: &str) -> usize {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().map_or(0, |piece| piece.chars().count());
    let after = pieces.map(|piece| piece.split_once('m').map_or(piece, |(_, text)| text));
    first + after.map(|text| text.chars().count()).sum::<usize>()
}

/// The first of these that is set decides (POSIX, section 8.2). Where none is, as in many
/// containers and on Windows, terminals show UTF-8 all the same.
fn locale_is_utf8() -> bool {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// A number with its thousands apart, as in `118,221`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A text in quotes, of a long one its first characters and its length in bytes: what is hostile
/// stays within its line.
pub fn short(text: &str, most: usize) -> String {
    let start: String = text.chars().take(most).collect();
    match start.len() == text.len() {
        true => format!("{start:?}"),
        false => format!("{start:?} .., {}", grouped(text.len())),
    }
}

/// A count with its noun, as in `1 byte` and `2 bytes`.
pub fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_break_between_words_and_hang() {
        let mut out = Vec::new();
        let mut screen = Screen::utf8(&mut out, 80);
        screen.labelled("rule", &"word ".repeat(20)).unwrap();
        let out = String::from_utf8(out).unwrap();
        let words = "word ".repeat(14);
        let expected =
            format!("  rule    {}\n          {}\n", words.trim_end(), "word ".repeat(6).trim_end());
        assert_eq!(out, expected);
    }

    #[test]
    fn colours_take_no_columns() {
        let (mut plain, mut coloured) = (Vec::new(), Vec::new());
        for (out, colour) in [(&mut plain, false), (&mut coloured, true)] {
            let mut screen = Screen::utf8(out, 80);
            screen.colour = colour;
            screen.headline("echo", "WRONG", &"word ".repeat(20)).unwrap();
            screen.difference("1", "2", "answer").unwrap();
        }
        let plain = String::from_utf8(plain).unwrap();
        let coloured = String::from_utf8(coloured).unwrap();
        assert!(coloured.starts_with("echo   \x1b[1;31mWRONG\x1b[0m   word"));
        assert!(coloured.contains("\x1b[1;31m◀ first wrong answer\x1b[0m\n"));
        let stripped = coloured.replace("\x1b[1;31m", "").replace("\x1b[0m", "");
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_narrow_screen_breaks_sooner_but_no_command_and_no_word() {
        let mut out = Vec::new();
        let mut screen = Screen::utf8(&mut out, 40);
        screen.labelled("rule", &"word ".repeat(7)).unwrap();
        screen.labelled("file", &"x".repeat(33)).unwrap();
        let command = "cargo run -- replay echo:0000000000.end";
        screen.command("next", command).unwrap();
        let out = String::from_utf8(out).unwrap();
        let expected = format!(
            "  rule    word word word word word word\n          word\n  file    {}\n  next    \
             {command}\n",
            "x".repeat(33)
        );
        assert_eq!(out, expected);
    }

    #[test]
    fn the_mark_of_the_first_wrong_thing_stands_apart_from_it() {
        for (width, marked) in [(1, "x                         ◀"), (26, "x ◀")] {
            let mut out = Vec::new();
            let mut screen = Screen::utf8(&mut out, 80);
            let got = "x".repeat(width);
            screen.difference("y", &got, "answer").unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(marked), "{out}");
        }
    }

    #[test]
    fn an_action_and_what_comes_of_it_are_two_spaces_apart() {
        let mut out = Vec::new();
        let mut screen = Screen::utf8(&mut out, 80);
        for does in [16, 17, 18, 30] {
            screen.row("step 1", &"x".repeat(does), "y").unwrap();
        }
        let out = String::from_utf8(out).unwrap();
        let gaps = out.lines().map(|line| line.find('y').unwrap() - line.rfind('x').unwrap() - 1);
        assert_eq!(gaps.collect::<Vec<_>>(), [2; 4], "{out}");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(118), "118");
        assert_eq!(grouped(118_221), "118,221");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
