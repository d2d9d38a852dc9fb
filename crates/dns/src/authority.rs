//! The servers' half: from a zone and a request to an answer, without a socket.
//!
//! A server that has a zone answers for the names in it with authority; for a name below a cut it
//! returns a **referral**, the servers of the zone that begins there (RFC 1034, section 4.3.2). It
//! never asks another server.
//!
//! What holds:
//!
//! * A response is never answered, so that two servers cannot be made to answer each other without
//!   end.
//! * An answer has the id and the question as they were asked, and the flag of a response.
//! * Over UDP it is at most as long as the request allows, and 1,232 bytes; one that does not fit
//!   has no records and the flag TC.

use std::borrow::Cow;

use simple_dns::{CLASS, PacketFlag, QCLASS, QTYPE, RCODE, TYPE};

use crate::message::{
    self, EDNS_SIZE, Edns, HEADER, Over, Packet, Request, TCP_SIZE, UDP_SIZE, UDP_SIZE_WITHOUT_EDNS,
};
use crate::name::Name;
use crate::record::{Kind, Record};
use crate::zone::Zone;

/// The most aliases that are followed inside a zone.
const MAX_ALIASES: usize = 8;

/// The zones of one server.
#[derive(Clone, Debug, Default)]
pub struct Authority(pub Vec<Zone>);

/// The class of the internet, and the types from which on a question asks for more than records of
/// one type: whole zones, or all that a name has.
const IN: u16 = CLASS::IN as u16;
const FIRST_META_TYPE: u16 = 249;
const LAST_META_TYPE: u16 = 255;

/// What is found for a question, by section.
#[derive(Default)]
struct Found<'zone> {
    status: Option<RCODE>,
    is_authoritative: bool,
    answers: Vec<&'zone Record>,
    authority: Vec<Cow<'zone, Record>>,
    additional: Vec<&'zone Record>,
}

impl Authority {
    /// The answer to a request, or none where nothing may be answered: there is no header, or it is
    /// a response itself.
    pub fn respond(&self, message: &[u8], over: Over) -> Option<Vec<u8>> {
        let id = message::id(message)?;
        if message::is_response(message) {
            return None;
        }
        Some(match Request::read(message) {
            Ok(request) => self.answer(&request, over),
            Err(status) => header_alone(id, message[2], status),
        })
    }

    fn answer(&self, request: &Request<'_>, over: Over) -> Vec<u8> {
        let limit = match (over, request.edns) {
            (Over::Tcp, _) => TCP_SIZE,
            (Over::Udp, None) => usize::from(UDP_SIZE_WITHOUT_EDNS),
            (Over::Udp, Some(edns)) => {
                usize::from(edns.size.clamp(UDP_SIZE_WITHOUT_EDNS, UDP_SIZE))
            }
        };
        let found = match refusal(request) {
            Some(status) => Found { status: Some(status), ..Found::default() },
            None => self.look_up(request),
        };
        write(request, &found, limit)
    }

    fn look_up(&self, request: &Request<'_>) -> Found<'_> {
        let name = request.lower_case_name();
        let zones = self.0.iter().filter(|zone| name.is_within(zone.top()));
        // Of a zone and one below it, both here, the lower one has the name.
        match zones.max_by_key(|zone| zone.top().labels().count()) {
            Some(zone) => look_up_in(zone, name, TYPE::from(request.kind)),
            None => Found { status: Some(RCODE::Refused), ..Found::default() },
        }
    }
}

/// The status of a request that is not answered with records.
fn refusal(request: &Request<'_>) -> Option<RCODE> {
    if request.opcode != 0 {
        return Some(RCODE::NotImplemented);
    }
    if request.edns.is_some_and(|edns| edns.version != Edns::OURS.version) {
        return Some(RCODE::BADVERS);
    }
    match (request.class, request.kind) {
        // Long answers to a short request, which may have a forged sender.
        (IN, FIRST_META_TYPE..=LAST_META_TYPE) => Some(RCODE::NotImplemented),
        (IN, _) => None,
        _ => Some(RCODE::Refused),
    }
}

fn look_up_in(zone: &Zone, mut name: Name, kind: TYPE) -> Found<'_> {
    let mut found = Found { is_authoritative: true, ..Found::default() };
    let wanted = |record: &&Record| record.kind().to_wire() == kind;
    for _ in 0..=MAX_ALIASES {
        if let Some(cut) = zone.cut_above(&name) {
            if found.answers.is_empty() {
                refer(zone, &cut, &mut found);
            }
            return found;
        }
        let fitting: Vec<_> = zone.all(&name).iter().filter(wanted).collect();
        if !fitting.is_empty() {
            found.answers.extend(fitting);
            return found;
        }
        let alias = zone.all(&name).iter().find_map(|record| Some((record, record.target()?)));
        match alias {
            Some((alias, target)) => {
                found.answers.push(alias);
                if !target.is_within(zone.top()) {
                    return found;
                }
                name = target.clone();
            }
            None => {
                found.status = (!zone.has(&name)).then_some(RCODE::NameError);
                found.authority = vec![Cow::Owned(zone.negative())];
                return found;
            }
        }
    }
    found
}

