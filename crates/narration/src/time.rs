//! Times on the screen: measured ones carry a mark, exact ones do not.

use std::time::Duration;

use crate::number;

/// The units of time on a screen, the longest first, with their length in nanoseconds and its
/// zeros.
const UNITS: [(&str, u128, usize); 4] =
    [("s", 1_000_000_000, 9), ("ms", 1_000_000, 6), ("µs", 1_000, 3), ("ns", 1, 0)];

/// A time that was measured, so another run has another one: about two digits behind a mark.
///
/// ```
/// # use std::time::Duration;
/// assert_eq!(narration::measured(Duration::from_micros(203_456)), "≈ 203 ms");
/// assert_eq!(narration::measured(Duration::from_micros(1_960)), "≈ 2.0 ms");
/// ```
pub fn measured(time: Duration) -> String {
    let nanos = time.as_nanos();
    // 999.5 of a unit would round to 1,000 of it: that is 1.0 of the next.
    let (unit, length, zeros) = UNITS
        .into_iter()
        .find(|(_, length, _)| nanos + length / 2_000 >= *length)
        .unwrap_or(UNITS[3]);
    let rounded = |parts: u128| (nanos * parts + length / 2) / length;
    match rounded(10) {
        tenths if zeros > 0 && tenths < 100 => format!("≈ {}.{} {unit}", tenths / 10, tenths % 10),
        _ => format!("≈ {} {unit}", number(rounded(1))),
    }
}

/// A virtual or computed time, to its last digit: every run has the same one.
///
/// ```
/// # use std::time::Duration;
/// assert_eq!(narration::exact(Duration::from_millis(1_500)), "1.5 s");
/// assert_eq!(narration::exact(Duration::from_secs(7_200)), "7,200 s");
/// ```
pub fn exact(time: Duration) -> String {
    let nanos = time.as_nanos();
    let (unit, length, zeros) =
        UNITS.into_iter().find(|(_, length, _)| nanos >= *length).unwrap_or(UNITS[0]);
    let fraction = format!("{:0zeros$}", nanos % length);
    let digits = format!("{}.{fraction}", number(nanos / length));
    format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_time_has_about_two_digits() {
        for (nanos, shown) in [
            (0, "≈ 0 ns"),
            (7, "≈ 7 ns"),
            (999, "≈ 999 ns"),
            (1_040, "≈ 1.0 µs"),
            (9_940, "≈ 9.9 µs"),
            (9_960, "≈ 10 µs"),
            (999_400, "≈ 999 µs"),
            (999_600, "≈ 1.0 ms"),
            (14_200_000_000, "≈ 14 s"),
            (3_600_000_000_000, "≈ 3,600 s"),
        ] {
            assert_eq!(measured(Duration::from_nanos(nanos)), shown);
        }
    }

    #[test]
    fn an_exact_time_loses_nothing() {
        for (nanos, shown) in [
            (0, "0 s"),
            (1, "1 ns"),
            (20_000, "20 µs"),
            (300_000_000, "300 ms"),
            (1_000_000_001, "1.000000001 s"),
            (60_000_000_000, "60 s"),
        ] {
            assert_eq!(exact(Duration::from_nanos(nanos)), shown);
        }
        assert_eq!(exact(Duration::MAX), "18,446,744,073,709,551,615.999999999 s");
    }
}
