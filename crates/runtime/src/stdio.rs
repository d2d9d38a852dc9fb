//! A node on standard input and output: the protocol of Maelstrom, the test bench of Jepsen.
//!
//! A simulator of ours tests a node with what we thought of. Maelstrom was made by others, for
//! programs in any language: it starts a process for each node, is the network between them, and
//! asks, partitions and judges. All it wants of a program is one JSON object a line:
//!
//! ```json
//! {"src": "c1", "dest": "n1", "body": {"type": "add", "msg_id": 7, "delta": 3}}
//! {"src": "n1", "dest": "c1", "body": {"type": "add_ok", "in_reply_to": 7}}
//! ```
//!
//! [`run`] reads such lines, and carries out what the node wants done. The first message is `init`,
//! which gives the node's name and those of all nodes. The place of a name in that list, the same
//! everywhere, is the node's number, and the table stays here. A line from one of those names is a
//! message, and one from any other name, a client's, is a request. A body becomes the node's own
//! types by serde, whose tag is `type`. A request carries a `msg_id`, and its answer has the same
//! number as `in_reply_to`. An invalid request is answered with an error and its [`Code`]; any
//! other invalid line is logged.
//!
//! The source: jepsen-io/maelstrom, `doc/protocol.md` and `doc/workloads.md`.
//!
//! What holds, whatever the lines say:
//!
//! * A request that is answered at all is answered once, and by a line of its own.
//! * An answer is not answered. A body with `in_reply_to` is not a request, or two programs could
//!   send each other their errors without end.
//! * Between nodes nothing is answered: a node that needs an answer sends a message for it.
//! * What a line brings about has left before the next line is looked at, so that the end of the
//!   input cuts nothing off.
//! * Memory is bounded: by [`MAX_LINE`], [`MAX_NAME`], [`MAX_NODES`], [`MAX_WAITING`], and what the
//!   node keeps. A timer is set once for each name, and the names are the node's: no line sets one
//!   that the node does not choose.
//!
//! Left out: a disk. Maelstrom neither stops nor restarts a node, so here a record is written as
//! soon as the node appends it, and is not kept, since it would not be read. The process forgets
//! when it ends: started again, it is a new node, and a counter's peers would know more of it than
//! it does. Left out, too: Maelstrom's services, which a node could ask.

mod bench;
mod json;
mod lines;
mod running;
mod wire;

use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use bench::Bench;
use worlds::node::Node;

pub use crate::body::Code;
pub use bench::MAX_NODES;
pub use json::Json;
pub use lines::MAX_LINE;
pub use running::MAX_WAITING;
pub use wire::MAX_NAME;

/// Why a node cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing can be read any more.
    #[error("cannot read messages")]
    Input(#[source] io::Error),
    /// Nothing can be written any more.
    #[error("cannot write messages")]
    Output(#[source] io::Error),
}

/// Runs a node until `input` ends, or the reader of `output` is gone.
///
/// `make` gets the node's number, how many there are, and its records, of which there are none
/// here. What concerns no client that could be answered goes to `log`, a line each; it quotes what
/// others sent, control characters and all.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use worlds::node::{Client, Node, Outbox};
///
/// /// Says how often it was asked.
/// #[derive(Clone, PartialEq, Eq, Hash, Debug)]
/// struct Asked(u64);
///
/// #[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum Request {
///     Ask,
/// }
///
/// #[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum Reply {
///     AskOk { times: u64 },
/// }
///
/// impl Node for Asked {
///     type Message = ();
///     type Timer = ();
///     type Record = ();
///     type Request = Request;
///     type Reply = Reply;
///
///     fn receive(&mut self, _: usize, (): (), _: &mut Outbox<Self>) {}
///
///     fn ask(&mut self, client: Client, Request::Ask: Request, out: &mut Outbox<Self>) {
///         self.0 += 1;
///         out.answer(client, Reply::AskOk { times: self.0 });
///     }
/// }
///
/// let input = br#"
/// {"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}
/// {"src":"c1","dest":"n1","body":{"type":"ask","msg_id":1}}
/// {"src":"c1","dest":"n1","body":{"type":"x","msg_id":2}}
/// "#;
/// let mut output = Vec::new();
/// runtime::stdio::run(&input[..], &mut output, |_| {}, |_, _, _| Asked(0))?;
/// let answers = String::from_utf8(output)?;
/// let answers = Vec::from_iter(answers.lines());
/// assert_eq!(
///     answers[..2],
///     [
///         r#"{"src":"n1","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}"#,
///         r#"{"src":"n1","dest":"c1","body":{"type":"ask_ok","times":1,"in_reply_to":1}}"#,
///     ]
/// );
/// assert!(answers[2].contains(r#""code":10,"text":"no request has the type \"x\"""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Input`], and [`Error::Output`], unless the reader is gone.
///
/// # Panics
/// If the node sends to a node that does not exist, or to itself, or what it sends is not a JSON
/// object.
pub fn run<N>(
    input: impl Read + Send + 'static,
    mut output: impl Write,
    mut log: impl FnMut(String),
    make: impl Fn(usize, usize, &[N::Record]) -> N,
) -> Result<(), Error>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
{
    let lines = lines::ahead(input);
    let started = now();
    let mut bench = Bench::new(make);
    loop {
        let next_timer = bench.next_timer();
        let wait = next_timer.map(|at| at.saturating_sub(started.elapsed()));
        match lines.recv_timeout(wait.unwrap_or(Duration::MAX)) {
            Ok(line) => bench.take_line(line.map_err(Error::Input)?, started.elapsed()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        bench.wake(started.elapsed());
        let said = bench.take_said();
        said.log.into_iter().for_each(&mut log);
        match output.write_all(&said.lines).and_then(|()| output.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(Error::Output)?,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "on the bench a node's timers run in real time; everything below gets \
              the time as a value"
)]
fn now() -> Instant {
    Instant::now()
}
