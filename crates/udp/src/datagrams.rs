//! Ten datagrams over a bad link: what arrives, and what UDP adds to a packet.

use std::net::SocketAddrV4;
use std::time::Duration;

use internet::{Fault, Internet, Link, TopologyError, What, Why, packet};

/// How many datagrams are sent.
pub const SENT: u8 = 10;

/// The time between two of them.
const PACE: Duration = Duration::from_millis(5);

/// What the link does to which of them.
const FAULTS: [(u64, Fault); 4] = [
    (2, Fault::Lose),
    (4, Fault::Duplicate(Duration::from_millis(1))),
    // A bit of the payload, which begins after 20 and 8 bytes of headers.
    (6, Fault::Flip(8 * 28)),
    // Two others pass it.
    (8, Fault::Hold(Duration::from_millis(12))),
];

/// What ten datagrams came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The numbers that the program read, in their order.
    pub numbers: Vec<u8>,
    /// How many the receiver's system dropped for a wrong checksum.
    pub damaged: usize,
    /// UDP's header of the first datagram.
    pub header: Vec<Field>,
}

/// A field of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in RFC 768.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: [u8; 2],
    /// What they say here.
    pub means: String,
}

/// Sends ten numbered datagrams over a link that loses the second, copies the fourth, flips a bit
/// of the sixth and holds the eighth back.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn ten() -> Result<Arrived, TopologyError> {
    let mut net = Internet::new(1);
    let (from, to) = (net.host("sender", "192.0.2.10")?, net.host("receiver", "203.0.113.80")?);
    net.link(from, to, Link::default())?;
    for (nth, fault) in FAULTS {
        net.fault(from, to, nth, fault)?;
    }
    let (sender, receiver) = (net.udp_bind(from, 50_000), net.udp_bind(to, 7));
    let port = SocketAddrV4::new(net.address(to), 7);
    for number in 1..=SENT {
        net.send_to(sender, port, format!("number {number:2}").as_bytes());
        net.run_until(net.now() + PACE);
    }
    net.run_until(Duration::from_secs(1));
    let numbers = std::iter::from_fn(|| net.receive(receiver)).map(|(_, text)| number(&text));
    let numbers = numbers.collect();
    let notes = &net.record().notes;
    let is_damaged = |what| what == What::Dropped(Why::BadChecksum);
    let damaged = notes.iter().filter(|note| is_damaged(note.what)).count();
    let header = notes.first().map_or_else(Vec::new, |note| header(&note.packet.bytes));
    Ok(Arrived { numbers, damaged, header })
}

/// The header of the datagram in a packet.
fn header(packet: &[u8]) -> Vec<Field> {
    let field = |place: usize| {
        let at = packet::IPV4_HEADER + 2 * place;
        [packet[at], packet[at + 1]]
    };
    let value = |place| u16::from_be_bytes(field(place));
    let means = [
        ("source port", format!("{}, the sender's", value(0))),
        ("destination port", format!("{}, the receiver's", value(1))),
        ("length", format!("{} bytes, these eight and the text", value(2))),
        ("checksum", "computed from addresses, header and text".to_owned()),
    ];
    let fields = means.into_iter().enumerate();
    fields.map(|(place, (name, means))| Field { name, bytes: field(place), means }).collect()
}

fn number(text: &[u8]) -> u8 {
    let digits = text.strip_prefix(b"number ").map(String::from_utf8_lossy);
    digits.and_then(|digits| digits.trim().parse().ok()).expect("the checksum was right")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_shows_in_what_arrives() -> Result<(), TopologyError> {
        let arrived = ten()?;
        assert_eq!(arrived.numbers, [1, 3, 4, 4, 5, 7, 9, 10, 8]);
        assert_eq!(arrived.damaged, 1);
        Ok(())
    }

    #[test]
    fn the_header_has_both_ports_and_the_length() -> Result<(), TopologyError> {
        let header = ten()?.header;
        let values: Vec<u16> = header.iter().map(|field| u16::from_be_bytes(field.bytes)).collect();
        assert_eq!(values[..3], [50_000, 7, 8 + "number  1".len() as u16]);
        assert_eq!((values.len(), header[3].name), (4, "checksum"));
        Ok(())
    }
}
