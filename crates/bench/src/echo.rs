//! The echo server by threads and by events, beside the same written with tokio and
//! `LengthDelimitedCodec`.
//!
//! Each runs as a process of its own. One client drives them all: it is written with tokio, since a
//! thousand client threads would be measured along with the server. All its connections are there
//! before a clock starts.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::ValueEnum;
use common::frame::{Framing, HEADER, encode};
use common::readiness::Sockets;
use common::transport::{Limits, Server};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::process::Process;
use crate::{Comparison, heading, median, timed};

/// Bytes of a message's body.
const BODY: usize = 64;
/// Messages in flight at a time on the pipelined connection.
const WINDOW: usize = 512;
/// Messages of one round on the pipelined connection: some tenths of a second.
const PIPELINED: usize = 2_000_000;
/// Messages of one round of ping-pong, over all connections, and on one of them at most: there each
/// waits until two processes are woken.
const PING_PONG: usize = 60_000;
const PING_PONG_EACH: usize = 15_000;
const ROUNDS: usize = 9;

/// Which of the servers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum By {
    /// `common::readiness`, one thread for all connections
    Events,
    /// `common::transport`, a thread a connection
    Threads,
    /// tokio, a task a connection
    Tokio,
}

/// In the order of the tables.
const ALL: [By; 3] = [By::Events, By::Threads, By::Tokio];

pub(crate) fn serve(by: By) -> anyhow::Result<()> {
    let limits = Limits { max_connections: 20_000, idle: Duration::MAX, ..Limits::default() };
    let answer = |request: &[u8], reply: &mut Vec<u8>| reply.extend_from_slice(request);
    match by {
        By::Events => {
            let sockets = Sockets::bind("127.0.0.1:0", Framing::Frames, limits)?;
            println!("{}", sockets.local_addr());
            ::echo::events::serve(sockets, answer, |_, _| {})?;
        }
        By::Threads => {
            let server = Server::bind("127.0.0.1:0", limits)?;
            println!("{}", server.local_addr());
            server.serve(Framing::Frames, answer)?;
        }
        By::Tokio => Runtime::new()?.block_on(serve_with_tokio())?,
    }
    Ok(())
}

async fn serve_with_tokio() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            // `forward` writes what is ready together, as our server does.
            let (sink, frames) = Framed::new(stream, LengthDelimitedCodec::new()).split();
            let _ = frames.map(|frame| frame.map(bytes::BytesMut::freeze)).forward(sink).await;
        });
    }
}

/// Connects clients that send nothing, and keeps them until it is ended.
pub(crate) fn stay_idle(to: SocketAddr, clients: usize) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let _connections = runtime.block_on(connect_all(to, clients))?;
    println!("{to}");
    runtime.block_on(std::future::pending())
}

/// A server, and who is connected to it.
struct Subject {
    process: Process,
    clients: Vec<TcpStream>,
}

impl Subject {
    fn start(by: By) -> anyhow::Result<Subject> {
        let name = by.to_possible_value().context("it has a name")?;
        let process = Process::start(["serve-echo", name.get_name()])?;
        Ok(Subject { process, clients: Vec::new() })
    }

    /// Has this many clients connected in place of the last.
    async fn connect(&mut self, count: usize) -> anyhow::Result<()> {
        self.clients = connect_all(self.process.addr, count).await?;
        Ok(())
    }
}

/// What clients do in a round.
#[derive(Clone, Copy)]
enum Work {
    /// One of them keeps [`WINDOW`] messages in flight.
    Pipelined,
    /// Each has one message in flight at a time.
    PingPong,
}

pub(crate) fn compare() -> anyhow::Result<()> {
    let runtime = runtime()?;
    let mut subjects = ALL.into_iter().map(Subject::start).collect::<anyhow::Result<Vec<_>>>()?;
    heading("messages echoed a second", ["ours", "tokio's"]);
    for (work, what, connections) in [
        (Work::Pipelined, "pipelined", 1),
        (Work::PingPong, "ping-pong", 1),
        (Work::PingPong, "ping-pong", 64),
        (Work::PingPong, "ping-pong", 1000),
    ] {
        for subject in &mut subjects {
            runtime.block_on(subject.connect(connections))?;
        }
        let [events, threads, tokio] = in_turn(&runtime, &mut subjects, work)?.rates;
        for (model, ours) in [("events", events), ("threads", threads)] {
            let comparison = Comparison { ours, theirs: tokio.clone() };
            comparison.print(&format!("{what}, {connections}, by {model}"));
        }
    }
    drop(subjects);
    compare_memory(&runtime)?;
    compare_beside_idle(&runtime)
}

/// What the rounds came to, each value in the order of [`ALL`].
#[derive(Default)]
struct Rounds {
    rates: [Vec<f64>; 3],
    /// How long each exchange took, in microseconds.
    latencies: [Vec<f64>; 3],
}

/// Runs the rounds, one server after the other in each.
fn in_turn(runtime: &Runtime, subjects: &mut [Subject], work: Work) -> anyhow::Result<Rounds> {
    let mut rounds = Rounds::default();
    for round in 0..=ROUNDS {
        for (at, subject) in subjects.iter_mut().enumerate() {
            let clients = std::mem::take(&mut subject.clients);
            let (done, seconds) = timed(|| {
                runtime.block_on(async {
                    match work {
                        Work::Pipelined => pipelined(clients).await,
                        Work::PingPong => ping_pong(clients).await,
                    }
                })
            });
            let done = done?;
            subject.clients = done.clients;
            // One round does not count, for caches and buffers to fill.
            if round > 0 {
                rounds.rates[at].push(done.messages as f64 / seconds);
                rounds.latencies[at].extend(done.latencies);
            }
        }
    }
    Ok(rounds)
}

