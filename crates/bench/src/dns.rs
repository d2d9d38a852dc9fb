//! The name server and the resolver of lesson 05, each beside a bare way to do as much.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use dns::authority::Authority;
use dns::caching::{NS1, distant_tree, name, resolver};
use dns::fault::Fault;
use dns::message::{Over, Question};
use dns::record::Kind;
use dns::server::NameServer;
use dns::tree::Tree;
use dns::walk::WEB;

use crate::{compare as in_turn, heading};

/// Times that each is measured.
const ROUNDS: usize = 11;
/// Requests in flight at once.
const WINDOW: u64 = 32;
/// Answers of one round over a socket, and without one.
const OVER_SOCKETS: u64 = 200_000;
const IN_MEMORY: u64 = 500_000;

#[derive(Clone, Copy)]
enum By {
    Ours,
    Bare,
}

pub(crate) fn compare() -> anyhow::Result<()> {
    let authority = Tree::of_the_lesson().servers[&NS1].clone();
    let request = Question { name: name(WEB), kind: Kind::A }.encode(7, false);
    let answer = authority.respond(&request, Over::Udp).context("it is a request")?;
    heading("a second", ["ours", "bare"]);
    over_sockets(&authority, &request, &answer)?;
    in_memory(&authority, &request)?;
    cached()
}

/// Beside a thread that returns the same answer to whatever comes.
fn over_sockets(authority: &Authority, request: &[u8], answer: &[u8]) -> anyhow::Result<()> {
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let server = NameServer::start(any, authority.clone(), Fault::None)?;
    let bare = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let bare_addr = bare.local_addr()?;
    let stopping = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut buffer = [0; 1232];
            while !stopping.load(Ordering::Relaxed) {
                if let Ok((_, from)) = bare.recv_from(&mut buffer) {
                    let _ = bare.send_to(answer, from);
                }
            }
        });
        let compared = in_turn(ROUNDS, [By::Ours, By::Bare], |by| match by {
            By::Ours => drive(server.addr(), request),
            By::Bare => drive(bare_addr, request),
        });
        stopping.store(true, Ordering::Relaxed);
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.send_to(&[], bare_addr)?;
        compared?.print("answers of one server, over UDP");
        Ok(())
    })
}

/// Asks until it has its answers, with some requests in flight.
fn drive(to: SocketAddr, request: &[u8]) -> anyhow::Result<u64> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(to)?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut buffer = [0; 1232];
    let mut answered = 0;
    (0..WINDOW).try_for_each(|_| socket.send(request).map(drop))?;
    while answered < OVER_SOCKETS {
        match socket.recv(&mut buffer) {
            Ok(_) => answered += 1,
            // Some were dropped: the window is filled again.
            Err(_) => (1..WINDOW).try_for_each(|_| socket.send(request).map(drop))?,
        }
        socket.send(request)?;
    }
    Ok(answered)
}

/// Beside simple-dns, which reads the request and writes an answer of one record.
fn in_memory(authority: &Authority, request: &[u8]) -> anyhow::Result<()> {
    let record = simple_dns::ResourceRecord::new(
        simple_dns::Name::new_unchecked(WEB),
        simple_dns::CLASS::IN,
        300,
        simple_dns::rdata::RData::A(Ipv4Addr::new(192, 0, 2, 80).into()),
    );
    in_turn(ROUNDS, [By::Ours, By::Bare], |by| {
        for _ in 0..IN_MEMORY {
            match by {
                By::Ours => drop(black_box(authority.respond(black_box(request), Over::Udp))),
                By::Bare => {
                    let mut reply = simple_dns::Packet::parse(black_box(request))?.into_reply();
                    reply.answers.push(record.clone());
                    black_box(reply.build_bytes_vec_compressed()?);
                }
            }
        }
        Ok(IN_MEMORY)
    })?
    .print("answers without a socket");
    Ok(())
}

/// Beside a look-up in a map from names to addresses.
fn cached() -> anyhow::Result<()> {
    let mut resolver = resolver(distant_tree());
    let names: Vec<_> = (0..1_000).map(|n| format!("n{n}.example.com")).collect();
    let asked = name(WEB);
    resolver.resolve(&asked, Kind::A)?;
    let map: BTreeMap<String, Vec<Ipv4Addr>> =
        names.into_iter().chain([WEB.to_owned()]).map(|name| (name, vec![NS1])).collect();
    for name in map.keys().filter(|name| *name != WEB) {
        // That they do not exist is remembered as well.
        let _ = resolver.resolve(&name.parse()?, Kind::A);
    }
    in_turn(ROUNDS, [By::Ours, By::Bare], |by| {
        for _ in 0..IN_MEMORY {
            match by {
                By::Ours => drop(black_box(resolver.resolve(black_box(&asked), Kind::A)?)),
                By::Bare => drop(black_box(map.get(black_box(WEB)).cloned())),
            }
        }
        Ok(IN_MEMORY)
    })?
    .print("look-ups from the cache, of 1,001");
    Ok(())
}
