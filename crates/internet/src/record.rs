//! What happened to each packet, in the order in which it happened.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use smoltcp::phy::{PcapLinkType, PcapSink};
use smoltcp::time::Instant;
use trace::{Event, Kind, Trace};

use crate::NodeId;
use crate::packet;

/// A packet in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Which packet of the internet it is, counted from 1 in the order of sending. A router that
    /// forwards it, and a fault that duplicates it, keep the number.
    pub number: u64,
    /// How many links it was sent on before this one.
    pub hop: u32,
    /// Its bytes, from the first of the IP header.
    pub bytes: Arc<[u8]>,
}

impl Packet {
    pub(crate) fn alter(&mut self, change: impl FnOnce(&mut [u8])) {
        change(Arc::make_mut(&mut self.bytes));
    }
}

/// Something that happened to a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When, since the start.
    pub time: Duration,
    /// The packet, as it was then.
    pub packet: Packet,
    /// The node where it was or that sent it.
    pub from: NodeId,
    /// The node that it is sent to. Where it is dropped by a node itself, this is that node, too.
    pub to: NodeId,
    /// What happened.
    pub what: What,
}

/// What happened to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The node gave it to a link.
    Sent,
    /// It waits in the queue of the link, behind this many.
    Queued(usize),
    /// The link alters it.
    Altered,
    /// The link will deliver it once more, or lose it once more.
    Duplicated,
    /// The link holds it back for this long.
    Held(Duration),
    /// The node received it.
    Arrived,
    /// The link or the node dropped it.
    Dropped(Why),
}

/// Why a packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The link lost it.
    Lost,
    /// The link is cut.
    Cut,
    /// The queue of the link was full.
    QueueFull,
    /// It is larger than the MTU of the link.
    TooLarge,
    /// It is not a sound IPv4 packet: its version, a length or the header checksum is wrong.
    Damaged,
    /// The checksum of its TCP, UDP or ICMP part is wrong; the host's stack refuses it.
    BadChecksum,
    /// Its TTL was used up.
    Expired,
    /// The node's table has no route for it.
    NoRoute,
    /// Its destination is one that no router forwards to: loopback, link-local, any, broadcast or
    /// multicast.
    NotForwarded,
    /// It is for another node, and this one does not forward.
    NotMine,
    /// The firewall knows no connection that it belongs to.
    Firewall,
}

impl Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Sent => write!(f, "sent"),
            What::Queued(ahead) => write!(f, "queued behind {ahead}"),
            What::Altered => write!(f, "altered"),
            What::Duplicated => write!(f, "duplicated"),
            What::Held(time) => write!(f, "held {time:?}"),
            What::Arrived => write!(f, "arrived"),
            What::Dropped(why) => write!(f, "dropped: {why}"),
        }
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Lost => "lost on the link",
            Why::Cut => "the link is cut",
            Why::QueueFull => "the queue is full",
            Why::TooLarge => "too large for the link",
            Why::Damaged => "damaged header",
            Why::BadChecksum => "wrong checksum",
            Why::Expired => "TTL used up",
            Why::NoRoute => "no route",
            Why::NotForwarded => "not to be forwarded",
            Why::NotMine => "for another host",
            Why::Firewall => "unknown to the firewall",
        })
    }
}

/// All notes of an internet, in their order, and the names of its nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub(crate) names: Vec<String>,
    /// What happened. It grows with each packet: a program that runs for long drains it.
    pub notes: Vec<Note>,
}

impl Record {
    /// A table: the time in seconds, where, what happened, and the packet, a note in each line.
    pub fn table(&self) -> String {
        self.notes.iter().map(|note| self.line(note) + "\n").collect()
    }

    /// A note in a line.
    pub fn line(&self, note: &Note) -> String {
        let [from, to] = [note.from, note.to].map(|node| &self.names[node.0]);
        let place = if from == to { from.clone() } else { format!("{from} > {to}") };
        let (time, number) = (note.time.as_secs_f64(), note.packet.number);
        let what = note.what.to_string();
        let packet = packet::describe(&note.packet.bytes);
        format!("{time:>11.6}  {place:<17} {what:<24} {number:>4}  {packet}")
    }

