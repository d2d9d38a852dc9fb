//! A client and a server with one link between them, and what crosses it.

use std::time::Duration;

use internet::smoltcp::wire::TcpPacket;
use internet::{Fault, Internet, Link, NodeId, Note, Tcp, TcpConfig, TopologyError, What, packet};
use trace::Trace;

/// The port at which the server listens.
pub const PORT: u16 = 80;

/// The address of the server.
pub const SERVER: &str = "203.0.113.80";

/// Two hosts, a link, and a connection between them: the client sends, the server reads.
pub struct Pair {
    /// The internet.
    pub net: Internet,
    /// The host that connects.
    pub client: NodeId,
    /// The host that listens.
    pub server: NodeId,
    /// The client's end of the connection.
    pub tcp: Tcp,
    /// The server's end, once it has accepted.
    pub accepted: Option<Tcp>,
    /// What the server has read.
    pub received: Vec<u8>,
    /// From when on the server reads.
    pub reads_from: Duration,
    /// What the client still has to give to its stack.
    to_send: Vec<u8>,
    /// How many notes were there when the counting began.
    before: usize,
    /// The sequence numbers that count as 0, of the client and of the server; those of their first
    /// segments where none are set.
    zero: Option<[u32; 2]>,
}

impl Pair {
    /// A client that connects over this link and sends these bytes. `faults` names packets of the
    /// client, counted from 1, and what the link does to them.
    ///
    /// # Errors
    /// If the link is invalid.
    pub fn new(
        bytes: &[u8],
        link: Link,
        server: TcpConfig,
        faults: &[(u64, Fault)],
    ) -> Result<Pair, TopologyError> {
        let mut net = Internet::new(1);
        let client = net.host("client", "192.0.2.10")?;
        let server = net.host_with("server", SERVER, server)?;
        net.link(client, server, link)?;
        for (nth, fault) in faults {
            net.fault(client, server, *nth, *fault)?;
        }
        net.listen(server, PORT);
        let tcp = net.connect(client, SERVER, PORT)?;
        let (accepted, received, to_send) = (None, Vec::new(), bytes.to_vec());
        let reads_from = Duration::ZERO;
        Ok(Pair {
            net,
            client,
            server,
            tcp,
            accepted,
            received,
            reads_from,
            to_send,
            before: 0,
            zero: None,
        })
    }

    /// Gives the client more to send.
    pub fn send(&mut self, bytes: &[u8]) {
        self.to_send.extend_from_slice(bytes);
        self.work();
    }

    /// Runs to the moment `until`.
    pub fn run_until(&mut self, until: Duration) {
        self.run(until, |_| true);
    }

    /// Runs to the moment `until`, or until `goes_on` says no.
    pub fn run(&mut self, until: Duration, mut goes_on: impl FnMut(&Pair) -> bool) {
        self.work();
        while goes_on(self) && self.net.step(until) {
            self.work();
        }
        self.work();
    }

    /// Leaves out what has crossed the link, and counts bytes from here: the next one is byte 1.
    pub fn count_from_here(&mut self) {
        let acks = self.segments().into_iter().rev().filter(|seen| !seen.is_clients);
        let sent = acks.filter_map(|seen| seen.segment.ack).next().unwrap_or(1) - 1;
        let [client, server] = self.zero();
        self.zero = Some([client.wrapping_add(sent), server]);
        self.before = self.net.record().notes.len();
    }

    fn zero(&self) -> [u32; 2] {
        let first = || [self.client, self.server].map(|host| first_seq(&self.net, host));
        self.zero.unwrap_or_else(first)
    }

    /// What the two programs do.
    fn work(&mut self) {
        if !self.to_send.is_empty() {
            let taken = self.net.write(self.tcp, &self.to_send);
            self.to_send.drain(..taken);
        }
        self.accepted = self.accepted.or_else(|| self.net.accept(self.server, PORT));
        if let Some(tcp) = self.accepted.filter(|_| self.net.now() >= self.reads_from) {
            let bytes = self.net.read(tcp);
            self.received.extend(bytes);
        }
    }

    /// The segments that were sent, received or dropped, in order.
    pub fn segments(&self) -> Vec<Seen> {
        let notes = &self.net.record().notes[self.before..];
        let zero = self.zero();
        notes.iter().filter_map(|note| self.seen(note, zero)).collect()
    }

    fn seen(&self, note: &Note, [client, server]: [u32; 2]) -> Option<Seen> {
        let tcp = packet::tcp(&note.packet.bytes)?;
        let is_clients =
            packet::ipv4(&note.packet.bytes)?.src_addr() == self.net.address(self.client);
        let (own, other) = if is_clients { (client, server) } else { (server, client) };
        let (time, what) = (note.time, note.what);
        Some(Seen { time, what, is_clients, segment: Segment::new(&tcp, own, other) })
    }

    /// What crossed the link, as a diagram, with the segments in the numbers of the stream.
    pub fn trace(&self) -> Trace {
        let mut record = self.net.record().clone();
        record.notes.drain(..self.before);
        let zero = self.zero();
        record.trace(&[self.client, self.server], |note| {
            let seen = self.seen(note, zero);
            seen.map_or(String::new(), |seen| seen.segment.to_string())
        })
    }
}

/// A segment at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub time: Duration,
    /// What happened to it.
    pub what: What,
    /// Whether the client sends it.
    pub is_clients: bool,
    /// The segment.
    pub segment: Segment,
}

/// A segment in the numbers of its stream: the first byte is byte 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Whether it opens the connection.
    pub is_syn: bool,
    /// Whether it ends the connection at once.
    pub is_rst: bool,
    /// The number of its first byte.
    pub first: u32,
    /// How many bytes of data it has.
    pub length: u32,
    /// The number of the byte that its sender expects next.
    pub ack: Option<u32>,
    /// The room that its sender announces.
    pub window: u16,
}

impl Segment {
    fn new(tcp: &TcpPacket<&[u8]>, own_first: u32, other_first: u32) -> Segment {
        let number = |seq: u32, first: u32| seq.wrapping_sub(first);
        Segment {
            is_syn: tcp.syn(),
            is_rst: tcp.rst(),
            first: number(tcp.seq_number().0 as u32, own_first),
            length: tcp.payload().len() as u32,
            ack: tcp.ack().then(|| number(tcp.ack_number().0 as u32, other_first)),
            window: tcp.window_len(),
        }
    }

    /// The number of its last byte.
    pub fn last(&self) -> u32 {
        self.first + self.length - 1
    }
}

impl std::fmt::Display for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ack = self.ack.map_or(String::new(), |ack| format!("ack {ack}"));
        match self {
            Segment { is_rst: true, .. } => write!(f, "reset"),
            Segment { is_syn: true, ack: None, .. } => write!(f, "SYN"),
            Segment { is_syn: true, .. } => write!(f, "SYN, {ack}"),
            Segment { length: 0, .. } => write!(f, "{ack}"),
            _ => write!(f, "{} to {}", self.first, self.last()),
        }
    }
}

/// The sequence number with which `host` began its first connection.
pub fn first_seq(net: &Internet, host: NodeId) -> u32 {
    let sent = net.record().notes.iter().filter(|note| note.from == host);
    let mut syns = sent.filter_map(|note| packet::tcp(&note.packet.bytes)).filter(|tcp| tcp.syn());
    syns.next().map_or(0, |syn| syn.seq_number().0 as u32)
}
