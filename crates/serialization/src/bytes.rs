//! One value as bytes, and back.

use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError};
use crate::numbered::{self, Value};

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
    /// Some of a value's bytes, in their order.
    pub bytes: Vec<u8>,
    /// What they mean: the name of a field, as a rule.
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

/// The JSON of a message field by field; the braces and commas are in the fields.
///
/// # Errors
/// A field cannot be written.
pub fn json_parts(message: &Message) -> Result<Vec<Part>, FormatError> {
    let Message { id, text, urgent, reply_to } = message;
    let part = |meaning: &'static str, value: Vec<u8>, [before, after]: [&str; 2]| {
        let name = format!("{before}\"{meaning}\":").into_bytes();
        Part { bytes: [name, value, after.into()].concat(), meaning }
    };
    let json = Format::Json;
    Ok(vec![
        part("id", json.write(id)?, ["{", ","]),
        part("text", json.write(text)?, ["", ","]),
        part("urgent", json.write(urgent)?, ["", ","]),
        part("reply_to", json.write(reply_to)?, ["", "}"]),
    ])
}

/// The bytes of a message field by field, in bincode or postcard: neither puts anything between two
/// fields, so the bytes of the fields one after the other are those of the message.
///
/// # Errors
/// A field cannot be written.
pub fn binary_parts(format: Format, message: &Message) -> Result<Vec<Part>, FormatError> {
    let text = format.write(&message.text)?;
    let (length, letters) = text.split_at(text.len() - message.text.len());
    let part = |bytes: &[u8], meaning| Part { bytes: bytes.to_vec(), meaning };
    Ok(vec![
        part(&format.write(&message.id)?, "id"),
        part(length, "length"),
        part(letters, "text"),
        part(&format.write(&message.urgent)?, "urgent"),
        part(&format.write(&message.reply_to)?, "reply_to"),
    ])
}

/// A message in numbered fields, field by field. What is `None` is absent, and so is a default of
/// the others; 0 as `reply_to` is written, for it is not `None`.
///
/// # Errors
/// A field cannot be written.
pub fn numbered_parts(message: &Message) -> Result<Vec<Part>, FormatError> {
    let Message { id, text, urgent, reply_to } = message;
    let number = |number: u32| Value::Number(number.into());
    let reply_to = reply_to.map_or(Ok(Vec::new()), |it| numbered::field(4, &number(it)));
    let mut parts = vec![
        Part { bytes: numbered::written(1, &number(*id))?, meaning: "1 id" },
        Part {
            bytes: numbered::written(2, &Value::Bytes(text.clone().into()))?,
            meaning: "2 text",
        },
        Part { bytes: numbered::written(3, &number((*urgent).into()))?, meaning: "3 urgent" },
        Part { bytes: reply_to?, meaning: "4 reply_to" },
    ];
    parts.retain(|part| !part.bytes.is_empty());
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

/// What postcard's reader makes of a message whose last byte, the one for `None`, is not there: the
/// value of `reply_to`, or an error.
///
/// # Errors
/// The message cannot be written.
pub fn without_the_last_byte() -> Result<Result<Option<u32>, FormatError>, FormatError> {
    let mut bytes = Format::Postcard.write(&message())?;
    bytes.pop();
    Ok(Format::Postcard.read::<Message>(&bytes).map(|message| message.reply_to))
}

/// Where in the four bytes of `id` bincode puts the one that is not 0.
///
/// # Errors
/// The message cannot be written.
pub fn low_byte() -> Result<Option<usize>, FormatError> {
    let id = Format::Bincode.write(&message().id)?;
    Ok(id.iter().position(|byte| *byte != 0))
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
        let together = |parts: Vec<Part>| -> Vec<u8> {
            parts.into_iter().flat_map(|part| part.bytes).collect()
        };
        for message in [message(), answer()] {
            let json = together(json_parts(&message).unwrap());
            assert_eq!(json, Format::Json.write(&message).unwrap());
            for format in BINARY {
                let parts = binary_parts(format, &message).unwrap();
                assert_eq!(together(parts), format.write(&message).unwrap());
            }
        }
    }

    #[test]
    fn numbered_parts_are_fields_and_none_is_absent() {
        let bytes = |message| -> Vec<Vec<u8>> {
            numbered_parts(&message).unwrap().into_iter().map(|part| part.bytes).collect()
        };
        let [id, text, urgent] = [&[0x08, 7][..], &[0x12, 2, b'h', b'i'], &[0x18, 1]];
        assert_eq!(bytes(message()), [id, text, urgent]);
        assert_eq!(bytes(answer()), [id, text, urgent, &[0x20, 0xac, 2]]);
        let calm = Message { urgent: false, reply_to: Some(0), ..message() };
        assert_eq!(bytes(calm), [id, text, &[0x20, 0]]);
    }

    #[test]
    fn a_small_u32_takes_four_bytes_in_bincode_and_one_in_postcard() {
        let first = |format| binary_parts(format, &message()).unwrap().remove(0).bytes;
        assert_eq!(first(Format::Bincode), [7, 0, 0, 0]);
        assert_eq!(first(Format::Postcard), [7]);
        assert_eq!(low_byte().unwrap(), Some(0));
    }

    #[test]
    fn a_none_must_be_there_in_postcard() {
        assert!(without_the_last_byte().unwrap().is_err());
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
