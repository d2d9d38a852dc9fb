//! Bytes as pairs of hex digits.

/// The bytes with spaces between them, as in `ac 02`.
pub(crate) fn spaced(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// The bytes with nothing between them, as in `ac02`.
pub(crate) fn dense(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One byte or more from pairs of hex digits.
pub(crate) fn parse(hex: &str) -> Option<Vec<u8>> {
    let pairs: Vec<&[u8]> = hex.as_bytes().chunks(2).collect();
    let byte = |pair: &[u8]| match *pair {
        [high, low] => {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        }
        _ => None,
    };
    let bytes: Vec<u8> = pairs.into_iter().map(byte).collect::<Option<_>>()?;
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_and_read_back() {
        assert_eq!(spaced(&[0xac, 2]), "ac 02");
        assert_eq!(dense(&[0xac, 2]), "ac02");
        assert_eq!(parse("ac02"), Some(vec![0xac, 2]));
        for bad in ["", "0", "000", "é0", "+1", "0x"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
