//! The service as a node: whatever comes in `echo` goes back as `echo_ok`, written as it came.

use runtime::stdio::Json;
use serde::{Deserialize, Serialize};
use worlds::node::{Client, Node, Outbox};

/// The smallest node that is of any use. It keeps nothing, and knows no other.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Echo;

/// `{"type":"echo","echo":…}`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
pub struct Request {
    /// The only thing that it can be.
    pub r#type: Kind,
    /// What is to come back.
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
    /// What came.
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
