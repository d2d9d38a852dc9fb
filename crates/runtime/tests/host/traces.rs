//! Each process writes what happens at its own node, and together that is the run.

use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use runtime::disk::Folder;
use runtime::{Config, Tracing};
use trace::{Event, Kind, Trace};
use views::file::read;
use views::merge::merge;
use worlds::node::NodeEvent;
use worlds::stamps::{lamport, vectors};

use super::board::{Board, Reply, Request};
use super::peers::{say, wait_for_heard};
use super::{PATIENCE, WORKS, config, pair_traced, start_on, start_traced, wait_until};

/// A file that the test can read.
#[derive(Clone, Default)]
pub(crate) struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn trace(&self) -> Trace {
        let bytes = self.0.lock().expect(WORKS).clone();
        read(&*bytes).expect("what a process writes is a trace")
    }

    fn receipts(&self) -> usize {
        let is_receipt = |event: &&Event| matches!(event.kind, Kind::Receive { .. });
        self.trace().events().iter().filter(is_receipt).count()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect(WORKS).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Only what is said, and who asked for it.
pub(crate) fn label(event: &NodeEvent<'_, Board>) -> Option<String> {
    match event {
        NodeEvent::Asked { request: Request::Say { .. }, .. }
        | NodeEvent::Sent { .. }
        | NodeEvent::Received { .. } => Some(event.to_string()),
        _ => None,
    }
}

#[test]
fn the_traces_of_two_processes_are_one_run_with_right_stamps() {
    let outputs = [Output::default(), Output::default()];
    let nodes = pair_traced(None::<Folder>, outputs.clone().map(Some));
    for (from, to, count) in [(0, 1, 3), (1, 0, 2), (0, 1, 1)] {
        let mut client = nodes[from].client();
        let request = Request::Say { to, from: 1, through: count };
        assert_eq!(client.ask::<Reply>(&request, PATIENCE).unwrap(), Reply::Done);
    }
    wait_until("all has come", || {
        let received = outputs.each_ref().map(Output::receipts);
        (received == [2, 4]).then_some(()).ok_or(received)
    });
    drop(nodes);
    let run = merge(outputs.iter().map(Output::trace).collect()).unwrap();
    assert_eq!(run.in_flight().count(), 0);
    assert_eq!(run.events().len(), 3 + 6 + 6);
    let stamp = |event: &Event| (event.lamport.unwrap(), event.vector.clone().unwrap());
    let stamps: (Vec<_>, Vec<_>) = run.events().iter().map(stamp).unzip();
    assert_eq!(stamps, (lamport(&run), vectors(&run)));
}

/// The restarted node has had no event, and its peer's stamps count the earlier one's.
#[test]
fn a_restarted_node_is_logged_and_gets_no_stamps() {
    let outputs = [Output::default(), Output::default()];
    let [first, second] = pair_traced(None::<Folder>, outputs.map(Some));
    say(&mut first.client(), 1, 1, 1);
    wait_for_heard(&mut second.client(), 1);

    let (listen, peer) = (first.addr.clone(), second.addr.clone());
    first.stop().unwrap();
    let anew = Config { listen, ..config(0, &[&peer]) };
    let anew = start_traced(None::<Folder>, anew, Some(Output::default()));
    second.told.wait_for(&["node 0 has restarted: it gets no more stamps"]);
    wait_until("both are connected", || {
        let lines = second.told.lines();
        let connected = lines.iter().filter(|line| line.contains("connected to node 0"));
        (connected.count() == 2).then_some(()).ok_or(lines)
    });
    say(&mut second.client(), 0, 1, 1);
    assert_eq!(wait_for_heard(&mut anew.client(), 1), [(1, 1)]);
    let lines = anew.told.lines();
    assert!(!lines.iter().any(|line| line.contains("stamps of node")), "{lines:?}");
}

#[test]
fn a_trace_replaces_traces_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let create = |name: &str| Tracing::to_file(&path(name), label).map(|_| ());
    fs::write(path("notes"), "keep me").unwrap();
    fs::create_dir(path("folder")).unwrap();
    for name in ["notes", "folder"] {
        let error = create(name).unwrap_err();
        assert!(error.advice().is_some(), "{error}");
    }
    assert_eq!(fs::read_to_string(path("notes")).unwrap(), "keep me");

    let old = "{\"trace\":1,\"services\":[\"n0\"]}\n{\"service\":\"n0\"}\n";
    fs::write(path("trace"), old).unwrap();
    fs::write(path("empty"), "").unwrap();
    for name in ["trace", "empty", "new"] {
        create(name).unwrap();
        assert_eq!(fs::read(path(name)).unwrap(), b"", "{name}");
    }

    #[cfg(unix)]
    {
        let in_use = Tracing::to_file(&path("trace"), label).unwrap();
        assert!(create("trace").is_err(), "another node writes it");
        drop(in_use);
        create("trace").unwrap();
    }
}

#[test]
fn no_trace_is_written_into_a_data_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    let node = start_on(Some(Folder::open(&data).unwrap()), config(0, &[]));
    let kept = Request::Keep { number: 7 };
    assert_eq!(node.client().ask::<Reply>(&kept, PATIENCE).unwrap(), Reply::Done);
    let log = fs::read(data.join("log")).unwrap();
    for name in ["log", "log.new", "lock", "trace"] {
        let error = Tracing::to_file(&data.join(name), label).map(|_| ()).unwrap_err();
        assert!(error.advice().is_some(), "{error}");
    }
    #[cfg(unix)]
    {
        let link = scratch.path().join("link");
        std::os::unix::fs::symlink(data.join("lock"), &link).unwrap();
        assert!(Tracing::to_file(&link, label).is_err());
        let to_nothing = scratch.path().join("to-nothing");
        std::os::unix::fs::symlink(data.join("trace"), &to_nothing).unwrap();
        assert!(Tracing::to_file(&to_nothing, label).is_err());
    }
    assert_eq!(fs::read(data.join("log")).unwrap(), log);
    assert!(!data.join("trace").exists() && !data.join("log.new").exists());
}
