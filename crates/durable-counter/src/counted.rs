//! What "counted" can mean: in memory, written, or synced.
//!
//! A program counts to ten and acknowledges each increment. For each it may write a byte to a file,
//! and it may wait until the disk has it. Then it ends, in one of two ways: its process is killed,
//! which leaves the system and its memory as they are; or the machine loses power, and what is left
//! is what was synced.

use std::io;

use runtime::disk::Disk;

use runtime::disk::Memory;

/// How many increments are acknowledged.
pub const COUNTED: usize = 10;

/// The file, which has a byte for each increment.
const FILE: &str = "count";

/// What a program does before it acknowledges an increment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It adds in its own memory.
    Adding,
    /// It writes to the file.
    Writing,
    /// It writes, and for each fourth increment it syncs the file.
    SyncingEachFourth,
    /// It writes and syncs, and the folder was never synced: the file has no durable name.
    SyncingWithoutName,
    /// It writes and syncs, and the folder was synced when the file was made.
    Syncing,
}

/// All of them, the most careless first.
pub const PROGRAMS: [Before; 5] = [
    Before::Adding,
    Before::Writing,
    Before::SyncingEachFourth,
    Before::SyncingWithoutName,
    Before::Syncing,
];

/// What is left of [`COUNTED`] increments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// When the process was killed.
    pub by_kill: usize,
    /// When the machine has lost power, at worst.
    pub by_power_loss: usize,
    /// How often the program waited for the disk.
    pub syncs: u64,
}

/// Counts, ends, and looks at what is left.
///
/// # Errors
/// None that this disk reports.
pub fn count(before: Before) -> io::Result<Left> {
    let mut disk = Memory::default();
    for number in 1..=COUNTED {
        add(&mut disk, before, number)?;
    }
    let syncs = disk.syncs();
    // The process is gone, and with it whatever it had in its own memory. The disk shows what it
    // showed before.
    let by_kill = found(&disk);
    // At worst: a disk may have written some of it earlier than it had to.
    disk.lose_power(|_| false);
    Ok(Left { by_kill, by_power_loss: found(&disk), syncs })
}

/// What happens before increment `number`, from 1, is acknowledged.
fn add(disk: &mut Memory, before: Before, number: usize) -> io::Result<()> {
    if before == Before::Adding {
        return Ok(());
    }
    disk.write_at(FILE, number as u64 - 1, b"1")?;
    let has_sync = match before {
        Before::Adding | Before::Writing => false,
        Before::SyncingEachFourth => number.is_multiple_of(4),
        Before::SyncingWithoutName | Before::Syncing => true,
    };
    if number == 1 && before != Before::SyncingWithoutName {
        disk.sync_folder()?;
    }
    if has_sync { disk.sync(FILE) } else { Ok(()) }
}

/// How many increments the next process finds.
fn found(disk: &Memory) -> usize {
    disk.shown(FILE).map_or(0, |bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_leaves_what_was_written_and_power_loss_what_was_synced() {
        let left = |before| {
            let left = count(before).unwrap();
            (left.by_kill, left.by_power_loss, left.syncs)
        };
        assert_eq!(left(Before::Adding), (0, 0, 0));
        assert_eq!(left(Before::Writing), (10, 0, 0));
        assert_eq!(left(Before::SyncingEachFourth), (10, 8, 2));
        assert_eq!(left(Before::SyncingWithoutName), (10, 0, 10));
        assert_eq!(left(Before::Syncing), (10, 10, 10));
    }
}