/// A round that is over.
struct Done {
    clients: Vec<TcpStream>,
    messages: usize,
    latencies: Vec<f64>,
}

async fn pipelined(mut clients: Vec<TcpStream>) -> anyhow::Result<Done> {
    let (mut from, mut to) = clients.pop().context("there is a client")?.into_split();
    let batch = message()?.repeat(WINDOW);
    let batches = PIPELINED / WINDOW;
    let writing = tokio::spawn(async move {
        for _ in 0..batches {
            to.write_all(&batch).await?;
        }
        anyhow::Ok(to)
    });
    let mut replies = vec![0; WINDOW * (HEADER + BODY)];
    for _ in 0..batches {
        from.read_exact(&mut replies).await?;
    }
    clients.push(from.reunite(writing.await??)?);
    Ok(Done { clients, messages: batches * WINDOW, latencies: Vec::new() })
}

async fn ping_pong(clients: Vec<TcpStream>) -> anyhow::Result<Done> {
    let each = PING_PONG_EACH.min(PING_PONG / clients.len());
    let mut done = Done { clients: Vec::new(), messages: 0, latencies: Vec::new() };
    let exchanging = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            let latencies = exchange(&mut client, each).await?;
            anyhow::Ok((client, latencies))
        })
    });
    for client in exchanging.collect::<Vec<_>>() {
        let (client, latencies) = client.await??;
        done.messages += latencies.len();
        done.clients.push(client);
        done.latencies.extend(latencies);
    }
    Ok(done)
}

/// Returns how long each exchange took, in microseconds.
async fn exchange(stream: &mut TcpStream, times: usize) -> anyhow::Result<Vec<f64>> {
    let message = message()?;
    let mut reply = vec![0; message.len()];
    let mut latencies = Vec::with_capacity(times);
    for _ in 0..times {
        #[expect(clippy::disallowed_methods, reason = "what is measured here is real time")]
        let start = Instant::now();
        stream.write_all(&message).await?;
        stream.read_exact(&mut reply).await?;
        latencies.push(start.elapsed().as_secs_f64() * 1e6);
        anyhow::ensure!(reply == message, "the echo differs");
    }
    Ok(latencies)
}

fn compare_memory(runtime: &Runtime) -> anyhow::Result<()> {
    println!("\nKiB of resident memory a connection");
    println!("{:<34} {:>12} {:>12} {:>12}", "", "events", "threads", "tokio's");
    for (connections, exchanges) in [(1000, 0), (1000, 10), (10_000, 0)] {
        let mut row = format!("{connections} connections, {exchanges} exchanges each");
        row = format!("{row:<34}");
        for by in ALL {
            row += &format!(" {:>12.2}", memory(runtime, by, connections, exchanges)?);
        }
        println!("{row}");
    }
    Ok(())
}

/// The median of three servers.
fn memory(runtime: &Runtime, by: By, connections: usize, exchanges: usize) -> anyhow::Result<f64> {
    let mut samples = Vec::new();
    for _ in 0..3 {
        let mut server = Subject::start(by)?;
        let before = server.process.resident_kib()?;
        runtime.block_on(server.connect(connections))?;
        for client in &mut server.clients {
            runtime.block_on(exchange(client, exchanges))?;
        }
        samples.push((server.process.resident_kib()? - before) / connections as f64);
    }
    Ok(median(&samples))
}

/// 100 clients exchange messages beside 10,000 that send nothing.
fn compare_beside_idle(runtime: &Runtime) -> anyhow::Result<()> {
    const IDLE: usize = 10_000;
    const BUSY: usize = 100;
    let mut subjects = Vec::new();
    let mut idle = Vec::new();
    for by in ALL {
        let mut subject = Subject::start(by)?;
        let addr = subject.process.addr.to_string();
        idle.push(Process::start(["stay-idle", &addr, &IDLE.to_string()])?);
        runtime.block_on(subject.connect(BUSY))?;
        subjects.push(subject);
    }
    let rounds = in_turn(runtime, &mut subjects, Work::PingPong)?;
    println!("\n{BUSY} busy connections beside {IDLE} idle ones");
    println!("{:<12} {:>12} {:>12} {:>12}", "", "a second", "p50, µs", "p99, µs");
    for (at, by) in ALL.iter().enumerate() {
        let mut latencies = rounds.latencies[at].clone();
        latencies.sort_by(f64::total_cmp);
        let part = |percent: usize| latencies[latencies.len() * percent / 100];
        let rate = median(&rounds.rates[at]);
        println!("{:<12} {rate:>12.0} {:>12.0} {:>12.0}", format!("{by:?}"), part(50), part(99));
    }
    Ok(())
}

fn message() -> anyhow::Result<Vec<u8>> {
    let mut message = Vec::new();
    encode(Framing::Frames, &[7; BODY], &mut message)?;
    Ok(message)
}

/// Connects these clients, and waits until all are accepted.
async fn connect_all(addr: SocketAddr, count: usize) -> anyhow::Result<Vec<TcpStream>> {
    /// As many as the shortest accept queue here holds: a client beyond it tries again a second
    /// later.
    const AT_A_TIME: usize = 100;
    let mut connected = Vec::new();
    for number in 0..count {
        connected.push(connect(addr).await?);
        if (number + 1) % AT_A_TIME == 0 || number + 1 == count {
            // They are accepted once this one is answered.
            exchange(&mut connect(addr).await?, 1).await?;
        }
    }
    Ok(connected)
}

async fn connect(addr: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = tokio::time::timeout(Duration::from_secs(10), TcpStream::connect(addr)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
