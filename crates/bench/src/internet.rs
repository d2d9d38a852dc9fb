//! Packets through a router of `internet`, beside smoltcp alone: two of its interfaces, whose
//! devices are queues in memory, without links, notes or a time at which each packet arrives.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

use internet::smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use internet::smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use internet::smoltcp::socket::tcp::{self, CongestionControl};
use internet::smoltcp::socket::{AnySocket, udp};
use internet::smoltcp::time::Instant;
use internet::smoltcp::wire::{HardwareAddress, IpCidr};
use internet::{Internet, Link, NodeId, packet};

use crate::{compare as in_turn, heading};

/// Times that each is measured.
const ROUNDS: usize = 11;
/// Datagrams in flight at once: as many as a link's queue holds.
const BATCH: u64 = 100;
/// Batches in one round.
const BATCHES: u64 = 5_000;
/// Bytes of a stream.
const STREAM: usize = 10_000_000;
/// Streams in one round, one after the other.
const STREAMS: u64 = 10;
/// Bytes that each end of a connection holds, and the largest packet: as the hosts have it.
const BUFFER: usize = 65_535;
const MTU: usize = 1500;

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 1);

#[derive(Clone, Copy)]
enum By {
    Internet,
    Smoltcp,
}

pub(crate) fn compare() -> anyhow::Result<()> {
    heading("a second", ["ours", "smoltcp's"]);
    for size in [64, 1400] {
        let data = vec![7; size];
        in_turn(ROUNDS, [By::Internet, By::Smoltcp], |by| match by {
            By::Internet => routed_datagrams(&data),
            By::Smoltcp => bare_datagrams(&data),
        })?
        .print(&format!("UDP datagrams of {size} bytes"));
    }
    let data = vec![7; STREAM];
    in_turn(ROUNDS, [By::Internet, By::Smoltcp], |by| {
        for _ in 0..STREAMS {
            let received = match by {
                By::Internet => routed_stream(&data)?,
                By::Smoltcp => bare_stream(&data)?,
            };
            anyhow::ensure!(received == STREAM, "{received} of {STREAM} bytes");
        }
        Ok(STREAMS * STREAM as u64)
    })?
    .print("bytes of TCP streams");
    Ok(())
}

/// Two nodes with a router between them, over links that lose nothing.
fn routed(
    add: impl Fn(&mut Internet, &str, &str) -> Result<NodeId, internet::TopologyError>,
) -> anyhow::Result<(Internet, NodeId, NodeId)> {
    let mut net = Internet::new(1);
    let client = add(&mut net, "client", &CLIENT.to_string())?;
    let server = add(&mut net, "server", &SERVER.to_string())?;
    let router = net.router("router", "10.0.0.1")?;
    for end in [client, server] {
        net.link(end, router, Link { rate: 10_000_000_000, ..Link::default() })?;
    }
    Ok((net, client, server))
}

/// How many datagrams a tap receives from another.
fn routed_datagrams(data: &[u8]) -> anyhow::Result<u64> {
    let (mut net, from, to) = routed(Internet::tap)?;
    let datagram = packet::datagram(CLIENT, SERVER, 64, (7, 9), data);
    let mut received = 0;
    for _ in 0..BATCHES {
        for _ in 0..BATCH {
            net.inject(from, datagram.clone());
        }
        net.run_until(net.now() + Duration::from_secs(1));
        while net.take(to).is_some() {
            received += 1;
        }
        net.drain_notes();
    }
    anyhow::ensure!(received == BATCHES * BATCH, "{received} datagrams");
    Ok(received)
}

/// How many bytes of a stream a host receives from another.
fn routed_stream(data: &[u8]) -> anyhow::Result<usize> {
    let (mut net, client, server) = routed(Internet::host)?;
    net.listen(server, 80);
    let sender = net.connect(client, &SERVER.to_string(), 80)?;
    let (mut sent, mut received, mut receiver) = (0, 0, None);
    net.run(Duration::from_secs(600), |net| {
        // A write and a read have the stack work, so they wait until there is something to do.
        if sent < data.len() && net.tcp(sender).can_send() {
            sent += net.write(sender, &data[sent..]);
        }
        receiver = receiver.or_else(|| net.accept(server, 80));
        if let Some(tcp) = receiver
            && net.tcp(tcp).can_recv()
        {
            received += net.read(tcp).len();
        }
        received < data.len()
    });
    Ok(received)
}

