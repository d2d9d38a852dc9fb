//! Text: what is safe to show, how it wraps, and how numbers and bytes are written.

use std::ffi::OsString;
use std::fmt::{Display, Write};

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

use crate::terminal::{BOLD, Terminal};

/// What a number does not part from at the end of a line.
const UNITS: [&str; 8] = ["ns", "µs", "ms", "s", "B", "KiB", "MiB", "%"];

/// A number with thousands separators.
///
/// ```
/// assert_eq!(narration::number(1_234), "1,234");
/// assert_eq!(narration::number(-1_234.5), "-1,234.5");
/// ```
pub fn number(value: impl Display) -> String {
    let digits = value.to_string();
    let point = digits.find('.').unwrap_or(digits.len());
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        let follows_digit = grouped.ends_with(|last: char| last.is_ascii_digit());
        if at < point && (point - at).is_multiple_of(3) && follows_digit {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Bytes in hex.
///
/// ```
/// assert_eq!(narration::hex(b"one"), "6f 6e 65");
/// ```
pub fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// Bytes from outside, made safe to show: text stays, and what would move the cursor, hide or
/// reorder comes out escaped, as do bytes that are not UTF-8. It is for eyes: a backslash stays as
/// it is, so this cannot be undone.
///
/// ```
/// assert_eq!(narration::printable(b"caf\xc3\xa9\r\n\x1b[2J\xff"), r"café\r\n\u{1b}[2J\xff");
/// ```
pub fn printable(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}"); // a String takes everything
        }
    }
    shown
}

/// Text in which every character takes the columns that it seems to.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for char in text.chars() {
        match char {
            '\\' | '\'' | '"' => shown.push(char),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

/// Text of any number of lines as one, safe to show, whatever is quoted in it.
pub(crate) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    shortened(&escaped(&lines.collect::<Vec<_>>().join(" ")))
}

/// A line of an error, of which each word is at most [`MAX_WORD`] bytes long and all at most five
/// times that: what it quotes, a path or an argument, may be as long as a client or a user wants.
pub(crate) fn shortened(line: &str) -> String {
    let words: Vec<_> = line.split(' ').map(|word| cut(word, MAX_WORD)).collect();
    cut(&words.join(" "), 5 * MAX_WORD)
}

/// The text, with each of these arguments that it quotes cut to [`MAX_WORD`] bytes, and so the
/// value of `--flag=value`: an argument with spaces is many words.
pub(crate) fn quoting(text: &str, arguments: impl Iterator<Item = OsString>) -> String {
    arguments.fold(text.to_owned(), |text, argument| {
        let argument = argument.to_string_lossy();
        let value = argument.split_once('=').map(|(_, value)| value);
        [&*argument].into_iter().chain(value).fold(text, |text, quoted| {
            match quoted.len() > MAX_WORD {
                true => text.replace(quoted, &cut(quoted, MAX_WORD)),
                false => text,
            }
        })
    })
}

fn cut(text: &str, most: usize) -> String {
    match text.len() <= most {
        true => text.to_owned(),
        false => format!("{}…", &text[..text.floor_char_boundary(most)]),
    }
}

/// Enough of a word to know it by, in bytes.
const MAX_WORD: usize = 200;

impl Terminal {
    /// A paragraph: `first` ahead of its first line, as many columns ahead of the others.
    /// `**term**` is bold.
    pub(crate) fn paragraph(&self, first: &str, text: &str) -> String {
        let words: Vec<_> = text.split_whitespace().map(escaped).collect();
        hanging(first, display_width(first), &self.emphasised(&words), self.width)
    }

    /// A line with its bold terms painted and its spaces kept.
    pub(crate) fn emphasised_line(&self, line: &str) -> String {
        let pieces = line.split("**").enumerate();
        pieces
            .map(|(part, piece)| match part % 2 {
                0 => piece.to_owned(),
                _ => self.paint(BOLD, piece),
            })
            .collect()
    }

    /// The words with units bound to their numbers and with bold terms painted, word by word, so
    /// that no style crosses the end of a line.
    fn emphasised(&self, words: &[String]) -> String {
        let mut text = String::new();
        let mut bold = false;
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                text.push(if bound(&words[index - 1], word) { '\u{a0}' } else { ' ' });
            }
            for (part, piece) in word.split("**").enumerate() {
                bold ^= part > 0;
                text.push_str(&if bold { self.paint(BOLD, piece) } else { piece.to_owned() });
            }
        }
        text
    }
}

/// Whether two words must stay on one line: a mark or number and what it goes with.
fn bound(word: &str, next: &str) -> bool {
    let next = next.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '%');
    word == "≈" || word.ends_with(|c: char| c.is_ascii_digit()) && UNITS.contains(&next)
}

/// Text in lines of at most `width` columns: `first` ahead of the first one, `hang` spaces ahead of
/// the others.
pub(crate) fn hanging(first: &str, hang: usize, text: &str, width: usize) -> String {
    let rest = " ".repeat(hang);
    let options = Options::new(width).initial_indent(first).subsequent_indent(&rest);
    let lines = if text.trim().is_empty() {
        vec![first.trim_end().to_owned()]
    } else {
        lines(text, options)
    };
    lines.join("\n") + "\n"
}

/// Text cut at its spaces into lines of at most `width` columns; spaces between words stay as they
/// are.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    lines(text, Options::new(width))
}

fn lines(text: &str, options: Options<'_>) -> Vec<String> {
    // Not at hyphens: `--to`, `length-prefixed` and `127.0.0.1` stay whole.
    textwrap::wrap(text, options.word_splitter(WordSplitter::NoHyphenation))
        .into_iter()
        .map(|line| line.trim_end().replace('\u{a0}', " "))
        .collect()
}

/// The text with spaces after it, up to `width` columns.
pub(crate) fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

/// The text with spaces ahead of it, up to `width` columns.
pub(crate) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(display_width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_quotes_200_bytes_of_a_word_and_1000_in_all() {
        let word = "é".repeat(1_000);
        let line = one_line(&format!("cannot open {word}: no such file"));
        assert_eq!(line, format!("cannot open {}… no such file", "é".repeat(100)));
        assert!(one_line(&"long ".repeat(1_000)).len() <= 1_000 + "…".len());
        assert_eq!(one_line("short\u{1b}[2J"), "short\\u{1b}[2J");
    }

    #[test]
    fn an_argument_with_spaces_is_quoted_with_200_bytes() {
        let words = "a b ".repeat(200);
        let arguments = || [OsString::from(&words), "a".into()].into_iter();
        let line = quoting(&format!("cannot open {words}: no such file"), arguments());
        assert_eq!(line, format!("cannot open {}…: no such file", "a b ".repeat(50)));
        let flag = ["--at=".to_owned() + &words].map(OsString::from).into_iter();
        let line = quoting(&format!("'{words}' is invalid"), flag);
        assert_eq!(line, format!("'{}…' is invalid", "a b ".repeat(50)));
    }
}
