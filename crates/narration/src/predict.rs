//! A reader's guess: reading it, however long it is, and grading it against what was observed.

use std::io::{self, BufRead};

/// The longest line that is kept, in bytes. The rest of a longer one is read and dropped.
const LONGEST: usize = 1024;

/// The next line without what ends it, or `None` at the end of input.
pub(crate) fn read_line(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let piece = match input.fill_buf() {
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let newline = piece.iter().position(|byte| *byte == b'\n');
        let (end, used) = newline.map_or((piece.len(), piece.len()), |at| (at, at + 1));
        line.extend_from_slice(&piece[..end.min(LONGEST - line.len())]);
        input.consume(used);
        if newline.is_some() {
            return Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()));
        }
        if used == 0 {
            return Ok(None);
        }
    }
}

/// Whether a guess means the observed answer. Case, thousands separators, the brackets of a list
/// and a full stop do not count; a unit may be left out, or added where the answer has none, but
/// must not be another one.
pub(crate) fn is_right(guess: &str, answer: &str) -> bool {
    let (guess, answer) = (plain(guess), plain(answer));
    if guess == answer {
        return true;
    }
    match (measure(&guess), measure(&answer)) {
        (Some((guess, unit)), Some((answer, right_unit))) => {
            guess == answer
                && (unit.is_empty() || right_unit.is_empty() || same_unit(unit, right_unit))
        }
        _ => matches!((&*guess, &*answer), ("y", "yes") | ("n", "no")),
    }
}

fn plain(text: &str) -> String {
    let text = text.trim().trim_matches(['"', '\'']).trim_end_matches(['.', '!']);
    let text = text.trim_start_matches(['≈', '~', ' ']);
    // A list is the same with or without its brackets and spaces.
    let text = text.trim_start_matches('[').trim_end_matches(']');
    text.replace(", ", ",").to_lowercase()
}

/// A number in its shortest form, and the unit after it, which may be empty.
fn measure(text: &str) -> Option<(String, &str)> {
    let end = text
        .find(|char: char| !char.is_ascii_digit() && !matches!(char, ',' | '_' | '.' | '-' | '+'))
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let digits = digits.trim_start_matches('+').replace([',', '_'], "");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    Some((format!("{sign}{whole}.{}", fraction.trim_end_matches('0')), unit.trim()))
}

/// Equal, or one the plural of the other. Symbols have no plural: `m` is not `ms`.
fn same_unit(one: &str, other: &str) -> bool {
    let singular = |unit: &str| match unit.strip_suffix('s') {
        Some(stem) if stem.len() > 2 => stem.to_owned(),
        _ => unit.to_owned(),
    };
    singular(one) == singular(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    #[test]
    fn a_guess_is_taken_as_it_is_meant() {
        for (guess, answer) in [
            ("6", "6"),
            (" 6 bytes ", "6"),
            ("6", "6 bytes"),
            ("6 Bytes.", "6 bytes"),
            ("1 byte", "1 bytes"),
            ("+06.0", "6"),
            ("1234", "1,234"),
            ("1,234", "1234"),
            ("-0.50", "-0.5"),
            ("0", "0"),
            ("300ms", "300 ms"),
            ("9.6%", "9.6 %"),
            ("203 ms", "≈ 203 ms"),
            ("YES", "yes"),
            ("y", "yes"),
            ("[2, 2, 2]", "[2,2,2]"),
            ("2,2,2", "[2,2,2]"),
            ("connectionreset", "ConnectionReset"),
            ("\"one\"", "one"),
        ] {
            assert!(is_right(guess, answer), "{guess:?} for {answer:?}");
        }
    }

    #[test]
    fn a_wrong_guess_is_wrong() {
        for (guess, answer) in [
            ("3", "6"),
            ("", "0"),
            ("-6", "6"),
            ("60", "6"),
            ("6 s", "6 ms"),
            ("6 m", "6 ms"),
            ("6.5", "6"),
            ("18446744073709551614", "18446744073709551615"),
            ("1-2", "1"),
            ("[2,1,2]", "[2,2,2]"),
            ("n", "yes"),
            ("y", "y2"),
            ("bytes", "6 bytes"),
            ("one", "two"),
        ] {
            assert!(!is_right(guess, answer), "{guess:?} for {answer:?}");
        }
    }

    #[test]
    fn a_line_is_bounded_and_the_next_one_intact() {
        let input = format!("{}\r\nnext\nlast", "x".repeat(3_000_000));
        let mut input = BufReader::new(Cursor::new(input));
        assert_eq!(read_line(&mut input).unwrap().unwrap(), "x".repeat(LONGEST));
        assert_eq!(read_line(&mut input).unwrap().unwrap(), "next");
        assert_eq!(read_line(&mut input).unwrap(), None, "an unfinished line is not entered");
    }
}
