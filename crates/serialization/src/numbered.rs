//! Fields that have numbers, as Protocol Buffers write them.
//!
//! A field has neither a name nor a place in the bytes, but a number that it keeps for ever. Ahead
//! of each value stands a tag: the number × 8 + the kind of the value. The kind says where the
//! value ends, so a reader skips a number that it does not know; where a number is absent, it takes
//! a default, so a default is not written. A [`Schema`] says which number each field of a type has.
//!
//! Source: Encoding, and Updating a Message Type, in the guides of Protocol Buffers. Left out: the
//! kinds of fixed width, and negative numbers.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::format::FormatError;

/// The value of a field, as the bytes tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Kind 0, a varint.
    Number(u64),
    /// Kind 2, a length and that many bytes: a text, or another record.
    Bytes(Vec<u8>),
}

/// One field: a tag and a value.
///
/// # Errors
/// Never, with a vector to write to.
pub fn field(number: u64, value: &Value) -> Result<Vec<u8>, FormatError> {
    // postcard writes a number as a varint, and a length ahead of bytes, too.
    Ok(match value {
        Value::Number(value) => postcard::to_stdvec(&(number << 3, value))?,
        Value::Bytes(value) => postcard::to_stdvec(&(number << 3 | 2, value))?,
    })
}

/// The field, or nothing where its value is what a reader takes for an absent one.
///
/// # Errors
/// As [`field`].
pub fn written(number: u64, value: &Value) -> Result<Vec<u8>, FormatError> {
    match value {
        Value::Number(0) => Ok(Vec::new()),
        Value::Bytes(bytes) if bytes.is_empty() => Ok(Vec::new()),
        _ => field(number, value),
    }
}

/// Every field in these bytes, in their order. No schema is needed for that.
///
/// # Errors
/// A field is cut short, or has a kind that is left out here.
pub fn fields(mut bytes: &[u8]) -> Result<Vec<(u64, Value)>, FormatError> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (tag, rest) = postcard::take_from_bytes::<u64>(bytes)?;
        let (value, rest) = match tag & 7 {
            0 => postcard::take_from_bytes(rest).map(|(it, rest)| (Value::Number(it), rest))?,
            2 => postcard::take_from_bytes(rest).map(|(it, rest)| (Value::Bytes(it), rest))?,
            kind => return Err(FormatError::Kind(kind)),
        };
        fields.push((tag >> 3, value));
        bytes = rest;
    }
    Ok(fields)
}

