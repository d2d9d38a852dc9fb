//! A disk that is full, fails, or may not be written to.

use runtime::log::{Log, LogError};

use super::forgetful::{Every, Fault, Forgetful};
use super::me;
use common::error_chain;

/// A log in which 1 is safe, and 2 waits.
fn log(disk: &Forgetful) -> Log<Forgetful> {
    let (mut log, _, _) = Log::open::<u64>(disk.clone(), &me()).unwrap();
    log.append(&1);
    log.sync().unwrap();
    log.append(&2);
    log
}

/// What a power failure leaves, if it leaves all that it may.
fn left(disk: &Forgetful) -> Vec<u64> {
    disk.crash(&mut Every::default());
    Log::open(disk.clone(), &me()).unwrap().1
}

#[test]
fn a_full_disk_leaves_the_log_as_it_was_and_of_use() {
    for room in 0..12 {
        let disk = Forgetful::default();
        let mut log = log(&disk);
        disk.fault(0, Fault::Full(room));
        let error = log.sync().unwrap_err();
        assert_eq!(error_chain(&error), "cannot write data/log: no storage space");
        assert!(error.is_certainly_not_written() && !log.is_unsure());
        assert!(error.advice().unwrap().contains("make room"));
        assert_eq!(log.reread::<u64>().unwrap(), [1]);
        log.append(&3);
        log.sync().unwrap();
        assert_eq!(left(&disk), [1, 3]);
    }
}

#[test]
fn after_a_sync_that_failed_nothing_more_is_taken() {
    let disk = Forgetful::default();
    let mut log = log(&disk);
    disk.fault(1, Fault::Io);
    let error = log.sync().unwrap_err();
    assert_eq!(error_chain(&error), "nobody knows how much of data/log is on disk: the disk fails");
    let again = "data/log takes nothing more, since an earlier sync failed";
    log.append(&3);
    for refused in [log.sync(), log.replace(&[9_u64]), log.reread::<u64>().map(|_| ())] {
        let error = refused.unwrap_err();
        assert!(matches!(error, LogError::Unsure { .. }), "{error}");
        assert_eq!(error_chain(&error), again);
        assert!(!error.is_certainly_not_written() && log.is_unsure());
    }
    assert!(left(&disk).starts_with(&[1]));
}

#[test]
fn a_part_that_cannot_be_cut_off_again_is_as_unsure() {
    // It is cut, and the cut is synced.
    for after in [1, 2] {
        let disk = Forgetful::default();
        let mut log = log(&disk);
        disk.fault(0, Fault::Full(5));
        disk.fault(after, Fault::Io);
        let error = log.sync().unwrap_err();
        assert!(matches!(error, LogError::Unknown { .. }), "{error}");
        assert!(log.is_unsure());
        assert_eq!(left(&disk), [1]);
    }
}

#[test]
fn records_that_cannot_be_replaced_stay_and_those_that_wait_go_on_waiting() {
    // What was not finished is removed, the new file is written, synced and renamed.
    for after in 0..4 {
        for fault in [Fault::Full(5), Fault::Io, Fault::ReadOnly] {
            let disk = Forgetful::default();
            let mut log = log(&disk);
            disk.fault(after, fault);
            let error = log.replace(&[9_u64]).unwrap_err();
            assert!(error_chain(&error).starts_with("cannot write data/log.new: "), "{error}");
            assert!(error.is_certainly_not_written());
            assert_eq!(disk.shown("log.new"), None, "it takes room");
            log.sync().unwrap();
            assert_eq!(left(&disk), [1, 2]);
        }
    }
}

#[test]
fn a_new_name_that_may_not_last_is_unsure() {
    let disk = Forgetful::default();
    let mut log = log(&disk);
    disk.fault(4, Fault::Io);
    let error = log.replace(&[9_u64]).unwrap_err();
    assert!(matches!(error, LogError::Unknown { .. }), "{error}");
    assert!(log.is_unsure());
    let left = left(&disk);
    assert!(left == [1] || left == [9], "{left:?}");
}

#[test]
fn a_disk_that_may_not_be_written_to_is_told_when_the_log_is_opened() {
    let disk = Forgetful::default();
    disk.fault(2, Fault::ReadOnly);
    let error = Log::open::<u64>(disk, &me()).map(|_| ()).unwrap_err();
    let told = error_chain(&error);
    assert_eq!(told, "cannot write data/log.new: read-only filesystem or storage medium");
    assert!(error.advice().unwrap().contains("may write to"));
}
