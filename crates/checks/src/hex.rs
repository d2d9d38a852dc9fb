//! Bytes as pairs of hex digits.

use crate::grouped;

/// Bytes of the longest row that is written out.
pub(crate) const LONGEST: usize = 20;

/// A row of `length` bytes that begins with these, as in `ac 02`; a longer one than [`LONGEST`] in
/// short, as in `07 07 07 .., 100,000`.
pub(crate) fn row(start: &[u8], length: usize) -> String {
    let spaced = |bytes: &[u8]| {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        bytes.join(" ")
    };
    match length {
        0 => "no bytes".to_owned(),
        1..=LONGEST => spaced(start),
        _ => format!("{} .., {}", spaced(&start[..3]), grouped(length)),
    }
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
        assert_eq!(row(&[], 0), "no bytes");
        assert_eq!(row(&[0xac, 2], 2), "ac 02");
        assert_eq!(row(&[7; LONGEST], 100_000), "07 07 07 .., 100,000");
        assert_eq!(dense(&[0xac, 2]), "ac02");
    }
}
