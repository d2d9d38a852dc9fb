//! One value as bytes, and back.

use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError};

/// The first value of the lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number.
    pub id: u32,
    /// Its text.
    pub text: String,
    /// Whether it is urgent.
    pub urgent: bool,
    /// The number of the message that it answers, if it answers one.
    pub reply_to: Option<u32>,
}

/// Bytes, and what they mean.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Some of a message's bytes, in their order.
    pub bytes: Vec<u8>,
    /// What they mean.
    pub meaning: &'static str,
}

/// One message in one format.
#[derive(Debug)]
pub struct Written {
    /// The format.
    pub format: Format,
    /// All of its bytes.
    pub bytes: Vec<u8>,
    /// What came out when they were read.
    pub read: Message,
}

/// The formats whose bytes are not text.
pub const BINARY: [Format; 2] = [Format::Bincode, Format::Postcard];

/// The message of the lesson.
pub fn message() -> Message {
    Message { id: 7, text: "hi".to_owned(), urgent: true, reply_to: None }
}

/// Writes a message in each format and reads it back.
///
/// # Errors
/// A format cannot write or read it.
pub fn there_and_back(message: &Message) -> Result<[Written; 3], FormatError> {
    let [json, bincode, postcard] = Format::ALL.map(|format| {
        let bytes = format.write(message)?;
        let read = format.read(&bytes)?;
        Ok::<_, FormatError>(Written { format, bytes, read })
    });
    Ok([json?, bincode?, postcard?])
}

/// The message as JSON with a line for each field.
///
/// # Errors
/// It cannot be written.
pub fn pretty(message: &Message) -> Result<String, FormatError> {
    Ok(serde_json::to_string_pretty(message)?)
}

/// The bytes of a message field by field, in bincode or postcard: neither puts anything between two
/// fields, so the bytes of the fields one after the other are those of the message.
///
/// # Errors
/// A field cannot be written.
pub fn parts(format: Format, message: &Message) -> Result<Vec<Part>, FormatError> {
    let text = format.write(&message.text)?;
    let (length, letters) = text.split_at(text.len() - message.text.len());
    let part = |bytes: &[u8], meaning| Part { bytes: bytes.to_vec(), meaning };
    let reply_to = format.write(&message.reply_to)?;
    let (tag, value) = reply_to.split_at(1);
    let is_none = message.reply_to.is_none();
    let mut parts = vec![
        part(&format.write(&message.id)?, "id"),
        part(length, "the length of text, in bytes"),
        part(letters, "text"),
        part(&format.write(&message.urgent)?, "urgent: 1 is true"),
        part(tag, if is_none { "reply_to: None" } else { "reply_to: Some, of" }),
    ];
    if !is_none {
        parts.push(part(value, "its value"));
    }
    Ok(parts)
}

/// Two JSON texts for a message without `reply_to`, and what is read from each: the field is not
/// there, and it is null.
///
/// # Errors
/// One of them cannot be read.
pub fn absent_and_null() -> Result<[(&'static str, Option<u32>); 2], FormatError> {
    let read = |json: &'static str| {
        let message: Message = Format::Json.read(json.as_bytes())?;
        Ok::<_, FormatError>((json, message.reply_to))
    };
    Ok([
        read(r#"{"id":7,"text":"hi","urgent":true}"#)?,
        read(r#"{"id":7,"text":"hi","urgent":true,"reply_to":null}"#)?,
    ])
}

/// An `Option` by itself.
#[derive(Debug)]
pub struct Optional {
    /// The format.
    pub format: Format,
    /// The value.
    pub value: Option<u32>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// `None` and `Some`, in the formats that have one encoding of each.
///
/// # Errors
/// One of them cannot be written.
pub fn an_option() -> Result<Vec<Optional>, FormatError> {
    let both = BINARY.into_iter().flat_map(|format| [(format, None), (format, Some(300))]);
    let written = both.map(|(format, value)| {
        let bytes = format.write(&value)?;
        Ok(Optional { format, value, bytes })
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Message {
        Message { reply_to: Some(300), ..message() }
    }

    #[test]
    fn every_format_gives_the_message_back() {
        for message in [message(), answer()] {
            for written in there_and_back(&message).unwrap() {
                assert_eq!(written.read, message);
            }
        }
    }

    #[test]
    fn the_parts_are_the_whole() {
        for message in [message(), answer()] {
            for format in BINARY {
                let parts = parts(format, &message).unwrap();
                let together: Vec<u8> = parts.into_iter().flat_map(|part| part.bytes).collect();
                assert_eq!(together, format.write(&message).unwrap());
            }
        }
    }

    #[test]
    fn a_small_u32_takes_four_bytes_in_bincode_and_one_in_postcard() {
        let first = |format| parts(format, &message()).unwrap().remove(0).bytes;
        assert_eq!(first(Format::Bincode), [7, 0, 0, 0]);
        assert_eq!(first(Format::Postcard), [7]);
    }

    #[test]
    fn a_byte_says_whether_something_follows() {
        let bytes: Vec<_> = an_option().unwrap().into_iter().map(|option| option.bytes).collect();
        assert_eq!(bytes, [&[0][..], &[1, 0x2c, 1, 0, 0], &[0], &[1, 0xac, 2]]);
    }

    #[test]
    fn absent_and_null_are_both_none() {
        assert_eq!(absent_and_null().unwrap().map(|(_, read)| read), [None, None]);
    }
}
