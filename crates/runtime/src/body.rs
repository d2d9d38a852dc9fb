//! What stands in a request, and what is wrong with it.
//!
//! A request is a JSON object whose `type` says which. It is the node's own type, read by serde;
//! what serde complains of is answered to the client, with a code.

use std::fmt::{self, Display};
use std::iter;

use serde::de::value::MapDeserializer;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What went wrong, as Maelstrom numbers it. What a code says of the future counts: of a
/// **definite** error the client knows that what it asked for has not happened and never will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The outcome is unknown: it may have happened, or may yet.
    Timeout = 0,
    /// There is no such request. Definite.
    NotSupported = 10,
    /// Not now. Definite.
    TemporarilyUnavailable = 11,
    /// There is such a request, and it does not look like this. Definite.
    MalformedRequest = 12,
    /// Something broke, and the outcome is unknown.
    Crash = 13,
    /// The node refuses. Definite.
    Abort = 14,
    /// The request rests on something that is not so. Definite.
    PreconditionFailed = 22,
}

impl Code {
    const ALL: [Code; 7] = [
        Code::Timeout,
        Code::NotSupported,
        Code::TemporarilyUnavailable,
        Code::MalformedRequest,
        Code::Crash,
        Code::Abort,
        Code::PreconditionFailed,
    ];

    /// Whether an error with this number is definite. One that is not known here is not.
    pub fn is_definite(number: u16) -> bool {
        use Code::{Abort, MalformedRequest, NotSupported};
        use Code::{PreconditionFailed, TemporarilyUnavailable};
        let definite =
            [NotSupported, TemporarilyUnavailable, MalformedRequest, Abort, PreconditionFailed];
        definite.map(|code| code as u16).contains(&number)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(*self as u16)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let number = u16::deserialize(deserializer)?;
        let mut codes = Code::ALL.into_iter();
        let known = codes.find(|code| *code as u16 == number);
        known.ok_or_else(|| de::Error::custom(format!("no error has the code {number}")))
    }
}

/// What is wrong with a request, and which code says so.
pub(crate) type Refusal = (Code, String);

pub(crate) fn malformed(why: impl Into<String>) -> Refusal {
    (Code::MalformedRequest, why.into())
}

/// The type that a body says it has.
pub(crate) fn kind(body: &str) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Kind {
        r#type: String,
    }
    let Kind { r#type } =
        serde_json::from_str(body).map_err(|error| malformed(without_line(error)))?;
    Ok(r#type)
}

/// A body of this type as a request.
pub(crate) fn request<R: DeserializeOwned>(body: &str, kind: &str) -> Result<R, Refusal> {
    serde_json::from_str(body).map_err(|error| match is_type_of::<R>(kind) {
        true => malformed(without_line(error)),
        false => (Code::NotSupported, format!("no request has the type {kind:?}")),
    })
}

/// Without serde's "at line 1": of lines there is only one.
pub(crate) fn without_line(error: serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column", " at column")
}

/// What others sent is quoted, and may be as long as a line. Enough of it to know it by.
pub(crate) fn clipped(text: String) -> String {
    const ENOUGH: usize = 400;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Whether there is a request of this type. Of a body that is not a request serde says only that,
/// and not why; so it is asked again about the type alone, and what counts is whether it complains
/// of the type.
fn is_type_of<R: DeserializeOwned>(kind: &str) -> bool {
    let type_alone = MapDeserializer::<_, Complaint>::new(iter::once(("type", kind)));
    !matches!(R::deserialize(type_alone), Err(Complaint::UnknownType))
}

#[derive(Debug)]
enum Complaint {
    UnknownType,
    Other,
}

impl de::Error for Complaint {
    fn custom<T: Display>(_: T) -> Complaint {
        Complaint::Other
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Complaint {
        Complaint::UnknownType
    }
}

impl Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Complaint {}
