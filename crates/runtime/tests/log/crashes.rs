//! The process is killed and the power fails, everywhere.

use std::io;
use std::path::PathBuf;

use common::random::Rng;
use runtime::disk::{Disk, Fault, Memory};

use super::choose::{Choose, Every};
use super::life::{Step, Truth, live};
use Step::{Append, Replace, Sync};

/// So few that a short line is in several.
const PAGE: usize = 8;

/// What a log must not leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skip {
    Nothing,
    Sync(&'static str),
    SyncFolder,
    /// To write what is there already.
    WriteAgain,
}

/// A disk on which something is left out.
struct Skips(Memory, Skip);

impl Skips {
    fn unless(
        &mut self,
        skip: Skip,
        act: impl FnOnce(&mut Memory) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.1 == skip {
            true => Ok(()),
            false => act(&mut self.0),
        }
    }

    fn is_there(&self, name: &str, offset: u64, bytes: &[u8]) -> bool {
        let shown = self.0.shown(name).unwrap_or_default();
        shown.get(offset as usize..).is_some_and(|rest| rest.starts_with(bytes))
    }
}

impl Disk for Skips {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }
    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        self.0.read(name, limit)
    }
    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match self.1 == Skip::WriteAgain && self.is_there(name, offset, bytes) {
            true => Ok(()),
            false => self.0.write_at(name, offset, bytes),
        }
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        let skip = match name {
            "log" => Skip::Sync("log"),
            _ => Skip::Sync("log.new"),
        };
        self.unless(skip, |disk| disk.sync(name))
    }
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.0.cut(name, length)
    }
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }
    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        self.unless(Skip::SyncFolder, |disk| disk.sync_folder())
    }
}

/// Kills a short life in every operation, tries everything that a power failure may leave of it,
/// and whether the next process finds what it must, writes more, and is found again. How many ends
/// that were.
fn everywhere(skip: Skip) -> Result<usize, String> {
    const FIRST: [Step; 10] =
        [Append, Sync, Append, Append, Append, Sync, Replace, Append, Sync, Append];
    let with = |disk| Skips(disk, skip);
    let mut ends = 0;
    for at in 0.. {
        let mut every = Every::default();
        let is_killed = loop {
            let (disk, mut truth) = (Memory::with_pages_of(PAGE), Truth::default());
            disk.fail(at, Fault::Killed);
            live(with, &disk, &mut truth, &FIRST)?;
            let is_killed = disk.is_killed();
            for steps in [&[Append, Sync][..], &[]] {
                disk.lose_power(|_| every.choose(2) == 1);
                live(with, &disk, &mut truth, steps)
                    .map_err(|what| format!("in operation {at}: {what}"))?;
            }
            ends += 1;
            if !every.next() {
                break is_killed;
            }
        };
        if !is_killed {
            return Ok(ends);
        }
    }
    unreachable!("some life is long enough");
}

/// Many lives on one disk, which fails in other ways, too.
fn lives(seed: u64, skip: Skip) -> Result<(), String> {
    let mut rng = Rng::from_seed(seed);
    let (disk, mut truth) = (Memory::with_pages_of(PAGE), Truth::default());
    for _ in 0..8 {
        let faults = [Fault::Killed, Fault::Full(rng.choose(60)), Fault::Io];
        disk.fail(rng.below(30), faults[rng.choose(3)]);
        truth.longer = rng.choose(9) as u32;
        let steps: Vec<_> = (0..rng.choose(16)).map(|_| Step::any(&mut rng)).collect();
        live(|disk| Skips(disk, skip), &disk, &mut truth, &steps)
            .map_err(|what| format!("seed {seed}: {what}"))?;
        match rng.choose(2) {
            0 => disk.restart(),
            _ => disk.lose_power(|_| rng.choose(2) == 1),
        }
    }
    disk.restart();
    live(|disk| Skips(disk, skip), &disk, &mut truth, &[])
}

#[test]
fn a_power_failure_anywhere_leaves_what_was_synced() {
    let ends = everywhere(Skip::Nothing).unwrap();
    assert!(ends > 1_000, "only {ends} ends were tried");
}

#[test]
fn crashes_and_failures_one_after_the_other_leave_what_was_synced() {
    for seed in 0..1_000 {
        lives(seed, Skip::Nothing).unwrap();
    }
}

#[test]
fn a_log_that_leaves_something_out_is_found_out() {
    for skip in [Skip::Sync("log"), Skip::Sync("log.new"), Skip::SyncFolder] {
        assert!(everywhere(skip).is_err(), "{skip:?}");
    }
    // This matters after a sync that failed.
    let skip = Skip::WriteAgain;
    assert!((0..1_000).any(|seed| lives(seed, skip).is_err()), "{skip:?}");
}
