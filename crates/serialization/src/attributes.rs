//! What serde's attributes do to the bytes, and which of them a format without names can bear.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError};
use crate::outcome::Outcome;

/// One attribute at work.
#[derive(Debug)]
pub struct Shown {
    /// As it stands in the source.
    pub attribute: &'static str,
    /// What it was given: a value in Rust, or JSON.
    pub input: String,
    /// What came of it: JSON, or a value in Rust, or an error.
    pub output: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Plain {
    user_name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Renamed {
    #[serde(rename = "name")]
    user_name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllRenamed {
    user_name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Aliased {
    #[serde(alias = "name")]
    user_name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Defaulted {
    #[serde(default = "three")]
    tries: u8,
}

fn three() -> u8 {
    3
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SkippedIfNone {
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    size: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Skipped {
    name: String,
    #[serde(skip)]
    cached: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flattened {
    id: u8,
    #[serde(flatten)]
    place: Place,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    x: u8,
    y: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    size: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Paid { cents: u8 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Paid { cents: u8 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "of")]
enum Adjacent {
    Paid { cents: u8 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Paid { cents: u8 },
}

/// A field with one name for writing and another for reading.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct OneWay {
    #[serde(rename(serialize = "msg", deserialize = "message"))]
    text: String,
}

/// The same, and it reads both names.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct BothWays {
    #[serde(rename = "msg", alias = "message")]
    text: String,
}

/// Each attribute with what it does to a value, or to JSON.
///
/// # Errors
/// A value cannot be written.
pub fn shown() -> Result<Vec<Shown>, FormatError> {
    let user_name = || "ann".to_owned();
    let place = Place { x: 1, y: 2 };
    Ok(vec![
        writes(
            "none",
            &Plain {
                user_name: user_name(),
            },
        )?,
        writes(
            "rename = \"name\"",
            &Renamed {
                user_name: user_name(),
            },
        )?,
        writes(
            "rename_all = \"camelCase\"",
            &AllRenamed {
                user_name: user_name(),
            },
        )?,
        reads::<Aliased>("alias = \"name\"", r#"{"name":"ann"}"#),
        reads::<Defaulted>("default = \"three\"", "{}"),
        writes(
            "skip_serializing_if = …",
            &SkippedIfNone {
                note: None,
                size: 1,
            },
        )?,
        writes(
            "skip",
            &Skipped {
                name: user_name(),
                cached: 9,
            },
        )?,
        reads::<Skipped>("skip", r#"{"name":"ann","cached":9}"#),
        writes("flatten", &Flattened { id: 7, place })?,
        reads::<Plain>("none", r#"{"user_name":"ann","age":9}"#),
        reads::<Strict>("deny_unknown_fields", r#"{"size":1,"age":9}"#),
        writes("none", &Event::Paid { cents: 5 })?,
        writes("tag = \"kind\"", &Tagged::Paid { cents: 5 })?,
        writes("tag = …, content = \"of\"", &Adjacent::Paid { cents: 5 })?,
        writes("untagged", &Untagged::Paid { cents: 5 })?,
    ])
}

fn writes<T: Serialize + Debug>(attribute: &'static str, value: &T) -> Result<Shown, FormatError> {
    Ok(Shown {
        attribute,
        input: format!("{value:?}"),
        output: String::from_utf8_lossy(&Format::Json.write(value)?).into_owned(),
    })
}

fn reads<T: DeserializeOwned + Debug>(attribute: &'static str, json: &str) -> Shown {
    Shown {
        attribute,
        input: json.to_owned(),
        output: match Format::Json.read::<T>(json.as_bytes()) {
            Ok(value) => format!("{value:?}"),
            Err(error) => format!("error: {error}"),
        },
    }
}

/// A value that was written as JSON and read by the same type.
#[derive(Debug)]
pub struct OwnOutput {
    /// What was written.
    pub json: String,
    /// What reading it came to.
    pub read: Result<(), String>,
}

/// What [`OneWay`] and [`BothWays`] make of their own output.
///
/// # Errors
/// A value cannot be written.
pub fn own_output() -> Result<[OwnOutput; 2], FormatError> {
    let text = || "hi".to_owned();
    Ok([
        read_own(&OneWay { text: text() })?,
        read_own(&BothWays { text: text() })?,
    ])
}

fn read_own<T: Serialize + DeserializeOwned>(value: &T) -> Result<OwnOutput, FormatError> {
    let json = Format::Json.write(value)?;
    let read = Format::Json.read::<T>(&json);
    Ok(OwnOutput {
        json: String::from_utf8_lossy(&json).into_owned(),
        read: read.map(drop).map_err(|error| error.to_string()),
    })
}

/// Attributes, and what becomes in each format of a value that is written and read again.
pub fn in_each_format() -> Vec<(&'static str, [Outcome; 3])> {
    let name = || "ann".to_owned();
    let place = Place { x: 1, y: 2 };
    vec![
        ("rename", again(&Renamed { user_name: name() })),
        (
            "rename, another name to read",
            again(&OneWay { text: name() }),
        ),
        ("default", again(&Defaulted { tries: 9 })),
        (
            "skip",
            again(&Skipped {
                name: name(),
                cached: 0,
            }),
        ),
        (
            "skip_serializing_if, None",
            again(&SkippedIfNone {
                note: None,
                size: 1,
            }),
        ),
        ("flatten", again(&Flattened { id: 7, place })),
        ("an enum without any", again(&Event::Paid { cents: 5 })),
        ("tag", again(&Tagged::Paid { cents: 5 })),
        ("tag and content", again(&Adjacent::Paid { cents: 5 })),
        ("untagged", again(&Untagged::Paid { cents: 5 })),
    ]
}

fn again<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> [Outcome; 3] {
    Format::ALL.map(|format| Outcome::of(format, value, Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_changes_what_is_written_or_read() {
        let outputs: Vec<String> = shown()
            .unwrap()
            .into_iter()
            .map(|shown| shown.output)
            .collect();
        assert_eq!(
            outputs,
            [
                r#"{"user_name":"ann"}"#,
                r#"{"name":"ann"}"#,
                r#"{"userName":"ann"}"#,
                r#"Aliased { user_name: "ann" }"#,
                "Defaulted { tries: 3 }",
                r#"{"size":1}"#,
                r#"{"name":"ann"}"#,
                r#"Skipped { name: "ann", cached: 0 }"#,
                r#"{"id":7,"x":1,"y":2}"#,
                r#"Plain { user_name: "ann" }"#,
                "error: unknown field `age`, expected `size` at line 1 column 15",
                r#"{"Paid":{"cents":5}}"#,
                r#"{"kind":"Paid","cents":5}"#,
                r#"{"kind":"Paid","of":{"cents":5}}"#,
                r#"{"cents":5}"#,
            ]
        );
    }

    #[test]
    fn a_pair_of_names_cannot_read_its_own_output_and_an_alias_can() {
        let [one_way, both_ways] = own_output().unwrap();
        assert_eq!(one_way.json, r#"{"msg":"hi"}"#);
        assert!(
            one_way
                .read
                .unwrap_err()
                .starts_with("missing field `message`")
        );
        assert_eq!((both_ways.json, both_ways.read), (one_way.json, Ok(())));
    }

    #[test]
    fn what_needs_names_works_in_json_alone() {
        for (attribute, outcomes) in in_each_format() {
            let words = outcomes.each_ref().map(Outcome::word);
            let expected = match attribute {
                "rename, another name to read" => ["error", "works", "works"],
                "skip_serializing_if, None"
                | "flatten"
                | "tag"
                | "tag and content"
                | "untagged" => ["works", "error", "error"],
                _ => ["works"; 3],
            };
            assert_eq!(words, expected, "{attribute}: {outcomes:?}");
        }
    }
}
