//! Messages: a question, and what a server answers, as bytes.
//!
//! ```text
//!  bytes  0    2       4           6         8           10           12
//!         | id | flags | questions | answers | authority | additional | question …
//! ```
//!
//! The four numbers in the middle say how many records follow in each section. A message over UDP
//! has 512 bytes at most, unless the request says with EDNS that more may come ([`UDP_SIZE`]); one
//! that does not fit has the flag TC (truncated), and the client asks again over TCP.
//!
//! The crate simple-dns writes messages and reads answers; a server reads the little that a
//! request has itself ([`Request`]). EDNS is read and written here: simple-dns 0.13 looks for its
//! version and flags at other places than RFC 6891 has them.

mod edns;
mod request;

use simple_dns::{CLASS, PacketFlag, QCLASS, QTYPE, RCODE, SimpleDnsError};

pub(crate) use edns::EDNS_SIZE;
pub use edns::Edns;
pub use request::Request;
pub use simple_dns::Packet;

use crate::name::Name;
use crate::record::{Kind, Record};

/// The largest datagram that we take and announce with EDNS. Every link of IPv6 takes packets of
/// 1,280 bytes; less its header and that of UDP, so that no datagram is cut into pieces on the way.
pub const UDP_SIZE: u16 = 1232;

/// The largest answer over UDP to a request without EDNS (RFC 1035, section 2.3.4).
pub const UDP_SIZE_WITHOUT_EDNS: u16 = 512;

/// The largest message over TCP: its length has two bytes.
pub const TCP_SIZE: usize = 65_535;

/// The bytes of a header.
pub const HEADER: usize = 12;

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// A datagram.
    Udp,
    /// A stream, on which each message follows its length.
    Tcp,
}

/// Which records of which name are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name.
    pub name: Name,
    /// The type of the records.
    pub kind: Kind,
}

impl Question {
    /// The request with this id, as bytes. With `recursive` the server is asked to do the walk.
    pub fn encode(&self, id: u16, recursive: bool) -> Vec<u8> {
        let mut packet = Packet::new_query(id);
        if recursive {
            packet.set_flags(PacketFlag::RECURSION_DESIRED);
        }
        let (kind, class) = (QTYPE::TYPE(self.kind.to_wire()), QCLASS::CLASS(CLASS::IN));
        packet.questions.push(simple_dns::Question::new(self.name.to_wire(), kind, class, false));
        let mut bytes = packet.build_bytes_vec().expect("a message in memory can be written");
        Edns::OURS.append_to(&mut bytes);
        bytes
    }

    /// Whether `packet` has this question, and no other.
    pub fn is_that_of(&self, packet: &Packet<'_>) -> bool {
        let [asked] = &packet.questions[..] else { return false };
        asked.qtype == QTYPE::TYPE(self.kind.to_wire())
            && asked.qclass == QCLASS::CLASS(CLASS::IN)
            && Name::from_wire(&asked.qname) == self.name
    }
}

/// The id in the header of a message; `None` where there is no header.
pub fn id(message: &[u8]) -> Option<u16> {
    (message.len() >= HEADER).then(|| u16::from_be_bytes([message[0], message[1]]))
}

/// Whether the header says that this is a response.
///
/// # Panics
/// If there is no header.
pub fn is_response(message: &[u8]) -> bool {
    message[2] & 0x80 != 0
}

/// Whether the answer was too long for what carried it.
pub fn is_truncated(message: &[u8]) -> bool {
    message.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// The most records of an answer. Each name in 64 KiB can be a chain of 8,000 pointers, and a
/// record can have three: to follow those of 1,000 records takes seconds in a debug build.
const MAX_RECORDS: usize = 250;

/// Reads an answer.
///
/// A header may claim 65,535 records where none follow, and simple-dns takes memory for all that it
/// claims; so that is checked first.
///
/// # Errors
/// It is not one: it is cut short, has two questions, a name is too long or points forward. Or its
/// header claims more than 250 records.
pub fn parse(message: &[u8]) -> Result<Packet<'_>, SimpleDnsError> {
    let Some(header) = message.first_chunk::<HEADER>() else {
        return Err(SimpleDnsError::InsufficientData);
    };
    let count = |at: usize| usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
    if count(4) > 1 || count(6) + count(8) + count(10) > MAX_RECORDS {
        return Err(SimpleDnsError::InsufficientData);
    }
    Packet::parse(message)
}

/// The records of a section that are of a type and class that the lesson knows.
pub fn records(section: &[simple_dns::ResourceRecord<'_>]) -> Vec<Record> {
    section.iter().filter_map(Record::from_wire).collect()
}

/// The name of a status, as the RFCs and `dig` have it.
pub fn status(code: RCODE) -> &'static str {
    match code {
        RCODE::NoError => "NOERROR",
        RCODE::FormatError => "FORMERR",
        RCODE::ServerFailure => "SERVFAIL",
        RCODE::NameError => "NXDOMAIN",
        RCODE::NotImplemented => "NOTIMP",
        RCODE::Refused => "REFUSED",
        RCODE::BADVERS => "BADVERS",
        _ => "an unknown status",
    }
}
