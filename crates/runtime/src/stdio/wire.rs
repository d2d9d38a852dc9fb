//! What stands in a line.

use std::fmt::Display;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::body::{self, Code, Refusal, clipped, malformed, without_line};

/// The longest name that is taken, in bytes.
pub const MAX_NAME: usize = 1024;

/// A message on its way. Whatever else stands in the line (Maelstrom puts an `id` there) is passed
/// over.
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

impl Envelope<'_> {
    /// What a line says.
    ///
    /// # Errors
    /// What is wrong with it, for the log: it does not even say who sent it, or what it would be
    /// answered to.
    pub(super) fn read(line: &[u8]) -> Result<Envelope<'_>, String> {
        let line = str::from_utf8(line).map_err(|error| error.to_string())?;
        // serde would take the fields of a list, too.
        if !line.trim_start().starts_with('{') {
            return Err("it is not a JSON object".to_owned());
        }
        let mut envelope: Envelope<'_> = serde_json::from_str(line).map_err(without_line)?;
        let longest = envelope.src.len().max(envelope.dest.len());
        if longest > MAX_NAME {
            return Err(format!("a name has {longest} bytes, and {MAX_NAME} is the limit"));
        }
        if !envelope.body.get().starts_with('{') {
            return Err("its body is not a JSON object".to_owned());
        }
        envelope.header = serde_json::from_str(envelope.body.get()).map_err(without_line)?;
        Ok(envelope)
    }

    /// Which client waits for an answer, if one does.
    pub(super) fn asker(&self) -> Option<Asker> {
        let Header { msg_id, in_reply_to } = &self.header;
        let asks = msg_id.filter(|_| in_reply_to.is_none());
        asks.map(|msg_id| Asker { name: self.src.clone(), msg_id })
    }

    /// The body's type.
    pub(super) fn kind(&self) -> Result<String, Refusal> {
        body::kind(self.body.get())
    }

    /// The body as a request.
    pub(super) fn request<R: DeserializeOwned>(&self, kind: &str) -> Result<R, Refusal> {
        body::request(self.body.get(), kind)
    }

    /// The body, whatever it is.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.body.get()).map_err(without_line)
    }
}

pub(super) fn misdirected(name: &str, dest: &str) -> Refusal {
    malformed(format!("this is {name:?}, and the message is for {dest:?}"))
}

/// Lines to be written, and lines for the log.
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
    /// If the body is not a JSON object.
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
        self.send(src, &asker.name, &Refused { in_reply_to, code, text });
    }
}
