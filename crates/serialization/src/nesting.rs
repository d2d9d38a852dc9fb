//! A value inside a value inside a value, as deep as the bytes claim.
//!
//! A reader that follows the bytes calls itself once for each level, and every call takes a piece
//! of the stack. The stack is bounded, and its overflow is not an error that a program can catch:
//! the process is killed.

use std::cell::Cell;

use serde::{Deserialize, Deserializer};

/// A value that may hold another one like it.
#[derive(Debug, Deserialize)]
pub struct Nested {
    /// The next level, if there is one.
    pub inner: Option<Box<Nested>>,
}

/// The same, and it counts how deep it is.
#[derive(Debug, Deserialize)]
pub struct Counted {
    /// The next level, if there is one.
    #[serde(deserialize_with = "one_level_deeper")]
    pub inner: Option<Box<Counted>>,
}

/// The level that a [`Counted`] is refused at, the outermost value being the first. serde_json has
/// the same.
pub const TOO_DEEP: usize = 128;

thread_local! {
    /// serde passes nothing down from level to level, so the depth is stored beside it, one for
    /// each thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn one_level_deeper<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Box<Counted>>, D::Error> {
    let depth = DEPTH.get();
    if depth + 1 == TOO_DEEP {
        return Err(serde::de::Error::custom("nested too deep"));
    }
    DEPTH.set(depth + 1);
    let inner = Option::deserialize(deserializer);
    DEPTH.set(depth);
    inner
}

/// `levels` levels in bincode, and in postcard, which encode an `Option` alike: 1 for one more, and
/// 0 at the end.
pub fn in_binary(levels: usize) -> Vec<u8> {
    let mut bytes = vec![1; levels];
    bytes.push(0);
    bytes
}

/// `levels` levels as JSON.
pub fn in_json(levels: usize) -> Vec<u8> {
    let [open, close] = [r#"{"inner":"#, "}"];
    let text = open.repeat(levels) + r#"{"inner":null}"# + &close.repeat(levels);
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;

    fn depth(nested: &Nested) -> usize {
        nested.inner.as_ref().map_or(0, |inner| 1 + depth(inner))
    }

    #[test]
    fn a_few_levels_are_read_by_all() {
        for format in Format::ALL {
            let bytes = match format {
                Format::Json => in_json(100),
                Format::Bincode | Format::Postcard => in_binary(100),
            };
            assert_eq!(depth(&format.read(&bytes).unwrap()), 100);
        }
    }

    #[test]
    fn a_depth_limit_stops_it_and_resets() {
        for format in [Format::Bincode, Format::Postcard] {
            let read = |levels| format.read::<Counted>(&in_binary(levels)).map(drop);
            // These are levels beyond the outermost.
            assert!(read(TOO_DEEP - 2).is_ok());
            assert!(read(TOO_DEEP - 1).is_err());
            assert!(read(100_000).is_err());
            assert!(read(TOO_DEEP - 2).is_ok());
        }
    }

    #[test]
    fn json_takes_as_many_levels() {
        let read = |levels| Format::Json.read::<Nested>(&in_json(levels)).map(drop);
        assert!(read(TOO_DEEP - 2).is_ok());
        assert!(read(TOO_DEEP - 1).is_err());
    }
}