    /// What happened between these nodes, as events of theirs, in this order: each hop of a packet
    /// is a message of its own, called by the packet's number (and after the first hop, by the hop,
    /// too: `7.2`). `label` gives the text beside an event. A note of a queue, or of what a fault
    /// does on a link, is not an event. A duplicate that a router sends on is the same message: its
    /// sending is a local event.
    pub fn trace(&self, nodes: &[NodeId], mut label: impl FnMut(&Note) -> String) -> Trace {
        let mut trace = Trace::new(nodes.iter().map(|node| self.names[node.0].clone()));
        let place = |node: NodeId| nodes.iter().position(|each| *each == node);
        for note in &self.notes {
            let (Some(from), Some(to)) = (place(note.from), place(note.to)) else { continue };
            let name = match (note.packet.number, note.packet.hop) {
                (number, 0) => number.to_string(),
                (number, hop) => format!("{number}.{}", hop + 1),
            };
            let event = match note.what {
                What::Sent => Event::send(from, to, name),
                What::Arrived => Event::receive(to, name),
                What::Dropped(_) if from == to => Event::local(from),
                What::Dropped(_) => {
                    // Where the note of its sending was drained, there is no message to lose.
                    let _ = trace.lose(&name);
                    continue;
                }
                What::Queued(_) | What::Altered | What::Duplicated | What::Held(_) => continue,
            };
            let event = event.label(label(note));
            let local = Event { kind: Kind::Local, ..event.clone() };
            trace.push(event).or_else(|_| trace.push(local)).expect("a node of this trace");
        }
        trace
    }

    /// What `node` sent and received, as the file that [`Pcap`] writes.
    pub fn pcap(&self, node: NodeId) -> Vec<u8> {
        let mut file = Vec::new();
        let mut pcap = Pcap::new(&mut file, node).expect("a vector takes every byte");
        for note in &self.notes {
            pcap.write(note).expect("a vector takes every byte");
        }
        file
    }
}

/// Writes what a node sent and received as a file that Wireshark and tshark open (pcap, raw IP).
/// Its times count from the start.
#[derive(Debug)]
pub struct Pcap<W> {
    file: W,
    node: NodeId,
}

impl Pcap<File> {
    /// Begins a new file.
    ///
    /// # Errors
    /// Those of the file, also if there is one of that name.
    pub fn create(path: &Path, node: NodeId) -> io::Result<Pcap<File>> {
        Pcap::new(File::create_new(path)?, node)
    }
}

impl<W: Write> Pcap<W> {
    /// Begins the file.
    ///
    /// # Errors
    /// Those of the file.
    pub fn new(mut file: W, node: NodeId) -> io::Result<Pcap<W>> {
        let mut header = LittleEndian(Vec::new());
        header.global_header(PcapLinkType::Ip);
        file.write_all(&header.0)?;
        Ok(Pcap { file, node })
    }

    /// Adds the packet of this note, if the node sent it or received it then.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&mut self, note: &Note) -> io::Result<()> {
        let is_seen = match note.what {
            What::Sent => note.from == self.node,
            What::Arrived => note.to == self.node,
            _ => false,
        };
        if !is_seen {
            return Ok(());
        }
        let micros = i64::try_from(note.time.as_micros()).unwrap_or(i64::MAX);
        let mut packet = LittleEndian(Vec::new());
        packet.packet(Instant::from_micros(micros), &note.packet.bytes);
        self.file.write_all(&packet.0)
    }
}

/// smoltcp writes in the byte order of the machine; a run is to write the same bytes everywhere.
struct LittleEndian(Vec<u8>);

impl PcapSink for LittleEndian {
    fn write(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }

    fn write_u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn write_u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }
}
