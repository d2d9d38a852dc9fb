//! The attributes, each on a type of its own.

use serde::{Deserialize, Serialize};

use super::{Attribute, read};
use crate::format::FormatError;

fn ann() -> String {
    "ann".to_owned()
}

pub(super) fn no_attribute() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        user_name: String,
    }
    Attribute::writes("none", &User { user_name: ann() })
}

pub(super) fn rename() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        #[serde(rename = "name")]
        user_name: String,
    }
    Attribute::writes("rename", &User { user_name: ann() })
}

pub(super) fn rename_all() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct User {
        user_name: String,
    }
    Attribute::writes("rename_all", &User { user_name: ann() })
}

pub(super) fn alias() -> Attribute {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        #[serde(alias = "name")]
        user_name: String,
    }
    Attribute::reads("alias", r#"{"name":"ann"}"#, &User { user_name: ann() })
}

pub(super) fn default() -> Attribute {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Retry {
        #[serde(default = "three")]
        tries: u8,
    }
    fn three() -> u8 {
        3
    }
    Attribute::reads("default", "{}", &Retry { tries: 9 })
}

pub(super) fn skip_serializing_if() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        size: u8,
    }
    Attribute::writes("skip_serializing_if", &Item { note: None, size: 1 })
}

pub(super) fn skip() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        name: String,
        #[serde(skip)]
        hits: u8,
    }
    let given = User { name: ann(), hits: 9 };
    let mut attribute = Attribute::writes("skip", &User { name: ann(), hits: 0 })?;
    attribute.shown = Attribute::writes("skip", &given)?.shown;
    attribute.shown.push(read::<User>(r#"{"name":"ann","hits":9}"#));
    Ok(attribute)
}

pub(super) fn flatten() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shop {
        id: u8,
        #[serde(flatten)]
        at: Place,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Place {
        x: u8,
    }
    Attribute::writes("flatten", &Shop { id: 7, at: Place { x: 1 } })
}

pub(super) fn deny_unknown_fields() -> Attribute {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        size: u8,
    }
    Attribute::reads("deny_unknown_fields", r#"{"size":1,"age":9}"#, &Item { size: 1 })
}

pub(super) fn enum_without() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Paid { cents: u8 },
    }
    Attribute::writes("none, on an enum", &Event::Paid { cents: 5 })
}

pub(super) fn tag() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "t")]
    enum Event {
        Paid { cents: u8 },
    }
    Attribute::writes("tag", &Event::Paid { cents: 5 })
}

pub(super) fn tag_and_content() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "t", content = "c")]
    enum Event {
        Paid { cents: u8 },
    }
    Attribute::writes("tag and content", &Event::Paid { cents: 5 })
}

pub(super) fn untagged() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Event {
        Paid { cents: u8 },
    }
    Attribute::writes("untagged", &Event::Paid { cents: 5 })
}
