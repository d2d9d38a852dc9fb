//! What stands in a line.

use std::fmt::{self, Display};
use std::iter;

use serde::de::value::MapDeserializer;
use serde::de::{self, DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// The longest name that is taken, in bytes.
pub const MAX_NAME: usize = 1024;

/// A message on its way. Whatever else stands in the line (Maelstrom puts an `id` there) is passed over.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    pub(super) src: String,
    pub(super) dest: String,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(skip)]
    header: Header,
}

/// What a body says of itself.
#[derive(Default, Deserialize)]
struct Header {
    msg_id: Option<i64>,
    in_reply_to: Option<IgnoredAny>,
}

/// What went wrong, as Maelstrom numbers it. What a code says of the future counts: of a **definite** error the client knows
/// that what it asked for has not happened and never will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Nobody knows: it may have happened, or may yet.
    Timeout = 0,
    /// There is no such request. Definite.
    NotSupported = 10,
    /// Not now. Definite.
    TemporarilyUnavailable = 11,
    /// There is such a request, and it does not look like this. Definite.
    MalformedRequest = 12,
    /// Something broke, and nobody knows what has happened.
    Crash = 13,
    /// The node refuses. Definite.
    Abort = 14,
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(*self as u16)
    }
}

/// Who waits for an answer.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) name: String,
    pub(super) msg_id: i64,
}

/// What `init` says.
#[derive(Deserialize)]
pub(super) struct Init {
    pub(super) node_id: String,
    pub(super) node_ids: Vec<String>,
}

/// What is wrong with a request, and which code says so.
pub(super) type Refusal = (Code, String);

impl Envelope<'_> {
    /// What a line says.
    ///
    /// # Errors
    /// What is wrong with it, for the log: it does not even say who sent it, or what it would be answered to.
    pub(super) fn read(line: &[u8]) -> Result<Envelope<'_>, String> {
        let line = str::from_utf8(line).map_err(|error| error.to_string())?;
        // serde would take the fields of a list, too.
        if !line.trim_start().starts_with('{') {
            return Err("it is no JSON object".to_owned());
        }
        let mut envelope: Envelope<'_> = serde_json::from_str(line).map_err(told)?;
        let longest = envelope.src.len().max(envelope.dest.len());
        if longest > MAX_NAME {
            return Err(format!(
                "a name has {longest} bytes, and {MAX_NAME} is the limit"
            ));
        }
        if !envelope.body.get().starts_with('{') {
            return Err("its body is no JSON object".to_owned());
        }
        envelope.header = serde_json::from_str(envelope.body.get()).map_err(told)?;
        Ok(envelope)
    }

    /// Who waits for an answer, if anybody does.
    pub(super) fn asker(&self) -> Option<Asker> {
        let Header {
            msg_id,
            in_reply_to,
        } = &self.header;
        let asks = msg_id.filter(|_| in_reply_to.is_none());
        asks.map(|msg_id| Asker {
            name: self.src.clone(),
            msg_id,
        })
    }

    /// The body's type.
    pub(super) fn kind(&self) -> Result<String, Refusal> {
        #[derive(Deserialize)]
        struct Kind {
            r#type: String,
        }
        let Kind { r#type } = self.body().map_err(malformed)?;
        Ok(r#type)
    }

    /// The body as a request.
    pub(super) fn request<R: DeserializeOwned>(&self, kind: &str) -> Result<R, Refusal> {
        self.body().map_err(|why| match is_type_of::<R>(kind) {
            true => malformed(why),
            false => (
                Code::NotSupported,
                format!("no request has the type {kind:?}"),
            ),
        })
    }

    /// The body, whatever it is.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.body.get()).map_err(told)
    }
}

pub(super) fn malformed(why: impl Into<String>) -> Refusal {
    (Code::MalformedRequest, why.into())
}

pub(super) fn misdirected(name: &str, dest: &str) -> Refusal {
    malformed(format!("this is {name:?}, and the message is for {dest:?}"))
}

/// Without serde's "at line 1": of lines there is only one.
fn told(error: serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column", " at column")
}

/// What others sent is quoted, and may be as long as a line. Enough of it to know it by.
fn clipped(text: String) -> String {
    const ENOUGH: usize = 400;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Whether there is a request of this type. Of a body that is no request serde says only that, and not why; so it is asked
/// again about the type alone, and what counts is whether it is the type that it complains of.
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

/// Lines to be written, and what is to be told the log.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Whole lines, each with its end.
    pub(super) lines: Vec<u8>,
    pub(super) log: Vec<String>,
}

impl Said {
    /// A line for the log.
    pub(super) fn log(&mut self, line: impl Display) {
        self.log.push(clipped(line.to_string()));
    }

    /// One line more.
    ///
    /// # Panics
    /// If the body is no JSON object.
    pub(super) fn send(&mut self, src: &str, dest: &str, body: &impl Serialize) {
        #[derive(Serialize)]
        struct Sent<'a, B> {
            src: &'a str,
            dest: &'a str,
            body: &'a B,
        }
        let sent = serde_json::to_writer(&mut self.lines, &Sent { src, dest, body });
        sent.expect("a body is a JSON object");
        self.lines.push(b'\n');
    }

    /// An answer, with the number of what it answers.
    pub(super) fn answer(&mut self, src: &str, asker: &Asker, reply: &impl Serialize) {
        #[derive(Serialize)]
        struct Answer<'a, B> {
            #[serde(flatten)]
            reply: &'a B,
            in_reply_to: i64,
        }
        let in_reply_to = asker.msg_id;
        self.send(src, &asker.name, &Answer { reply, in_reply_to });
    }

    /// An error in place of an answer.
    pub(super) fn refuse(&mut self, src: &str, asker: &Asker, (code, text): Refusal) {
        #[derive(Serialize)]
        #[serde(tag = "type", rename = "error")]
        struct Refused {
            in_reply_to: i64,
            code: Code,
            text: String,
        }
        let (in_reply_to, text) = (asker.msg_id, clipped(text));
        self.send(
            src,
            &asker.name,
            &Refused {
                in_reply_to,
                code,
                text,
            },
        );
    }
}
