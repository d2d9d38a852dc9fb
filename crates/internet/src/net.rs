//! The internet: its nodes, its links, and the events between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use common::random::Rng;
use common::timeline::Timeline;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp;
use smoltcp::wire::Ipv4Packet;

use crate::link::{Fault, Passage, Wire, flip, whole_micros};
use crate::packet::{self, IcmpError};
use crate::record::{Note, Packet, Record, What, Why};
use crate::route::{Firewall, Table};
use crate::stack::{END, Stack};
use crate::topology::{TopologyError, host_address};
use crate::udp::Udp;

/// A node of an internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(crate) usize);

/// A TCP connection, or the attempt at one, as one of its hosts sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tcp {
    host: NodeId,
    socket: SocketHandle,
    /// smoltcp gives the handle of a socket that was removed to another one.
    number: u64,
}

/// What a node does with packets.
pub(crate) enum Role {
    /// It has a stack, and does not forward.
    Host(Box<Stack>),
    /// It forwards; its stack answers what is sent to the router itself.
    Router(Box<Stack>, Option<Firewall>),
    /// Neither: packets go in and come out as bytes.
    Tap(VecDeque<Arc<[u8]>>),
}

/// A node.
pub(crate) struct Node {
    pub(crate) address: Ipv4Addr,
    /// The wire from the node to itself.
    pub(crate) loopback: usize,
    pub(crate) table: Table,
    pub(crate) role: Role,
}

enum Event {
    /// The stack of a node asked to be polled.
    Wake(NodeId),
    /// A packet reaches the end of a wire, unless it was lost there.
    Arrive { wire: usize, packet: Packet, is_lost: bool },
}

/// Hosts, routers and links, and what is on its way between them.
pub struct Internet {
    timeline: Timeline<Event>,
    pub(crate) rng: Rng,
    pub(crate) nodes: Vec<Node>,
    /// Two for each link, one in each direction.
    pub(crate) wires: Vec<Wire>,
    pub(crate) by_ends: BTreeMap<(NodeId, NodeId), usize>,
    /// How many packets were numbered.
    packets: u64,
    /// The connections that a program may use.
    tcps: BTreeSet<Tcp>,
    /// The UDP sockets that a program may use.
    pub(crate) udps: BTreeSet<Udp>,
    /// How many connections and UDP sockets were numbered.
    numbered: u64,
    pub(crate) record: Record,
}

impl Internet {
    /// An internet without nodes. What is drawn at random comes from `seed`.
    pub fn new(seed: u64) -> Internet {
        Internet {
            timeline: Timeline::new(),
            rng: Rng::from_seed(seed),
            nodes: Vec::new(),
            wires: Vec::new(),
            by_ends: BTreeMap::new(),
            packets: 0,
            tcps: BTreeSet::new(),
            udps: BTreeSet::new(),
            numbered: 0,
            record: Record::default(),
        }
    }
}

/// What the programs on its hosts do.
impl Internet {
    /// Has `host` take connections to `port`: [`Internet::accept`] returns them.
    ///
    /// # Panics
    /// If the node has no stack, or the port is 0.
    pub fn listen(&mut self, host: NodeId, port: u16) {
        assert!(port > 0, "a program listens on a port above 0");
        self.stack(host).listen(port);
        self.poll(host);
    }

    /// The oldest connection to `port` that is open and was not returned before.
    ///
    /// # Panics
    /// If the node has no stack.
    pub fn accept(&mut self, host: NodeId, port: u16) -> Option<Tcp> {
        let socket = self.stack(host).accept(port)?;
        Some(self.number(host, socket))
    }

    /// Begins to connect `host` to `address`; the host chooses a port of its own.
    ///
    /// # Errors
    /// [`TopologyError::Address`].
    ///
    /// # Panics
    /// If the node has no stack, the port is 0, or the host's own 16,384 ports are in use.
    pub fn connect(
        &mut self,
        host: NodeId,
        address: &str,
        port: u16,
    ) -> Result<Tcp, TopologyError> {
        assert!(port > 0, "a program connects to a port above 0");
        let to = host_address(address)?;
        let socket = self.stack(host).connect(to, port);
        self.poll(host);
        Ok(self.number(host, socket))
    }

