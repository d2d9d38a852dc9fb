//! The service as a node: it answers `echo` with `echo_ok` and the same value, byte for byte.

use runtime::stdio::Json;
use serde::{Deserialize, Serialize};
use worlds::node::{Client, Node, Outbox};

/// The smallest useful node. It keeps no state, and knows no other node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Echo;

/// `{"type":"echo","echo":…}`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
pub struct Request {
    /// Always [`Kind::Echo`].
    pub r#type: Kind,
    /// The value to return.
    pub echo: Json,
}

/// The type of a request.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `echo`
    Echo,
}

/// `{"type":"echo_ok","echo":…}`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(tag = "type", rename = "echo_ok")]
pub struct Reply {
    /// The value of the request.
    pub echo: Json,
}

impl Node for Echo {
    type Message = ();
    type Timer = ();
    type Record = ();
    type Request = Request;
    type Reply = Reply;

    fn receive(&mut self, _: usize, (): (), _: &mut Outbox<Self>) {}

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        let Request { echo, .. } = request;
        out.answer(client, Reply { echo });
    }
}
