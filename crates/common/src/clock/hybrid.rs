//! A wall clock that respects cause and effect.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{ClockError, LAST_OWN, LAST_STAMP};

/// How far ahead of the receiver's wall clock a peer's stamp may be, unless another bound is set:
/// half a second. Clocks that NTP sets over the internet differ by far less.
pub const DEFAULT_MAX_AHEAD: Duration = Duration::from_millis(500);

/// The stamp of a [`HybridClock`]: a wall time, and a count that orders the events of one time.
///
/// It is ordered by time, then by count. A pair of a stamp and a node's number gives the total
/// order of all events, as [`Timestamp`](super::Timestamp) does for Lamport's clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct HybridStamp {
    /// Nanoseconds since 1970, the latest wall time that the event knows of. It stands first: it
    /// decides first.
    pub wall: u64,
    /// How many events in a row have had no later wall time. 0 where the node's own clock is the
    /// latest.
    pub count: u32,
}

impl HybridStamp {
    /// The next stamp without help of a wall clock. After 2^32 events at one time the count is
    /// full, and the time moves by a nanosecond instead.
    #[inline]
    fn next(self) -> HybridStamp {
        match self.count.checked_add(1) {
            Some(count) => HybridStamp { count, ..self },
            // `wall` was at most LAST_STAMP in a peer's stamp, or LAST_OWN when the clock was read
            // back. So 2^62 more fit.
            None => HybridStamp { wall: self.wall + 1, count: 0 },
        }
    }
}

/// A clock whose stamps respect cause and effect, as Lamport's do, and stay near the wall clock
/// (Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks", 2014).
///
/// Every event of the node is stamped by one call of [`tick`](Self::tick),
/// [`send_timestamp`](Self::send_timestamp) or [`receive`](Self::receive), which take what the
/// node's wall clock says at that moment: nanoseconds since 1970, as [`wall_time`] counts them.
/// That clock may stand still, step back, or jump.
///
/// What holds:
///
/// * It *only grows*: the stamp of an event is later than those of all events of this node before
///   it and, of a receipt, than that of the sending. So if `a → b` then `a` has the smaller
///   stamp.
/// * It is *never behind*: the wall time of a stamp is not before the wall clock.
/// * It is *not far ahead*: a peer's stamp moves it at most to the bound ahead of the wall clock (a
///   nanosecond more where the peer's count was full), and only this node's own wall clock can have
///   moved it further. Where every wall clock stays within a window of ε around true time, a stamp
///   is at most ε ahead, even if clocks step back within it. That no two of them ever differ by
///   more than ε is not enough: if all of them are set back together, the stamps stay.
///
/// After the year 2262 the wall time of stamps stands still, and the count goes on.
///
/// Left out: protection from the node's own wall clock. If that jumps a year ahead, the stamps go
/// with it, and its peers refuse them until it restarts.
///
/// ```
/// use common::clock::{HybridClock, HybridStamp};
///
/// let at = |wall, count| HybridStamp { wall, count };
/// let (mut fast, mut slow) = (HybridClock::new(), HybridClock::new());
/// let stamp = fast.send_timestamp(30);
/// assert_eq!(stamp, at(30, 0));
/// // The receiver's clock says 10, and the receipt is stamped after the sending all the same.
/// assert_eq!(slow.receive(stamp, 10)?, at(30, 1));
/// assert_eq!(slow.tick(12), at(30, 2));
/// assert_eq!(slow.tick(31), at(31, 0));
///
/// // A peer cannot push a clock far ahead of the wall clock.
/// assert!(slow.receive(at(u64::MAX, 0), 32).is_err());
/// assert_eq!(slow.current(), at(31, 0));
/// # Ok::<(), common::clock::ClockError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct HybridClock {
    latest: HybridStamp,
    max_ahead: u64,
}

impl HybridClock {
    /// A clock at 1970, which accepts stamps up to [`DEFAULT_MAX_AHEAD`] ahead of the wall clock.
    pub fn new() -> HybridClock {
        HybridClock::with_max_ahead(DEFAULT_MAX_AHEAD)
    }

