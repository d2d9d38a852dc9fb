//! A clock of one number.

use serde::{Deserialize, Serialize};

use super::{ClockError, DEFAULT_MAX_JUMP, LAST_OWN, latest, next};

/// A clock whose stamps respect cause and effect: if `a → b` then L(a) < L(b) (Lamport 1978,
/// section "Logical Clocks").
///
/// It starts at 0. Every event of the node is stamped by exactly one call of [`tick`](Self::tick),
/// [`send_timestamp`](Self::send_timestamp) or [`receive`](Self::receive).
///
/// ```
/// use common::clock::LamportClock;
///
/// let (mut p1, mut p2) = (LamportClock::new(), LamportClock::new());
/// assert_eq!(p1.tick(), 1);
/// let stamp = p1.send_timestamp(); // travels with the message
/// assert_eq!(p2.receive(stamp)?, 3);
/// assert_eq!(p2.tick(), 4);
///
/// // A peer cannot push a clock to its end.
/// assert!(p2.receive(u64::MAX).is_err());
/// assert_eq!(p2.current_time(), 4);
/// # Ok::<(), common::clock::ClockError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct LamportClock {
    time: u64,
    max_jump: u64,
}

impl LamportClock {
    /// A clock at 0, which accepts stamps up to [`DEFAULT_MAX_JUMP`] ahead.
    pub fn new() -> LamportClock {
        LamportClock::with_max_jump(DEFAULT_MAX_JUMP)
    }

    /// A clock at 0, which accepts stamps up to `max_jump` ahead, and never one above
    /// [`LAST_STAMP`](super::LAST_STAMP).
    pub fn with_max_jump(max_jump: u64) -> LamportClock {
        LamportClock { time: 0, max_jump }
    }

    /// The stamp of an event that concerns this node alone.
    pub fn tick(&mut self) -> u64 {
        self.time = next(self.time);
        self.time
    }

    /// The stamp of sending a message, which travels with it. Sending is an event, so this ticks.
    pub fn send_timestamp(&mut self) -> u64 {
        self.tick()
    }

    /// The stamp of receiving a message that was sent at `stamp`: later than both its sending and
    /// all this node has done.
    ///
    /// # Errors
    /// [`ClockError::TooFarAhead`]. The clock is unchanged: the message may be dropped as if it had
    /// not arrived.
    pub fn receive(&mut self, stamp: u64) -> Result<u64, ClockError> {
        let latest = latest(self.time, self.max_jump);
        if stamp > latest {
            let now = self.time;
            return Err(ClockError::TooFarAhead { stamp, now, latest });
        }
        self.time = next(self.time.max(stamp));
        Ok(self.time)
    }

    /// The stamp of the latest event, 0 before the first.
    pub fn current_time(&self) -> u64 {
        self.time
    }
}

impl Default for LamportClock {
    fn default() -> LamportClock {
        LamportClock::new()
    }
}

/// A clock as it was serialized, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    time: u64,
    max_jump: u64,
}

impl TryFrom<Unchecked> for LamportClock {
    type Error = ClockError;

    fn try_from(Unchecked { time, max_jump }: Unchecked) -> Result<LamportClock, ClockError> {
        if time > LAST_OWN {
            return Err(ClockError::TooFarAhead { stamp: time, now: 0, latest: LAST_OWN });
        }
        Ok(LamportClock { time, max_jump })
    }
}

/// A stamp and the node that made it: the total order of all events. It is by time, and at one time
/// by node, so no two events are equal and an effect comes after its cause. Between concurrent
/// events the order means nothing, but it is the same at every node (Lamport 1978, section
/// "Ordering the Events Totally").
///
/// ```
/// use common::clock::Timestamp;
///
/// let (one, other) = (Timestamp { time: 2, node: 1 }, Timestamp { time: 3, node: 0 });
/// assert!(one < other);
/// assert!(Timestamp { time: 2, node: 0 } < one);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timestamp {
    /// The Lamport time. It stands first: it decides first.
    pub time: u64,
    /// The node.
    pub node: usize,
}
