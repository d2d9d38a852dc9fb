//! The zones and servers of a case, and what each server says.

use std::net::Ipv4Addr;

use super::{Body, Data, Record, Reply};

/// Where every lie leads: the address in a forged or out-of-zone record, and a server that gives
/// that address for every name.
pub(super) const EVIL: Ipv4Addr = Ipv4Addr::new(10, 6, 6, 6);

/// Of what is forged. It outlives all that is true.
const LONG: u64 = 86_400;

/// How a server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    Good,
    Silent,
    Failing,
    /// A forged answer arrives in place of its own.
    WrongId,
    WrongName,
    /// It answers with a referral that does not lead down: to the root, to its own zone, to another
    /// branch, or to a zone that only looks like one of the name's.
    Up,
    Itself,
    Elsewhere,
    LookAlike,
    /// It answers with the record of another name alone.
    Beside,
    /// As if good, but with records of all names that are not of its zone.
    Poisons,
}

/// Every one, and what it does in words.
pub(super) const CONDUCTS: [(Conduct, &str); 11] = [
    (Conduct::Good, "good"),
    (Conduct::Silent, "silent"),
    (Conduct::Failing, "fails"),
    (Conduct::WrongId, "sends a wrong id"),
    (Conduct::WrongName, "replies to another name"),
    (Conduct::Beside, "answers beside"),
    (Conduct::Up, "refers up"),
    (Conduct::Itself, "refers to itself"),
    (Conduct::Elsewhere, "refers elsewhere"),
    (Conduct::LookAlike, "refers beside"),
    (Conduct::Poisons, "poisons"),
];

impl Conduct {
    pub(super) fn words(self) -> &'static str {
        CONDUCTS.iter().find(|(conduct, _)| *conduct == self).map_or("", |(_, words)| words)
    }

    pub(super) fn is_usable(self) -> bool {
        matches!(self, Conduct::Good | Conduct::Poisons)
    }
}

/// A zone, its servers, and the TTL of the referral to it. A server may behave otherwise from the
/// second look-up on.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) name: &'static str,
    pub(super) servers: Vec<[Conduct; 2]>,
    pub(super) ttl: u64,
}

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Missing,
    /// An address that ends with the number of the look-up: so each look-up finds another.
    Address([u8; 3]),
    Alias(&'static str),
}

