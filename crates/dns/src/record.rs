//! Resource records: what a zone says of a name.

use std::fmt::{self, Display};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use simple_dns::rdata::{self, RData};
use simple_dns::{CLASS, CharacterString, ResourceRecord, TYPE};

use crate::name::Name;

/// The longest string of a TXT record, in bytes; a longer text takes several.
const MAX_STRING: usize = 255;

/// The types of records that this lesson knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// This name is an alias of that one.
    Cname,
    /// A server of the zone that begins at this name.
    Ns,
    /// The start of a zone (of authority), and its numbers.
    Soa,
    /// Text. Its strings are joined; what is not UTF-8 in them is read as U+FFFD.
    Txt,
}

/// A record. Its class is IN, the internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that it says something of.
    pub name: Name,
    /// For how many seconds it may be kept.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are those of `Kind`")]
pub enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(Name),
    Ns(Name),
    Soa(Soa),
    Txt(String),
}

/// The numbers of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The server that has the original.
    pub server: Name,
    /// The mailbox of the person who is responsible, its `@` written as a dot.
    pub mailbox: Name,
    /// The version.
    pub serial: u32,
    /// For servers that copy the zone: when to look for a new version, when to try again, and when
    /// to forget it, in seconds.
    pub copies: [u32; 3],
    /// For how many seconds "no such name" may be kept (RFC 2308, section 4).
    pub negative_ttl: u32,
}

impl Record {
    /// The type of the record.
    pub fn kind(&self) -> Kind {
        match self.data {
            Data::A(_) => Kind::A,
            Data::Aaaa(_) => Kind::Aaaa,
            Data::Cname(_) => Kind::Cname,
            Data::Ns(_) => Kind::Ns,
            Data::Soa(_) => Kind::Soa,
            Data::Txt(_) => Kind::Txt,
        }
    }

    /// The IPv4 address that it says.
    pub fn address(&self) -> Option<Ipv4Addr> {
        match self.data {
            Data::A(address) => Some(address),
            _ => None,
        }
    }

    /// The name of which it makes an alias.
    pub fn target(&self) -> Option<&Name> {
        match &self.data {
            Data::Cname(target) => Some(target),
            _ => None,
        }
    }

    /// A record that came over the network, unless it is of another class or type.
    pub fn from_wire(record: &ResourceRecord<'_>) -> Option<Record> {
        if record.class != CLASS::IN {
            return None;
        }
        let data = match &record.rdata {
            RData::A(a) => Data::A(a.address.into()),
            RData::AAAA(aaaa) => Data::Aaaa(aaaa.address.into()),
            RData::CNAME(target) => Data::Cname(Name::from_wire(target)),
            RData::NS(server) => Data::Ns(Name::from_wire(server)),
            RData::SOA(soa) => Data::Soa(Soa::from_wire(soa)),
            RData::TXT(txt) => Data::Txt(
                String::try_from(txt.clone())
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into()),
            ),
            _ => return None,
        };
        // One that is negative as a signed number is taken for zero (RFC 2181, section 8).
        let ttl = if record.ttl > i32::MAX as u32 { 0 } else { record.ttl };
        Some(Record { name: Name::from_wire(&record.name), ttl, data })
    }

    /// The record as it goes over the network.
    pub fn to_wire(&self) -> ResourceRecord<'_> {
        let data = match &self.data {
            Data::A(address) => RData::A((*address).into()),
            Data::Aaaa(address) => RData::AAAA((*address).into()),
            Data::Cname(target) => RData::CNAME(target.to_wire().into()),
            Data::Ns(server) => RData::NS(server.to_wire().into()),
            Data::Soa(soa) => RData::SOA(soa.to_wire()),
            Data::Txt(text) => RData::TXT(strings(text)),
        };
        ResourceRecord::new(self.name.to_wire(), CLASS::IN, self.ttl, data)
    }
}

fn strings(text: &str) -> rdata::TXT<'_> {
    text.as_bytes().chunks(MAX_STRING).fold(rdata::TXT::new(), |txt, piece| {
        txt.with_char_string(CharacterString::new(piece).expect("a piece is short enough"))
    })
}

impl Soa {
    fn from_wire(soa: &rdata::SOA<'_>) -> Soa {
        Soa {
            server: Name::from_wire(&soa.mname),
            mailbox: Name::from_wire(&soa.rname),
            serial: soa.serial,
            copies: [soa.refresh, soa.retry, soa.expire].map(i32::cast_unsigned),
            negative_ttl: soa.minimum,
        }
    }

    fn to_wire(&self) -> rdata::SOA<'_> {
        let [refresh, retry, expire] = self.copies.map(u32::cast_signed);
        rdata::SOA {
            mname: self.server.to_wire(),
            rname: self.mailbox.to_wire(),
            serial: self.serial,
            refresh,
            retry,
            expire,
            minimum: self.negative_ttl,
        }
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] = [Kind::A, Kind::Aaaa, Kind::Cname, Kind::Ns, Kind::Soa, Kind::Txt];

    /// The name of the type, as it stands in a zone file.
    pub fn name(self) -> &'static str {
        match self {
            Kind::A => "A",
            Kind::Aaaa => "AAAA",
            Kind::Cname => "CNAME",
            Kind::Ns => "NS",
            Kind::Soa => "SOA",
            Kind::Txt => "TXT",
        }
    }

    /// The type as it goes over the network.
    pub fn to_wire(self) -> TYPE {
        match self {
            Kind::A => TYPE::A,
            Kind::Aaaa => TYPE::AAAA,
            Kind::Cname => TYPE::CNAME,
            Kind::Ns => TYPE::NS,
            Kind::Soa => TYPE::SOA,
            Kind::Txt => TYPE::TXT,
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Kind, ()> {
        Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text)).ok_or(())
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::A(address) => address.fmt(f),
            Data::Aaaa(address) => address.fmt(f),
            Data::Cname(name) | Data::Ns(name) => name.fmt(f),
            Data::Soa(soa) => {
                let [refresh, retry, expire] = soa.copies;
                let Soa { server, mailbox, serial, negative_ttl, .. } = soa;
                write!(f, "{server} {mailbox} {serial} {refresh} {retry} {expire} {negative_ttl}")
            }
            Data::Txt(text) => text.fmt(f),
        }
    }
}
