//! Three formats behind one pair of functions.

use bincode::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A way to write a value as bytes and to read it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text in which every field has its name.
    Json,
    /// Fields in their order without names, each number in as many bytes as its type has.
    Bincode,
    /// Fields in their order without names, small numbers in few bytes.
    Postcard,
}

impl Format {
    /// All three, in the order of the lesson's tables.
    pub const ALL: [Format; 3] = [Format::Json, Format::Bincode, Format::Postcard];

    /// What the lesson calls it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "JSON",
            Format::Bincode => "bincode",
            Format::Postcard => "postcard",
        }
    }

    /// The bytes of `value`.
    ///
    /// # Errors
    /// The format cannot hold such a value.
    pub fn write<T: Serialize>(self, value: &T) -> Result<Vec<u8>, FormatError> {
        Ok(match self {
            Format::Json => serde_json::to_vec(value)?,
            Format::Bincode => bincode::serialize(value)?,
            Format::Postcard => postcard::to_stdvec(value)?,
        })
    }

    /// The value in `bytes`. What follows it is an error in JSON; bincode and postcard pass over
    /// it, as their plainest functions do.
    ///
    /// # Errors
    /// The bytes are not such a value, or not all of it.
    pub fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, FormatError> {
        Ok(match self {
            Format::Json => serde_json::from_slice(bytes)?,
            Format::Bincode => bincode::deserialize(bytes)?,
            Format::Postcard => postcard::from_bytes(bytes)?,
        })
    }

    /// The value that `bytes` are, to the last of them.
    ///
    /// # Errors
    /// The bytes are not such a value, not all of it, or more.
    pub fn read_whole<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, FormatError> {
        match self {
            Format::Json => self.read(bytes),
            Format::Bincode => {
                let options = bincode::options().with_fixint_encoding();
                Ok(options.deserialize(bytes)?)
            }
            Format::Postcard => match postcard::take_from_bytes(bytes)? {
                (value, []) => Ok(value),
                (_, rest) => Err(FormatError::LeftOver(rest.len())),
            },
        }
    }
}

/// Why a value could not be written or read: the message of the library.
#[derive(Debug, Error)]
pub enum FormatError {
    /// From serde_json.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// From bincode. Not a source, since its message is shown already.
    #[error("{}", words(.0))]
    Bincode(bincode::Error),
    /// From postcard.
    #[error(transparent)]
    Postcard(#[from] postcard::Error),
    /// The value was read, and this many bytes follow it.
    #[error("{0} bytes are left over")]
    LeftOver(usize),
    /// A numbered field has this kind.
    #[error("a value of kind {0}, whose end is not known")]
    Kind(u64),
    /// A value is not of the type that its field has in the schema.
    #[error("a value of another type")]
    OtherType,
    /// None of the fields is a variant that the schema has.
    #[error("no variant that is known")]
    NoVariant,
}

impl From<bincode::Error> for FormatError {
    fn from(error: bincode::Error) -> Self {
        FormatError::Bincode(error)
    }
}

/// bincode wraps some I/O errors that have a kind and no message.
fn words(error: &bincode::ErrorKind) -> String {
    match error {
        bincode::ErrorKind::Io(error) if error.to_string().is_empty() => error.kind().to_string(),
        bincode::ErrorKind::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An array with an element for each format is indexed by it.
    #[test]
    fn a_format_is_its_index_in_all() {
        assert_eq!(Format::ALL.map(|format| format as usize), [0, 1, 2]);
    }

    #[test]
    fn every_format_reads_what_it_wrote_and_rejects_half_of_it() {
        let written = ("text".to_owned(), 300_u64, Some(false));
        for format in Format::ALL {
            let bytes = format.write(&written).unwrap();
            assert_eq!(format.read::<(String, u64, Option<bool>)>(&bytes).unwrap(), written);
            let half = format.read::<(String, u64, Option<bool>)>(&bytes[..bytes.len() / 2]);
            assert!(!half.unwrap_err().to_string().is_empty());
        }
    }
}
