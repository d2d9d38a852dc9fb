//! Exercise: a resolver, which follows referrals from the root and keeps a cache. One way to write
//! it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use checks::dns::{Body, Data, MAX_ALIASES, Network, Resolve, ResolveError};

/// What is known, each with the second from which on it is not.
pub struct Resolver {
    roots: Vec<Ipv4Addr>,
    zones: BTreeMap<String, (Vec<Ipv4Addr>, u64)>,
    /// `None`: the name does not exist.
    names: BTreeMap<String, (Option<Data>, u64)>,
}

impl Resolve for Resolver {
    fn new(roots: Vec<Ipv4Addr>) -> Resolver {
        Resolver { roots, zones: BTreeMap::new(), names: BTreeMap::new() }
    }

    fn resolve(&mut self, network: &mut Network, name: &str) -> Result<Ipv4Addr, ResolveError> {
        let mut name = name.to_owned();
        for _ in 0..=MAX_ALIASES {
            match self.look_up(network, &name)? {
                Some(Data::Address(address)) => return Ok(address),
                Some(Data::Alias(target)) => name = target,
                None => return Err(ResolveError::NoSuchName),
            }
        }
        Err(ResolveError::TooManyAliases)
    }
}

impl Resolver {
    /// What there is of a name, from the cache or from a walk down the tree.
    fn look_up(&mut self, network: &mut Network, name: &str) -> Result<Option<Data>, ResolveError> {
        let now = network.now();
        if let Some((data, end)) = self.names.get(name)
            && now < *end
        {
            return Ok(data.clone());
        }
        let known = self.zones.iter().filter(|(zone, (_, end))| is_in(name, zone) && now < *end);
        let (mut zone, mut servers) = match known.max_by_key(|(zone, _)| zone.len()) {
            Some((zone, (servers, _))) => (zone.clone(), servers.clone()),
            None => (String::new(), self.roots.clone()),
        };
        loop {
            let mut replies = servers.iter().map(|&server| ask(network, server, &zone, name));
            match replies.find_map(|body| body).ok_or(ResolveError::NoAnswer)? {
                Body::Referral { zone: lower, servers: theirs, ttl } => {
                    self.zones.insert(lower.clone(), (theirs.clone(), now + ttl));
                    (zone, servers) = (lower, theirs);
                }
                Body::Answer(records) => {
                    let asked = records.iter().find(|record| record.name == name);
                    let data = asked.map(|record| record.data.clone());
                    for record in records.into_iter().filter(|record| is_in(&record.name, &zone)) {
                        self.names.insert(record.name, (Some(record.data), now + record.ttl));
                    }
                    return Ok(data);
                }
                Body::NoSuchName { ttl } => {
                    self.names.insert(name.to_owned(), (None, now + ttl));
                    return Ok(None);
                }
                Body::Failure => unreachable!("it is not usable"),
            }
        }
    }
}

/// What a server of this zone says of a name, if that is usable.
fn ask(network: &mut Network, server: Ipv4Addr, zone: &str, name: &str) -> Option<Body> {
    let id = network.next_id();
    let reply = network.ask(server, id, name)?;
    let is_usable = match &reply.body {
        Body::Answer(records) => records.iter().any(|record| record.name == name),
        Body::Referral { zone: lower, .. } => {
            is_in(name, lower) && is_in(lower, zone) && lower != zone
        }
        Body::NoSuchName { .. } => true,
        Body::Failure => false,
    };
    (reply.id == id && reply.name == name && is_usable).then_some(reply.body)
}

/// Whether a name, or a zone, lies in a zone.
fn is_in(name: &str, zone: &str) -> bool {
    zone.is_empty() || name == zone || name.ends_with(&format!(".{zone}"))
}
