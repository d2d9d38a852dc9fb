//! Text: numbers, bytes.

/// A number with thousands separators: `1,234`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|g| str::from_utf8(g).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

/// Bytes in hex: `6f 6e 65`.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Bytes from outside, made safe to show: what is not text comes out escaped.
pub fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).escape_debug().to_string()
}
