//! The log in a folder of the file system.

use std::fs;
use std::path::Path;

use runtime::disk::{Disk, Folder, FolderError};
use runtime::log::{Log, LogError, MAX_LOG, Torn};

use super::me;
use common::error_chain;

type Opened = (Log<Folder>, Vec<u64>, Option<Torn>);

fn open(path: &Path) -> Opened {
    Log::open(Folder::open(path).unwrap(), &me()).unwrap()
}

#[test]
fn records_outlive_the_log_and_those_that_replace_them_do() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a").join("b");
    let (mut log, records, _) = open(&path);
    assert!(records.is_empty());
    for record in 1..=3 {
        log.append(&record);
    }
    log.append(&4);
    assert!(log.reread::<u64>().unwrap().is_empty());
    log.sync().unwrap();
    assert_eq!(log.reread::<u64>().unwrap(), [1, 2, 3, 4]);
    drop(log);

    let (mut log, records, _) = open(&path);
    assert_eq!(records, [1, 2, 3, 4]);
    let before = log.len();
    log.append(&5);
    log.replace(&[15]).unwrap();
    assert!(log.len() < before);
    log.append(&6);
    log.sync().unwrap();
    assert_eq!(log.reread::<u64>().unwrap(), [15, 6]);
    let length = fs::metadata(path.join("log")).unwrap().len();
    assert_eq!(log.len(), length);
    drop(log);

    assert_eq!(open(&path).1, [15, 6]);
    assert!(!path.join("log.new").exists());
}

#[test]
fn a_torn_write_is_cut_off_and_a_new_file_that_was_not_finished_removed() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(scratch.path());
    log.append(&1);
    log.sync().unwrap();
    let offset = log.len();
    drop(log);
    let whole = fs::read(scratch.path().join("log")).unwrap();
    fs::write(scratch.path().join("log"), [&whole[..], b"12345678 {\"ad"].concat()).unwrap();
    fs::write(scratch.path().join("log.new"), "half").unwrap();

    let (_, records, torn) = open(scratch.path());
    assert_eq!((records, torn), (vec![1], Some(Torn { offset, bytes: 13 })));
    assert_eq!(fs::read(scratch.path().join("log")).unwrap(), whole);
    assert!(!scratch.path().join("log.new").exists());
}

#[test]
fn a_folder_is_one_processs() {
    let scratch = tempfile::tempdir().unwrap();
    let (log, _, _) = open(scratch.path());
    let error = Folder::open(scratch.path()).unwrap_err();
    let expected = format!("{} is in use by another process", scratch.path().display());
    assert_eq!(error.to_string(), expected);
    assert!(error.advice().is_some());
    drop(log);
    open(scratch.path());
}

#[test]
fn a_file_is_no_folder() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("log"), "").unwrap();
    let error = Folder::open(scratch.path().join("log")).unwrap_err();
    assert!(matches!(error, FolderError::Unusable { .. }), "{error}");
    let told = error_chain(&error);
    assert!(told.starts_with("cannot use the folder /"), "{told}");
    assert!(error.advice().is_some());
}

#[test]
fn a_log_that_is_too_long_is_refused_before_memory_is_taken() {
    let scratch = tempfile::tempdir().unwrap();
    let file = fs::File::create(scratch.path().join("log")).unwrap();
    // A hole, of which no byte is on the disk.
    file.set_len(1 << 40).unwrap();
    let mut folder = Folder::open(scratch.path()).unwrap();
    let error = folder.read("log", MAX_LOG).unwrap_err();
    assert_eq!(error.to_string(), "it is longer than 268435456 bytes");
    let error = Log::open::<u64>(folder, &me()).map(|_| ()).unwrap_err();
    assert!(matches!(error, LogError::Failed { doing: "read", .. }), "{error}");
}

#[test]
fn what_others_do_to_the_file_is_noticed_when_it_is_read_again() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(scratch.path());
    log.append(&1);
    log.sync().unwrap();
    let file = fs::OpenOptions::new().write(true).open(scratch.path().join("log")).unwrap();
    file.set_len(log.len() - 1).unwrap();
    let error = log.reread::<u64>().unwrap_err();
    assert!(matches!(error, LogError::Damaged { .. }), "{error}");
}

#[test]
fn without_a_new_file_the_old_log_stays_in_use() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(scratch.path());
    log.append(&1);
    // Neither a file can be made of this name, nor is it removed.
    fs::create_dir(scratch.path().join("log.new")).unwrap();
    let error = log.replace(&[9]).unwrap_err();
    assert!(error.is_certainly_not_written(), "{error}");
    log.sync().unwrap();
    assert_eq!(log.reread::<u64>().unwrap(), [1]);
    fs::remove_dir(scratch.path().join("log.new")).unwrap();
    log.replace(&[9]).unwrap();
    assert_eq!(log.reread::<u64>().unwrap(), [9]);
}

#[cfg(unix)]
#[test]
fn a_folder_is_not_free_because_its_lock_file_was_removed() {
    let scratch = tempfile::tempdir().unwrap();
    let first = Folder::open(scratch.path()).unwrap();
    fs::remove_file(scratch.path().join("lock")).unwrap();
    let second = Folder::open(scratch.path());
    assert!(matches!(second, Err(FolderError::InUse { .. })), "{second:?}");
    drop(first);
    assert!(Folder::open(scratch.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn nothing_is_called_written_in_a_file_that_was_removed() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(scratch.path());
    log.append(&1);
    log.sync().unwrap();
    fs::remove_file(scratch.path().join("log")).unwrap();
    log.append(&2);
    let error = log.sync().unwrap_err();
    assert!(error_chain(&error).contains("it was removed"), "{error}");
    assert!(error.is_certainly_not_written());
    assert_eq!(log.reread::<u64>().unwrap(), [1]);
    // Once there is a new file, all is well again.
    log.replace(&[1]).unwrap();
    log.append(&3);
    log.sync().unwrap();
    drop(log);
    assert_eq!(open(scratch.path()).1, [1, 3]);
}

#[cfg(unix)]
#[test]
fn a_renamed_folder_stays_its_process_own() {
    let scratch = tempfile::tempdir().unwrap();
    let (here, moved) = (scratch.path().join("here"), scratch.path().join("moved"));
    let (mut first, _, _) = open(&here);
    first.append(&1);
    first.sync().unwrap();
    fs::rename(&here, &moved).unwrap();
    let (mut second, _, _) = open(&here);
    second.append(&2);
    second.sync().unwrap();

    first.replace(&[10]).unwrap();
    first.append(&11);
    first.sync().unwrap();
    assert_eq!(second.reread::<u64>().unwrap(), [2]);
    drop((first, second));
    assert_eq!((open(&here).1, open(&moved).1), (vec![2], vec![10, 11]));
}
