//! What of an answer is believed.

use simple_dns::{PacketFlag, RCODE};

use super::{Failure, MAX_ALIASES, Resolver, Said, Step, Turn};
use crate::cache::{Known, Server};
use crate::message::{self, Packet, Question, parse, records};
use crate::name::Name;
use crate::network::Network;
use crate::record::{Data, Kind, Record, Soa};

/// The most servers of a zone, and addresses of a server, that are remembered.
const MAX_SERVERS: usize = 8;
const MAX_ADDRESSES: usize = 4;

/// The records of an answer that lie in the zone of the server that was asked.
struct Believed {
    status: RCODE,
    is_authoritative: bool,
    answers: Vec<Record>,
    authority: Vec<Record>,
    additional: Vec<Record>,
}

impl Believed {
    fn of(packet: &Packet<'_>, zone: &Name) -> Believed {
        let in_zone = |section: &[simple_dns::ResourceRecord<'_>]| {
            let mut records = records(section);
            records.retain(|record| record.name.is_within(zone));
            records
        };
        Believed {
            status: packet.rcode(),
            is_authoritative: packet.has_flags(PacketFlag::AUTHORITATIVE_ANSWER),
            answers: in_zone(&packet.answers),
            authority: in_zone(&packet.name_servers),
            additional: in_zone(&packet.additional_records),
        }
    }

    /// The records of this type that answer for a name.
    fn find(&self, name: &Name, kind: Kind) -> Vec<Record> {
        let fits = |record: &&Record| record.name == *name && record.kind() == kind;
        self.answers.iter().filter(fits).cloned().collect()
    }

    /// For how many seconds "no such name" may be kept (RFC 2308, section 5). Without the SOA
    /// record of a zone that has the name: not at all.
    fn negative_ttl(&self, name: &Name) -> Option<u32> {
        self.authority.iter().find_map(|record| match &record.data {
            Data::Soa(Soa { negative_ttl, .. }) if name.is_within(&record.name) => {
                Some(record.ttl.min(*negative_ttl))
            }
            _ => None,
        })
    }

    /// The zone below `zone` that has the name, its servers, and how long that may be kept.
    fn referral(&self, zone: &Name, name: &Name) -> Option<(Name, Vec<Server>, u32)> {
        let leads_down = |record: &&Record| {
            record.kind() == Kind::Ns && record.name != *zone && name.is_within(&record.name)
        };
        let below = &self.authority.iter().find(leads_down)?.name;
        let mut servers = Vec::new();
        // The glue is kept with the names, so no longer than either may be.
        let mut ttl = u32::MAX;
        for record in self.authority.iter().filter(|record| record.name == *below) {
            let Data::Ns(name) = &record.data else { continue };
            ttl = ttl.min(record.ttl);
            let mut addresses = Vec::new();
            for glue in self.additional.iter().filter(|record| record.name == *name) {
                if let Some(address) = glue.address().filter(|_| addresses.len() < MAX_ADDRESSES) {
                    addresses.push(address);
                    ttl = ttl.min(glue.ttl);
                }
            }
            servers.push(Server { name: name.clone(), addresses });
        }
        servers.truncate(MAX_SERVERS);
        Some((below.clone(), servers, ttl))
    }
}

impl<N: Network> Resolver<N> {
    /// What an answer says, and the step that the walk makes by it; none where the question has to
    /// be asked again over TCP.
    pub(super) fn read(
        &mut self,
        zone: &Name,
        question: &Question,
        bytes: &[u8],
    ) -> (Said, Option<Turn>) {
        let failed = |failure: Failure| (Said::Failed(failure.clone()), Some(Err(failure)));
        let Ok(packet) = parse(bytes) else {
            return failed(Failure::NotAnAnswer);
        };
        if packet.has_flags(PacketFlag::TRUNCATION) {
            return (Said::Truncated, None);
        }
        let believed = Believed::of(&packet, zone);
        match believed.status {
            RCODE::NoError => {}
            RCODE::NameError if believed.is_authoritative => {}
            other => return failed(Failure::Status(message::status(other))),
        }
        if believed.is_authoritative {
            let known = self.learn(question, &believed);
            return (Said::Known(known.clone()), Some(Ok(Step::Known(known))));
        }
        match believed.referral(zone, &question.name) {
            Some((below, servers, ttl)) => {
                self.cache.put_zone(&below, &servers, ttl, self.network.now());
                let said = Said::Referral(below.clone(), servers.clone());
                (said, Some(Ok(Step::Down(below, servers))))
            }
            None => failed(Failure::Lame(zone.clone())),
        }
    }

    /// Remembers an answer that is given with authority, and the aliases in it, and returns what it
    /// says of the name that was asked for.
    fn learn(&mut self, question: &Question, believed: &Believed) -> Known {
        let now = self.network.now();
        let mut asked = question.clone();
        let mut first = None;
        for _ in 0..=MAX_ALIASES {
            let records = believed.find(&asked.name, asked.kind);
            let alias = believed.find(&asked.name, Kind::Cname).into_iter().next();
            let (known, ttl) = match (records.iter().map(|record| record.ttl).min(), alias) {
                (Some(ttl), _) => (Known::Records(records), ttl),
                (None, Some(alias)) => (Known::Alias(alias.clone()), alias.ttl),
                (None, None) => {
                    let ttl = believed.negative_ttl(&asked.name);
                    // An answer that ends with an alias may say no more of its target.
                    if first.is_some() && ttl.is_none() {
                        break;
                    }
                    let is_absent = believed.status == RCODE::NameError;
                    (if is_absent { Known::NoSuchName } else { Known::NoData }, ttl.unwrap_or(0))
                }
            };
            self.cache.put(&asked, &known, ttl, now);
            let target = match &known {
                Known::Alias(alias) => alias.target().cloned(),
                _ => None,
            };
            first.get_or_insert(known);
            match target {
                Some(target) => asked.name = target,
                None => break,
            }
        }
        first.expect("the first name is always said something of")
    }
}
