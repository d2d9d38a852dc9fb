//! Text in XML 1.0.

/// Text that stands for itself, between tags and in an attribute alike. What XML forbids becomes
/// U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            char if is_forbidden(char) => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}

/// XML 1.0 (fifth edition), production 2. A `char` is no surrogate.
fn is_forbidden(char: char) -> bool {
    let is_control = char < ' ' && !matches!(char, '\t' | '\n' | '\r');
    is_control || matches!(char, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_marks_up_is_escaped_and_what_is_forbidden_is_replaced() {
        let hostile = "<a b=\"c\">&'\u{0}\u{1b}\u{ffff}\u{1f600}";
        let expected = "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\u{fffd}\u{fffd}\u{fffd}\u{1f600}";
        assert_eq!(escaped(hostile), expected);
    }
}
