//! A node that knows who it is, and what it wants done.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::{Asker, Envelope, Said, misdirected};
use crate::body::{Code, Refusal, malformed};
use crate::timers::Timers;
use worlds::node::{Client, Effect, Node, Outbox};

/// How many clients may wait for an answer at a time. With one more, whoever has waited longest is
/// told that nobody knows ([`Code::Timeout`]). So a node that leaves some requests without an
/// answer goes on to take others.
pub const MAX_WAITING: usize = 10_000;

/// A node, its names, and what it has asked for.
pub(super) struct Running<N: Node> {
    node: N,
    number: usize,
    /// The name of each node.
    names: Vec<String>,
    outbox: Outbox<N>,
    timers: Timers<N::Timer>,
    waiting: BTreeMap<Client, Asker>,
    /// How many requests there have been.
    asked: u64,
}

impl<N> Running<N>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
{
    pub(super) fn new(node: N, number: usize, names: Vec<String>) -> Running<N> {
        Running {
            node,
            number,
            names,
            outbox: Outbox::default(),
            timers: Timers::default(),
            waiting: BTreeMap::new(),
            asked: 0,
        }
    }

    /// The node's own name.
    pub(super) fn name(&self) -> &str {
        &self.names[self.number]
    }

    /// The number of the node that is called so, if there is one.
    pub(super) fn number_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// When the next timer runs out.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// The node starts.
    pub(super) fn start(&mut self, now: Duration, said: &mut Said) {
        self.handle(now, said, |node, out| node.start(out));
    }

    /// A message has come, or a request.
    pub(super) fn take(
        &mut self,
        envelope: &Envelope<'_>,
        now: Duration,
        said: &mut Said,
    ) -> Result<(), Refusal> {
        if envelope.dest != self.name() {
            return Err(misdirected(self.name(), &envelope.dest));
        }
        match self.number_of(&envelope.src) {
            Some(from) if from == self.number => Err(malformed("it is from this node itself")),
            Some(from) => {
                let message = envelope.body().map_err(malformed)?;
                self.handle(now, said, |node, out| node.receive(from, message, out));
                Ok(())
            }
            None => self.take_request(envelope, now, said),
        }
    }

    fn take_request(
        &mut self,
        envelope: &Envelope<'_>,
        now: Duration,
        said: &mut Said,
    ) -> Result<(), Refusal> {
        let asks_nothing = || malformed("it asks for no answer");
        let asker = envelope.asker().ok_or_else(asks_nothing)?;
        let kind = envelope.kind()?;
        if kind == "init" {
            return Err(malformed(format!("this is {:?} already", self.name())));
        }
        let request = envelope.request(&kind)?;
        let client = self.wait(asker, said);
        self.handle(now, said, |node, out| node.ask(client, request, out));
        Ok(())
    }

    /// Notes who waits, and makes room for it.
    fn wait(&mut self, asker: Asker, said: &mut Said) -> Client {
        if self.waiting.len() == MAX_WAITING
            && let Some((_, oldest)) = self.waiting.pop_first()
        {
            let why = format!("{MAX_WAITING} others wait for an answer, too");
            said.refuse(self.name(), &oldest, (Code::Timeout, why));
        }
        let client = Client(self.asked);
        self.asked += 1;
        self.waiting.insert(client, asker);
        client
    }

    /// Wakes the node for each timer that has run out.
    pub(super) fn wake(&mut self, now: Duration, said: &mut Said) {
        // So many and no more: one that is set again for this very moment waits until a line has
        // had its turn.
        for _ in 0..self.timers.due(now) {
            // A handler may have cancelled those behind it.
            let Some(timer) = self.timers.take_due(now) else {
                return;
            };
            self.handle(now, said, |node, out| node.wake(timer, out));
        }
    }

    /// Lets the node handle something, and carries out what it wants done.
    fn handle(
        &mut self,
        now: Duration,
        said: &mut Said,
        handler: impl FnOnce(&mut N, &mut Outbox<N>),
    ) {
        self.outbox.set_now(now);
        handler(&mut self.node, &mut self.outbox);
        for effect in self.outbox.take() {
            self.carry_out(effect, now, said);
        }
    }

    fn carry_out(&mut self, effect: Effect<N>, now: Duration, said: &mut Said) {
        match effect {
            Effect::Send { to, message } => {
                assert!(
                    to != self.number && to < self.names.len(),
                    "node {} sends to node {to}: it can send to any other of {} nodes",
                    self.number,
                    self.names.len()
                );
                said.send(self.name(), &self.names[to], &message);
            }
            Effect::Answer { client, reply } => match self.waiting.remove(&client) {
                Some(asker) => said.answer(self.name(), &asker, &reply),
                None => {
                    said.log("an answer that nobody waits for: it comes too late, or a second time")
                }
            },
            Effect::SetTimer { timer, after } => {
                self.timers.set(timer, now.saturating_add(after));
            }
            Effect::CancelTimer(timer) => self.timers.cancel(&timer),
            // A disk that nobody will ever read: the module's documentation says why.
            Effect::Append(_) => {}
            Effect::Warn(what) => said.log(what),
        }
    }
}
