//! A question and its answer, byte by byte; and what works without them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;

use common::transport::{TransportError, free_addrs};

use crate::caching::name;
use crate::message::{EDNS_SIZE, HEADER, Over, Question};
use crate::network::{Places, Sockets, exchange};
use crate::record::Kind;
use crate::resolver::{ResolveError, Resolver, is_answer};
use crate::tree::Tree;
use crate::walk::{EXPERIMENT_LIMITS, WEB};

/// What works where no name server runs.
#[derive(Clone, Debug)]
pub struct Nameless {
    /// Whether a connection to the address of a web server succeeded.
    pub connects: bool,
    /// What looking up its name came to.
    pub look_up: Result<Vec<String>, String>,
}

/// Connects to a server by its address, and looks a name up where no name server listens.
///
/// # Errors
/// If the system has no sockets left.
pub fn nameless() -> io::Result<Nameless> {
    let web = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let connects =
        TcpStream::connect_timeout(&web.local_addr()?, EXPERIMENT_LIMITS.per_try).is_ok();
    let free = free_addrs(1)?;
    let port = free[0].parse::<SocketAddr>().map_err(io::Error::other)?.port();
    let places = Places::new(Ipv4Addr::LOCALHOST, port);
    let mut resolver = Resolver::new(Sockets::new(places), places.root(), EXPERIMENT_LIMITS, || 1);
    let answer = resolver.resolve(&name(WEB), Kind::A).map_err(|error| match error {
        ResolveError::NoServer { last, .. } => last.to_string(),
        other => other.to_string(),
    });
    let records = answer.map(|answer| answer.records);
    let look_up = records.map(|all| all.iter().map(|record| record.data.to_string()).collect());
    Ok(Nameless { connects, look_up })
}

/// A part of a message.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Where it lies.
    pub at: Range<usize>,
    /// What it means here.
    pub means: String,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Anatomy {
    /// The request.
    pub query: Vec<u8>,
    /// Its parts.
    pub query_parts: Vec<Part>,
    /// The answer.
    pub answer: Vec<u8>,
    /// The parts that are new in the answer.
    pub answer_parts: Vec<Part>,
    /// The bytes of the name, as it stands in the question.
    pub name: Range<usize>,
}

/// The id of the request.
const ID: u16 = 0x2a17;

/// Asks a server of example.com over a real socket.
///
/// # Errors
/// If the servers cannot be started.
pub fn anatomy() -> Result<Anatomy, TransportError> {
    let tree = Tree::of_the_lesson();
    let (_servers, places) = tree.start_anywhere(tree.root, &Default::default())?;
    let question = Question { name: name(WEB), kind: Kind::A };
    let query = question.encode(ID, false);
    let server = places.of(Ipv4Addr::new(127, 1, 0, 4));
    let mut counts = |bytes: &[u8]| is_answer(bytes, ID, &question);
    let answer = exchange(server, &query, Over::Udp, EXPERIMENT_LIMITS.per_try, &mut counts)
        .unwrap_or_default();
    let name_end = HEADER + WEB.len() + 2;
    let part = |name, at, means: &str| Part { name, at, means: means.to_owned() };
    let query_parts = vec![
        part("id", 0..2, "the answer will repeat it"),
        part("flags", 2..4, "a query"),
        part("counts", 4..12, "1 question, 0 answers, 0, 1 additional"),
        part("name", HEADER..name_end, WEB),
        part("type, class", name_end..name_end + 4, "A, the internet"),
        part("EDNS", name_end + 4..query.len(), "\"I take datagrams of 1,232 bytes\""),
    ];
    let record = name_end + 4;
    let answer_parts = vec![
        part("flags", 2..4, "a response, with authority"),
        part("counts", 4..12, "1 question, 1 answer, 0, 1 additional"),
        part("name", record..record + 2, "the one at byte 12"),
        part("type, class", record + 2..record + 6, "A, the internet"),
        part("TTL", record + 6..record + 10, "300 s"),
        part("length", record + 10..record + 12, "4 bytes follow"),
        part("address", record + 12..answer.len().saturating_sub(EDNS_SIZE), "192.0.2.80"),
    ];
    Ok(Anatomy { query, query_parts, answer, answer_parts, name: HEADER..name_end })
}
