//! How a reading ended: right, refused, or wrong without an error.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::format::{Format, FormatError};
use crate::numbered::Schema;

/// What became of a value that one type wrote and another read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The reader has what the writer meant.
    Works,
    /// The reader, or the writer, got an error.
    Error(String),
    /// The reader has a value and no error, and it is not what was meant. This is that value, as
    /// JSON.
    Wrong(String),
}

impl Outcome {
    /// Writes `value` in `format` and reads the bytes as an `R`. `meant` is what the value means to
    /// such a reader, and `None` where no `R` can express it, so that any value read is wrong.
    pub fn of<W, R>(format: Format, value: &W, meant: Option<&R>) -> Outcome
    where
        W: Serialize,
        R: Serialize + DeserializeOwned + PartialEq,
    {
        let read = format.write(value).and_then(|bytes| format.read(&bytes));
        Outcome::judged(read, meant)
    }

    /// As [`Outcome::of`], by a reader that rejects bytes after the value.
    pub fn strictly<W, R>(format: Format, value: &W, meant: Option<&R>) -> Outcome
    where
        W: Serialize,
        R: Serialize + DeserializeOwned + PartialEq,
    {
        let read = format.write(value).and_then(|bytes| format.read_whole(&bytes));
        Outcome::judged(read, meant)
    }

    /// As [`Outcome::of`], with numbered fields: each side has a schema of its own.
    pub fn numbered<W, R>(value: &W, meant: Option<&R>, [writer, reader]: [Schema; 2]) -> Outcome
    where
        W: Serialize,
        R: Serialize + DeserializeOwned + PartialEq,
    {
        let read = writer.write(value).and_then(|bytes| reader.read(&bytes));
        Outcome::judged(read, meant)
    }

    fn judged<R: Serialize + PartialEq>(
        read: Result<R, FormatError>,
        meant: Option<&R>,
    ) -> Outcome {
        match read {
            Err(error) => Outcome::Error(error.to_string()),
            Ok(read) if Some(&read) == meant => Outcome::Works,
            Ok(read) => Outcome::Wrong(as_json(&read)),
        }
    }

    /// In one word. The bad one stands out without colour.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Works => "works",
            Outcome::Error(_) => "error",
            Outcome::Wrong(_) => "WRONG",
        }
    }
}

fn as_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbered::Type;

    #[derive(Serialize)]
    struct Number {
        fee: u32,
    }

    #[derive(PartialEq, Serialize, serde::Deserialize)]
    struct Text {
        fee: String,
    }

    #[test]
    fn a_number_is_never_read_as_the_text_that_was_meant() {
        let meant = Some(&Text { fee: "25".to_owned() });
        for format in Format::ALL {
            assert_ne!(Outcome::of(format, &Number { fee: 25 }, meant), Outcome::Works);
        }
        let schemas =
            [Schema::Record(&[(3, "fee", Type::U32)]), Schema::Record(&[(3, "fee", Type::Text)])];
        assert_ne!(Outcome::numbered(&Number { fee: 25 }, meant, schemas), Outcome::Works);
    }

    #[test]
    fn values_are_compared_and_not_only_read() {
        let of = |meant| Outcome::of(Format::Bincode, &7_u32, meant);
        assert_eq!(of(Some(&7_u32)), Outcome::Works);
        assert_eq!(of(Some(&8)), Outcome::Wrong("7".to_owned()));
        assert_eq!(of(None), Outcome::Wrong("7".to_owned()));
        let strictly = Outcome::strictly(Format::Postcard, &(7_u8, 9_u8), Some(&7_u8));
        assert_eq!(strictly, Outcome::Error("1 bytes are left over".to_owned()));
        let error = Outcome::of(Format::Bincode, &7_u32, Some(&7_u64));
        assert_eq!(error, Outcome::Error("unexpected end of file".to_owned()));
    }
}