/// The servers of the zone that begins at `cut`, with the addresses that are known here.
fn refer<'zone>(zone: &'zone Zone, cut: &Name, found: &mut Found<'zone>) {
    found.is_authoritative = false;
    found.authority = zone.find(cut, Kind::Ns).map(Cow::Borrowed).collect();
    for server in zone.servers(cut) {
        found.additional.extend(zone.find(server, Kind::A));
        found.additional.extend(zone.find(server, Kind::Aaaa));
    }
}

fn write(request: &Request<'_>, found: &Found<'_>, limit: usize) -> Vec<u8> {
    let mut reply = Packet::new_reply(request.id);
    if request.wants_recursion {
        reply.set_flags(PacketFlag::RECURSION_DESIRED);
    }
    if found.is_authoritative {
        reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    }
    *reply.rcode_mut() = found.status.unwrap_or(RCODE::NoError);
    // Its type and class are written over afterwards: simple-dns does not know all numbers.
    let (kind, class) = (QTYPE::TYPE(TYPE::A), QCLASS::CLASS(CLASS::IN));
    reply.questions = vec![simple_dns::Question::new(request.name(), kind, class, false)];
    reply.answers = found.answers.iter().map(|record| record.to_wire()).collect();
    reply.name_servers = found.authority.iter().map(|record| record.to_wire()).collect();
    reply.additional_records = found.additional.iter().map(|record| record.to_wire()).collect();
    let own = if request.edns.is_some() { EDNS_SIZE } else { 0 };
    let mut bytes = encoded(&reply);
    if bytes.len() + own > limit {
        // A part of the records of a name would be taken for all of them (RFC 2181, section 9).
        reply.answers.clear();
        reply.name_servers.clear();
        reply.additional_records.clear();
        match limit {
            TCP_SIZE => *reply.rcode_mut() = RCODE::ServerFailure,
            _ => reply.set_flags(PacketFlag::TRUNCATION),
        }
        bytes = encoded(&reply);
    }
    bytes[2] |= request.opcode << 3;
    // The first name of a message is written in full, so it takes the bytes that it had.
    bytes[HEADER..HEADER + request.question.len()].copy_from_slice(request.question);
    if let Some(edns) = request.edns {
        let status = (found.status.unwrap_or(RCODE::NoError) as u16 >> 4) as u8;
        Edns { status, dnssec_ok: edns.dnssec_ok, ..Edns::OURS }.append_to(&mut bytes);
    }
    debug_assert!(bytes.len() <= limit);
    bytes
}

fn encoded(reply: &Packet<'_>) -> Vec<u8> {
    reply.build_bytes_vec_compressed().expect("a message in memory can be written")
}

/// An answer to what cannot be read: the id and the kind of request that its header has.
fn header_alone(id: u16, flags: u8, status: RCODE) -> Vec<u8> {
    const RESPONSE: u8 = 0x80;
    // The kind of request, and whether recursion was wanted.
    const COPIED: u8 = 0x79;
    let mut reply = vec![0; HEADER];
    reply[..2].copy_from_slice(&id.to_be_bytes());
    reply[2] = RESPONSE | flags & COPIED;
    reply[3] = status as u8;
    reply
}
