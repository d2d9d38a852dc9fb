//! A node and its disk: what is safe before what, and a disk that does not take more.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::thread;

use runtime::client::{Client, RequestError};
use runtime::disk::Folder;
use runtime::{COMPACT_AT, Config};

use super::board::{MAX_KEPT, Reply, Request};
use super::faulty::{Gate, faulty};
use super::peers::welcomed;
use super::{PATIENCE, Running, WORKS, config, start_on};

fn on_folder(scratch: &tempfile::TempDir, compact_at: u64) -> Running {
    let folder = Folder::open(scratch.path()).expect(WORKS);
    let config = Config { compact_at, ..config(0, &[]) };
    start_on(Some(folder), config)
}

fn keep(client: &mut Client, number: u64) -> Result<Reply, RequestError> {
    client.ask(&Request::Keep { number }, PATIENCE)
}

fn kept(client: &mut Client) -> Vec<u64> {
    match client.ask(&Request::Kept, PATIENCE).expect(WORKS) {
        Reply::KeptOk { kept } => kept,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acknowledged_record_is_in_the_log_and_comes_back() {
    let scratch = tempfile::tempdir().unwrap();
    for life in 0..3 {
        let node = on_folder(&scratch, COMPACT_AT);
        let mut client = node.client();
        assert_eq!(kept(&mut client), (0..life).collect::<Vec<_>>());
        assert_eq!(keep(&mut client, life).unwrap(), Reply::Done);
        let log = fs::read_to_string(scratch.path().join("log")).unwrap();
        // Behind the lines there are zeros, in which the next ones will be.
        let log = log.trim_end_matches('\0');
        assert_eq!(log.lines().count() as u64, 2 + life, "{log}");
        node.stop().unwrap();
    }
}

/// A message and an answer are pushed after a record whose sync fails. The process ends; all that
/// it has sent comes before the end of its connections.
#[test]
fn nothing_that_depends_on_a_record_leaves_before_it_is_durable() {
    let scratch = tempfile::tempdir().unwrap();
    let (disk, faults) = faulty(&scratch);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let node = start_on(Some(disk), config(0, &[&addr]));
    let peer = welcomed(listener.accept().unwrap().0, "");
    node.told.wait_for(&["connected to node 1"]);
    *faults.cannot_sync.lock().unwrap() = true;
    let request = Request::KeepAndSay { number: 7, to: 1 };
    let error = node.client().ask::<Reply>(&request, PATIENCE).unwrap_err();
    assert!(error.may_have_been_done(), "{error:?}");
    node.ended().unwrap_err();
    let lines = BufReader::new(peer).lines().map_while(Result::ok);
    let sent: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    assert_eq!(sent, [""; 0], "heartbeats alone");
}

#[test]
fn requests_that_come_during_a_sync_share_the_next() {
    const CLIENTS: usize = 16;
    let scratch = tempfile::tempdir().unwrap();
    let (disk, faults) = faulty(&scratch);
    let node = start_on(Some(disk), config(0, &[]));
    let before = faults.syncs.load(Ordering::SeqCst);
    faults.set_gate(Gate::Closed);
    let keep = |_| {
        let mut stream = TcpStream::connect(&node.addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b"{\"type\":\"keep\",\"number\":1}\n").unwrap();
        stream
    };
    let first = keep(0);
    faults.wait_for(|gate| *gate == Gate::Waiting);
    let others: Vec<_> = (1..CLIENTS).map(keep).collect();
    faults.set_gate(Gate::Open);
    for stream in others.into_iter().chain([first]) {
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        assert_eq!(answer, "{\"type\":\"done\"}\n");
    }
    assert_eq!(faults.syncs.load(Ordering::SeqCst) - before, 2);
}

#[test]
fn a_node_that_is_stopped_during_a_sync_answers_first() {
    let scratch = tempfile::tempdir().unwrap();
    let (disk, faults) = faulty(&scratch);
    let node = start_on(Some(disk), config(0, &[]));
    faults.set_gate(Gate::Closed);
    let mut client = node.client();
    let asked = thread::spawn(move || keep(&mut client, 1));
    faults.wait_for(|gate| *gate == Gate::Waiting);
    node.stopper.stop();
    faults.set_gate(Gate::Open);
    assert_eq!(asked.join().unwrap().unwrap(), Reply::Done);
}

#[test]
fn a_disk_that_fails_ends_the_process() {
    for is_full in [true, false] {
        let scratch = tempfile::tempdir().unwrap();
        let (disk, faults) = faulty(&scratch);
        let node = start_on(Some(disk), config(0, &[]));
        let mut client = node.client();
        keep(&mut client, 1).unwrap();
        let fails = if is_full { &faults.is_full } else { &faults.cannot_sync };
        *fails.lock().unwrap() = true;
        let error = keep(&mut client, 2).unwrap_err();
        assert!(error.may_have_been_done(), "{error:?}");
        let ended = node.ended().unwrap_err();
        assert!(ended.to_string().contains("log"), "{ended}");
        let kept = kept(&mut on_folder(&scratch, COMPACT_AT).client());
        assert_eq!(kept[0], 1, "{kept:?}");
    }
}

#[test]
fn a_compacted_log_restores_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let mut number = 0;
    for _ in 0..3 {
        let node = on_folder(&scratch, 1000);
        let mut client = node.client();
        let mut before = 0;
        // The last that is kept has the log summed up, so that a start reads nothing else.
        loop {
            keep(&mut client, number).unwrap();
            number += 1;
            let log = fs::read_to_string(scratch.path().join("log")).unwrap();
            let length = log.trim_end_matches('\0').len();
            assert!(length < 1500, "{length}");
            if std::mem::replace(&mut before, length) > length {
                break;
            }
        }
        let last: Vec<u64> = (number - MAX_KEPT as u64..number).collect();
        assert_eq!(kept(&mut client), last);
        node.stop().unwrap();
        assert_eq!(kept(&mut on_folder(&scratch, 1000).client()), last);
    }
}
