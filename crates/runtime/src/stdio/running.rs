//! A node that knows who it is, and what it wants done.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::{Asker, Envelope, Said, misdirected};
use crate::body::{Code, Refusal, malformed};
use crate::driver::Driver;
use worlds::node::{Client, Effect, Node, Outbox};

/// How many clients may wait for an answer at a time. With one more, the client that has waited
/// longest is answered that the outcome is unknown ([`Code::Timeout`]). So a node that leaves some
/// requests without an answer goes on to take others.
pub const MAX_WAITING: usize = 10_000;

/// A node, its names, and what it has asked for.
pub(super) struct Running<N: Node> {
    driver: Driver<N, Asker>,
    number: usize,
    /// The name of each node.
    names: Vec<String>,
}

impl<N> Running<N>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
{
    pub(super) fn new(node: N, number: usize, names: Vec<String>) -> Running<N> {
        Running { driver: Driver::new(node, number, names.len()), number, names }
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
        self.driver.next_timer()
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
        if self.driver.waiting() == MAX_WAITING
            && let Some(oldest) = self.driver.take_oldest()
        {
            let why = format!("{MAX_WAITING} others wait for an answer, too");
            said.refuse(self.name(), &oldest, (Code::Timeout, why));
        }
        self.driver.expect_answer(asker)
    }

    /// Wakes the node for each timer that has run out.
    pub(super) fn wake(&mut self, now: Duration, said: &mut Said) {
        for _ in 0..self.driver.due(now) {
            if let Some(timer) = self.driver.take_due(now) {
                self.handle(now, said, |node, out| node.wake(timer, out));
            }
        }
    }

    /// Calls a handler, and executes what the node wants done.
    fn handle(
        &mut self,
        now: Duration,
        said: &mut Said,
        handler: impl FnOnce(&mut N, &mut Outbox<N>),
    ) {
        for effect in self.driver.call(now, handler) {
            match effect {
                Effect::Send { to, message } => said.send(self.name(), &self.names[to], &message),
                Effect::Answer { client, reply } => match self.driver.take_waiting(client) {
                    Some(asker) => said.answer(self.name(), &asker, &reply),
                    None => said.log("an answer came too late, or a second time"),
                },
                // A disk that is never read: the module's documentation says why.
                Effect::Append(_) => {}
                Effect::Warn(what) => said.log(what),
                Effect::SetTimer { .. } | Effect::CancelTimer(_) => {
                    unreachable!("the driver keeps the timers")
                }
            }
        }
    }
}