/// A name, what it is in the first look-up and later, and the TTL of that.
pub(super) type Name = (&'static str, [Is; 2], u64);

/// Zones, the parent before the child; names; and look-ups, each so many seconds after the one
/// before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(super) start: u64,
    pub(super) zones: Vec<Zone>,
    pub(super) names: Vec<Name>,
    /// The TTL of every name that does not exist.
    pub(super) negative: u64,
    pub(super) look_ups: Vec<(u64, &'static str)>,
}

impl Case {
    /// When a look-up happens. They are counted from 1.
    pub(super) fn time(&self, number: usize) -> u64 {
        self.start + self.look_ups[..number].iter().map(|(wait, _)| wait).sum::<u64>()
    }

    /// The zones that a name lies in, the root first.
    pub(super) fn path(&self, name: &str) -> impl Iterator<Item = usize> {
        (0..self.zones.len()).filter(move |&zone| lies_in(name, self.zones[zone].name))
    }

    /// The addresses of a zone's servers, in their order.
    pub(super) fn servers(&self, zone: usize) -> Vec<Ipv4Addr> {
        let count = self.zones[zone].servers.len() as u8;
        (1..=count).map(|server| Ipv4Addr::new(10, 0, zone as u8, server)).collect()
    }

    /// The zone of a server, and how it behaves.
    pub(super) fn server(&self, server: Ipv4Addr, number: usize) -> Option<(usize, Conduct)> {
        let [10, 0, zone, place] = server.octets() else { return None };
        let zone = usize::from(zone);
        let conduct = self.zones.get(zone)?.servers.get(usize::from(place).checked_sub(1)?)?;
        Some((zone, conduct[usize::from(number > 1)]))
    }

    /// What a name is in the first look-up and later, and the TTL of that.
    pub(super) fn name(&self, name: &str) -> ([Is; 2], u64) {
        let named = self.names.iter().find(|(other, ..)| *other == name);
        named.map_or(([Is::Missing; 2], 0), |(_, is, ttl)| (*is, *ttl))
    }

    /// What a name truly is in a look-up, and the TTL of that.
    pub(super) fn truth(&self, name: &str, number: usize) -> (Option<Data>, u64) {
        let (is, ttl) = self.name(name);
        match is[usize::from(number > 1)] {
            Is::Missing => (None, self.negative),
            Is::Alias(target) => (Some(Data::Alias(target.to_owned())), ttl),
            Is::Address([a, b, c]) => {
                (Some(Data::Address(Ipv4Addr::new(a, b, c, number as u8))), ttl)
            }
        }
    }

    /// The records of a right answer, with the name of each: after an alias its target, if that is
    /// of the same zone.
    pub(super) fn answer(&self, name: &str, number: usize) -> Vec<Record> {
        let zone = self.path(name).last();
        let mut records: Vec<Record> = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(name) = next.take_if(|name| self.path(name).last() == zone)
            && let (Some(data), ttl) = self.truth(&name, number)
            && records.iter().all(|record| record.name != name)
        {
            if let Data::Alias(target) = &data {
                next = Some(target.clone());
            }
            records.push(Record { name, data, ttl });
        }
        records
    }

    fn honest(&self, zone: usize, number: usize, name: &str) -> Body {
        let mut path = self.path(name).skip_while(|&it| it != zone);
        match (path.next(), path.next()) {
            (None, _) => Body::Failure,
            (_, Some(below)) => self.refer(below),
            (_, None) => match self.answer(name, number) {
                records if records.is_empty() => Body::NoSuchName { ttl: self.negative },
                records => Body::Answer(records),
            },
        }
    }

    fn refer(&self, zone: usize) -> Body {
        let Zone { name, ttl, .. } = self.zones[zone];
        Body::Referral { zone: name.to_owned(), servers: self.servers(zone), ttl }
    }

    /// What a server replies to a question of this look-up.
    pub(super) fn reply(
        &self,
        server: Ipv4Addr,
        id: u16,
        name: &str,
        number: usize,
    ) -> Option<Reply> {
        let astray =
            |zone: &str| Body::Referral { zone: zone.to_owned(), servers: vec![EVIL], ttl: LONG };
        let body = Body::Answer(vec![evil(name)]);
        let mut reply = Reply { id, name: name.to_owned(), body };
        let Some((zone, conduct)) = self.server(server, number) else {
            return (server == EVIL).then_some(reply);
        };
        match conduct {
            Conduct::Silent => return None,
            Conduct::WrongId => reply.id ^= 0x100,
            Conduct::WrongName => reply.name.insert(0, 'x'),
            Conduct::Good => reply.body = self.honest(zone, number, name),
            Conduct::Failing => reply.body = Body::Failure,
            Conduct::Beside => reply.body = Body::Answer(vec![evil(&format!("x.{name}"))]),
            Conduct::Up => reply.body = self.refer(0),
            Conduct::Itself => reply.body = self.refer(zone),
            Conduct::Elsewhere => reply.body = astray("test"),
            Conduct::LookAlike => reply.body = astray(&name[1..]),
            Conduct::Poisons => {
                reply.body = self.honest(zone, number, name);
                if let Body::Answer(records) = &mut reply.body {
                    let names = self.names.iter().map(|(name, ..)| *name);
                    let others = names.filter(|name| !lies_in(name, self.zones[zone].name));
                    records.extend(others.map(evil));
                }
            }
        }
        Some(reply)
    }
}

/// Whether a name, or a zone, lies in a zone.
pub(super) fn lies_in(name: &str, zone: &str) -> bool {
    let labels = name.strip_suffix(zone);
    labels.is_some_and(|labels| zone.is_empty() || labels.is_empty() || labels.ends_with('.'))
}

fn evil(name: &str) -> Record {
    Record { name: name.to_owned(), data: Data::Address(EVIL), ttl: LONG }
}