    fn number(&mut self, host: NodeId, socket: SocketHandle) -> Tcp {
        let tcp = Tcp { host, socket, number: self.next_number() };
        self.tcps.insert(tcp);
        tcp
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// The socket of a connection, to read from and to look at. What is written or closed in it
    /// waits for the next event of its host; [`Internet::write`] and [`Internet::close`] do not.
    ///
    /// # Panics
    /// If the connection was removed, or its host restarted.
    pub fn tcp(&mut self, tcp: Tcp) -> &mut tcp::Socket<'static> {
        assert!(self.tcps.contains(&tcp), "the connection was removed, or lost in a restart");
        self.stack(tcp.host).sockets.get_mut(tcp.socket)
    }

    /// Gives bytes to a connection, and returns how many it took: as many as its send buffer has
    /// room for, and none where it is closed.
    ///
    /// # Panics
    /// If the connection was removed, or its host restarted.
    pub fn write(&mut self, tcp: Tcp, bytes: &[u8]) -> usize {
        let taken = self.tcp(tcp).send_slice(bytes).unwrap_or(0);
        if taken > 0 {
            self.poll(tcp.host);
        }
        taken
    }

    /// Takes what arrived on a connection, in order.
    ///
    /// # Panics
    /// If the connection was removed, or its host restarted.
    pub fn read(&mut self, tcp: Tcp) -> Vec<u8> {
        let socket = self.tcp(tcp);
        let mut bytes = vec![0; socket.recv_queue()];
        let length = socket.recv_slice(&mut bytes).unwrap_or(0);
        bytes.truncate(length);
        if length > 0 {
            // The window is larger now, and the sender may wait for that.
            self.poll(tcp.host);
        }
        bytes
    }

    /// Says that this end sends no more.
    ///
    /// # Panics
    /// If the connection was removed, or its host restarted.
    pub fn close(&mut self, tcp: Tcp) {
        self.tcp(tcp).close();
        self.poll(tcp.host);
    }

    /// Forgets a connection, and resets it if it is still open. One that both sides have closed is
    /// forgotten in silence, and earlier than RFC 9293 has it, which waits for old copies.
    ///
    /// # Panics
    /// If the connection was removed, or its host restarted.
    pub fn remove(&mut self, tcp: Tcp) {
        if self.tcp(tcp).is_open() {
            self.tcp(tcp).abort();
            self.poll(tcp.host);
        }
        self.stack(tcp.host).sockets.remove(tcp.socket);
        self.tcps.remove(&tcp);
    }

    /// Has `host` lose all that it knows, as a machine does that is switched off and on: its
    /// connections, its UDP sockets, and the ports at which it listened.
    ///
    /// # Panics
    /// If the node has no stack.
    pub fn restart(&mut self, host: NodeId) {
        let address = self.address(host);
        let (config, mtu) = (self.stack(host).config.clone(), self.stack(host).mtu());
        *self.stack(host) = Stack::new(address, config, mtu, &mut self.rng);
        self.tcps.retain(|tcp| tcp.host != host);
        self.udps.retain(|udp| udp.host != host);
    }

    /// Sends a packet from `node`, whatever its bytes are, and returns its number.
    pub fn inject(&mut self, node: NodeId, bytes: Vec<u8>) -> u64 {
        self.originate(node, bytes);
        self.packets
    }

    /// The oldest packet that arrived at a tap and was not taken.
    ///
    /// # Panics
    /// If the node is not a tap.
    pub fn take(&mut self, tap: NodeId) -> Option<Arc<[u8]>> {
        match &mut self.nodes[tap.0].role {
            Role::Tap(arrived) => arrived.pop_front(),
            Role::Host(_) | Role::Router(..) => panic!("packets are taken from a tap"),
        }
    }

    pub(crate) fn stack(&mut self, node: NodeId) -> &mut Stack {
        match &mut self.nodes[node.0].role {
            Role::Host(stack) | Role::Router(stack, _) => stack,
            Role::Tap(_) => panic!("a tap has no stack"),
        }
    }
}

/// Time.
impl Internet {
    /// The time since the start.
    pub fn now(&self) -> Duration {
        self.timeline.now()
    }

