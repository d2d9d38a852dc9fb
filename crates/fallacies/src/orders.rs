//! One list of orders, as JSON and in a compact form.

use serde::Serialize;

/// How many orders the list has.
pub const ORDERS: u32 = 10_000;

/// An order in a shop.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    id: u32,
    customer: u32,
    cents: u32,
    country: &'static str,
    paid: bool,
}

/// A list of [`ORDERS`] orders, the same each time.
pub fn list() -> Vec<Order> {
    let order = |nth: u32| Order {
        id: 1_000_000 + nth,
        customer: 10_000 + nth * 7_919 % 90_000,
        cents: 500 + nth * 37 % 20_000,
        country: ["BR", "DE", "IN", "JP", "US"][nth as usize % 5],
        paid: !nth.is_multiple_of(7),
    };
    (0..ORDERS).map(order).collect()
}

/// What the bytes of the list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text, with the name of each field in each order.
    Json,
    /// postcard's: the values in their order, small numbers in few bytes.
    Compact,
}

impl Form {
    /// The bytes of a list.
    ///
    /// # Panics
    /// Never: numbers and text have bytes in both forms.
    pub fn bytes(self, orders: &[Order]) -> Vec<u8> {
        match self {
            Form::Json => serde_json::to_vec(orders).expect("an order is numbers and text"),
            Form::Compact => postcard::to_stdvec(orders).expect("an order is numbers and text"),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Form::Json => "JSON",
            Form::Compact => "postcard",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_in_both_forms() {
        let orders = &list()[..1];
        let json = Form::Json.bytes(orders);
        let text = r#"[{"id":1000000,"customer":10000,"cents":500,"country":"BR","paid":false}]"#;
        assert_eq!(json, text.as_bytes());
        // The number of orders, three varints of 3, 2 and 2 bytes, a length, a text, a bool.
        let compact = [1, 0xc0, 0x84, 0x3d, 0x90, 0x4e, 0xf4, 0x03, 2, b'B', b'R', 0];
        assert_eq!(Form::Compact.bytes(orders), compact);
    }

    #[test]
    fn the_compact_form_has_a_fifth_or_less_of_the_bytes() {
        let [json, compact] = [Form::Json, Form::Compact].map(|form| form.bytes(&list()).len());
        assert!(compact * 5 < json && compact * 8 > json, "{json} {compact}");
    }
}
