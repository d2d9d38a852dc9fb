//! A host's TCP/IP stack: smoltcp's, driven by virtual time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{self, Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium};
use smoltcp::socket::Socket;
use smoltcp::socket::tcp::{self, CongestionControl};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpCidr};

use common::random::Rng;

/// How many connections of a port wait to be accepted, those that are not yet open included.
const BACKLOG: usize = 16;

/// The first port that a system gives to its own connections (RFC 6335, section 6).
const FIRST_EPHEMERAL: u16 = 49152;

/// Time ends after a hundred years: the stacks count microseconds in 63 bits, and files for
/// Wireshark seconds in 32.
pub(crate) const END: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How a host's TCP works.
#[derive(Clone, Debug)]
pub struct TcpConfig {
    /// Bytes that it holds for a connection until they are read; what it announces as its window.
    pub receive_buffer: usize,
    /// Bytes that a connection holds until they are acknowledged.
    pub send_buffer: usize,
    /// How the congestion window grows. Without one, smoltcp's sender can hang when its last
    /// segment is lost.
    pub congestion_control: CongestionControl,
    /// How long a connection waits for an acknowledgement before it ends with an error; a hundred
    /// years at most.
    pub timeout: Duration,
    /// Whether a wrong checksum of TCP, UDP or ICMP is refused. Right ones are sent in any case.
    pub verify_checksums: bool,
}

impl Default for TcpConfig {
    /// 64 KiB each way, Reno, a minute.
    fn default() -> TcpConfig {
        TcpConfig {
            receive_buffer: 65_535,
            send_buffer: 65_535,
            congestion_control: CongestionControl::Reno,
            timeout: Duration::from_secs(60),
            verify_checksums: true,
        }
    }
}

pub(crate) struct Stack {
    address: Ipv4Addr,
    pub(crate) config: TcpConfig,
    interface: Interface,
    device: Queues,
    pub(crate) sockets: SocketSet<'static>,
    /// By port: the sockets that listen or were connected to, until they are accepted.
    listening: BTreeMap<u16, Vec<SocketHandle>>,
    /// When the connections end that wait for nothing but the acknowledgement of their FIN.
    fins: BTreeMap<SocketHandle, Duration>,
    next_port: u16,
    /// The next time at which it is to be polled.
    pub(crate) wake: Option<Duration>,
}

impl Stack {
    /// A stack that sends packets of up to `mtu` bytes.
    pub(crate) fn new(address: Ipv4Addr, config: TcpConfig, mtu: usize, rng: &mut Rng) -> Stack {
        let mut device = Queues::new(&config, mtu);
        let mut settings = Config::new(HardwareAddress::Ip);
        settings.random_seed = rng.within(0..=u64::MAX);
        let mut interface = Interface::new(settings, &mut device, Instant::ZERO);
        // One prefix that every address is in: where a packet goes next, the node's table says.
        interface.update_ip_addrs(|addresses| {
            let everything = IpCidr::new(address.into(), 0);
            addresses.push(everything).expect("an interface has room for one address");
        });
        let next_port = FIRST_EPHEMERAL + rng.below(1 << 14) as u16;
        let sockets = SocketSet::new(Vec::new());
        let (listening, fins, wake) = (BTreeMap::new(), BTreeMap::new(), None);
        Stack { address, config, interface, device, sockets, listening, fins, next_port, wake }
    }

    pub(crate) fn set_mtu(&mut self, mtu: usize, rng: &mut Rng) {
        // The interface notes the size of its packets once, when it is made.
        let anew = Stack::new(self.address, self.config.clone(), mtu, rng);
        (self.interface, self.device, self.next_port) =
            (anew.interface, anew.device, anew.next_port);
    }

    pub(crate) fn mtu(&self) -> usize {
        self.device.mtu
    }

    /// Takes a packet that arrived. The next poll looks at it.
    pub(crate) fn receive(&mut self, bytes: Arc<[u8]>) {
        self.device.arrived.push_back(bytes);
    }

    /// Lets the stack work at the time `now`, and returns what it sends.
    pub(crate) fn poll(&mut self, now: Duration) -> Vec<Vec<u8>> {
        self.listen_again();
        self.set_timeouts(now);
        self.interface.poll(instant(now), &mut self.device, &mut self.sockets);
        std::mem::take(&mut self.device.to_send)
    }

    /// smoltcp's timeout ends a connection that is idle, too, which TCP does not: so it is set only
    /// while the other end owes an answer. It counts from the last segment that arrived, and anew
    /// for data, but not for a FIN: that is timed here.
    fn set_timeouts(&mut self, now: Duration) {
        use tcp::State::{Closing, FinWait1, LastAck, SynReceived, SynSent};
        let (timeout, known) = (self.config.timeout.min(END), std::mem::take(&mut self.fins));
        for (handle, socket) in self.sockets.iter_mut() {
            let Socket::Tcp(tcp) = socket else { continue };
            let has_data = tcp.send_queue() > 0 || matches!(tcp.state(), SynSent | SynReceived);
            let is_set = has_data || tcp.keep_alive().is_some();
            tcp.set_timeout(is_set.then_some(timeout.into()));
            if !has_data && matches!(tcp.state(), FinWait1 | Closing | LastAck) {
                let ends = known.get(&handle).copied().unwrap_or(now + timeout);
                if now < ends {
                    self.fins.insert(handle, ends);
                } else {
                    tcp.abort();
                }
            }
        }
    }

