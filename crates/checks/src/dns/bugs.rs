//! How people get it wrong, and one resolver that has the bugs that it is asked to have.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::world::lies_in;
use super::{Body, Data, MAX_ALIASES, Network, Record, ResolveError};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    CachesForever, "caches for ever":
        "It never forgets what it has heard, but a name may get another address: after the TTL it \
         has to be asked for again.";
    | LastSecond, "a TTL ends a second late":
        "It uses what is cached at second `s + t` too, but a TTL of `t` is over by then: it holds \
         for `t` seconds, and not for one more.";
    | TtlRestarts, "each use begins the TTL anew":
        "It takes the TTL for the time since the last use, but it counts from the reply: a name \
         in steady use would never be asked for again.";
    RootEachTime, "begins at the root each time":
        "It caches names alone and walks from the root for each, but a referral may be cached as \
         well: the root could not serve everyone for every name.";
    NegativeNotCached, "NoSuchName is not cached":
        "It takes NoSuchName for nothing to remember, but that is an answer with a TTL, and a name \
         that is mistyped once is mistyped again.";
    | NegativeForever, "NoSuchName is cached for ever":
        "It forgets names that exist and none that does not, but a name may be registered later.";
    CachesFailure, "caches a failure as an answer":
        "It remembers that there was no answer, but that says nothing about the name: a server \
         may be up again by the next look-up.";
    NoSecondServer, "no second server":
        "It asks the first server of a zone alone, but a zone has several so that one may fail.";
    | FailureIsFinal, "a Failure ends the look-up":
        "It takes Failure for the answer of the zone, but it is that of one server, and the next \
         one may have better news.";
    IgnoresId, "ignores the id":
        "It believes a reply whatever its id is, but anyone can send one from a forged address: \
         only who has seen the question knows the id.";
    IgnoresName, "ignores the name of the reply":
        "It takes a reply with the right id for the right reply, but it may be to another \
         question.";
    OutOfZone, "trusts records out of the zone":
        "It caches every record that a server sends, but a server can say anything of zones that \
         are not its own.";
    FollowsLame, "follows every referral":
        "It follows a referral wherever it leads, but only one further down towards the name gets \
         nearer to an answer: others lead in a circle, or to a stranger's server.";
    NoLimit, "follows aliases without a limit":
        "It follows aliases until there is an address, but they may lead in a circle.";
    AliasSameServers, "asks the same servers for the target":
        "It asks the servers that have sent an alias for its target too, but the target may lie in \
         another zone, of which they know nothing.";
    AliasFlattened, "caches the address under the alias":
        "It caches the address under the first name, for as long as the address holds, but the \
         alias has a TTL of its own and may end earlier.";
}

/// What is cached, with its TTL and its end.
type Cache<T> = BTreeMap<String, (T, u64, u64)>;

pub(super) struct Buggy {
    bugs: Bugs<Bug>,
    roots: Vec<Ipv4Addr>,
    zones: Cache<Vec<Ipv4Addr>>,
    names: Cache<Result<Data, ResolveError>>,
    /// The zone that has sent the last alias, and its servers.
    same: Option<(String, Vec<Ipv4Addr>)>,
}

impl Buggy {
    pub(super) fn new(bugs: Bugs<Bug>, roots: Vec<Ipv4Addr>) -> Buggy {
        Buggy { bugs, roots, zones: BTreeMap::new(), names: BTreeMap::new(), same: None }
    }

    pub(super) fn resolve(
        &mut self,
        network: &mut Network,
        first: &str,
    ) -> Result<Ipv4Addr, ResolveError> {
        self.same = None;
        let (mut name, mut aliases) = (first.to_owned(), 0);
        loop {
            match self.look_up(network, &name)? {
                Data::Address(address) => {
                    if self.bugs.has(Bug::AliasFlattened)
                        && let Some(known) = self.names.get(&name)
                    {
                        self.names.insert(first.to_owned(), known.clone());
                    }
                    return Ok(address);
                }
                Data::Alias(_) if aliases == MAX_ALIASES && !self.bugs.has(Bug::NoLimit) => {
                    return Err(ResolveError::TooManyAliases);
                }
                Data::Alias(target) => (name, aliases) = (target, aliases + 1),
            }
        }
    }

