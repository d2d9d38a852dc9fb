//! A disk that is full or fails.

use common::error_chain;
use runtime::disk::{Fault, Memory};
use runtime::log::{Log, LogError};

use super::{found, log_of, me};

/// A log in which 1 is synced, and 2 waits.
fn log(disk: &Memory) -> Log<Memory> {
    let mut log = log_of(disk, &[&[1_u64]]);
    log.append(&2_u64);
    log
}

/// Nothing more is written, and nothing is acknowledged.
fn assert_stopped(disk: &Memory, mut log: Log<Memory>) {
    let before = (disk.writes(), disk.syncs());
    log.append(&3_u64);
    for stopped in [log.sync(), log.replace(&[9_u64]), log.close()] {
        let error = stopped.unwrap_err();
        assert!(matches!(error, LogError::Stopped { .. }), "{error}");
        assert_eq!(error.to_string(), "data/log takes nothing more after an error");
    }
    assert_eq!((disk.writes(), disk.syncs()), before);
}

#[test]
fn after_a_full_disk_the_next_process_goes_on() {
    // The line has 20 bytes.
    for room in 0..20 {
        let disk = Memory::default();
        let mut log = log(&disk);
        disk.fail(0, Fault::Full(room));
        let error = log.sync().unwrap_err();
        assert_eq!(error_chain(&error), "cannot write data/log: no storage space");
        assert!(error.advice().unwrap().contains("make room"));
        assert_stopped(&disk, log);
        let (records, torn) = found::<u64>(&disk);
        assert_eq!(records, [1]);
        assert_eq!(torn.map_or(0, |torn| torn.bytes), room as u64);
        log_of(&disk, &[&[3_u64]]);
        assert_eq!(found(&disk), (vec![1_u64, 3], None));
    }
}

#[test]
fn after_a_sync_that_failed_nothing_more_is_taken() {
    let disk = Memory::default();
    let mut log = log(&disk);
    disk.fail(1, Fault::Io);
    let error = log.sync().unwrap_err();
    assert_eq!(error_chain(&error), "cannot sync data/log: the disk fails");
    assert!(error.advice().unwrap().contains("check the disk"));
    assert_stopped(&disk, log);
    disk.lose_power(|_| true);
    assert_eq!(found::<u64>(&disk), (vec![1], None));
}

#[test]
fn what_a_failed_sync_left_in_memory_is_written_again() {
    let disk = Memory::default();
    let mut log = log(&disk);
    disk.fail(1, Fault::Io);
    log.sync().unwrap_err();
    // The system still shows it, and a sync alone would change nothing.
    assert_eq!(found::<u64>(&disk), (vec![1, 2], None));
    disk.lose_power(|_| false);
    assert_eq!(found::<u64>(&disk), (vec![1, 2], None));
}

#[test]
fn records_are_replaced_or_the_old_ones_stay() {
    // The new file is written, synced and renamed, and the folder is synced; before that, what was
    // not finished is removed.
    for after in 0..5 {
        for fault in [Fault::Full(5), Fault::Io, Fault::Killed] {
            for survives in [false, true] {
                let disk = Memory::default();
                let mut log = log(&disk);
                disk.fail(after, fault);
                let error = log.replace(&[9_u64]).unwrap_err();
                assert!(error_chain(&error).starts_with("cannot write data/log.new: "), "{error}");
                assert_stopped(&disk, log);
                disk.lose_power(|_| survives);
                let is_replaced = match fault {
                    // The rename is the fourth.
                    Fault::Killed => after == 4 || (after == 3 && survives),
                    _ => after == 4 && survives,
                };
                let expected = if is_replaced { 9 } else { 1 };
                assert_eq!(found::<u64>(&disk), (vec![expected], None), "{after}, {fault:?}");
                assert_eq!(disk.shown("log.new"), None);
            }
        }
    }
}

#[test]
fn a_log_whose_name_was_not_synced_is_begun_again() {
    for after in 0..6 {
        let disk = Memory::default();
        disk.fail(after, Fault::Killed);
        Log::open::<u64>(disk.clone(), &me()).map(|_| ()).unwrap_err();
        disk.lose_power(|_| false);
        assert_eq!(disk.shown("log").is_some(), after == 5, "{after}");
        assert_eq!(found::<u64>(&disk), (vec![], None));
    }
}

#[test]
fn a_log_that_cannot_be_made_durable_is_not_opened() {
    for after in 0..5 {
        let disk = Memory::default();
        log(&disk);
        disk.fail(after, Fault::Io);
        let error = Log::open::<u64>(disk.clone(), &me()).map(|_| ()).unwrap_err();
        assert!(matches!(error, LogError::Failed { .. }), "{error}");
        disk.restart();
        assert_eq!(found::<u64>(&disk), (vec![1], None));
    }
}

#[test]
fn a_sync_is_one_write_and_one_sync_and_an_empty_one_is_none() {
    let disk = Memory::default();
    let mut log = log(&disk);
    let before = (disk.writes(), disk.syncs());
    for record in 3..1_000_u64 {
        log.append(&record);
    }
    log.sync().unwrap();
    assert_eq!((disk.writes(), disk.syncs()), (before.0 + 1, before.1 + 1));
    log.sync().unwrap();
    assert_eq!((disk.writes(), disk.syncs()), (before.0 + 1, before.1 + 1));
}
