//! The smallest useful node, for the test bench Maelstrom: it answers `echo` with `echo_ok` and the
//! same value, byte for byte.
//!
//! ```sh
//! cargo build -p runtime --example maelstrom-echo
//! maelstrom test -w echo --bin target/debug/examples/maelstrom-echo --node-count 1 --time-limit 10
//! ```

use std::io::{self, Write};

use runtime::stdio::{self, Error, Json};
use serde::{Deserialize, Serialize};
use worlds::node::{Client, Node, Outbox};

/// It keeps no state, and knows no other node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Echo;

/// `{"type":"echo","echo":…}`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
pub(crate) struct Request {
    r#type: Kind,
    echo: Json,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Echo,
}

/// `{"type":"echo_ok","echo":…}`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(tag = "type", rename = "echo_ok")]
pub(crate) struct Reply {
    echo: Json,
}

impl Node for Echo {
    type Message = ();
    type Timer = ();
    type Record = ();
    type Request = Request;
    type Reply = Reply;

    fn receive(&mut self, _: usize, (): (), _: &mut Outbox<Self>) {}

    fn ask(&mut self, client: Client, Request { echo, .. }: Request, out: &mut Outbox<Self>) {
        out.answer(client, Reply { echo });
    }
}

fn main() -> Result<(), Error> {
    let log = |line: String| {
        let _ = writeln!(io::stderr(), "{line}"); // a closed stderr does not stop a node
    };
    stdio::run(io::stdin(), io::stdout(), log, |_, _, _| Echo)
}
