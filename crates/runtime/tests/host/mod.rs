//! A node as a real process, here as threads: peers, clients, and whoever says what nobody should
//! say.

mod board;
mod clients;
mod disks;
mod faulty;
mod peers;
mod traces;

use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::transport::{Deadline, free_addrs};
use runtime::client::Client;
use runtime::disk::{Disk, Folder};
use runtime::{Config, NodeRuntime, RuntimeError, Stopper, Tracing};

use board::Board;
use traces::Output;

/// What is asked of a system that works.
const WORKS: &str = "the system does what it is asked";

/// Longer than anything here takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A board that runs in threads of its own, and ends with this value.
struct Running {
    addr: String,
    told: Told,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<(), RuntimeError>>>,
}

/// What a runtime has told whoever runs it.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn lines(&self) -> Vec<String> {
        self.0.lock().expect(WORKS).clone()
    }

    /// Waits until a line has all of these parts.
    fn wait_for(&self, parts: &[&str]) {
        let has_all = |line: &String| parts.iter().all(|part| line.contains(part));
        wait_until(&format!("a line with {parts:?}"), || {
            let lines = self.lines();
            lines.iter().any(has_all).then_some(()).ok_or(lines)
        });
    }
}

/// Asks again until it is so.
fn wait_until<T, E: std::fmt::Debug>(what: &str, mut ask: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Deadline::after(PATIENCE);
    loop {
        match ask() {
            Ok(so) => return so,
            Err(not_yet) => assert!(deadline.pause(), "{what}, and not {not_yet:?}"),
        }
    }
}

fn config(node: usize, peers: &[&str]) -> Config {
    let peers = Vec::from_iter(peers.iter().map(|&peer| peer.to_owned()));
    Config::new("board", node, "127.0.0.1:0", &peers)
}

/// Starts a board without a disk and waits until it answers.
fn start(config: Config) -> Running {
    start_on(None::<Folder>, config)
}

/// Starts a board and waits until it answers.
fn start_on(disk: Option<impl Disk + Send + 'static>, config: Config) -> Running {
    start_traced(disk, config, None)
}

/// The same, with a trace that is written here.
fn start_traced(
    disk: Option<impl Disk + Send + 'static>,
    config: Config,
    trace: Option<Output>,
) -> Running {
    let told = Told::default();
    let sink = told.clone();
    let log = move |line| sink.0.lock().expect(WORKS).push(line);
    let host: NodeRuntime<Board> = NodeRuntime::bind(config, log).expect(WORKS);
    let (addr, stopper) = (host.addr().to_string(), host.stopper());
    let (is_ready, ready) = mpsc::channel();
    let run = move || {
        let tracing = trace.map(|output| Tracing::new(output, traces::label));
        host.run(disk, tracing, Board::made, || {
            let _ = is_ready.send(());
            Ok(())
        })
    };
    let thread = Some(thread::spawn(run));
    ready.recv().expect("it becomes ready");
    Running { addr, told, stopper, thread }
}

/// Two boards that know each other.
fn pair() -> [Running; 2] {
    pair_on(None::<Folder>)
}

/// The same, the first of them on this disk.
fn pair_on(disk: Option<impl Disk + Send + 'static>) -> [Running; 2] {
    pair_traced(disk, [None, None])
}

/// The same, with traces.
fn pair_traced(
    disk: Option<impl Disk + Send + 'static>,
    [first_trace, second_trace]: [Option<Output>; 2],
) -> [Running; 2] {
    let addrs = free_addrs(2).expect(WORKS);
    let config =
        |node: usize| Config { listen: addrs[node].clone(), ..config(node, &[&addrs[1 - node]]) };
    let first = start_traced(disk, config(0), first_trace);
    let second = start_traced(None::<Folder>, config(1), second_trace);
    first.told.wait_for(&["connected to node 1"]);
    second.told.wait_for(&["connected to node 0"]);
    [first, second]
}

impl Running {
    fn client(&self) -> Client {
        Client::connect(&self.addr, PATIENCE).expect(WORKS)
    }

    /// Stops it, and waits until it has ended.
    fn stop(self) -> Result<(), RuntimeError> {
        self.stopper.stop();
        self.ended()
    }

    /// Waits until it has ended.
    fn ended(mut self) -> Result<(), RuntimeError> {
        self.thread.take().expect(WORKS).join().expect(WORKS)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(thread::panicking() || matches!(ended, Ok(Ok(()))), "{ended:?}");
        }
    }
}