    /// When it is to be polled next, if nothing arrives before: after `now`.
    pub(crate) fn poll_at(&mut self, now: Duration) -> Option<Duration> {
        let due = self.interface.poll_at(instant(now), &self.sockets);
        let due = due.map(|due| Duration::from_micros(due.total_micros().unsigned_abs()));
        let due = due.into_iter().chain(self.fins.values().copied()).min()?;
        // smoltcp says the instant 0 where it means now; it was polled now, and so this is later.
        Some(due.max(now + Duration::from_micros(1)))
    }

    pub(crate) fn listen(&mut self, port: u16) {
        self.listening.entry(port).or_default();
    }

    /// A socket of smoltcp listens for one connection, so each port needs another one as soon as
    /// one is taken. A connection that ended before it was accepted is forgotten.
    fn listen_again(&mut self) {
        let Stack { listening, sockets, config, .. } = self;
        for (port, waiting) in listening {
            waiting.retain(|socket| {
                let is_open = sockets.get::<tcp::Socket>(*socket).is_open();
                if !is_open {
                    sockets.remove(*socket);
                }
                is_open
            });
            let listens = |socket: &_| sockets.get::<tcp::Socket>(*socket).is_listening();
            let has_listener = waiting.iter().any(listens);
            if !has_listener && waiting.len() < BACKLOG {
                let mut socket = tcp_socket(config);
                socket.listen(*port).expect("a new socket listens on a port above 0");
                waiting.push(sockets.add(socket));
            }
        }
    }

    /// The oldest connection to `port` that is open and was not accepted before.
    pub(crate) fn accept(&mut self, port: u16) -> Option<SocketHandle> {
        let waiting = self.listening.get(&port)?;
        let is_ready = |socket: &SocketHandle| {
            use tcp::State::{Closed, Listen, SynReceived};
            let socket: &tcp::Socket = self.sockets.get(*socket);
            !matches!(socket.state(), Closed | Listen | SynReceived)
        };
        let place = waiting.iter().position(is_ready)?;
        Some(self.listening.get_mut(&port)?.remove(place))
    }

    pub(crate) fn connect(&mut self, to: Ipv4Addr, port: u16) -> SocketHandle {
        let from = self.free_port();
        let mut socket = tcp_socket(&self.config);
        let connected = socket.connect(self.interface.context(), (to, port), (self.address, from));
        connected.expect("a new socket connects to an address and a port above 0");
        self.sockets.add(socket)
    }

    /// The next port of the ephemeral range that no socket of this host uses.
    fn free_port(&mut self) -> u16 {
        let port_of = |socket: &Socket| match socket {
            Socket::Tcp(tcp) => Some(tcp.local_endpoint()?.port),
            _ => None,
        };
        let used: BTreeSet<u16> = self.sockets.iter().filter_map(|(_, s)| port_of(s)).collect();
        let mut ports = (self.next_port..=u16::MAX).chain(FIRST_EPHEMERAL..self.next_port);
        let port = ports.find(|port| !used.contains(port)).expect("fewer than 16,384 connections");
        self.next_port = port.checked_add(1).unwrap_or(FIRST_EPHEMERAL);
        port
    }
}

fn tcp_socket(config: &TcpConfig) -> tcp::Socket<'static> {
    let buffer = |size| tcp::SocketBuffer::new(vec![0; size]);
    let mut socket = tcp::Socket::new(buffer(config.receive_buffer), buffer(config.send_buffer));
    socket.set_congestion_control(config.congestion_control);
    socket
}

fn instant(time: Duration) -> Instant {
    Instant::from_micros(i64::try_from(time.as_micros()).expect("a time before the end"))
}

/// The device under a stack: what arrived, and what it sends.
struct Queues {
    mtu: usize,
    checksums: ChecksumCapabilities,
    arrived: VecDeque<Arc<[u8]>>,
    to_send: Vec<Vec<u8>>,
}

impl Queues {
    fn new(config: &TcpConfig, mtu: usize) -> Queues {
        let mut checksums = ChecksumCapabilities::default();
        if !config.verify_checksums {
            (checksums.tcp, checksums.udp) = (Checksum::Tx, Checksum::Tx);
            checksums.icmpv4 = Checksum::Tx;
        }
        Queues { mtu, checksums, arrived: VecDeque::new(), to_send: Vec::new() }
    }
}

impl Device for Queues {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = ToSend<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities.checksum = self.checksums.clone();
        capabilities
    }

    fn receive(&mut self, _: Instant) -> Option<(Arrived, ToSend<'_>)> {
        let packet = self.arrived.pop_front()?;
        Some((Arrived(packet), ToSend(&mut self.to_send)))
    }

    fn transmit(&mut self, _: Instant) -> Option<ToSend<'_>> {
        Some(ToSend(&mut self.to_send))
    }
}

struct Arrived(Arc<[u8]>);

impl phy::RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

struct ToSend<'a>(&'a mut Vec<Vec<u8>>);

impl phy::TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut packet = vec![0; length];
        let written = write(&mut packet);
        self.0.push(packet);
        written
    }
}