    /// A clock at 1970, which accepts stamps up to `max_ahead` ahead of the wall clock, and never
    /// one above [`LAST_STAMP`].
    pub fn with_max_ahead(max_ahead: Duration) -> HybridClock {
        let max_ahead = u64::try_from(max_ahead.as_nanos()).unwrap_or(u64::MAX);
        HybridClock { latest: HybridStamp::default(), max_ahead }
    }

    /// The stamp of an event that concerns this node alone.
    #[inline]
    pub fn tick(&mut self, wall: u64) -> HybridStamp {
        self.advance(self.latest, wall)
    }

    /// The stamp of sending a message, which travels with it. Sending is an event, so this ticks.
    #[inline]
    pub fn send_timestamp(&mut self, wall: u64) -> HybridStamp {
        self.tick(wall)
    }

    /// The stamp of receiving a message that was sent at `stamp`: later than both its sending and
    /// all this node has done.
    ///
    /// # Errors
    /// [`ClockError::AheadOfWall`], and [`ClockError::TooFarAhead`] where the bound would allow a
    /// stamp above [`LAST_STAMP`]. The clock is unchanged: the message may be dropped as if it had
    /// not arrived.
    #[inline]
    pub fn receive(&mut self, stamp: HybridStamp, wall: u64) -> Result<HybridStamp, ClockError> {
        let latest = super::latest(wall, self.max_ahead);
        if stamp.wall > latest {
            return Err(self.refusal(stamp.wall, wall));
        }
        let before = self.latest.wall;
        let received = self.advance(self.latest.max(stamp), wall);
        debug_assert!(received > stamp, "only grows: a receipt is later than its sending");
        // A full count moves it by one more nanosecond.
        debug_assert!(received.wall <= latest.max(before) + 1, "not far ahead");
        Ok(received)
    }

    /// Why a stamp of this time is not accepted.
    #[cold]
    fn refusal(&self, stamp: u64, wall: u64) -> ClockError {
        match stamp.saturating_sub(wall) {
            ahead if ahead > self.max_ahead => {
                let [ahead, max_ahead] = [ahead, self.max_ahead].map(Duration::from_nanos);
                ClockError::AheadOfWall { ahead, max_ahead }
            }
            _ => ClockError::TooFarAhead { stamp, now: self.latest.wall, latest: LAST_STAMP },
        }
    }

    /// The stamp of the latest event; 1970 before the first.
    pub fn current(&self) -> HybridStamp {
        self.latest
    }

    /// One more event, where `known` is the latest that this node knows of. The idea in one line:
    /// the wall clock if it is later than all that is known, and otherwise one more than that.
    #[inline]
    fn advance(&mut self, known: HybridStamp, wall: u64) -> HybridStamp {
        let wall = wall.min(LAST_STAMP);
        let before = self.latest;
        self.latest = match wall > known.wall {
            true => HybridStamp { wall, count: 0 },
            false => known.next(),
        };
        debug_assert!(self.latest > before, "only grows");
        debug_assert!(self.latest.wall >= wall, "never behind");
        self.latest
    }
}

impl Default for HybridClock {
    fn default() -> HybridClock {
        HybridClock::new()
    }
}

/// The nanoseconds from 1970 to `time`, for a [`HybridClock`].
///
/// # Errors
/// [`ClockError::WallOutOfRange`] before 1970 and after 2554, where no `u64` says it.
pub fn wall_time(time: SystemTime) -> Result<u64, ClockError> {
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| ClockError::WallOutOfRange)?;
    u64::try_from(since.as_nanos()).map_err(|_| ClockError::WallOutOfRange)
}

/// A clock as it was serialized, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    latest: HybridStamp,
    max_ahead: u64,
}

impl TryFrom<Unchecked> for HybridClock {
    type Error = ClockError;

    fn try_from(Unchecked { latest, max_ahead }: Unchecked) -> Result<HybridClock, ClockError> {
        if latest.wall > LAST_OWN {
            let (stamp, latest) = (latest.wall, LAST_OWN);
            return Err(ClockError::TooFarAhead { stamp, now: 0, latest });
        }
        Ok(HybridClock { latest, max_ahead })
    }
}
