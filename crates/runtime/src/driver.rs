//! A node, its timers, and who waits for its answers: what is the same in a process and on the test
//! bench.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::timers::Timers;
use worlds::node::{Client, Effect, Node, Outbox};

/// Calls the handlers of a node. Its timers are set and cancelled here; all other effects are for
/// the world to execute. `W` says who waits for an answer.
pub(crate) struct Driver<N: Node, W> {
    pub(crate) node: N,
    number: usize,
    nodes: usize,
    outbox: Outbox<N>,
    timers: Timers<N::Timer>,
    waiting: BTreeMap<Client, W>,
    /// How many requests there have been.
    asked: u64,
}

impl<N: Node, W> Driver<N, W> {
    /// Drives node `number` of `nodes`.
    pub(crate) fn new(node: N, number: usize, nodes: usize) -> Driver<N, W> {
        let (outbox, timers) = (Outbox::default(), Timers::default());
        Driver { node, number, nodes, outbox, timers, waiting: BTreeMap::new(), asked: 0 }
    }

    /// Calls a handler at the time `now`, and returns what it wants done besides timers.
    ///
    /// # Panics
    /// If the node sends to itself or to a node that does not exist.
    pub(crate) fn call(
        &mut self,
        now: Duration,
        handler: impl FnOnce(&mut N, &mut Outbox<N>),
    ) -> Vec<Effect<N>> {
        self.outbox.set_now(now);
        handler(&mut self.node, &mut self.outbox);
        let mut effects = self.outbox.take();
        effects.retain(|effect| match effect {
            Effect::SetTimer { timer, after } => {
                self.timers.set(timer.clone(), now.saturating_add(*after));
                false
            }
            Effect::CancelTimer(timer) => {
                self.timers.cancel(timer);
                false
            }
            Effect::Send { to, .. } => {
                assert!(
                    *to < self.nodes && *to != self.number,
                    "node {} sends to node {to}: it can send to any other of {} nodes",
                    self.number,
                    self.nodes
                );
                true
            }
            Effect::Append(_) | Effect::Answer { .. } | Effect::Warn(_) => true,
        });
        effects
    }

    /// A number for a request, by which its answer finds who waits.
    pub(crate) fn expect_answer(&mut self, waits: W) -> Client {
        let client = Client(self.asked);
        self.asked += 1;
        self.waiting.insert(client, waits);
        client
    }

    /// Who waits for this answer, and waits no longer. `None` where an answer comes too late, or a
    /// second time.
    pub(crate) fn take_waiting(&mut self, client: Client) -> Option<W> {
        self.waiting.remove(&client)
    }

    /// How many requests wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The request that has waited longest, which waits no longer.
    pub(crate) fn take_oldest(&mut self) -> Option<W> {
        self.waiting.pop_first().map(|(_, waits)| waits)
    }

    /// When the next timer runs out.
    pub(crate) fn next_timer(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// How many timers have run out. To wake the node for so many and no more leaves one that is
    /// set again for this very moment to the next turn.
    pub(crate) fn due(&self, now: Duration) -> usize {
        self.timers.due(now)
    }

    /// The first timer that has run out, unless a handler has cancelled it meanwhile.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<N::Timer> {
        self.timers.take_due(now)
    }
}
