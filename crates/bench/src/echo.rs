//! The echo server, beside the same written with tokio and `LengthDelimitedCodec`.
//!
//! Both run as a process of their own. One client drives both: it is written with tokio, since a
//! thousand client threads would be measured along with the server.

use std::net::SocketAddr;
use std::time::Duration;

use common::frame::{Framing, HEADER, encode};
use common::transport::{Limits, Server};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::process::Process;
use crate::{compare as in_turn, heading, median};

/// Bytes of a message's body.
const BODY: usize = 64;
/// Messages in flight at a time on the pipelined connection.
const WINDOW: usize = 512;
/// Messages of one round, over all connections.
const ROUND: usize = 60_000;

/// Which of the two servers.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum By {
    /// `common::transport`, a thread a connection
    Ours,
    /// tokio, a task a connection
    Tokio,
}

pub(crate) fn serve(by: By) -> anyhow::Result<()> {
    match by {
        By::Ours => {
            let limits = Limits { max_connections: 2000, ..Limits::default() };
            let server = Server::bind("127.0.0.1:0", limits)?;
            println!("{}", server.local_addr());
            server.serve(Framing::Frames, |request, reply| reply.extend_from_slice(request))?;
            Ok(())
        }
        By::Tokio => Runtime::new()?.block_on(serve_with_tokio()),
    }
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

/// One of the two servers.
fn start(by: By) -> anyhow::Result<Process> {
    let name = match by {
        By::Ours => "ours",
        By::Tokio => "tokio",
    };
    Process::start(["serve-echo", name])
}

pub(crate) fn compare() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let servers = [start(By::Ours)?, start(By::Tokio)?];
    heading("messages echoed a second", ["ours", "tokio's"]);
    in_turn(9, [&servers[0], &servers[1]], |server| runtime.block_on(pipelined(server.addr)))?
        .print("pipelined, 1 connection");
    for connections in [1, 64, 1000] {
        in_turn(9, [&servers[0], &servers[1]], |server| {
            runtime.block_on(ping_pong(server.addr, connections))
        })?
        .print(&format!("ping-pong, {connections} connections"));
    }
    println!("\nKiB of resident memory a connection, of 1,000");
    println!("{:<34} {:>12} {:>12}", "", "ours", "tokio's");
    for (state, exchanges) in [("idle, nothing sent yet", 0), ("after 10 exchanges each", 10)] {
        let memory = [By::Ours, By::Tokio].map(|by| memory_a_connection(&runtime, by, exchanges));
        let [ours, tokio] = memory;
        println!("{state:<34} {:>12.1} {:>12.1}", ours?, tokio?);
    }
    Ok(())
}

/// Keeps [`WINDOW`] messages in flight on one connection.
async fn pipelined(addr: SocketAddr) -> anyhow::Result<u64> {
    let (mut from, mut to) = connect(addr).await?.into_split();
    let batch = message()?.repeat(WINDOW);
    let batches = 5 * ROUND / WINDOW;
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
    writing.await??;
    Ok((batches * WINDOW) as u64)
}

/// One message in flight at a time on each connection.
async fn ping_pong(addr: SocketAddr, connections: usize) -> anyhow::Result<u64> {
    let each = ROUND / connections;
    let tasks: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(async move { exchange(&mut connect(addr).await?, each).await }))
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok((connections * each) as u64)
}

async fn exchange(stream: &mut TcpStream, times: usize) -> anyhow::Result<()> {
    let message = message()?;
    let mut reply = vec![0; message.len()];
    for _ in 0..times {
        stream.write_all(&message).await?;
        stream.read_exact(&mut reply).await?;
        anyhow::ensure!(reply == message, "the echo differs");
    }
    Ok(())
}

fn memory_a_connection(runtime: &Runtime, by: By, exchanges: usize) -> anyhow::Result<f64> {
    const CONNECTIONS: usize = 1000;
    let mut samples = Vec::new();
    for _ in 0..3 {
        let server = start(by)?;
        let before = server.resident_kib()?;
        let connections = runtime.block_on(async {
            let mut open = Vec::new();
            for _ in 0..CONNECTIONS {
                let mut stream = connect(server.addr).await?;
                exchange(&mut stream, exchanges).await?;
                open.push(stream);
            }
            // The server has accepted all of these once it answers one more.
            exchange(&mut connect(server.addr).await?, 1).await?;
            anyhow::Ok(open)
        })?;
        samples.push((server.resident_kib()? - before) / connections.len() as f64);
    }
    Ok(median(&samples))
}

fn message() -> anyhow::Result<Vec<u8>> {
    let mut message = Vec::new();
    encode(Framing::Frames, &[7; BODY], &mut message)?;
    Ok(message)
}

async fn connect(addr: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = tokio::time::timeout(Duration::from_secs(10), TcpStream::connect(addr)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