/// Two stacks of smoltcp, each with one socket, and a clock that goes on by a microsecond.
struct Pair {
    ends: [Bare; 2],
    now: Instant,
}

struct Bare {
    device: Memory,
    interface: Interface,
    sockets: SocketSet<'static>,
    socket: SocketHandle,
}

impl Bare {
    fn new(address: Ipv4Addr, socket: impl AnySocket<'static>) -> Bare {
        let mut device = Memory::default();
        let config = Config::new(HardwareAddress::Ip);
        let mut interface = Interface::new(config, &mut device, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(address.into(), 0)).expect("room for one address");
        });
        let mut sockets = SocketSet::new(Vec::new());
        let socket = sockets.add(socket);
        Bare { device, interface, sockets, socket }
    }

    fn socket<T: AnySocket<'static>>(&mut self) -> &mut T {
        self.sockets.get_mut(self.socket)
    }
}

impl Pair {
    fn new<T: AnySocket<'static>>(socket: impl Fn() -> T) -> Pair {
        let ends = [Bare::new(CLIENT, socket()), Bare::new(SERVER, socket())];
        Pair { ends, now: Instant::ZERO }
    }

    /// Has both stacks work, and takes what each sent to the other.
    fn poll(&mut self) {
        self.now += internet::smoltcp::time::Duration::from_micros(1);
        for end in &mut self.ends {
            end.interface.poll(self.now, &mut end.device, &mut end.sockets);
        }
        let [client, server] = self.ends.each_mut().map(|end| &mut end.device);
        server.arrived.append(&mut client.sent);
        client.arrived.append(&mut server.sent);
    }
}

fn bare_datagrams(data: &[u8]) -> anyhow::Result<u64> {
    let buffer = || {
        let metadata = vec![udp::PacketMetadata::EMPTY; BATCH as usize];
        udp::PacketBuffer::new(metadata, vec![0; BATCH as usize * MTU])
    };
    let mut pair = Pair::new(|| udp::Socket::new(buffer(), buffer()));
    pair.ends[0].socket::<udp::Socket>().bind(7)?;
    pair.ends[1].socket::<udp::Socket>().bind(9)?;
    let mut received = 0;
    for _ in 0..BATCHES {
        for _ in 0..BATCH {
            pair.ends[0].socket::<udp::Socket>().send_slice(data, (SERVER, 9))?;
        }
        pair.poll();
        pair.poll();
        while pair.ends[1].socket::<udp::Socket>().recv().is_ok() {
            received += 1;
        }
    }
    anyhow::ensure!(received == BATCHES * BATCH, "{received} datagrams");
    Ok(received)
}

fn bare_stream(data: &[u8]) -> anyhow::Result<usize> {
    let buffer = || tcp::SocketBuffer::new(vec![0; BUFFER]);
    let mut pair = Pair::new(|| {
        let mut socket = tcp::Socket::new(buffer(), buffer());
        socket.set_congestion_control(CongestionControl::Reno);
        socket
    });
    pair.ends[1].socket::<tcp::Socket>().listen(80)?;
    let Bare { interface, sockets, socket, .. } = &mut pair.ends[0];
    let client: &mut tcp::Socket = sockets.get_mut(*socket);
    client.connect(interface.context(), (SERVER, 80), 49_152)?;
    let (mut sent, mut received) = (0, 0);
    let mut bytes = vec![0; BUFFER];
    while received < data.len() {
        pair.poll();
        let [client, server] = pair.ends.each_mut().map(|end| end.socket::<tcp::Socket>());
        anyhow::ensure!(client.is_open(), "the connection ended");
        if client.can_send() {
            sent += client.send_slice(&data[sent..])?;
        }
        if server.can_recv() {
            received += server.recv_slice(&mut bytes)?;
        }
    }
    Ok(received)
}

/// The device under a stack.
#[derive(Default)]
struct Memory {
    arrived: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
}

impl Device for Memory {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = ToSend<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = MTU;
        capabilities
    }

    fn receive(&mut self, _: Instant) -> Option<(Arrived, ToSend<'_>)> {
        Some((Arrived(self.arrived.pop_front()?), ToSend(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<ToSend<'_>> {
        Some(ToSend(&mut self.sent))
    }
}

struct Arrived(Vec<u8>);

impl phy::RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

struct ToSend<'a>(&'a mut VecDeque<Vec<u8>>);

impl phy::TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut packet = vec![0; length];
        let written = write(&mut packet);
        self.0.push_back(packet);
        written
    }
}
