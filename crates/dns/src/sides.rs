//! The servers and the resolver as real processes.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use common::transport::TransportError;
use narration::{WithHint, printable};
use simple_dns::{PacketFlag, RCODE};

use crate::fault::Fault;
use crate::message::{self, Over, Packet, Question, parse, records};
use crate::name::{Name, NameError};
use crate::network::{NetworkError, Places, Sockets, exchange};
use crate::record::{Kind, Record};
use crate::resolver::{Limits, MAX_ALIASES, ResolveError, Resolver, in_words, is_answer};
use crate::tree::{Tree, TreeError};
use crate::walk;

/// The port of DNS, where `--at` names none.
const DNS_PORT: u16 = 53;

/// How often one server is asked, where it alone is: a datagram may be lost.
const TRIES: usize = 3;

/// Serves the tree until a signal stops the process: the root at `listen`, the others at the
/// addresses of their zone files and the same port.
///
/// # Errors
/// If a zone file is wrong, or an address is taken.
pub fn serve(
    listen: SocketAddrV4,
    zones: Option<&Path>,
    faults: &[(Ipv4Addr, Fault)],
) -> anyhow::Result<()> {
    let tree = match zones {
        Some(folder) => Tree::read(folder).hint_from(advice)?,
        None => Tree::of_the_lesson(),
    };
    let faults: BTreeMap<Ipv4Addr, Fault> = faults.iter().copied().collect();
    if let Some(address) = faults.keys().find(|address| !tree.servers.contains_key(address)) {
        let known: Vec<_> = tree.servers.keys().map(ToString::to_string).collect();
        return Err(anyhow!("no server has the address {address}"))
            .hint(format!("the servers are {}", known.join(", ")));
    }
    let (servers, places) = match listen.port() {
        0 => tree.start_anywhere(*listen.ip(), &faults),
        port => {
            let places = Places::new(*listen.ip(), port);
            tree.start(places, &faults).map(|servers| (servers, places))
        }
    }
    .hint_from(TransportError::advice)?;
    let (stop, stopped) = mpsc::channel();
    // A second signal finds the first one being obeyed.
    ctrlc::set_handler(move || _ = stop.send(())).context("cannot listen for signals")?;
    for (address, authority) in &tree.servers {
        let is_root = *address == tree.root;
        let place = places.of(if is_root { places.root() } else { *address });
        let zones: Vec<_> = authority.0.iter().map(|zone| in_words(zone.top())).collect();
        narration::log(format!("{place} serves {}", zones.join(", ")));
    }
    narration::listening(places.of(places.root()))?;
    stopped.recv().context("the handler of signals is gone")?;
    // All at once: each may have to wait for a client that does not read.
    thread::scope(|scope| servers.into_iter().for_each(|server| _ = scope.spawn(|| drop(server))));
    Ok(())
}

fn advice(error: &TreeError) -> Option<&'static str> {
    match error {
        TreeError::Folder { .. } => Some("the lesson's own are in lessons/05-dns/zones"),
        _ => None,
    }
}

/// A name as a user wrote it.
///
/// # Errors
/// It is not a name; the exit code is 2.
pub fn name(text: &str) -> anyhow::Result<Name> {
    const SHOWN: usize = 40;
    text.parse()
        .map_err(|error: NameError| {
            let cut: String = text.chars().take(SHOWN).collect();
            let more = if cut.len() < text.len() { "…" } else { "" };
            Wrong { name: printable(cut.as_bytes()) + more, error }
        })
        .exit_from(|wrong| (2, wrong.advice()))
}

/// What a user wrote that is not a name.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is not a name")]
struct Wrong {
    name: String,
    #[source]
    error: NameError,
}

impl Wrong {
    fn advice(&self) -> Option<&'static str> {
        match self.error {
            NameError::Character(char) if !char.is_ascii() => {
                Some("other letters have a form in ASCII: münchen is xn--mnchen-3ya")
            }
            _ => None,
        }
    }
}

/// A resolver over real sockets, whose ids the system draws.
pub fn resolver(places: Places, limits: Limits) -> Resolver<Sockets> {
    let draw_id = || {
        // The low half of a number from the system's generator, which others cannot predict.
        getrandom::u32().expect("the system's generator works") as u16
    };
    Resolver::new(Sockets::new(places), places.root(), limits, draw_id)
}

/// Looks a name up from the root down, and writes the records to `out`, one a line.
///
/// # Errors
/// If there are none.
pub fn resolve(
    resolver: &mut Resolver<Sockets>,
    name: &Name,
    kind: Kind,
    trace: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let answer = resolver.resolve(name, kind);
    if trace {
        if resolver.exchanges.is_empty() {
            narration::log(format!("{name} {kind}? All of it is known already"));
        }
        walk::lines(&resolver.exchanges).iter().for_each(narration::log);
    }
    let answer = answer.hint_from(resolve_advice)?;
    write_records(&answer.records, out)
}