    /// When the next event happens.
    pub fn next_time(&self) -> Option<Duration> {
        self.timeline.next_time().filter(|time| *time <= END)
    }

    /// Runs to the moment `until`, or to the end of time after a hundred years.
    pub fn run_until(&mut self, until: Duration) {
        self.run(until, |_| true);
    }

    /// Runs to the moment `until`, and calls `program` before the first and after each event: the
    /// programs on the hosts. It returns whether they go on; when they do not, time stops there.
    pub fn run(&mut self, until: Duration, mut program: impl FnMut(&mut Internet) -> bool) {
        while program(self) && self.step(until) {}
    }

    /// Moves time to the next event, if that happens by the moment `until`, and otherwise to that
    /// moment. Returns whether there was an event.
    pub fn step(&mut self, until: Duration) -> bool {
        let event = self.timeline.next_until(until.min(END));
        event.map(|(_, event)| self.handle(event)).is_some()
    }

    /// What happened to each packet so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Takes the notes out of the record: a program that runs for long does so again and again.
    pub fn drain_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.record.notes)
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Wake(node) => {
                // A time that was moved to an earlier one leaves an event behind: nothing is due.
                let now = self.now();
                if self.stack(node).wake == Some(now) {
                    self.stack(node).wake = None;
                    self.poll(node);
                }
            }
            Event::Arrive { wire, packet, is_lost } => {
                let (from, to) = (NodeId(self.wires[wire].from), NodeId(self.wires[wire].to));
                if is_lost {
                    self.note(&packet, from, to, What::Dropped(Why::Lost));
                } else {
                    self.note(&packet, from, to, What::Arrived);
                    self.arrive(to, packet);
                }
            }
        }
    }

    /// Lets the stack of a node work, sends what it has to send, and notes when it is due again.
    pub(crate) fn poll(&mut self, node: NodeId) {
        let now = self.now();
        let stack = self.stack(node);
        let to_send = stack.poll(now);
        let due = stack.poll_at(now);
        if let Some(due) = due
            && stack.wake.is_none_or(|wake| due < wake)
        {
            stack.wake = Some(due);
            self.timeline.at(due, Event::Wake(node));
        }
        for bytes in to_send {
            self.originate(node, bytes);
        }
    }
}

/// The way of a packet.
impl Internet {
    /// Sends a packet that begins here.
    fn originate(&mut self, node: NodeId, bytes: Vec<u8>) {
        self.packets += 1;
        let packet = Packet { number: self.packets, hop: 0, bytes: bytes.into() };
        let Some(destination) = packet::ipv4(&packet.bytes).map(|packet| packet.dst_addr()) else {
            return self.drop(&packet, node, Why::Damaged);
        };
        let Node { address, loopback, table, .. } = &self.nodes[node.0];
        let own = (destination == *address).then_some(*loopback);
        match own.or_else(|| table.lookup(destination)) {
            Some(wire) => self.transmit(wire, packet),
            None => self.drop(&packet, node, Why::NoRoute),
        }
    }

    /// A packet reached a node.
    fn arrive(&mut self, node: NodeId, packet: Packet) {
        let Some(header) = packet::ipv4(&packet.bytes) else {
            return self.drop(&packet, node, Why::Damaged);
        };
        let (destination, ttl) = (header.dst_addr(), header.hop_limit());
        if destination == self.address(node) {
            return self.deliver(node, packet);
        }
        let now = self.now();
        let role = &mut self.nodes[node.0].role;
        if let Role::Router(_, Some(firewall)) = role
            && !firewall.passes(now, &packet.bytes)
        {
            return self.drop(&packet, node, Why::Firewall);
        }
        match role {
            Role::Host(_) | Role::Tap(_) => self.drop(&packet, node, Why::NotMine),
            Role::Router(..) => self.forward(node, packet, destination, ttl),
        }
    }

