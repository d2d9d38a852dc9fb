//! The power fails, everywhere.

use std::io;
use std::path::PathBuf;

use common::random::Rng;
use runtime::disk::Disk;

use super::forgetful::{Choose, Every, Fault, Forgetful};
use super::life::{End, Step, Truth, live};
use Step::{Append, Replace, Sync};

/// What a log must not leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skip {
    Nothing,
    Sync(&'static str),
    SyncFolder,
    Cut,
}

/// A disk on which something is left out.
struct Skips(Forgetful, Skip);

impl Skips {
    fn unless(
        &mut self,
        skip: Skip,
        act: impl FnOnce(&mut Forgetful) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.1 == skip {
            true => Ok(()),
            false => act(&mut self.0),
        }
    }
}

impl Disk for Skips {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }
    fn read(&mut self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        self.0.read(name, limit)
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.append(name, bytes)
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        let skip = match name {
            "log" => Skip::Sync("log"),
            _ => Skip::Sync("log.new"),
        };
        self.unless(skip, |disk| disk.sync(name))
    }
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.unless(Skip::Cut, |disk| disk.cut(name, length))
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

/// Ends a short life in every operation, tries everything that a power failure may leave of it, and
/// whether the next process finds what it must, writes more, and is found again. How many ends that
/// were.
fn everywhere(skip: Skip) -> Result<usize, String> {
    const FIRST: [Step; 9] = [Append, Sync, Append, Append, Sync, Replace, Append, Sync, Append];
    let with = |disk| Skips(disk, skip);
    let mut ends = 0;
    for at in 0.. {
        let mut every = Every::default();
        let ended = loop {
            let (disk, mut truth) = (Forgetful::default(), Truth::default());
            disk.fault(at, Fault::End);
            live(with, &disk, &mut truth, &FIRST)?;
            let ended = disk.has_ended();
            for steps in [&[Append, Sync][..], &[]] {
                disk.crash(&mut every);
                live(with, &disk, &mut truth, steps)
                    .map_err(|what| format!("in operation {at}: {what}"))?;
            }
            ends += 1;
            if !every.next() {
                break ended;
            }
        };
        if !ended {
            return Ok(ends);
        }
    }
    unreachable!("some life is long enough");
}

/// Many lives on one disk, which fails in other ways, too.
fn lives(seed: u64, skip: Skip) -> Result<(), String> {
    let mut rng = Rng::from_seed(seed);
    let (disk, mut truth) = (Forgetful::default(), Truth::default());
    for _ in 0..8 {
        for _ in 0..rng.choose(3) {
            let all = [Fault::End, Fault::Full(rng.choose(30)), Fault::Io, Fault::ReadOnly];
            disk.fault(rng.choose(30), all[rng.choose(4)]);
        }
        truth.longer = rng.choose(9) as u32;
        let steps: Vec<_> = (0..rng.choose(16)).map(|_| Step::any(&mut rng)).collect();
        let end = live(|disk| Skips(disk, skip), &disk, &mut truth, &steps);
        match end.map_err(|what| format!("seed {seed}: {what}"))? {
            End::Killed if rng.choose(2) == 0 => disk.restart(),
            _ => disk.crash(&mut rng),
        }
    }
    disk.restart();
    live(|disk| Skips(disk, skip), &disk, &mut truth, &[]).map(|_| ())
}

#[test]
fn a_power_failure_anywhere_leaves_what_was_safe() {
    let ends = everywhere(Skip::Nothing).unwrap();
    assert!(ends > 10_000, "only {ends} ends were tried");
}

#[test]
fn crashes_and_failures_one_after_the_other_leave_what_was_safe() {
    for seed in 0..3_000 {
        lives(seed, Skip::Nothing).unwrap();
    }
}

#[test]
fn a_log_that_leaves_something_out_is_found_out() {
    for skip in [Skip::Sync("log"), Skip::Sync("log.new"), Skip::SyncFolder, Skip::Cut] {
        assert!(everywhere(skip).is_err(), "{skip:?}, everywhere");
        let found = (0..3_000).find(|seed| lives(*seed, skip).is_err());
        assert!(found.is_some(), "{skip:?}, drawn");
    }
}
