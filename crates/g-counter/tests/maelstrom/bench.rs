//! A small test bench: it starts the replicas, is their network, and asks them.

use std::io::{self, BufRead, BufReader, PipeWriter, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use common::random::Rng;
use common::transport::Deadline;
use serde_json::{Value, json};

pub(crate) const NODES: usize = 3;

/// How long any one operation may take before the test gives up; many times what it takes.
const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Replicas, and what is in flight between them.
pub(crate) struct Bench {
    children: Vec<Child>,
    inputs: Vec<PipeWriter>,
    lines: Receiver<(usize, String)>,
    pub(crate) rng: Rng,
    pub(crate) faults: Faults,
    /// A node whose messages reach no other, and that no message of another reaches.
    pub(crate) cut_off: Option<usize>,
    held_back: Vec<Value>,
    pub(crate) fates: Fates,
    asked: u64,
}

/// How many of a hundred messages between replicas have each fault.
pub(crate) struct Faults {
    lost: u64,
    duplicated: u64,
    /// It arrives after messages that were sent later.
    held_back: u64,
}

/// What has become of the messages between replicas.
#[derive(Debug, Default)]
pub(crate) struct Fates {
    pub(crate) sent: usize,
    pub(crate) cut_off: usize,
    pub(crate) lost: usize,
    pub(crate) duplicated: usize,
    pub(crate) held_back: usize,
}

impl Fates {
    /// Whether each has happened.
    pub(crate) fn are_all(&self) -> bool {
        self.cut_off > 0 && self.lost > 0 && self.duplicated > 0 && self.held_back > 0
    }
}

impl Faults {
    pub(crate) fn none() -> Faults {
        Faults { lost: 0, duplicated: 0, held_back: 0 }
    }

    pub(crate) fn all() -> Faults {
        Faults { lost: 30, duplicated: 20, held_back: 30 }
    }
}

impl Bench {
    /// Replicas that have had their `init`.
    pub(crate) fn start(seed: u64) -> Bench {
        let (sender, lines) = mpsc::channel();
        let (children, inputs) = (0..NODES).map(|node| start(node, sender.clone())).unzip();
        let mut bench = Bench {
            children,
            inputs,
            lines,
            rng: Rng::from_seed(seed),
            faults: Faults::none(),
            cut_off: None,
            held_back: vec![],
            fates: Fates::default(),
            asked: 0,
        };
        let names: Vec<String> = (0..NODES).map(name).collect();
        for node in 0..NODES {
            let init = json!({"type": "init", "node_id": name(node), "node_ids": names});
            assert_eq!(bench.ask(node, init)["type"], "init_ok");
        }
        bench
    }

    /// Sends increments, all at once, and waits until they are acknowledged.
    pub(crate) fn add(&mut self, adds: &[(usize, u64)]) {
        let asked: Vec<u64> = adds
            .iter()
            .map(|&(node, delta)| self.send(node, json!({"type": "add", "delta": delta})))
            .collect();
        let mut answered = vec![];
        while answered.len() < asked.len() {
            let answer = self.wait();
            answered.extend(answer.map(|answer| {
                assert_eq!(answer["type"], "add_ok", "{answer}");
                answer["in_reply_to"].as_u64().unwrap()
            }));
        }
        answered.sort();
        assert_eq!(answered, asked);
    }

    /// Is the network until `more` more messages have been sent.
    pub(crate) fn wait_for_messages(&mut self, more: usize) {
        let enough = self.fates.sent + more;
        while self.fates.sent < enough {
            self.wait();
        }
    }

    pub(crate) fn read(&mut self, node: usize) -> u64 {
        let answer = self.ask(node, json!({"type": "read"}));
        answer["value"].as_u64().unwrap()
    }

    /// From now on the network is healed, and what was held back arrives.
    pub(crate) fn heal(&mut self) {
        self.faults = Faults::none();
        self.cut_off = None;
        while !self.held_back.is_empty() {
            self.release();
        }
    }

    /// Waits until a replica has this value. It is read again whenever a message has arrived.
    pub(crate) fn wait_until_says(&mut self, node: usize, value: u64) {
        let deadline = Deadline::after(TEST_TIMEOUT);
        loop {
            let said = self.read(node);
            assert!(said <= value, "{said} of {value}: nothing is counted twice");
            if said == value {
                return;
            }
            assert!(deadline.remaining().is_some(), "node {node} still says {said}, not {value}");
            self.wait();
        }
    }

    pub(crate) fn wait_until_all_say(&mut self, value: u64) {
        (0..NODES).for_each(|node| self.wait_until_says(node, value));
    }

    /// Each replica ends when its input does.
    pub(crate) fn end(mut self) {
        self.inputs.clear();
        for mut child in std::mem::take(&mut self.children) {
            // Its lines end with it.
            assert_eq!(child.wait().unwrap().code(), Some(0));
        }
    }

    /// Asks, and is the network until the answer comes.
    fn ask(&mut self, node: usize, body: Value) -> Value {
        let asked = self.send(node, body);
        loop {
            if let Some(answer) = self.wait() {
                assert_eq!(answer["in_reply_to"], asked);
                return answer;
            }
        }
    }

    /// A client asks. The number of its request.
    fn send(&mut self, node: usize, mut body: Value) -> u64 {
        self.asked += 1;
        body["msg_id"] = json!(self.asked);
        self.deliver(&json!({"src": "c1", "dest": name(node), "body": body}));
        self.asked
    }

    /// Waits for a line, and does with it what the network does. An answer comes back.
    fn wait(&mut self) -> Option<Value> {
        let (from, line) = self.lines.recv_timeout(TEST_TIMEOUT).unwrap();
        self.pass_on(from, &line)
    }

    /// What a replica has written is on its way to another, or is the answer.
    fn pass_on(&mut self, from: usize, line: &str) -> Option<Value> {
        let message: Value = serde_json::from_str(line).unwrap();
        assert_eq!(message["src"], name(from));
        if message["dest"] == "c1" {
            return Some(message["body"].clone());
        }
        self.fates.sent += 1;
        let cut_off = self.cut_off.map(name);
        if cut_off.is_some_and(|node| message["dest"] == node || message["src"] == node) {
            self.fates.cut_off += 1;
            return None;
        }
        if self.happens(self.faults.lost) {
            self.fates.lost += 1;
            return None;
        }
        if self.happens(self.faults.held_back) {
            self.fates.held_back += 1;
            self.held_back.push(message);
            return None;
        }
        if self.happens(self.faults.duplicated) {
            self.fates.duplicated += 1;
            self.deliver(&message);
        }
        self.deliver(&message);
        if !self.held_back.is_empty() && self.happens(50) {
            self.release();
        }
        None
    }

    /// One of those held back arrives.
    fn release(&mut self) {
        let place = self.rng.below(self.held_back.len() as u64) as usize;
        let message = self.held_back.swap_remove(place);
        self.deliver(&message);
    }

    fn happens(&mut self, of_a_hundred: u64) -> bool {
        self.rng.below(100) < of_a_hundred
    }

    fn deliver(&mut self, message: &Value) {
        let node = (0..NODES).find(|node| message["dest"] == name(*node)).unwrap();
        self.inputs[node].write_all(format!("{message}\n").as_bytes()).unwrap();
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        for child in &mut self.children {
            // Both fail only where it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn name(node: usize) -> String {
    format!("n{}", node + 1)
}

/// A replica, its input, and a thread that reads its lines.
fn start(node: usize, lines: Sender<(usize, String)>) -> (Child, PipeWriter) {
    let mut command = super::replica();
    let (input, writer) = io::pipe().unwrap();
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if lines.send((node, line)).is_err() {
                return;
            }
        }
    });
    (child, writer)
}
