//! The node itself, in one thread: what comes is handled, what it writes is made safe, and then
//! what waited for that is done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::error_chain;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::disk::Disk;
use super::gate::{Gate, refused};
use super::inbox::{Input, ReplyTo};
use super::log::{Log, LogError};
use super::tracing::Tracer;
use super::wire::{Envelope, to_line};
use super::{MAX_MESSAGE, RuntimeError};
use crate::body::Code;
use crate::timers::Timers;
use worlds::node::{Client, Effect, Node, NodeEvent, Outbox};

/// How many requests may wait for an answer at a time. With one more, whoever has waited longest is
/// told that nobody knows.
pub const MAX_WAITING: usize = 10_000;

/// How large a log may become, in bytes, before it is compacted: what is read again at a start
/// takes a moment.
pub const COMPACT_AT: u64 = 4 * 1024 * 1024;

/// The longest wait, for a node that has set no timer.
const LONG: Duration = Duration::from_secs(3600);

/// A node, and everything around it that one thread can do.
pub(super) struct Running<N: Node, D, F> {
    pub(super) gate: Arc<Gate<N>>,
    pub(super) node: N,
    #[expect(dead_code, reason = "a disk that fails ends the process, and the node is made once")]
    pub(super) make: F,
    pub(super) log: Option<Log<D>>,
    pub(super) tracer: Option<Tracer<N>>,
    started: Instant,
    outbox: Outbox<N>,
    timers: Timers<N::Timer>,
    waiting: BTreeMap<Client, ReplyTo>,
    asked: u64,
    /// How many had been asked when everything was safe, or something left for another node.
    asked_when_safe: u64,
    /// Whether the node has not been started yet, since the disk rests and its start is to be
    /// written.
    must_start: bool,
    /// What waits for records that are not safe. Whether there are any: the first that is held
    /// waits for one.
    held: Vec<Effect<N>>,
    has_unsafe: bool,
    /// Until when the disk is left alone.
    rests_until: Option<Duration>,
    /// What the configuration says, and when it is time next.
    compact_at: u64,
    compact_next: u64,
}

