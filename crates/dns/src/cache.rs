//! What a resolver remembers, each for its TTL.
//!
//! What holds:
//!
//! * Nothing is returned after its TTL, and what is returned says the remaining one.
//! * A TTL of zero is not kept at all.
//! * The cache has at most [`MAX_ENTRIES`] of each sort. What would end first makes room.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use crate::message::Question;
use crate::name::Name;
use crate::record::{Kind, Record};

/// The most questions, zones and failed servers that are remembered, each. An answer has up to
/// 64 KiB.
pub const MAX_ENTRIES: usize = 1_000;

/// The longest time that a record is kept, in seconds: a server may be wrong about years.
const MAX_TTL: u32 = 86_400;

/// The longest time that "no such name" is kept, in seconds (RFC 2308, section 5).
const MAX_NEGATIVE_TTL: u32 = 3 * 3_600;

/// For how long a server that gave no answer is asked after all others.
const AVOIDED: Duration = Duration::from_secs(60);

/// What is known of a name and a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The records of that type.
    Records(Vec<Record>),
    /// It is an alias, by this record.
    Alias(Record),
    /// The name does not exist.
    NoSuchName,
    /// The name exists, and has no record of that type.
    NoData,
}

/// A server by its name, with the addresses that came as glue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: Name,
    /// Its addresses, or none: then the name has to be looked up.
    pub addresses: Vec<Ipv4Addr>,
}

/// Answers, zones, and servers that failed.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    /// What does not exist is known for all types of its name.
    answers: Kept<(Name, Option<Kind>), Known>,
    zones: Kept<Name, Vec<Server>>,
    failed: Kept<Ipv4Addr, ()>,
}

impl Cache {
    /// What is known at the moment `now`.
    pub fn get(&self, question: &Question, now: Duration) -> Option<Known> {
        let Question { name, kind } = question;
        let of = |kind| {
            let (known, remaining) = self.answers.get(&(name.clone(), kind), now)?;
            let mut known = known.clone();
            if let Known::Records(records) = &mut known {
                records.iter_mut().for_each(|record| record.ttl = remaining.as_secs() as u32);
            }
            Some(known)
        };
        of(None).or_else(|| of(Some(*kind))).or_else(|| match of(Some(Kind::Cname))? {
            Known::Records(aliases) => aliases.into_iter().next().map(Known::Alias),
            // That it is not an alias says nothing of other types.
            _ => None,
        })
    }

    /// Remembers this, for `ttl` seconds.
    pub fn put(&mut self, question: &Question, known: &Known, ttl: u32, now: Duration) {
        let Question { name, kind } = question;
        let (kind, most) = match known {
            Known::Records(_) => (Some(*kind), MAX_TTL),
            Known::Alias(_) => (Some(Kind::Cname), MAX_TTL),
            Known::NoSuchName => (None, MAX_NEGATIVE_TTL),
            Known::NoData => (Some(*kind), MAX_NEGATIVE_TTL),
        };
        if kind.is_some() {
            // It exists now, whatever was said before.
            self.answers.0.remove(&(name.clone(), None));
        }
        let known = match known {
            // As it is the answer where the alias itself is asked for.
            Known::Alias(record) => Known::Records(vec![record.clone()]),
            other => other.clone(),
        };
        self.answers.put((name.clone(), kind), known, seconds(ttl.min(most)), now);
    }

    /// The servers of the lowest zone above `name` that is known.
    pub fn closest_zone(&self, name: &Name, now: Duration) -> Option<(Name, Vec<Server>)> {
        name.and_above().find_map(|zone| {
            let (servers, _) = self.zones.get(&zone, now)?;
            Some((zone, servers.clone()))
        })
    }

    /// Remembers the servers of a zone.
    pub fn put_zone(&mut self, zone: &Name, servers: &[Server], ttl: u32, now: Duration) {
        self.zones.put(zone.clone(), servers.to_vec(), seconds(ttl.min(MAX_TTL)), now);
    }

    /// Remembers that a server gave no answer.
    pub fn put_failed(&mut self, server: Ipv4Addr, now: Duration) {
        self.failed.put(server, (), AVOIDED, now);
    }

    /// Whether a server gave no answer lately.
    pub fn has_failed(&self, server: Ipv4Addr, now: Duration) -> bool {
        self.failed.get(&server, now).is_some()
    }

    /// How many answers, zones and failed servers are remembered, ended ones included.
    pub fn sizes(&self) -> [usize; 3] {
        [self.answers.0.len(), self.zones.0.len(), self.failed.0.len()]
    }
}

fn seconds(ttl: u32) -> Duration {
    Duration::from_secs(ttl.into())
}

/// Values with the moment until which each is kept.
#[derive(Clone, Debug)]
struct Kept<K, V>(BTreeMap<K, (V, Duration)>);

impl<K: Ord + Clone, V> Kept<K, V> {
    /// The value and the remaining time.
    fn get(&self, key: &K, now: Duration) -> Option<(&V, Duration)> {
        let (value, until) = self.0.get(key)?;
        let remaining = until.checked_sub(now).filter(|remaining| !remaining.is_zero())?;
        Some((value, remaining))
    }

    fn put(&mut self, key: K, value: V, keep: Duration, now: Duration) {
        if keep.is_zero() {
            return;
        }
        if self.0.len() >= MAX_ENTRIES && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        self.0.insert(key, (value, now + keep));
        debug_assert!(self.0.len() <= MAX_ENTRIES);
    }

    fn make_room(&mut self, now: Duration) {
        self.0.retain(|_, (_, until)| *until > now);
        if self.0.len() >= MAX_ENTRIES {
            let first = self.0.iter().min_by_key(|(_, (_, until))| *until);
            let first = first.map(|(key, _)| key.clone());
            first.and_then(|key| self.0.remove(&key));
        }
    }
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Kept(BTreeMap::new())
    }
}
