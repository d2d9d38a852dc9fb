//! A node that does what its clients request, so that a run can be made by hand.
//!
//! It has no clock. Its runtime stamps every message, as it would stamp those of any other node.

use std::collections::VecDeque;

use runtime::Code;
use serde::{Deserialize, Serialize, Serializer};
use worlds::node::{Client, Node, NodeEvent, Outbox};

/// How many messages it keeps that no client has asked for. Of more, the oldest are dropped.
pub const MAX_UNHEARD: usize = 100;

/// The longest text that it takes, in bytes.
pub const MAX_TEXT: usize = 200;

/// One of the nodes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Talker {
    number: usize,
    nodes: usize,
    /// What it has heard and no client has asked for.
    unheard: VecDeque<(usize, String)>,
}

/// A request of a client.
///
/// As JSON: `{"type":"act","what":"A"}`, `{"type":"tell","node":1,"text":"hello"}`,
/// `{"type":"hear"}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Do something that involves no other node.
    Act {
        /// What it is called.
        what: String,
    },
    /// Send another node a text.
    Tell {
        /// Which.
        node: usize,
        /// What.
        text: String,
    },
    /// What have you heard? Each message is returned once.
    Hear,
}

/// The reply to a client.
///
/// As JSON: `{"type":"done"}`, `{"type":"heard","node":0,"text":"hello"}`, `{"type":"nothing"}`,
/// and an error with [`Code::Abort`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Reply {
    /// The request is done.
    Done,
    /// A node has sent this.
    Heard {
        /// Which.
        node: usize,
        /// What.
        text: String,
    },
    /// Nothing, so far. A client that waits asks again: a message returned to one that has gone
    /// would be lost.
    Nothing,
    /// The request is refused, and why.
    Refused(String),
}

impl Talker {
    /// Node `number` of `nodes`, which has heard nothing.
    pub fn new(number: usize, nodes: usize) -> Talker {
        Talker { number, nodes, unheard: VecDeque::new() }
    }

    fn check(&self, request: &Request) -> Result<(), String> {
        let text = match request {
            Request::Act { what } => what,
            Request::Tell { node, text } => {
                let nodes = self.nodes;
                if *node == self.number || *node >= nodes {
                    return Err(format!("node {node} is not one of the others, of {nodes} nodes"));
                }
                text
            }
            Request::Hear => "",
        };
        match text.len() {
            ..=MAX_TEXT => Ok(()),
            bytes => Err(format!("a text of {bytes} bytes, and {MAX_TEXT} is the limit")),
        }
    }
}

impl Node for Talker {
    type Message = String;
    type Timer = ();
    type Record = ();
    type Request = Request;
    type Reply = Reply;

    fn receive(&mut self, from: usize, text: String, out: &mut Outbox<Self>) {
        if text.len() > MAX_TEXT {
            return out.warn(format!("node {from} sent {} bytes, which are too many", text.len()));
        }
        if self.unheard.len() == MAX_UNHEARD {
            self.unheard.pop_front();
        }
        self.unheard.push_back((from, text));
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        if let Err(why) = self.check(&request) {
            return out.answer(client, Reply::Refused(why));
        }
        match request {
            Request::Act { .. } => out.answer(client, Reply::Done),
            Request::Tell { node, text } => {
                out.send(node, text);
                out.answer(client, Reply::Done);
            }
            Request::Hear => {
                let heard = self.unheard.pop_front();
                let reply =
                    heard.map_or(Reply::Nothing, |(node, text)| Reply::Heard { node, text });
                out.answer(client, reply);
            }
        }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Body<'a> {
            Done,
            Heard { node: usize, text: &'a str },
            Nothing,
            Error { code: Code, text: &'a str },
        }
        let body = match self {
            Reply::Done => Body::Done,
            Reply::Heard { node, text } => Body::Heard { node: *node, text },
            Reply::Nothing => Body::Nothing,
            Reply::Refused(text) => Body::Error { code: Code::Abort, text },
        };
        body.serialize(serializer)
    }
}

/// What a trace calls the events of a talker: what it does by itself has the name that its client
/// gave it. Requests and replies are not events.
pub fn label(event: &NodeEvent<'_, Talker>) -> Option<String> {
    match event {
        NodeEvent::Asked { request: Request::Act { what }, .. } => Some(what.clone()),
        NodeEvent::Sent { message, .. } => Some(format!("\"{message}\"")),
        NodeEvent::Received { .. } => Some(String::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use worlds::node::Effect;

    fn asked(talker: &mut Talker, client: u64, request: Request) -> Vec<Effect<Talker>> {
        let mut out = Outbox::default();
        talker.ask(Client(client), request, &mut out);
        out.take()
    }

    fn heard(talker: &mut Talker, text: &str) -> Vec<Effect<Talker>> {
        let mut out = Outbox::default();
        talker.receive(1, text.to_owned(), &mut out);
        out.take()
    }

    fn answer(client: u64, text: &str) -> Effect<Talker> {
        Effect::Answer {
            client: Client(client),
            reply: Reply::Heard { node: 1, text: text.to_owned() },
        }
    }

    #[test]
    fn a_heard_message_waits_and_a_client_does_not() {
        let mut talker = Talker::new(0, 3);
        let nothing = |client| Effect::Answer { client: Client(client), reply: Reply::Nothing };
        assert_eq!(asked(&mut talker, 1, Request::Hear), [nothing(1)]);
        assert_eq!(heard(&mut talker, "a"), []);
        assert_eq!(heard(&mut talker, "b"), []);
        assert_eq!(asked(&mut talker, 2, Request::Hear), [answer(2, "a")]);
        assert_eq!(asked(&mut talker, 3, Request::Hear), [answer(3, "b")]);
        assert_eq!(asked(&mut talker, 4, Request::Hear), [nothing(4)]);
    }

    #[test]
    fn its_memory_is_bounded() {
        let mut talker = Talker::new(0, 3);
        for number in 0..=MAX_UNHEARD {
            heard(&mut talker, &number.to_string());
        }
        assert_eq!(asked(&mut talker, 1, Request::Hear), [answer(1, "1")]);
        let too_long = "x".repeat(MAX_TEXT + 1);
        assert!(matches!(heard(&mut talker, &too_long)[..], [Effect::Warn(_)]));
    }

    #[test]
    fn it_sends_only_to_other_nodes_and_only_short_texts() {
        let mut talker = Talker::new(0, 3);
        let tell = |node: usize, bytes: usize| Request::Tell { node, text: "x".repeat(bytes) };
        assert_eq!(asked(&mut talker, 1, tell(2, MAX_TEXT)).len(), 2);
        for request in [
            tell(0, 1),
            tell(3, 1),
            tell(2, MAX_TEXT + 1),
            Request::Act { what: "x".repeat(MAX_TEXT + 1) },
        ] {
            let refused = asked(&mut talker, 1, request);
            assert!(
                matches!(&refused[..], [Effect::Answer { reply: Reply::Refused(_), .. }]),
                "{refused:?}"
            );
        }
    }
}