impl<N, D, F> Running<N, D, F>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Record: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
    D: Disk,
    F: Fn(&[N::Record]) -> Result<N, RuntimeError>,
{
    pub(super) fn new(
        gate: Arc<Gate<N>>,
        node: N,
        make: F,
        log: Option<Log<D>>,
        compact_at: u64,
        tracer: Option<Tracer<N>>,
    ) -> Self {
        Running {
            gate,
            node,
            make,
            log,
            tracer,
            started: now(),
            outbox: Outbox::default(),
            timers: Timers::default(),
            waiting: BTreeMap::new(),
            asked: 0,
            asked_when_safe: 0,
            must_start: false,
            held: Vec::new(),
            has_unsafe: false,
            rests_until: None,
            compact_at,
            compact_next: compact_at,
        }
    }

    /// Runs until the inbox stops.
    ///
    /// # Errors
    /// If the node cannot be brought back after its disk has failed.
    pub(super) fn run(&mut self) -> Result<(), RuntimeError> {
        self.hand(Node::start);
        self.make_safe()?;
        while let Some(inputs) = self.gate.inbox.take(self.wait()) {
            if self.must_start && !self.disk_rests() {
                self.must_start = !self.hand(Node::start);
            }
            for input in inputs {
                self.take(input);
            }
            for _ in 0..self.timers.due(self.now()) {
                // A handler may have cancelled those behind it.
                if let Some(timer) = self.timers.take_due(self.now()) {
                    self.wake(timer);
                }
            }
            self.make_safe()?;
        }
        Ok(())
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn wait(&self) -> Duration {
        let start = self.rests_until.filter(|_| self.must_start);
        let next = self.timers.next().into_iter().chain(start).min();
        let next = next.unwrap_or(LONG + self.now());
        next.saturating_sub(self.now())
    }

    fn take(&mut self, input: Input<N::Message, N::Request>) {
        match input {
            Input::Message { from, message, stamped } => {
                if let Some(tracer) = &mut self.tracer {
                    tracer.received(from, &message, stamped);
                }
                self.hand(|node, out| node.receive(from, message, out));
            }
            Input::Connected { to } => {
                self.hand(|node, out| node.connected(to, out));
            }
            Input::Request { request, reply_to } => {
                let client = self.wait_for_answer(reply_to);
                self.note(&NodeEvent::Asked { node: self.gate.me.node, client, request: &request });
                if !self.hand(|node, out| node.ask(client, request, out)) {
                    let why = "not done: the disk takes no records".to_owned();
                    self.refuse(client, Code::TemporarilyUnavailable, why);
                }
            }
        }
    }

    fn wake(&mut self, timer: N::Timer) {
        self.note(&NodeEvent::Woke { node: self.gate.me.node, timer: &timer });
        let woken = self.hand(|node, out| node.wake(timer.clone(), out));
        // The node has not noticed, and relies on being woken.
        if let (false, Some(until)) = (woken, self.rests_until) {
            self.timers.set(timer, until);
        }
    }

    /// Notes who waits, and makes room for it.
    fn wait_for_answer(&mut self, reply_to: ReplyTo) -> Client {
        if self.waiting.len() == MAX_WAITING
            && let Some((&oldest, _)) = self.waiting.first_key_value()
        {
            let why = format!("{MAX_WAITING} others wait for an answer, too");
            self.refuse(oldest, Code::Timeout, why);
        }
        let client = Client(self.asked);
        self.asked += 1;
        self.waiting.insert(client, reply_to);
        client
    }

    /// Hands the node something, and carries out what need not wait. Says whether the node took it:
    /// while the disk rests, what would have to be written is as if it had not come, and everything
    /// is before a start that was one of those.
    fn hand(&mut self, handler: impl FnOnce(&mut N, &mut Outbox<N>)) -> bool {
        if self.must_start && self.disk_rests() {
            return false;
        }
        let before = self.disk_rests().then(|| self.node.clone());
        self.outbox.set_now(self.now());
        handler(&mut self.node, &mut self.outbox);
        let effects = self.outbox.take();
        let appends = |effect: &Effect<N>| matches!(effect, Effect::Append(_));
        if let Some(before) = before
            && effects.iter().any(appends)
        {
            self.node = before;
            return false;
        }
        for effect in effects {
            match effect {
                Effect::Append(record) => self.append(record),
                effect if self.has_unsafe => self.held.push(effect),
                effect => self.carry_out(effect),
            }
        }
        true
    }

    /// Without a disk a record is gone with the process, as `NodeRuntime::run` says.
    fn append(&mut self, record: N::Record) {
        if let Some(log) = &mut self.log {
            log.append(&record);
            self.has_unsafe = true;
        }
    }

    fn carry_out(&mut self, effect: Effect<N>) {
        match effect {
            Effect::Send { to, message } => self.send(to, message),
            Effect::SetTimer { timer, after } => {
                self.timers.set(timer, self.now().saturating_add(after));
            }
            Effect::CancelTimer(timer) => self.timers.cancel(&timer),
            Effect::Append(_) => unreachable!("a record goes to the log, and is not held"),
            Effect::Answer { client, reply } => {
                self.note(&NodeEvent::Answered { node: self.gate.me.node, client, reply: &reply });
                self.answer(client, to_line(&reply));
            }
            Effect::Warn(what) => self.gate.tell.again(what),
        }
    }

    fn send(&mut self, to: usize, message: N::Message) {
        let me = &self.gate.me;
        assert!(
            to < me.nodes && to != me.node,
            "node {} sends to node {to}: it can send to any other of {} nodes",
            me.node,
            me.nodes
        );
        let tracer = self.tracer.as_mut();
        let stamped = tracer.and_then(|tracer| tracer.sent(to, &message));
        let line = to_line(&Envelope { message, stamped });
        let bytes = line.len();
        if bytes > MAX_MESSAGE {
            let why = format!(
                "a message of {bytes} bytes for node {to} is over the limit of {MAX_MESSAGE}, \
                 and dropped"
            );
            return self.gate.tell.again(why);
        }
        self.gate.links.send(to, line);
        // What leaves cannot be undone, whoever asked for it.
        self.asked_when_safe = self.asked;
    }

    /// An answer that nobody waits for comes too late, or a second time.
    fn answer(&mut self, client: Client, line: Vec<u8>) {
        if let Some(reply_to) = self.waiting.remove(&client) {
            let _ = reply_to.send(line);
        }
    }

    fn refuse(&mut self, client: Client, code: Code, why: String) {
        self.answer(client, refused(&(code, why)));
    }

    fn note(&mut self, event: &NodeEvent<'_, N>) {
        if let Some(tracer) = &mut self.tracer {
            tracer.local(event);
        }
    }

    /// Makes all records safe with one sync, and does what waited for them.
    fn make_safe(&mut self) -> Result<(), RuntimeError> {
        if std::mem::take(&mut self.has_unsafe)
            && let Some(log) = &mut self.log
        {
            if let Err(error) = log.sync() {
                return self.give_up(error);
            }
            if self.rests_until.take().is_some() {
                self.gate.tell.line("the disk takes records again");
            }
            for effect in std::mem::take(&mut self.held) {
                self.carry_out(effect);
            }
            self.compact();
        }
        self.asked_when_safe = self.asked;
        Ok(())
    }

    /// The disk has failed, and the process ends. Whoever waits is told that nobody knows.
    fn give_up(&mut self, error: LogError) -> Result<(), RuntimeError> {
        let why = error_chain(&error);
        for client in self.waiting.keys().copied().collect::<Vec<_>>() {
            self.refuse(client, Code::Crash, format!("nobody knows whether it was done: {why}"));
        }
        Err(error.into())
    }

    fn disk_rests(&self) -> bool {
        self.rests_until.is_some_and(|until| self.now() < until)
    }

    /// Keeps the log from growing for ever. Everything is safe at this moment.
    fn compact(&mut self) {
        let Some(log) = self.log.as_mut().filter(|log| log.len() >= self.compact_next) else {
            return;
        };
        let Some(records) = self.node.snapshot() else {
            self.compact_next = u64::MAX;
            return;
        };
        if let Err(error) = log.replace(&records) {
            self.gate.tell.line(error_chain(&error));
        }
        self.compact_next = self.compact_at.max(4 * log.len());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "in a real process a node's timers run in real time; everything below is told \
              what time it is"
)]
fn now() -> Instant {
    Instant::now()
}
