//! Text in XML 1.0.

/// Text escaped for use between tags and in attributes. Characters that XML forbids become U+FFFD.
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

/// XML 1.0 (fifth edition), production 2. A `char` is not a surrogate.
fn is_forbidden(char: char) -> bool {
    let is_control = char < ' ' && !matches!(char, '\t' | '\n' | '\r');
    is_control || matches!(char, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_forbidden_characters_are_replaced() {
        let hostile = "<a b=\"c\">&'\u{0}\u{1b}\u{ffff}\u{1f600}";
        let expected = "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\u{fffd}\u{fffd}\u{fffd}\u{1f600}";
        assert_eq!(escaped(hostile), expected);
    }
}
