//! A lock server that gives leases, and a storage that checks tokens.
//!
//! A **lease** is a lock that ends by itself: a server gives it for a time, and gives the next when
//! that is over. So a holder that crashes blocks the others no longer than that. But a holder can
//! be slow without knowing it. It looks at its clock, sees that its lease is valid, is paused, and
//! writes when the next holder has written. No clock of the holder prevents that, since the pause
//! can come after the look, however late the look is.
//!
//! What prevents it is the storage. Each lease comes with a **fencing token**, a number that grows,
//! and each write carries the token of its lease. The storage refuses a token that is smaller than
//! the largest that it has taken.
//!
//! C. Gray, D. Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
//! Consistency", SOSP 1989; M. Burrows, "The Chubby Lock Service for Loosely-Coupled Distributed
//! Systems", OSDI 2006, section 2.4 (sequencers).
//!
//! * At most one lease is valid, as long as the time that the message with the lease takes, plus
//!   the time by which the client's clock falls behind the server's during the lease, is less than
//!   [`GRACE`]. That excludes no write that is already in flight, or behind a look at the clock.
//! * A lease's token is larger than those of all earlier leases.
//! * A storage that checks takes writes in the order of their tokens.
//!
//! Left out: giving a lease back before it ends, renewing it, and a server that crashes: it would
//! have to keep the last token, on disk or on other machines.

use std::collections::VecDeque;
use std::time::Duration;

use worlds::node::{Client, Node, Outbox};

/// For how long a client may use a lease, from when it arrives.
pub const LEASE: Duration = Duration::from_secs(10);

/// How much longer the server waits until it gives the next lease: a margin for the time that the
/// message takes to the client, and for clocks that differ.
pub const GRACE: Duration = Duration::from_secs(2);

/// How long a client works under its lease before it writes.
pub const WORK: Duration = Duration::from_secs(3);

/// The number of the lock server.
pub(crate) const SERVER: usize = 0;

/// The number of the storage. All others are clients.
pub(crate) const STORAGE: usize = 3;

/// One of the nodes: the lock server, a client, the storage.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Machine {
    Server(LockServer),
    Client(Holder),
    Storage(Storage),
}

/// Gives leases, one at a time, in the order of the requests.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct LockServer {
    /// The token of the last lease.
    token: u64,
    is_leased: bool,
    waiting: VecDeque<usize>,
}

/// Gets a lease, works, and writes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Holder {
    /// How long its process stops between its look at the clock and its write.
    pub(crate) pause: Duration,
    pub(crate) token: u64,
    /// When its lease ends, by its own clock.
    pub(crate) ends: Duration,
}

/// What the lock protects.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Storage {
    pub(crate) checks_tokens: bool,
    /// The largest token that it has taken.
    pub(crate) largest: u64,
    /// The client whose write it holds.
    pub(crate) written_by: Option<usize>,
}

/// What they send each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Message {
    Acquire,
    /// With its token.
    Lease(u64),
    /// With the token of its lease.
    Write(u64),
    Written,
    Refused,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Timer {
    /// Of the server: the lease is over, and the grace, too.
    LeaseEnded,
    /// Of a client: the work is done.
    Worked,
    /// Of a client: its process runs again.
    GoesOn,
}

impl LockServer {
    fn enqueue(&mut self, client: usize, out: &mut Outbox<Machine>) {
        self.waiting.push_back(client);
        self.grant_next(out);
    }

    fn grant_next(&mut self, out: &mut Outbox<Machine>) {
        if !self.is_leased
            && let Some(client) = self.waiting.pop_front()
        {
            self.is_leased = true;
            self.token += 1;
            out.send(client, Message::Lease(self.token));
            out.set_timer(Timer::LeaseEnded, LEASE + GRACE);
        }
    }
}

impl Holder {
    fn begin(&mut self, token: u64, out: &mut Outbox<Machine>) {
        (self.token, self.ends) = (token, out.now() + LEASE);
        out.set_timer(Timer::Worked, WORK);
    }

    /// The look is the last thing before the write, and still the two are not one: the timer is the
    /// pause between them.
    fn write_if_valid(&self, out: &mut Outbox<Machine>) {
        if out.now() < self.ends {
            out.set_timer(Timer::GoesOn, self.pause);
        }
    }
}

impl Storage {
    fn write(&mut self, client: usize, token: u64, out: &mut Outbox<Machine>) {
        if self.checks_tokens && token < self.largest {
            return out.send(client, Message::Refused);
        }
        self.largest = token.max(self.largest);
        self.written_by = Some(client);
        out.send(client, Message::Written);
    }
}

impl Node for Machine {
    type Message = Message;
    type Timer = Timer;
    type Record = ();
    /// Get a lease, and write.
    type Request = ();
    type Reply = ();

    fn ask(&mut self, _: Client, (): (), out: &mut Outbox<Self>) {
        out.send(SERVER, Message::Acquire);
    }

    fn receive(&mut self, from: usize, message: Message, out: &mut Outbox<Self>) {
        match (self, message) {
            (Machine::Server(server), Message::Acquire) => server.enqueue(from, out),
            (Machine::Client(client), Message::Lease(token)) => client.begin(token, out),
            (Machine::Storage(storage), Message::Write(token)) => {
                storage.write(from, token, out);
            }
            // What became of the write. The client has nothing more to do.
            _ => {}
        }
    }

    fn wake(&mut self, timer: Timer, out: &mut Outbox<Self>) {
        match (self, timer) {
            (Machine::Server(server), Timer::LeaseEnded) => {
                server.is_leased = false;
                server.grant_next(out);
            }
            (Machine::Client(client), Timer::Worked) => client.write_if_valid(out),
            (Machine::Client(client), Timer::GoesOn) => {
                out.send(STORAGE, Message::Write(client.token));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_whose_lease_is_over_does_not_write() {
        let holder = Holder { ends: LEASE, ..Holder::default() };
        for (now, writes) in [(LEASE - Duration::from_nanos(1), true), (LEASE, false)] {
            let mut out = Outbox::default();
            out.set_now(now);
            holder.clone().write_if_valid(&mut out);
            assert_eq!(!out.take().is_empty(), writes, "{now:?}");
        }
    }

    #[test]
    fn a_storage_takes_an_equal_token_and_no_smaller_one() {
        let mut storage = Storage { checks_tokens: true, largest: 2, written_by: None };
        for (client, token, written_by) in [(1, 1, None), (2, 2, Some(2)), (1, 3, Some(1))] {
            storage.write(client, token, &mut Outbox::default());
            assert_eq!(storage.written_by, written_by, "{token}");
        }
        assert_eq!(storage.largest, 3);
    }
}
