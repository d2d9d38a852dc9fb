//! What waits for the node: a queue for each peer, and one for clients.
//!
//! * Whoever floods fills a queue of its own, and the others are served as before: from each queue
//!   a few are taken in turn.
//! * Memory is bounded: by [`MAX_WAITING_BYTES`] for a peer, and by a number of requests.

use std::collections::VecDeque;
use std::mem;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::gate::refused;
use super::tracing::Stamped;
use crate::body::{Code, Refusal};

/// How many bytes of a peer's messages may wait, as they came. What comes then is dropped, and
/// told.
pub const MAX_WAITING_BYTES: usize = 1024 * 1024;

/// How much is taken from each queue at a time.
const AT_A_TIME: usize = 256;

/// How many requests may wait. There may be more than there are connections: whoever has waited too
/// long is told that nobody knows, and asks something else.
const MAX_REQUESTS: usize = 1_000;

/// Takes a line that answers a client.
pub(super) type ReplyTo = SyncSender<Vec<u8>>;

/// Something for the node to handle.
pub(super) enum Input<M, Q> {
    Message { from: usize, message: M, stamped: Option<Stamped> },
    Connected { to: usize },
    Request { request: Q, reply_to: ReplyTo },
}

pub(super) struct Inbox<M, Q> {
    state: Mutex<State<M, Q>>,
    changed: Condvar,
}

struct State<M, Q> {
    peers: Vec<Queue<M, Q>>,
    clients: VecDeque<(Q, ReplyTo)>,
    /// Whether the node's thread waits, and nobody has woken it yet.
    is_awaited: bool,
    is_stopping: bool,
}

/// The messages of a peer, each with its size.
struct Queue<M, Q> {
    messages: VecDeque<(usize, Input<M, Q>)>,
    bytes: usize,
}

