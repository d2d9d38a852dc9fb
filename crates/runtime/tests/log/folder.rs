//! The log in a folder of the file system.

use std::fs;
use std::path::Path;

use common::error_chain;
use runtime::disk::{Disk, Folder, FolderError};
use runtime::log::{AHEAD, Log, LogError, MAX_LOG, Torn};

use super::me;

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
    for record in 1..=4 {
        log.append(&record);
    }
    log.sync().unwrap();
    drop(log);

    let (mut log, records, _) = open(&path);
    assert_eq!(records, [1, 2, 3, 4]);
    let before = log.len();
    log.append(&5);
    log.replace(&[15]).unwrap();
    assert!(log.len() < before);
    log.append(&6);
    log.sync().unwrap();
    drop(log);

    assert_eq!(open(&path).1, [15, 6]);
    assert!(!path.join("log.new").exists());
}

#[test]
fn zeros_stand_ahead_until_the_log_is_closed() {
    let scratch = tempfile::tempdir().unwrap();
    let length = || fs::metadata(scratch.path().join("log")).unwrap().len();
    let (mut log, _, _) = open(scratch.path());
    for record in 0..AHEAD / 20 {
        log.append(&record);
        log.sync().unwrap();
        assert_eq!(length(), log.len().next_multiple_of(AHEAD));
    }
    assert!(log.len() > AHEAD);
    let (end, ahead) = (log.len() as usize, length());
    drop(log);
    let bytes = fs::read(scratch.path().join("log")).unwrap();
    assert!(bytes[end..].iter().all(|byte| *byte == 0));

    // The next process writes into those zeros, too.
    let (mut log, _, torn) = open(scratch.path());
    assert_eq!(torn, None);
    log.append(&7);
    log.sync().unwrap();
    assert_eq!(length(), ahead);
    log.append(&8);
    log.close().unwrap();
    let text = fs::read_to_string(scratch.path().join("log")).unwrap();
    assert!(text.ends_with(" 8\n") && !text.contains('\0'));
    assert!(open(scratch.path()).1.ends_with(&[7, 8]));
}

#[test]
fn a_torn_batch_is_cut_off_and_an_unfinished_new_file_removed() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(scratch.path());
    log.append(&1);
    log.sync().unwrap();
    let offset = log.len();
    log.close().unwrap();
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
fn nothing_is_acknowledged_in_a_file_that_was_removed() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(scratch.path());
    fs::remove_file(scratch.path().join("log")).unwrap();
    log.append(&2);
    let error = log.sync().unwrap_err();
    assert!(error_chain(&error).contains("it was removed"), "{error}");
    assert!(matches!(log.sync(), Err(LogError::Stopped { .. })));
}

/// Opening a pipe waits for its other end, and reading a device may never end.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_refused_at_once() {
    use std::os::unix::fs::symlink;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    for name in ["log", "lock"] {
        for is_pipe in [true, false] {
            let scratch = tempfile::tempdir().unwrap();
            let (path, file) = (scratch.path().to_owned(), scratch.path().join(name));
            match is_pipe {
                true => mkfifo(&file, Mode::S_IRWXU).unwrap(),
                false => symlink("/dev/zero", &file).unwrap(),
            }
            let (send, receive) = mpsc::channel();
            let opened = move || match Folder::open(path) {
                Ok(folder) => {
                    error_chain(&Log::open::<u64>(folder, &me()).map(|_| ()).unwrap_err())
                }
                Err(error) => error_chain(&error),
            };
            thread::spawn(move || send.send(opened()));
            let error = receive.recv_timeout(Duration::from_secs(60)).expect("it does not block");
            assert!(error.ends_with(&format!(": {name} is not a regular file")), "{error}");
        }
    }
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
    drop((first, second));
    assert_eq!((open(&here).1, open(&moved).1), (vec![2], vec![10, 11]));
}
