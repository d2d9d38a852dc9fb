//! A node that does a little of everything, and what it is told in a test.

use std::io::{Cursor, Read};
use std::time::Duration;

use runtime::stdio::{self, Code};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use worlds::node::{Client, Node, Outbox};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Tester {
    number: usize,
    sum: u64,
    heard: Vec<usize>,
    waiting: Vec<Client>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message {
    Ping,
    Pong,
    /// Answer all who wait.
    Release,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Request {
    Say {
        word: String,
    },
    Add {
        by: u64,
    },
    Paint {
        colour: Colour,
    },
    Heard,
    Most,
    Refuse,
    /// Answered after so long.
    Later {
        ms: u64,
    },
    Wait,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Colour {
    Red,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Reply {
    SayOk { word: String },
    AddOk { value: u64 },
    HeardOk { from: Vec<usize> },
    MostOk { value: u128 },
    LaterOk { at_ms: u128 },
    WaitOk,
    Error { code: Code, text: String },
}

impl Tester {
    pub(crate) fn new(number: usize, nodes: usize, records: &[u64]) -> Tester {
        assert!(number < nodes && records.is_empty());
        Tester { number, sum: 0, heard: vec![], waiting: vec![] }
    }
}

impl Node for Tester {
    type Message = Message;
    type Timer = Client;
    type Record = u64;
    type Request = Request;
    type Reply = Reply;

    /// The second of two greets the first.
    fn start(&mut self, out: &mut Outbox<Self>) {
        if self.number == 1 {
            out.send(0, Message::Ping);
        }
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        self.heard.push(from);
        match message {
            Message::Ping => out.send(from, Message::Pong),
            Message::Pong => {}
            Message::Release => {
                self.waiting.drain(..).for_each(|client| out.answer(client, Reply::WaitOk))
            }
        }
    }

    fn wake(&mut self, client: Client, out: &mut Outbox<Self>) {
        let at_ms = out.now().as_millis();
        out.answer(client, Reply::LaterOk { at_ms });
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        let reply = match request {
            Request::Say { word } => Reply::SayOk { word },
            Request::Add { by } => {
                self.sum += by;
                out.append(by);
                Reply::AddOk { value: self.sum }
            }
            Request::Paint { .. } | Request::Refuse => {
                Reply::Error { code: Code::Abort, text: "not today".to_owned() }
            }
            Request::Heard => Reply::HeardOk { from: self.heard.clone() },
            Request::Most => Reply::MostOk { value: u128::MAX },
            Request::Later { ms } => {
                return out.set_timer(client, Duration::from_millis(ms));
            }
            Request::Wait => return self.waiting.push(client),
        };
        out.answer(client, reply);
    }
}

/// What came out.
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) lines: Vec<Value>,
    pub(crate) log: Vec<String>,
}

impl Said {
    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.lines.iter().map(|line| line["body"].clone()).collect()
    }
}

pub(crate) fn tell(input: &[u8]) -> Said {
    tell_from(Cursor::new(input.to_vec()))
}

pub(crate) fn tell_from(input: impl Read + Send + 'static) -> Said {
    let (mut output, mut log) = (Vec::new(), Vec::new());
    stdio::run(input, &mut output, |line| log.push(line), Tester::new).unwrap();
    let text = String::from_utf8(output).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Said { text, lines, log }
}

/// What comes out after `init`, of node n1 of three.
pub(crate) fn initialized(lines: impl IntoIterator<Item = Value>) -> Said {
    let mut said = tell(&lines_of([init("n1", &["n1", "n2", "n3"])].into_iter().chain(lines)));
    said.lines.remove(0);
    said.log.remove(0);
    said
}

pub(crate) fn lines_of(lines: impl IntoIterator<Item = Value>) -> Vec<u8> {
    lines.into_iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

pub(crate) fn init(name: &str, names: &[&str]) -> Value {
    let body = json!({"type": "init", "msg_id": 0, "node_id": name, "node_ids": names});
    json!({"src": "c0", "dest": name, "body": body})
}

pub(crate) fn request(msg_id: i64, mut body: Value) -> Value {
    body["msg_id"] = json!(msg_id);
    json!({"src": "c1", "dest": "n1", "body": body})
}

pub(crate) fn assert_error(line: &Value, in_reply_to: i64, code: i64, text: &str) {
    let body = &line["body"];
    assert_eq!(body["type"], "error", "{line}");
    assert_eq!(body["in_reply_to"], in_reply_to, "{line}");
    assert_eq!(body["code"], code, "{line}");
    let said = body["text"].as_str().unwrap();
    assert!(said.contains(text), "{said} for {text}");
}
