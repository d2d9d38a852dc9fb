//! The hybrid clock, beside the crate uhlc.
//!
//! uhlc reads its wall clock itself, by a function, keeps the count in the lower four bits of the
//! time, carries an id of 128 bits in each stamp, and can be shared by threads: a mutex is in it.
//! So ours stands beside it in a mutex, too, with the number of its node behind the stamp. In the
//! first rows the wall clock is one number in memory for both, which moves by a microsecond with
//! each call or stands still; in the last one it is the system's.

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use anyhow::{Context, ensure};
use common::clock::{HybridClock, HybridStamp, wall_time};
use uhlc::{HLC, HLCBuilder, ID, NTP64, Timestamp};

use super::beside;
use crate::heading;

/// Calls of a round.
const CALLS: u64 = 1_000;

/// A time in 2027.
const NOW: u64 = 1_800_000_000_000_000_000;

/// How far the message's stamp is ahead of the wall clock: within both bounds.
const AHEAD: u64 = 1_000_000;

/// A wall clock in memory, in the unit of one of the two, and by how much a reading moves it.
struct Wall {
    now: AtomicU64,
    moves: AtomicU64,
}

static NANOS: Wall = Wall::stopped();
static NTP: Wall = Wall::stopped();

impl Wall {
    const fn stopped() -> Wall {
        Wall { now: AtomicU64::new(0), moves: AtomicU64::new(0) }
    }

    fn set(&self, now: u64, moves: u64) {
        self.now.store(now, Ordering::Relaxed);
        self.moves.store(moves, Ordering::Relaxed);
    }

    /// Relaxed: one thread measures.
    #[inline]
    fn read(&self) -> u64 {
        let now = self.now.load(Ordering::Relaxed);
        self.now.store(now + self.moves.load(Ordering::Relaxed), Ordering::Relaxed);
        now
    }
}

/// Sets both, and by how many nanoseconds a reading moves them.
fn set(moves: u64) {
    NANOS.set(NOW, moves);
    NTP.set(ntp(NOW).0, ntp(moves).0);
}

fn ntp(nanos: u64) -> NTP64 {
    NTP64(((u128::from(nanos) << 32) / 1_000_000_000) as u64)
}

fn in_memory() -> NTP64 {
    NTP64(NTP.read())
}

struct Ours {
    clock: Mutex<HybridClock>,
    node: u64,
}

type Stamp = (HybridStamp, u64);

impl Ours {
    fn stamp(&self, wall: u64) -> Stamp {
        (self.clock.lock().expect("no one panics").tick(wall), self.node)
    }

    fn receive(&self, stamp: Stamp, wall: u64) -> bool {
        self.clock.lock().expect("no one panics").receive(stamp.0, wall).is_ok()
    }
}

fn ours() -> Ours {
    Ours { clock: Mutex::new(HybridClock::new()), node: 1 }
}

fn theirs(clock: fn() -> NTP64) -> anyhow::Result<HLC> {
    let id = ID::try_from([1]).ok().context("an id that is not 0")?;
    Ok(HLCBuilder::new().with_id(id).with_clock(clock).build())
}

pub(super) fn table() -> anyhow::Result<()> {
    heading("hybrid stamps a second", ["ours", "uhlc"]);
    for (name, moves) in [("the clock moves", 1_000), ("the clock stands still", 0)] {
        set(moves);
        let (ours, theirs) = (ours(), theirs(in_memory)?);
        check(&ours, &theirs)?;
        each(name, || ours.stamp(NANOS.read()), || theirs.new_timestamp())?;
    }
    receipts()?;
    let (ours, theirs) = (ours(), theirs(uhlc::system_time_clock)?);
    let stamp = || wall_time(now()).map(|wall| ours.stamp(wall));
    each("by the system's clock", stamp, || theirs.new_timestamp())
}

/// Stamps that are ahead of a wall clock that stands still.
fn receipts() -> anyhow::Result<()> {
    set(0);
    let (ours, theirs) = (ours(), theirs(in_memory)?);
    let mine = (HybridStamp { wall: NOW + AHEAD, count: 3 }, 2);
    let id = ID::try_from([2]).ok().context("an id that is not 0")?;
    let other = Timestamp::new(ntp(NOW + AHEAD), id);
    ensure!(ours.receive(mine, NANOS.read()) && theirs.update_with_timestamp(&other).is_ok());
    each(
        "received, ahead of the clock",
        || ours.receive(black_box(mine), NANOS.read()),
        || theirs.update_with_timestamp(black_box(&other)).is_ok(),
    )
}

#[expect(clippy::disallowed_methods, reason = "what it costs is measured here")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Both give later and later stamps.
fn check(ours: &Ours, theirs: &HLC) -> anyhow::Result<()> {
    let (mine, other) = (ours.stamp(NANOS.read()), theirs.new_timestamp());
    ensure!(ours.stamp(NANOS.read()) > mine && theirs.new_timestamp() > other);
    Ok(())
}

/// Measures single calls, many in a round.
fn each<A, B>(
    name: &str,
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> anyhow::Result<()> {
    beside(name, CALLS, || repeat(&mut ours), || repeat(&mut theirs))
}

fn repeat<T>(work: &mut impl FnMut() -> T) {
    for _ in 0..CALLS {
        // By reference: a copy right after it is written would cost more than the stamp.
        black_box(&work());
    }
}
