//! Each process writes what happens at its own node, and together that is the run.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use trace::file::read;
use trace::merge::merge;
use trace::{Event, Kind, Trace};
use worlds::clocks::{lamport, vectors};
use worlds::host::disk::Folder;
use worlds::node::Did;

use crate::board::{Board, Reply, Request};
use crate::{PATIENCE, WORKS, pair_traced, wait_until};

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
pub(crate) fn label(did: &Did<'_, Board>) -> Option<String> {
    match did {
        Did::Asked {
            request: Request::Say { .. },
            ..
        }
        | Did::Sent { .. }
        | Did::Received { .. } => Some(did.to_string()),
        _ => None,
    }
}

#[test]
fn the_traces_of_two_processes_are_one_run_with_right_stamps() {
    let outputs = [Output::default(), Output::default()];
    let nodes = pair_traced(None::<Folder>, outputs.clone().map(Some));
    for (from, to, count) in [(0, 1, 3), (1, 0, 2), (0, 1, 1)] {
        let mut asker = nodes[from].asker();
        let request = Request::Say {
            to,
            from: 1,
            through: count,
        };
        assert_eq!(asker.ask::<Reply>(&request, PATIENCE).unwrap(), Reply::Done);
    }
    wait_until("all has come", || {
        let received = outputs.each_ref().map(Output::receipts);
        (received == [2, 4]).then_some(()).ok_or(received)
    });
    drop(nodes);
    let run = merge(outputs.iter().map(Output::trace).collect()).unwrap();
    assert_eq!(run.under_way().count(), 0);
    assert_eq!(run.events().len(), 3 + 6 + 6);
    let stamp = |event: &Event| (event.lamport.unwrap(), event.vector.clone().unwrap());
    let stamps: (Vec<_>, Vec<_>) = run.events().iter().map(stamp).unzip();
    assert_eq!(stamps, (lamport(&run), vectors(&run)));
}
