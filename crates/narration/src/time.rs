//! Times on the screen: measured ones carry a mark, exact ones do not.

use std::time::Duration;

/// A time that was measured: two significant digits behind a mark, `≈ 203 ms`.
pub fn measured(time: Duration) -> String {
    format!("≈ {time:.0?}")
}

/// A virtual or computed time, to its last digit: `1.5 s`.
pub fn exact(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