    fn look_up(&mut self, network: &mut Network, name: &str) -> Result<Data, ResolveError> {
        use Bug::*;
        let (bugs, now) = (self.bugs, network.now());
        let same = self.same.take();
        if let Some(known) = cached(bugs, &mut self.names, name, now) {
            return known;
        }
        let same = same.filter(|_| bugs.has(AliasSameServers));
        let (mut zone, mut servers) = same.unwrap_or_else(|| self.nearest(name, now));
        let count = if bugs.has(NoSecondServer) { 1 } else { usize::MAX };
        loop {
            let mut asked = servers.iter().take(count);
            match asked.find_map(|&server| self.ask(network, server, &zone, name)) {
                Some(Body::Referral { zone: lower, servers: theirs, ttl }) => {
                    if !bugs.has(RootEachTime) {
                        self.zones.insert(lower.clone(), (theirs.clone(), ttl, now + ttl));
                    }
                    (zone, servers) = (lower, theirs);
                }
                Some(Body::Answer(records)) => {
                    let asked = records.iter().find(|record| record.name == name);
                    let data = asked.map(|record| record.data.clone());
                    for Record { name, data, ttl } in records {
                        if lies_in(&name, &zone) || bugs.has(OutOfZone) {
                            self.names.insert(name, (Ok(data), ttl, now + ttl));
                        }
                    }
                    self.same = Some((zone, servers));
                    return data.ok_or(ResolveError::NoAnswer);
                }
                Some(Body::NoSuchName { ttl }) => {
                    let end = if bugs.has(NegativeForever) { u64::MAX } else { now + ttl };
                    let known = Err(ResolveError::NoSuchName);
                    if !bugs.has(NegativeNotCached) {
                        self.names.insert(name.to_owned(), (known.clone(), ttl, end));
                    }
                    return known;
                }
                Some(Body::Failure) | None => {
                    let known = Err(ResolveError::NoAnswer);
                    if bugs.has(CachesFailure) {
                        self.names.insert(name.to_owned(), (known.clone(), 0, u64::MAX));
                    }
                    return known;
                }
            }
        }
    }

    /// The deepest zone in the cache that a name lies in, and its servers.
    fn nearest(&mut self, name: &str, now: u64) -> (String, Vec<Ipv4Addr>) {
        let mut zone = name;
        loop {
            if let Some(servers) = cached(self.bugs, &mut self.zones, zone, now) {
                return (zone.to_owned(), servers);
            }
            match zone.split_once('.') {
                Some((_, above)) => zone = above,
                None => return (String::new(), self.roots.clone()),
            }
        }
    }

    /// What a server of this zone says of a name, if that is usable.
    fn ask(&self, network: &mut Network, server: Ipv4Addr, zone: &str, name: &str) -> Option<Body> {
        use Bug::*;
        let id = network.next_id();
        let reply = network.ask(server, id, name)?;
        let is_usable = match &reply.body {
            Body::Answer(records) => records.iter().any(|record| record.name == name),
            Body::Referral { zone: lower, .. } => {
                let is_down = lies_in(name, lower) && lies_in(lower, zone) && lower != zone;
                is_down || self.bugs.has(FollowsLame)
            }
            Body::NoSuchName { .. } => true,
            Body::Failure => self.bugs.has(FailureIsFinal),
        };
        let is_its_id = reply.id == id || self.bugs.has(IgnoresId);
        let is_its_name = reply.name == name || self.bugs.has(IgnoresName);
        (is_usable && is_its_id && is_its_name).then_some(reply.body)
    }
}

fn cached<T: Clone>(bugs: Bugs<Bug>, cache: &mut Cache<T>, key: &str, now: u64) -> Option<T> {
    let (known, ttl, end) = cache.get_mut(key)?;
    let last = bugs.has(Bug::LastSecond) && now == *end;
    let is_fresh = now < *end || last || bugs.has(Bug::CachesForever);
    if is_fresh && bugs.has(Bug::TtlRestarts) {
        *end = now.saturating_add(*ttl).max(*end);
    }
    is_fresh.then(|| known.clone())
}
