//! "Transport cost is zero": dollars for bytes, and time for encoding.

use std::time::{Duration, Instant};

use crate::orders::{self, Form, ORDERS};

/// What a service sends in a month as JSON: 100 TB.
pub const MONTH: u64 = 100_000_000_000_000;

/// A gigabyte, as price lists count.
const GB: u64 = 1_000_000_000;

/// What a month costs, in whole dollars, if each gigabyte costs `cents_a_gb` cents.
pub fn dollars(bytes: u64, cents_a_gb: u64) -> u64 {
    bytes / GB * cents_a_gb / 100
}

/// A form of the orders, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Which form.
    pub form: Form,
    /// The bytes of the whole list.
    pub bytes: u64,
    /// The bytes of a month, if the same orders are sent as in [`MONTH`] of JSON.
    pub month: u64,
    /// How long this machine took to encode the list: measured.
    pub encoding: Duration,
}

/// Encodes the orders in a form.
pub fn encode(form: Form) -> Cost {
    let orders = orders::list();
    let json = Form::Json.bytes(&orders).len() as u64;
    let (bytes, encoding) = timed(|| form.bytes(&orders).len() as u64);
    // The product leaves 64 bits, the quotient does not: no form here is longer than JSON.
    let month = (u128::from(MONTH) * u128::from(bytes) / u128::from(json)) as u64;
    Cost { form, bytes, month, encoding }
}

#[expect(clippy::disallowed_methods, reason = "how long encoding takes is measured")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begins = Instant::now();
    (work(), begins.elapsed())
}

/// Tenths of bytes for each order.
pub fn tenths_an_order(bytes: u64) -> u64 {
    bytes * 10 / u64::from(ORDERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_terabytes_at_nine_cents() {
        assert_eq!(dollars(MONTH, 9), 9_000);
        assert_eq!(dollars(MONTH, 0), 0);
        assert_eq!(dollars(0, 9), 0);
    }

    #[test]
    fn the_same_orders_in_fewer_bytes_cost_less() {
        let [json, compact] = [Form::Json, Form::Compact].map(encode);
        assert_eq!(json.month, MONTH);
        // As many lists of orders in the month.
        let lists = [json, compact].map(|cost| cost.month / cost.bytes);
        assert_eq!(lists[0], lists[1]);
        assert!(dollars(compact.month, 9) * 5 < dollars(json.month, 9));
    }
}
