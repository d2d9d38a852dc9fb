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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written() {
        assert_eq!(spaced(&[0xac, 2]), "ac 02");
        assert_eq!(dense(&[0xac, 2]), "ac02");
    }
}
