//! What a crash and a bad disk make of a log, and what three readers make of that.
//!
//! Records are made durable in batches. The file is then cut at every byte, as a crash may cut it,
//! and each of its bits is flipped, as a disk may flip it. The log of [`runtime::log`] reads what
//! is left, and beside it two readers that check less.

use runtime::log::{Identity, Log, LogError};
use serde::{Deserialize, Serialize};

use runtime::disk::Memory;

/// What is added, batch by batch: each is made durable by one sync.
pub const BATCHES: [&[u64]; 3] = [&[5, 30], &[200], &[7, 41]];

/// The file of a log.
const FILE: &str = "log";

/// A record: `{"add":5}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Added {
    add: u64,
}

/// The log of [`BATCHES`], as it is on disk.
///
/// # Errors
/// None that this disk reports.
pub fn written() -> Result<Vec<u8>, LogError> {
    let disk = Memory::default();
    let (mut log, _, _) = open(disk.clone())?;
    for batch in BATCHES {
        batch.iter().for_each(|add| log.append(&Added { add: *add }));
        log.sync()?;
    }
    // Without the zeros, which are room for more.
    log.close()?;
    Ok(disk.shown(FILE).expect("the log was begun"))
}

fn open(disk: Memory) -> Result<(Log<Memory>, Vec<u64>, usize), LogError> {
    let identity = Identity { cluster: "counter".to_owned(), node: 0, nodes: 1 };
    let (log, records, torn) = Log::open::<Added>(disk, &identity)?;
    let adds = records.iter().map(|record| record.add).collect();
    Ok((log, adds, torn.map_or(0, |torn| torn.bytes as usize)))
}

/// A disk with this log.
fn holding(log: &[u8]) -> Memory {
    let disk = Memory::default();
    disk.put(FILE, log);
    disk
}

/// How many records are found in the log without its last bytes.
///
/// # Errors
/// If that is no log any more.
pub fn without_the_last(bytes: usize) -> Result<usize, LogError> {
    let whole = written()?;
    open(holding(&whole[..whole.len() - bytes])).map(|(_, adds, _)| adds.len())
}

/// How the log is opened when it ends at any of its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Torn {
    /// How many ends there are: the file as a whole is not one of them.
    pub cuts: usize,
    /// Refused: not even the first line, which says whose log it is, is there.
    pub refused: usize,
    /// Opened at the end of a line, with all records of the lines that are there.
    pub at_a_line: usize,
    /// Opened in the middle of a line, with all records of the lines before it. The piece is cut
    /// off.
    pub repaired: usize,
    /// Opened with anything else. None is expected.
    pub wrong: usize,
}

/// Cuts the log at every byte, opens it, adds one more record, and opens it again.
///
/// # Errors
/// If the log takes no record after it was opened.
pub fn cut_everywhere() -> Result<Torn, LogError> {
    let whole = written()?;
    let mut all = Torn::default();
    for length in 0..whole.len() {
        all.cuts += 1;
        let disk = holding(&whole[..length]);
        let Ok((mut log, adds, torn)) = open(disk.clone()) else {
            all.refused += 1;
            continue;
        };
        log.append(&Added { add: 1 });
        log.sync()?;
        drop(log);
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        let expected = &BATCHES.concat()[..lines - 1];
        let is_right = adds == expected && open(disk)?.1 == [expected, &[1]].concat();
        match (is_right, torn) {
            (false, _) => all.wrong += 1,
            (true, 0) => all.at_a_line += 1,
            (true, _) => all.repaired += 1,
        }
    }
    Ok(all)
}

/// Who reads a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Takes each line that is JSON of a record, and looks at no checksum.
    WithoutChecksum,
    /// Takes the lines up to the first that is not right, and calls the rest torn.
    EndsAtFirstBad,
    /// The log.
    Log,
}

/// What a reader makes of a log in which one bit is flipped, for every bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flipped {
    /// The sum of all that was written.
    pub right: usize,
    /// An error.
    pub refused: usize,
    /// A smaller sum, since records are missing, and no error.
    pub missing: usize,
    /// A sum that never was: a record says something else, and no error.
    pub invented: usize,
}

/// Flips each bit of the log in turn, and lets a reader read it.
///
/// # Errors
/// If the log cannot be written.
pub fn flip_everywhere(reader: Reader) -> Result<Flipped, LogError> {
    let whole = written()?;
    let all = BATCHES.concat();
    let mut found = Flipped::default();
    for bit in 0..8 * whole.len() {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match read(reader, &bytes) {
            None => found.refused += 1,
            Some(adds) if adds == all => found.right += 1,
            Some(adds) if all.starts_with(&adds) => found.missing += 1,
            Some(_) => found.invented += 1,
        }
    }
    Ok(found)
}

/// What a reader finds; none if it refuses the log.
fn read(reader: Reader, bytes: &[u8]) -> Option<Vec<u64>> {
    let whole = |bytes: &[u8]| open(holding(bytes)).ok();
    match reader {
        Reader::WithoutChecksum => {
            let lines = bytes.split(|byte| *byte == b'\n');
            Some(lines.filter_map(json_of).map(|record| record.add).collect())
        }
        Reader::EndsAtFirstBad => {
            let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            // The log up to each line, as long as the log itself finds nothing wrong with that.
            let mut read = ends.map_while(|(end, _)| whole(&bytes[..=end]));
            let mut last = None;
            while let Some((_, adds, 0)) = read.next() {
                last = Some(adds);
            }
            last
        }
        Reader::Log => whole(bytes).map(|(_, adds, _)| adds),
    }
}

/// The record in a line, wherever its JSON begins.
fn json_of(line: &[u8]) -> Option<Added> {
    let json = line.iter().position(|byte| *byte == b'{')?;
    serde_json::from_slice(&line[json..]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_leaves_a_prefix_and_a_log_that_takes_more() {
        let all = cut_everywhere().unwrap();
        assert_eq!(all.wrong, 0);
        assert_eq!(all.at_a_line, BATCHES.concat().len(), "one before each record");
        assert_eq!(all.cuts, all.refused + all.at_a_line + all.repaired);
    }

    #[test]
    fn a_flipped_bit_invents_nothing_where_there_is_a_checksum() {
        let [without, ends, log] = [Reader::WithoutChecksum, Reader::EndsAtFirstBad, Reader::Log]
            .map(|reader| flip_everywhere(reader).unwrap());
        assert!(without.invented > 0, "{without:?}");
        assert!(ends.invented == 0 && ends.missing > log.missing, "{ends:?} {log:?}");
        assert_eq!(log.invented, 0);
    }
}
