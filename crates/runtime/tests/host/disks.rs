//! A node and its disk: what is safe before what, and a disk that does not take more.

use std::fs;
use std::sync::atomic::Ordering;
use std::thread;

use runtime::client::{Client, RequestError};
use runtime::disk::Folder;
use runtime::{COMPACT_AT, Config};

use super::board::{MAX_KEPT, Reply, Request};
use super::faulty::{Gate, faulty};
use super::{PATIENCE, Running, WORKS, config, pair_on, start_on, wait_until};

fn on_folder(scratch: &tempfile::TempDir, compact_at: u64) -> Running {
    let folder = Folder::open(scratch.path()).expect(WORKS);
    let config = Config { compact_at, ..config(0, &[]) };
    start_on(Some(folder), config)
}

fn keep(asker: &mut Client, number: u64) -> Result<Reply, RequestError> {
    asker.ask(&Request::Keep { number }, PATIENCE)
}

fn kept(asker: &mut Client) -> Vec<u64> {
    match asker.ask(&Request::Kept, PATIENCE).expect(WORKS) {
        Reply::KeptOk { kept } => kept,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_acknowledged_is_in_the_file_and_comes_back() {
    let scratch = tempfile::tempdir().unwrap();
    for life in 0..3 {
        let node = on_folder(&scratch, COMPACT_AT);
        let mut asker = node.asker();
        assert_eq!(kept(&mut asker), (0..life).collect::<Vec<_>>());
        assert_eq!(keep(&mut asker, life).unwrap(), Reply::Done);
        let log = fs::read_to_string(scratch.path().join("log")).unwrap();
        // Behind the lines there are zeros, in which the next ones will be.
        let log = log.trim_end_matches('\0');
        assert_eq!(log.lines().count() as u64, 2 + life, "{log}");
        node.stop().unwrap();
    }
}

#[test]
fn nothing_that_depends_on_a_record_leaves_before_it_is_safe() {
    let scratch = tempfile::tempdir().unwrap();
    let (disk, faults) = faulty(&scratch);
    let [first, second] = pair_on(Some(disk));
    faults.set_gate(Gate::Closed);
    let mut asker = first.asker();
    let asked = thread::spawn(move || {
        let request = Request::KeepAndSay { number: 7, to: 1 };
        asker.ask::<Reply>(&request, PATIENCE)
    });
    faults.wait_for(|gate| *gate == Gate::Waiting);
    // The link still says something each second, and that comes after whatever was said before.
    let mut asker = second.asker();
    let before = wait_until("some time has passed", || {
        let heard = heard_ms(&mut asker);
        (heard > 0).then_some(heard).ok_or(heard)
    });
    wait_until("something more is heard", || {
        let heard = heard_ms(&mut asker);
        (heard < before).then_some(()).ok_or(heard)
    });
    let heard = Reply::HeardOk { heard: Vec::new() };
    assert_eq!(asker.ask::<Reply>(&Request::Heard, PATIENCE).unwrap(), heard);
    assert!(!asked.is_finished());
    faults.set_gate(Gate::Open);
    assert_eq!(asked.join().unwrap().unwrap(), Reply::Done);
    let heard = Reply::HeardOk { heard: vec![(0, 7)] };
    wait_until("it is heard", || {
        let reply = asker.ask::<Reply>(&Request::Heard, PATIENCE).unwrap();
        (reply == heard).then_some(()).ok_or(reply)
    });
}

/// How long ago the only peer was heard.
fn heard_ms(asker: &mut Client) -> u64 {
    let links = asker.links(PATIENCE).expect(WORKS);
    links[0].heard_ms.unwrap_or(u64::MAX)
}

#[test]
fn requests_that_wait_together_share_a_sync() {
    const CLIENTS: usize = 16;
    let scratch = tempfile::tempdir().unwrap();
    let (disk, faults) = faulty(&scratch);
    let node = start_on(Some(disk), config(0, &[]));
    // Whether all others have come while the first waits for the disk is the system's affair, so
    // this is tried until they have.
    wait_until("they share one", || {
        let before = faults.syncs.load(Ordering::SeqCst);
        faults.set_gate(Gate::Closed);
        let ask = |mut asker: Client| thread::spawn(move || keep(&mut asker, 1).map(|_| ()));
        let first = ask(node.asker());
        faults.wait_for(|gate| *gate == Gate::Waiting);
        let others: Vec<_> = (1..CLIENTS).map(|_| ask(node.asker())).collect();
        node.asker().links(PATIENCE).unwrap();
        faults.set_gate(Gate::Open);
        for asked in others.into_iter().chain([first]) {
            asked.join().unwrap().unwrap();
        }
        let syncs = faults.syncs.load(Ordering::SeqCst) - before;
        (syncs == 2).then_some(()).ok_or(syncs)
    });
}

#[test]
fn what_is_acknowledged_last_is_heard() {
    let scratch = tempfile::tempdir().unwrap();
    let (disk, faults) = faulty(&scratch);
    let node = start_on(Some(disk), config(0, &[]));
    faults.set_gate(Gate::Closed);
    let mut asker = node.asker();
    let asked = thread::spawn(move || keep(&mut asker, 1));
    faults.wait_for(|gate| *gate == Gate::Waiting);
    node.stopper.stop();
    // Others are served until the disk has done its work.
    assert!(node.asker().links(PATIENCE).is_ok());
    faults.set_gate(Gate::Open);
    assert_eq!(asked.join().unwrap().unwrap(), Reply::Done);
}

#[test]
fn a_disk_that_fails_ends_the_process() {
    for is_full in [true, false] {
        let scratch = tempfile::tempdir().unwrap();
        let (disk, faults) = faulty(&scratch);
        let node = start_on(Some(disk), config(0, &[]));
        let mut asker = node.asker();
        keep(&mut asker, 1).unwrap();
        let fails = if is_full { &faults.is_full } else { &faults.cannot_sync };
        *fails.lock().unwrap() = true;
        let error = keep(&mut asker, 2).unwrap_err();
        assert!(error.may_have_been_done(), "{error:?}");
        let ended = node.ended().unwrap_err();
        assert!(ended.to_string().contains("log"), "{ended}");
        let kept = kept(&mut on_folder(&scratch, COMPACT_AT).asker());
        assert_eq!(kept[0], 1, "{kept:?}");
    }
}

#[test]
fn the_log_is_summed_up_and_says_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let mut number = 0;
    for _ in 0..3 {
        let node = on_folder(&scratch, 1000);
        let mut asker = node.asker();
        let mut before = 0;
        // The last that is kept has the log summed up, so that a start reads nothing else.
        loop {
            keep(&mut asker, number).unwrap();
            number += 1;
            let log = fs::read_to_string(scratch.path().join("log")).unwrap();
            let length = log.trim_end_matches('\0').len();
            assert!(length < 1500, "{length}");
            if std::mem::replace(&mut before, length) > length {
                break;
            }
        }
        let last: Vec<u64> = (number - MAX_KEPT as u64..number).collect();
        assert_eq!(kept(&mut asker), last);
        node.stop().unwrap();
        assert_eq!(kept(&mut on_folder(&scratch, 1000).asker()), last);
    }
}
