//! A reader that has the bytes and not the type, like a program in another language.

use serde_json::Value;

use crate::bytes::{Message, message, numbered_parts};
use crate::format::{Format, FormatError};
use crate::numbered;

/// What a reader without the type made of the lesson's message.
#[derive(Debug)]
pub struct Untyped {
    /// The format.
    pub format: &'static str,
    /// The names or the numbers of the fields that it found, or why it found none.
    pub fields: Result<Vec<String>, String>,
}

/// Reads the message without its type, in each format and as numbered fields.
///
/// # Errors
/// The message cannot be written.
pub fn without_a_type() -> Result<Vec<Untyped>, FormatError> {
    let untyped = |format: Format| {
        let bytes = format.write(&message())?;
        let fields = match format.read::<Value>(&bytes) {
            Ok(Value::Object(fields)) => Ok(fields.into_iter().map(|(name, _)| name).collect()),
            Ok(other) => Err(format!("no fields: {other}")),
            Err(error) => Err(error.to_string()),
        };
        Ok(Untyped { format: format.name(), fields })
    };
    Format::ALL.into_iter().map(untyped).chain([by_number()]).collect()
}

fn by_number() -> Result<Untyped, FormatError> {
    let parts = numbered_parts(&message())?;
    let bytes: Vec<u8> = parts.into_iter().flat_map(|part| part.bytes).collect();
    let fields = numbered::fields(&bytes).map_err(|error| error.to_string());
    let numbers = |fields: Vec<(u64, _)>| fields.iter().map(|it| it.0.to_string()).collect();
    Ok(Untyped { format: "numbered", fields: fields.map(numbers) })
}

/// Reads the `text` of a message in bincode by counting bytes: four for the id, eight for the
/// length, low byte first, and that many letters. This is all that another language needs, and it
/// is nowhere in the bytes. `None` where they are too few, or not text.
pub fn text_by_counting(bincode: &[u8]) -> Option<&str> {
    let (_id, rest) = bincode.split_at_checked(4)?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    std::str::from_utf8(rest.get(..length)?).ok()
}

/// The text of the lesson's message, read by counting.
///
/// # Errors
/// The message cannot be written.
pub fn counted() -> Result<Option<String>, FormatError> {
    let bytes = Format::Bincode.write::<Message>(&message())?;
    Ok(text_by_counting(&bytes).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_names_and_numbered_fields_have_numbers() {
        let [json, bincode, postcard, numbered] = &without_a_type().unwrap()[..] else {
            panic!("three formats, and numbered fields");
        };
        assert_eq!(numbered.fields.as_ref().unwrap(), &["1", "2", "3"]);
        // An object of serde_json has its fields in the order of their names.
        assert_eq!(json.fields.as_ref().unwrap(), &["id", "reply_to", "text", "urgent"]);
        assert!(bincode.fields.is_err() && postcard.fields.is_err());
    }

    #[test]
    fn counting_finds_the_text_and_nothing_in_too_few_bytes() {
        assert_eq!(counted().unwrap(), Some(message().text));
        let bytes = Format::Bincode.write(&message()).unwrap();
        assert_eq!(text_by_counting(&bytes[..13]), None);
        assert_eq!(text_by_counting(&[0xff; 20]), None);
    }
}
