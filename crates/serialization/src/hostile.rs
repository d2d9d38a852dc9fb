//! Bytes that no program wrote: truncated, with a false length, not text.
//!
//! A reader of untrusted bytes has to return an error, and to allocate no more than the bytes
//! justify. Both are observed, the second by a [`Meter`].

use std::io::{self, Read};

use bincode::Options;

use crate::bytes::{Message, message};
use crate::format::{Format, FormatError};
use crate::memory::Meter;

/// A length that no memory can hold.
pub const CLAIM: u64 = 1 << 63;

/// A length that memory can hold, without bytes behind it.
pub const MODEST_CLAIM: u64 = 8 << 20;

/// What a reader of a stream allows for one message, in bytes.
pub const LIMIT: u64 = 64 << 10;

/// Bytes, and what a reader made of them.
#[derive(Debug)]
pub struct Hostile {
    /// What is wrong with the bytes.
    pub what: &'static str,
    /// The reader.
    pub reader: &'static str,
    /// How many bytes came.
    pub came: usize,
    /// The error; `None` where the reader returned a value.
    pub error: Option<String>,
    /// The bytes of memory that the reader asked for meanwhile.
    pub memory: usize,
}

/// Gives bytes to readers, and observes the result.
struct Shown {
    what: &'static str,
    meter: Meter,
}

impl Shown {
    fn see<T>(
        &self,
        reader: &'static str,
        bytes: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T, FormatError>,
    ) -> Hostile {
        let (result, memory) = self.meter.taken_by(|| read(bytes));
        Hostile {
            what: self.what,
            reader,
            came: bytes.len(),
            error: result.err().map(|error| error.to_string()),
            memory,
        }
    }
}

/// A message truncated at every position, in one format.
#[derive(Debug, PartialEq, Eq)]
pub struct EveryCut {
    /// The format.
    pub format: Format,
    /// How many positions there are.
    pub cuts: usize,
    /// For how many of them the reader returned an error.
    pub refused: usize,
}

/// Cuts the lesson's message, in each format, before each of its bytes.
///
/// # Errors
/// A format cannot write it.
pub fn cut_everywhere() -> Result<Vec<EveryCut>, FormatError> {
    let cut = |format: Format| {
        let bytes = format.write(&message())?;
        let beginnings = (0..bytes.len()).map(|end| &bytes[..end]);
        Ok(EveryCut {
            format,
            cuts: bytes.len(),
            refused: beginnings.filter(|bytes| format.read::<Message>(bytes).is_err()).count(),
        })
    };
    Format::ALL.into_iter().map(cut).collect()
}

/// Reads the hostile bytes, whole in memory, in every format that they concern. JSON has no lengths
/// that can be false.
///
/// # Errors
/// The bytes cannot be made.
pub fn in_memory(meter: Meter) -> Result<Vec<Hostile>, FormatError> {
    let claiming = |what| Shown { what, meter };
    let mut seen = Vec::new();
    for format in [Format::Bincode, Format::Postcard] {
        let claim = format.write(&CLAIM)?;
        let text = claiming("text of 2^63 bytes");
        seen.push(text.see(format.name(), &claim, |bytes| format.read::<String>(bytes)));
        let list = claiming("list of 2^63 u64");
        seen.push(list.see(format.name(), &claim, |bytes| format.read::<Vec<u64>>(bytes)));
    }
    for format in Format::ALL {
        let bytes = not_text(format)?;
        let text = claiming("text, not UTF-8");
        seen.push(text.see(format.name(), &bytes, |bytes| format.read::<String>(bytes)));
    }
    Ok(seen)
}

/// "ab" in the format, with its letters replaced by two bytes that no UTF-8 has.
fn not_text(format: Format) -> Result<Vec<u8>, FormatError> {
    let mut bytes = format.write(&"ab")?;
    for byte in &mut bytes {
        if let b'a' | b'b' = *byte {
            *byte = 0xff;
        }
    }
    Ok(bytes)
}

/// A stream announces a text of [`MODEST_CLAIM`] bytes and ends. bincode reads it plainly and with
/// a limit.
///
/// # Errors
/// The bytes cannot be made.
pub fn from_a_stream(meter: Meter) -> Result<[Hostile; 2], FormatError> {
    let what = "8 MiB, absent";
    let text = Shown { what, meter };
    let claim = Format::Bincode.write(&MODEST_CLAIM)?;
    Ok([
        text.see("bincode, a stream", &claim, |bytes| {
            Ok(bincode::deserialize_from::<_, String>(Stream(bytes))?)
        }),
        text.see("the same, with a limit", &claim, |bytes| limited::<String>(Stream(bytes))),
    ])
}

/// A text of twice the [`LIMIT`] that is all there, read with that limit from a stream, and in
/// memory.
///
/// # Errors
/// The bytes cannot be made.
pub fn over_the_limit(meter: Meter) -> Result<[Hostile; 2], FormatError> {
    let text = Shown { what: "128 KiB, whole", meter };
    let bytes = Format::Bincode.write(&"x".repeat(2 * LIMIT as usize))?;
    Ok([
        text.see("the same, with a limit", &bytes, |bytes| limited::<String>(Stream(bytes))),
        text.see(
            "the same, in memory",
            &bytes,
            |bytes| Ok(options().deserialize::<String>(bytes)?),
        ),
    ])
}

/// Reads a value in the layout of [`bincode::serialize`] from a stream, and at most [`LIMIT`] bytes
/// of it.
///
/// # Errors
/// The stream has no such value, or a larger one, or claims to.
pub fn limited<T: serde::de::DeserializeOwned>(stream: impl Read) -> Result<T, FormatError> {
    Ok(options().deserialize_from(stream)?)
}

fn options() -> impl Options {
    bincode::options().with_fixint_encoding().with_limit(LIMIT)
}

/// Bytes that come as from a socket: a reader cannot see how many there will be.
pub(crate) struct Stream<'a>(pub(crate) &'a [u8]);

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_truncated_message_is_accepted() {
        for cut in cut_everywhere().unwrap() {
            assert_eq!(cut.refused, cut.cuts, "{cut:?}");
            assert!(cut.cuts >= 6, "{cut:?}");
        }
    }

    #[test]
    fn a_limit_lets_through_what_is_within_it() {
        let bytes = Format::Bincode.write(&message()).unwrap();
        assert_eq!(limited::<Message>(Stream(&bytes)).unwrap(), message());
    }
}