/// How a program writes a type, and what it makes of the numbers that it reads.
#[derive(Clone, Copy, Debug)]
pub enum Schema {
    /// A struct: the number, the name and the type of each field.
    Record(&'static [(u64, &'static str, Type)]),
    /// A list: each element is field 1, which comes again and again.
    ListOf(&'static Schema),
    /// An enum: the number and the name of each variant, and what is in it, if anything.
    OneOf(&'static [(u64, &'static str, Option<&'static Schema>)]),
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A text; empty where it is absent.
    Text,
    /// A number; 0 where it is absent, and cut to its lowest 32 bits where it has more.
    U32,
    /// A number; 0 where it is absent.
    U64,
}

impl Schema {
    /// The bytes of `value`, whose type this is the schema of.
    ///
    /// # Errors
    /// The value is not of that type.
    pub fn write<T: Serialize>(self, value: &T) -> Result<Vec<u8>, FormatError> {
        self.bytes(&serde_json::to_value(value)?)
    }

    /// The value in `bytes`.
    ///
    /// # Errors
    /// They are not fields, a field is of another kind than its type, or no variant is known.
    pub fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, FormatError> {
        Ok(serde_json::from_value(self.json(bytes)?)?)
    }

    // A value of serde_json is only the way from a Rust type to its fields by name, and back.
    fn bytes(self, value: &Json) -> Result<Vec<u8>, FormatError> {
        let written = match (self, value) {
            (Schema::Record(fields), Json::Object(values)) => fields
                .iter()
                .map(|(number, name, _)| written(*number, &simple(&values[*name])?))
                .collect::<Result<Vec<_>, _>>()?,
            (Schema::ListOf(schema), Json::Array(values)) => values
                .iter()
                .map(|value| field(1, &Value::Bytes(schema.bytes(value)?)))
                .collect::<Result<_, _>>()?,
            (Schema::OneOf(variants), _) => {
                let is_it = |name| value == name || value.get(name).is_some();
                let found = variants.iter().find(|(_, name, _)| is_it(*name));
                let (number, name, schema) = found.ok_or(FormatError::NoVariant)?;
                let inner = schema.map_or(Ok(Vec::new()), |schema| schema.bytes(&value[*name]));
                vec![field(*number, &Value::Bytes(inner?))?]
            }
            _ => return Err(FormatError::OtherType),
        };
        Ok(written.concat())
    }

    fn json(self, bytes: &[u8]) -> Result<Json, FormatError> {
        let found = fields(bytes)?;
        match self {
            Schema::Record(fields) => {
                let value = |(number, name, kind): &(u64, &str, Type)| {
                    let last = found.iter().rfind(|(known, _)| known == number);
                    Ok(((*name).to_owned(), kind.json(last.map(|(_, value)| value))?))
                };
                Ok(Json::Object(fields.iter().map(value).collect::<Result<_, FormatError>>()?))
            }
            Schema::ListOf(schema) => found.iter().map(|(_, value)| schema.inner(value)).collect(),
            Schema::OneOf(variants) => {
                let is_known = |field: &&(u64, Value)| variants.iter().any(|it| it.0 == field.0);
                let (number, value) = found.iter().rfind(is_known).ok_or(FormatError::NoVariant)?;
                let variant = variants.iter().find(|it| it.0 == *number);
                let (_, name, schema) = variant.ok_or(FormatError::NoVariant)?;
                let inner = schema.map_or(Ok(Json::Null), |schema| schema.inner(value))?;
                Ok(Json::Object([((*name).to_owned(), inner)].into_iter().collect()))
            }
        }
    }

    fn inner(&self, value: &Value) -> Result<Json, FormatError> {
        match value {
            Value::Bytes(bytes) => self.json(bytes),
            Value::Number(_) => Err(FormatError::OtherType),
        }
    }
}

impl Type {
    fn json(self, value: Option<&Value>) -> Result<Json, FormatError> {
        Ok(match (self, value) {
            (Type::Text, None) => "".into(),
            (Type::U32 | Type::U64, None) => 0.into(),
            (Type::Text, Some(Value::Bytes(text))) => {
                str::from_utf8(text).map_err(|_| FormatError::OtherType)?.into()
            }
            // As Protocol Buffers do it, and without an error.
            (Type::U32, Some(Value::Number(number))) => (*number as u32).into(),
            (Type::U64, Some(Value::Number(number))) => (*number).into(),
            _ => return Err(FormatError::OtherType),
        })
    }
}

fn simple(value: &Json) -> Result<Value, FormatError> {
    match value {
        Json::String(text) => Ok(Value::Bytes(text.clone().into_bytes())),
        Json::Number(number) => number.as_u64().map(Value::Number).ok_or(FormatError::OtherType),
        _ => Err(FormatError::OtherType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the guide of Protocol Buffers.
    #[test]
    fn the_bytes_are_those_of_protocol_buffers() {
        assert_eq!(field(1, &Value::Number(150)).unwrap(), [0x08, 0x96, 0x01]);
        let testing = field(2, &Value::Bytes(b"testing".to_vec())).unwrap();
        assert_eq!(testing, [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    }

    #[test]
    fn a_default_is_not_written_and_is_read_back() {
        let schema = Schema::Record(&[(1, "to", Type::Text), (2, "cents", Type::U32)]);
        for (value, bytes) in [
            (serde_json::json!({ "to": "", "cents": 0 }), &[][..]),
            (serde_json::json!({ "to": "", "cents": 7 }), &[0x10, 7]),
        ] {
            assert_eq!(schema.write(&value).unwrap(), bytes);
            assert_eq!(schema.read::<Json>(bytes).unwrap(), value);
        }
    }

    #[test]
    fn fields_are_found_without_a_schema_and_must_be_whole() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69];
        let found = [(1, Value::Number(150)), (2, Value::Bytes(b"hi".to_vec()))];
        assert_eq!(fields(&bytes).unwrap(), found);
        for end in [1, 2, 4, 5, 6] {
            assert!(fields(&bytes[..end]).is_err(), "{end}");
        }
        let unknown_kind = fields(&[0x0d, 0, 0, 0, 0]).unwrap_err();
        assert_eq!(unknown_kind.to_string(), "a value of kind 5, whose end is not known");
    }

    #[test]
    fn a_number_keeps_its_lowest_32_bits_and_a_wrong_kind_is_refused() {
        let schema = Schema::Record(&[(1, "cents", Type::U32)]);
        let read = |value| schema.read::<Json>(&field(1, &value).unwrap());
        let cents = read(Value::Number((7 << 32) + 5)).unwrap();
        assert_eq!(cents, serde_json::json!({ "cents": 5 }));
        assert!(read(Value::Bytes(vec![5])).is_err());
    }
}