impl<M, Q> Inbox<M, Q> {
    /// An inbox with a queue for each of so many nodes.
    pub(super) fn new(nodes: usize) -> Inbox<M, Q> {
        let queue = || Queue { messages: VecDeque::new(), bytes: 0 };
        Inbox {
            state: Mutex::new(State {
                peers: (0..nodes).map(|_| queue()).collect(),
                clients: VecDeque::new(),
                is_awaited: false,
                is_stopping: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Adds a message of so many bytes, unless too many wait. Says whether it was added.
    pub(super) fn push_message(
        &self,
        from: usize,
        size: usize,
        message: M,
        stamped: Option<Stamped>,
    ) -> bool {
        let mut state = self.lock();
        let queue = &mut state.peers[from];
        if queue.bytes + size > MAX_WAITING_BYTES {
            return false;
        }
        queue.bytes += size;
        let message = Input::Message { from, message, stamped };
        queue.messages.push_back((size, message));
        self.wake(state);
        true
    }

    /// A connection to a node has come about. There is room for that: whoever connects again and
    /// again has to wait.
    pub(super) fn push_connected(&self, to: usize) {
        let mut state = self.lock();
        let connected = Input::Connected { to };
        state.peers[to].messages.push_back((0, connected));
        self.wake(state);
    }

    /// Adds a request.
    ///
    /// # Errors
    /// Why it is not added, and so certainly not done.
    pub(super) fn push_request(&self, request: Q, reply_to: ReplyTo) -> Result<(), Refusal> {
        let mut state = self.lock();
        if state.is_stopping {
            return Err(stopping());
        }
        if state.clients.len() == MAX_REQUESTS {
            let why = format!("not done: {MAX_REQUESTS} requests wait already");
            return Err((Code::TemporarilyUnavailable, why));
        }
        state.clients.push_back((request, reply_to));
        self.wake(state);
        Ok(())
    }

    /// Wakes the node's thread, if it waits: to wake nobody is a system call, too. The lock is
    /// given back first, as that would be what the thread waits for next.
    fn wake(&self, mut state: MutexGuard<'_, State<M, Q>>) {
        let is_awaited = mem::take(&mut state.is_awaited);
        drop(state);
        if is_awaited {
            self.changed.notify_one();
        }
    }

    /// Takes what has come, a part of each queue. Waits for it, at most for so long; `None` once
    /// the node is to stop.
    pub(super) fn take(&self, wait: Duration) -> Option<Vec<Input<M, Q>>> {
        let has_nothing = |state: &mut State<M, Q>| {
            let mut peers = state.peers.iter();
            let is_empty = state.clients.is_empty() && peers.all(|peer| peer.messages.is_empty());
            state.is_awaited = is_empty && !state.is_stopping;
            state.is_awaited
        };
        let (mut state, _) = self
            .changed
            .wait_timeout_while(self.lock(), wait, has_nothing)
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_stopping {
            return None;
        }
        let mut taken = Vec::new();
        for peer in &mut state.peers {
            let some = peer.messages.len().min(AT_A_TIME);
            for (size, message) in peer.messages.drain(..some) {
                peer.bytes -= size;
                taken.push(message);
            }
        }
        let some = state.clients.len().min(AT_A_TIME);
        let clients = state.clients.drain(..some);
        taken.extend(clients.map(|(request, reply_to)| Input::Request { request, reply_to }));
        Some(taken)
    }

    /// Ends the waiting. Requests that were not taken are refused.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.is_stopping = true;
        for (_, reply_to) in state.clients.drain(..) {
            // It has room for one answer, and gets no other.
            let _ = reply_to.try_send(refused(&stopping()));
        }
        self.changed.notify_all();
    }

    /// The state is whole between any two statements that hold the lock.
    fn lock(&self) -> MutexGuard<'_, State<M, Q>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stopping() -> Refusal {
    let why = "not done: the node stops".to_owned();
    (Code::TemporarilyUnavailable, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn froms(inputs: &[Input<u8, ()>]) -> Vec<Option<usize>> {
        let from = |input: &Input<u8, ()>| match input {
            Input::Message { from, .. } => Some(*from),
            Input::Request { .. } | Input::Connected { .. } => None,
        };
        inputs.iter().map(from).collect()
    }

    #[test]
    fn who_floods_fills_a_queue_of_its_own() {
        let inbox = Inbox::new(3);
        let half = MAX_WAITING_BYTES / 2;
        assert!(inbox.push_message(1, half, 0, None));
        assert!(inbox.push_message(1, half, 0, None));
        assert!(!inbox.push_message(1, 1, 0, None));
        assert!(inbox.push_message(2, 1, 0, None));
        inbox.push_request((), mpsc::sync_channel(1).0).unwrap();
        let taken = inbox.take(Duration::MAX).unwrap();
        assert_eq!(froms(&taken), [Some(1), Some(1), Some(2), None]);
        assert!(inbox.push_message(1, 1, 0, None), "there is room again");
    }

    #[test]
    fn from_each_queue_some_are_taken_in_turn() {
        let inbox = Inbox::new(2);
        for _ in 0..2 * AT_A_TIME {
            inbox.push_message(1, 1, 0, None);
        }
        inbox.push_request((), mpsc::sync_channel(1).0).unwrap();
        assert_eq!(inbox.take(Duration::MAX).unwrap().len(), AT_A_TIME + 1);
        assert_eq!(inbox.take(Duration::MAX).unwrap().len(), AT_A_TIME);
        assert_eq!(inbox.take(Duration::ZERO).unwrap().len(), 0);
    }

    #[test]
    fn who_is_not_taken_any_more_is_told_that_nothing_was_done() {
        let inbox: Inbox<u8, ()> = Inbox::new(1);
        let (reply_to, reply) = mpsc::sync_channel(1);
        inbox.push_request((), reply_to).unwrap();
        inbox.stop();
        assert!(inbox.take(Duration::MAX).is_none());
        let told = String::from_utf8(reply.recv().unwrap()).unwrap();
        assert!(told.contains("\"code\":11"), "{told}");
        let late = inbox.push_request((), mpsc::sync_channel(1).0);
        assert_eq!(late, Err(stopping()));
    }

    #[test]
    fn only_so_many_requests_wait() {
        let inbox: Inbox<u8, ()> = Inbox::new(1);
        let push = || inbox.push_request((), mpsc::sync_channel(1).0);
        assert!((0..MAX_REQUESTS).all(|_| push().is_ok()));
        assert!(push().is_err());
        inbox.take(Duration::ZERO);
        assert!(push().is_ok());
    }
}
