//! The power fails while a batch of several pages is on its way to the disk.

use runtime::disk::{Fault, Memory, PAGE, Unsynced};
use runtime::log::Torn;

use super::choose::{Choose, Every};
use super::{found, log_of};

/// What a line has beside the text of its record.
const AROUND: usize = r#"01234567 01234567+"""#.len() + 1;

/// Records whose lines have so many bytes.
fn records(lines: &[usize]) -> Vec<String> {
    let number =
        |(number, bytes): (usize, &usize)| format!("{number:0width$}", width = bytes - AROUND);
    lines.iter().enumerate().map(number).collect()
}

/// Writes a batch after those that are synced, loses power before its sync, and tries every subset
/// of its pages, with and without the new length. Returns how many pages those were, and how many
/// subsets.
fn tear(synced: &[&[String]], batch: &[String]) -> (usize, usize) {
    let (mut every, mut subsets) = (Every::default(), 0);
    loop {
        let disk = Memory::default();
        let mut log = log_of(&disk, synced);
        let start = log.len() as usize;
        batch.iter().for_each(|record| log.append(record));
        disk.fail(0, Fault::Killed);
        log.sync().unwrap_err();
        let written = disk.shown("log").unwrap();
        let (mut pages, mut lost) = (Vec::new(), Vec::new());
        disk.lose_power(|unsynced| {
            let survives = every.choose(2) == 1;
            if let Unsynced::Page(_, page) = unsynced {
                pages.push(page);
                lost.extend((!survives).then_some(page));
            }
            survives
        });
        let whole = whole_lines(&written, start, &lost);
        let end = start + lines(&written[start..]).take(whole).map(<[u8]>::len).sum::<usize>();
        check(&disk, end as u64, [&synced.concat(), &batch[..whole]].concat());
        subsets += 1;
        if !every.next() {
            return (pages.len(), subsets);
        }
    }
}

/// These records are there, whose lines go up to `end`, and what is behind that is torn.
fn check(disk: &Memory, end: u64, mut expected: Vec<String>) {
    let left = disk.shown("log").unwrap();
    let (records, torn) = found::<String>(disk);
    assert_eq!(records, expected);
    let text = left.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
    let expected_torn = (text > end).then(|| Torn { offset: end, bytes: text - end });
    assert_eq!(torn, expected_torn);
    // It is durable, and the log is of use.
    log_of(disk, &[&["more".to_owned()]]);
    disk.lose_power(|_| false);
    expected.push("more".to_owned());
    assert_eq!(found(disk), (expected, None));
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// How many lines there are from `start` to the first page that was lost.
fn whole_lines(written: &[u8], start: usize, lost: &[usize]) -> usize {
    let gap = lost.first().map_or(written.len(), |page| page * PAGE);
    written[start..gap.max(start)].iter().filter(|byte| **byte == b'\n').count()
}

#[test]
fn every_subset_of_the_pages_of_a_batch_is_recovered() {
    let header = log_of::<String>(&Memory::default(), &[]).len() as usize;
    let first = records(&[100; 3]);
    for lines in [
        // Lines of several pages, and pages of several lines.
        &[6_000; 3][..],
        &[300; 60],
        // A line ends where a page does, or has its first or its last byte in another page.
        &[PAGE - header - 300, PAGE, PAGE],
        &[PAGE - header - 300 - 1, PAGE + 1, PAGE + 1, 100],
        &[PAGE - header - 300 + 1, PAGE, PAGE],
    ] {
        let batch = records(lines);
        // The first batch makes the file longer, the second is written over its zeros.
        let (pages, subsets) = tear(&[], &batch);
        assert!(pages > 2, "{pages}");
        assert_eq!(subsets, 2 << pages);
        let (pages, subsets) = tear(&[&first], &batch);
        assert!(pages > 2, "{pages}");
        assert_eq!(subsets, 1 << pages);
    }
}