    /// What a router does, in the order of RFC 1812, section 5.2.1: it looks up the route, and then
    /// lowers the TTL.
    fn forward(&mut self, node: NodeId, mut packet: Packet, destination: Ipv4Addr, ttl: u8) {
        // RFC 1812, sections 4.2.2.11 and 5.3.7; RFC 3927, section 7.
        let is_one_host = packet::is_one_host(&destination);
        if destination.is_loopback() || destination.is_link_local() || !is_one_host {
            return self.drop(&packet, node, Why::NotForwarded);
        }
        let Some(wire) = self.nodes[node.0].table.lookup(destination) else {
            return self.drop_and_report(node, &packet, Why::NoRoute, IcmpError::NetUnreachable);
        };
        // A packet that would leave with a TTL of 0 goes no further.
        let ttl = ttl.saturating_sub(1);
        if ttl == 0 {
            return self.drop_and_report(node, &packet, Why::Expired, IcmpError::TimeExceeded);
        }
        let mtu = self.wires[wire].link.mtu;
        if packet.bytes.len() > mtu {
            let error = IcmpError::FragmentationNeeded { mtu };
            return self.drop_and_report(node, &packet, Why::TooLarge, error);
        }
        packet.hop += 1;
        packet.alter(|bytes| {
            let mut header = Ipv4Packet::new_unchecked(bytes);
            header.set_hop_limit(ttl);
            header.fill_checksum();
        });
        self.transmit(wire, packet);
    }

    /// Drops a packet, and reports that to its source.
    fn drop_and_report(&mut self, router: NodeId, packet: &Packet, why: Why, about: IcmpError) {
        self.drop(packet, router, why);
        if let Some(error) = packet::icmp_error(self.address(router), &packet.bytes, about) {
            self.originate(router, error);
        }
    }

    /// A packet is where it was sent to.
    fn deliver(&mut self, node: NodeId, packet: Packet) {
        match &mut self.nodes[node.0].role {
            Role::Tap(arrived) => arrived.push_back(packet.bytes),
            Role::Host(stack) | Role::Router(stack, _) => {
                let refuses = stack.config.verify_checksums;
                stack.receive(Arc::clone(&packet.bytes));
                if refuses && !packet::transport_checksum_holds(&packet.bytes) {
                    // The stack drops it without a word, so that the note is ours.
                    self.drop(&packet, node, Why::BadChecksum);
                }
                self.poll(node);
            }
        }
    }

    /// Puts a packet on a wire.
    fn transmit(&mut self, wire: usize, mut packet: Packet) {
        let now = self.now();
        let (from, to) = (NodeId(self.wires[wire].from), NodeId(self.wires[wire].to));
        self.note(&packet, from, to, What::Sent);
        let passage = self.wires[wire].send(now, packet.bytes.len(), &mut self.rng);
        let Passage { ahead, mut arrives, takes, faults } = match passage {
            Ok(passage) => passage,
            Err(why) => return self.note(&packet, from, to, What::Dropped(why)),
        };
        if ahead > 0 {
            self.note(&packet, from, to, What::Queued(ahead));
        }
        let (mut is_lost, mut copies) = (false, vec![Duration::ZERO]);
        for fault in faults {
            match fault {
                Fault::Lose => is_lost = true,
                Fault::Duplicate(time) => {
                    copies.push(takes.saturating_add(whole_micros(time)));
                    self.note(&packet, from, to, What::Duplicated);
                }
                Fault::Hold(time) => {
                    let time = whole_micros(time);
                    arrives = arrives.saturating_add(time);
                    self.note(&packet, from, to, What::Held(time));
                }
                Fault::Alter(alter) => {
                    packet.alter(alter);
                    self.note(&packet, from, to, What::Altered);
                }
                Fault::Flip(bit) => {
                    packet.alter(|bytes| flip(bytes, bit));
                    self.note(&packet, from, to, What::Altered);
                }
            }
        }
        for later in copies {
            let copy = Event::Arrive { wire, packet: packet.clone(), is_lost };
            self.timeline.at(arrives.saturating_add(later), copy);
        }
    }

    fn drop(&mut self, packet: &Packet, node: NodeId, why: Why) {
        self.note(packet, node, node, What::Dropped(why));
    }

    fn note(&mut self, packet: &Packet, from: NodeId, to: NodeId, what: What) {
        let (time, packet) = (self.now(), packet.clone());
        self.record.notes.push(Note { time, packet, from, to, what });
    }
}
