//! The attributes, each on a type of its own.

use serde::{Deserialize, Serialize};

use super::{Attribute, read};
use crate::format::FormatError;

pub(super) fn no_attribute() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        user_id: u8,
    }
    Attribute::writes("none", &User { user_id: 7 })
}

pub(super) fn rename() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        #[serde(rename = "id")]
        user_id: u8,
    }
    Attribute::writes("rename", &User { user_id: 7 })
}

pub(super) fn rename_all() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct User {
        user_id: u8,
    }
    Attribute::writes("rename_all", &User { user_id: 7 })
}

pub(super) fn alias() -> Attribute {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        #[serde(alias = "id")]
        user_id: u8,
    }
    Attribute::reads("alias", r#"{"id":7}"#, &User { user_id: 7 })
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
        n: u8,
    }
    Attribute::writes("skip_serializing_if", &Item { note: None, n: 1 })
}

pub(super) fn skip() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        id: u8,
        #[serde(skip)]
        n: u8,
    }
    let given = User { id: 7, n: 9 };
    let mut attribute = Attribute::writes("skip", &User { id: 7, n: 0 })?;
    attribute.shown = Attribute::writes("skip", &given)?.shown;
    attribute.shown.push(read::<User>(r#"{"id":7,"n":9}"#));
    Ok(attribute)
}

pub(super) fn flatten() -> Result<Attribute, FormatError> {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shop {
        id: u8,
        #[serde(flatten)]
        at: At,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct At {
        x: u8,
    }
    Attribute::writes("flatten", &Shop { id: 7, at: At { x: 1 } })
}

pub(super) fn deny_unknown_fields() -> Attribute {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        n: u8,
    }
    Attribute::reads("deny_unknown_fields", r#"{"n":1,"age":9}"#, &Item { n: 1 })
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
