//! What serde's attributes do to the bytes, and which of them a format without names supports.
//!
//! For each attribute there is a type of its own that has it. The lesson reports what that type was
//! observed to do.

mod each;

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError};
use crate::outcome::Outcome;

/// One attribute at work.
#[derive(Debug)]
pub struct Attribute {
    /// Its name, or a note that there is none.
    pub name: &'static str,
    /// What it was given, and what came of it: a value in Rust becomes JSON, and JSON a value or an
    /// error.
    pub shown: Vec<[String; 2]>,
    /// What becomes of a value in each format, if it is written and read again by the same type.
    pub again: [Outcome; 3],
}

impl Attribute {
    /// What it does when `value` is written.
    fn writes<T: Type>(name: &'static str, value: &T) -> Result<Attribute, FormatError> {
        let json = String::from_utf8_lossy(&Format::Json.write(value)?).into_owned();
        Ok(Attribute::with(name, [format!("{value:?}"), json], value))
    }

    /// What it does when `json` is read; `value` is another one, to be written and read again.
    fn reads<T: Type>(name: &'static str, json: &str, value: &T) -> Attribute {
        Attribute::with(name, read::<T>(json), value)
    }

    fn with<T: Type>(name: &'static str, shown: [String; 2], value: &T) -> Attribute {
        Attribute {
            name,
            shown: vec![shown],
            again: Format::ALL.map(|format| Outcome::of(format, value, Some(value))),
        }
    }
}

/// What a type is for these experiments.
trait Type: Serialize + DeserializeOwned + PartialEq + Debug {}

impl<T: Serialize + DeserializeOwned + PartialEq + Debug> Type for T {}

fn read<T: Type>(json: &str) -> [String; 2] {
    let becomes = match Format::Json.read::<T>(json.as_bytes()) {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("error: {error}"),
    };
    [json.to_owned(), becomes]
}

/// Every attribute of the lesson.
///
/// # Errors
/// JSON cannot hold one of the values.
pub fn all() -> Result<Vec<Attribute>, FormatError> {
    Ok(vec![
        each::no_attribute()?,
        each::rename()?,
        each::rename_all()?,
        each::alias(),
        each::default(),
        each::skip_serializing_if()?,
        each::skip()?,
        each::flatten()?,
        each::deny_unknown_fields(),
        each::enum_without()?,
        each::tag()?,
        each::tag_and_content()?,
        each::untagged()?,
    ])
}

/// A field with one name for writing and another for reading.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct OneWay {
    #[serde(rename(serialize = "msg", deserialize = "message"))]
    text: String,
}

/// The same, and it reads both names.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Both {
    #[serde(rename = "msg", alias = "message")]
    text: String,
}

/// What [`OneWay`] and [`Both`] write, and what they make of that and of the other name.
///
/// # Errors
/// A value cannot be written.
pub fn two_names() -> Result<[Attribute; 2], FormatError> {
    let text = || "hi".to_owned();
    Ok([
        own_output("rename, two names", &OneWay { text: text() })?,
        own_output("rename and alias", &Both { text: text() })?,
    ])
}

fn own_output<T: Type>(name: &'static str, value: &T) -> Result<Attribute, FormatError> {
    let mut attribute = Attribute::writes(name, value)?;
    let own = attribute.shown[0][1].clone();
    attribute.shown.push(read::<T>(&own));
    attribute.shown.push(read::<T>(r#"{"message":"hi"}"#));
    Ok(attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_changes_what_is_written_or_read() {
        let all = all().unwrap();
        let shown = all.iter().flat_map(|attribute| &attribute.shown);
        let becomes: Vec<&str> = shown.map(|[_, becomes]| becomes.as_str()).collect();
        assert_eq!(
            becomes,
            [
                r#"{"user_id":7}"#,
                r#"{"id":7}"#,
                r#"{"userId":7}"#,
                "User { user_id: 7 }",
                "Retry { tries: 3 }",
                r#"{"n":1}"#,
                r#"{"id":7}"#,
                "User { id: 7, n: 0 }",
                r#"{"id":7,"x":1}"#,
                "error: unknown field `age`, expected `n` at line 1 column 12",
                r#"{"Paid":{"cents":5}}"#,
                r#"{"t":"Paid","cents":5}"#,
                r#"{"t":"Paid","c":{"cents":5}}"#,
                r#"{"cents":5}"#,
            ]
        );
    }

    #[test]
    fn two_names_cannot_read_their_own_output_and_an_alias_can() {
        let [one_way, both_ways] = two_names().unwrap();
        let becomes = |attribute: &Attribute| {
            attribute.shown.iter().map(|[_, becomes]| becomes.clone()).collect()
        };
        let [written, own, other]: [String; 3] = Vec::try_into(becomes(&one_way)).unwrap();
        assert_eq!(written, r#"{"msg":"hi"}"#);
        assert!(own.starts_with("error: missing field `message`"), "{own}");
        assert_eq!(other, r#"OneWay { text: "hi" }"#);
        let read = r#"Both { text: "hi" }"#;
        let both: Vec<String> = becomes(&both_ways);
        assert_eq!(both, [written.as_str(), read, read]);
    }

    #[test]
    fn what_needs_names_works_in_json_alone() {
        let all = all().unwrap().into_iter().chain(two_names().unwrap());
        for Attribute { name, again, .. } in all {
            let words = again.each_ref().map(Outcome::word);
            let expected = match name {
                "rename, two names" => ["error", "works", "works"],
                "skip_serializing_if" | "flatten" | "tag" | "tag and content" | "untagged" => {
                    ["works", "error", "error"]
                }
                _ => ["works"; 3],
            };
            assert_eq!(words, expected, "{name}: {again:?}");
        }
    }
}