fn resolve_advice(error: &ResolveError) -> Option<&'static str> {
    match error {
        ResolveError::NoServer { zone, .. } if *zone == Name::root() => {
            Some("start the servers first, in another terminal: cargo run -p dns -- serve")
        }
        _ => None,
    }
}

/// Asks one server, and writes the records to `out`, one a line.
///
/// # Errors
/// If it does not answer, or without such records.
pub fn ask(
    server: SocketAddr,
    name: &Name,
    kind: Kind,
    timeout: Duration,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let question = Question { name: name.clone(), kind };
    let bytes = ask_until_answered(server, &question, timeout)?;
    let packet = parse(&bytes).context("what came is not a message")?;
    write_records(&records_in(&packet, server, &question)?, out)
}

/// The records that the answer of a server has for this question.
fn records_in(
    packet: &Packet<'_>,
    server: SocketAddr,
    question: &Question,
) -> anyhow::Result<Vec<Record>> {
    let answers = records(&packet.answers);
    let mut name = question.name.clone();
    let mut followed = Vec::new();
    loop {
        let (of_name, kind) = (|record: &&Record| record.name == name, question.kind);
        let found = answers.iter().filter(of_name).filter(|record| record.kind() == kind);
        let found: Vec<Record> = found.cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let Some(target) = answers.iter().filter(of_name).find_map(Record::target).cloned() else {
            return no_records(packet, server, name, question);
        };
        followed.push(std::mem::replace(&mut name, target));
        if followed.contains(&name) {
            bail!(ResolveError::AliasCircle(name));
        }
        if followed.len() > MAX_ALIASES {
            bail!(ResolveError::TooManyAliases(name));
        }
    }
}

/// Why an answer has none of `name`, to which aliases led from the name that was asked for.
fn no_records(
    packet: &Packet<'_>,
    server: SocketAddr,
    name: Name,
    question: &Question,
) -> anyhow::Result<Vec<Record>> {
    match packet.rcode() {
        RCODE::NameError => bail!(ResolveError::NoSuchName(name)),
        RCODE::NoError => {}
        other => bail!("{server} answers {}", message::status(other)),
    }
    let authority = records(&packet.name_servers);
    let of_name = |kind| {
        let mut of_kind = authority.iter().filter(move |record| record.kind() == kind);
        of_kind.find(|record| name.is_within(&record.name))
    };
    let is_alias = name != question.name;
    let has_zone = packet.has_flags(PacketFlag::AUTHORITATIVE_ANSWER) && !is_alias;
    if has_zone || of_name(Kind::Soa).is_some() {
        bail!(ResolveError::NoData(name, question.kind));
    }
    match of_name(Kind::Ns) {
        Some(record) => Err(anyhow!("{server} refers to the servers of {}", record.name)),
        None if is_alias => {
            Err(anyhow!("{} is an alias of {name}, and {server} says no more", question.name))
        }
        None => Err(anyhow!("{server} does not serve {name}")),
    }
    .hint("it is not a resolver; without --at the walk is done here")
}

fn ask_until_answered(
    server: SocketAddr,
    question: &Question,
    timeout: Duration,
) -> anyhow::Result<Vec<u8>> {
    let mut over = Over::Udp;
    let mut tries = 0;
    loop {
        let id = getrandom::u32().expect("the system's generator works") as u16;
        let request = question.encode(id, true);
        let mut counts = |bytes: &[u8]| is_answer(bytes, id, question);
        match exchange(server, &request, over, timeout, &mut counts) {
            Ok(bytes) if !message::is_truncated(&bytes) => return Ok(bytes),
            Ok(_) if over == Over::Udp => over = Over::Tcp,
            Ok(_) => bail!("{server} truncates its answer, over TCP too"),
            Err(NetworkError::TimedOut(_)) if tries + 1 < TRIES => tries += 1,
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("{server} does not answer"))
                    .hint("--at takes the address of a server, as in 127.1.0.1:5300");
            }
        }
    }
}

fn write_records(records: &[Record], out: &mut impl Write) -> anyhow::Result<()> {
    for record in records {
        writeln!(out, "{}", printable(record.data.to_string().as_bytes()))
            .context("cannot write to stdout")?;
    }
    out.flush().context("cannot write to stdout")
}

/// The address of a server as a user wrote it: `ADDR` or `ADDR:PORT`.
///
/// # Errors
/// It is another text.
pub fn server_address(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse().ok();
    let address = text.parse().map(|ip: IpAddr| SocketAddr::from((ip, DNS_PORT)));
    with_port.or(address.ok()).ok_or_else(|| {
        "an address is 127.1.0.1:5300, or without a port 192.0.2.53 or 2001:db8::53".to_owned()
    })
}
