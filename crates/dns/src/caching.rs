//! What a cache saves, and what it costs: virtual time.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::name::Name;
use crate::network::{Network, Simulated, Virtual};
use crate::record::Kind;
use crate::resolver::{Limits, ResolveError, Resolver};
use crate::tree::Tree;
use crate::walk::{WEB, draw_ids};

/// The servers of example.com.
pub const NS1: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 4);
/// The second of them.
pub const NS2: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 5);

/// The address of web.example.com, and the one that it gets.
pub const OLD: &str = "192.0.2.80";
/// See [`OLD`].
pub const NEW: &str = "192.0.2.81";

/// A name that is added later.
pub const ADDED: &str = "new.example.com";

/// The lesson's tree, its servers at distances of their own: a request and its answer take 20 ms to
/// the root, 30 to the top-level domains, and 40 to all others.
pub fn distant_tree() -> Virtual {
    in_virtual_time(&Tree::of_the_lesson(), |address| match address.octets()[3] {
        1 => 20,
        2 | 3 => 30,
        _ => 40,
    })
}

fn in_virtual_time(tree: &Tree, milliseconds: fn(Ipv4Addr) -> u64) -> Virtual {
    let servers = tree.servers.iter().map(|(address, authority)| {
        let round_trip = Duration::from_millis(milliseconds(*address));
        (*address, Simulated { authority: authority.clone(), round_trip, ..Simulated::default() })
    });
    Virtual::new(servers.collect())
}

/// A resolver in virtual time, with an empty cache.
pub fn resolver(network: Virtual) -> Resolver<Virtual> {
    Resolver::new(network, Tree::of_the_lesson().root, Limits::default(), draw_ids(1))
}

/// A name that stands in this code.
pub fn name(text: &str) -> Name {
    text.parse().expect("a constant name is valid")
}

/// One look-up of several.
#[derive(Clone, Debug)]
pub struct LookUp {
    /// When it began.
    pub at: Duration,
    /// The name.
    pub name: String,
    /// The zones whose servers were asked.
    pub asked: Vec<Name>,
    /// How long it took.
    pub took: Duration,
    /// The address, or what the look-up came to.
    pub answer: String,
}

/// Looks up the address of a name at this moment.
pub fn look_up(resolver: &mut Resolver<Virtual>, at: Duration, text: &str) -> LookUp {
    resolver.network.wait_until(at);
    let at = resolver.network.now();
    let answer = match resolver.resolve(&name(text), Kind::A) {
        Ok(answer) => answer.records.iter().map(|record| record.data.to_string()).collect(),
        Err(ResolveError::NoSuchName(_)) => "no such name".to_owned(),
        Err(other) => other.to_string(),
    };
    LookUp {
        at,
        name: text.to_owned(),
        asked: resolver.exchanges.iter().map(|exchange| exchange.zone.clone()).collect(),
        took: resolver.network.now() - at,
        answer,
    }
}

/// The same name again, another one of the zone, and the first one after its TTL.
pub fn hits_and_misses() -> Vec<LookUp> {
    let mut resolver = resolver(distant_tree());
    [(0, WEB), (1, WEB), (2, "api.example.com"), (299, WEB), (301, WEB)]
        .map(|(second, name)| look_up(&mut resolver, Duration::from_secs(second), name))
        .to_vec()
}

/// The owner of example.com changes the address of web and adds a name, ten seconds after a
/// resolver has asked for both.
pub fn changes() -> Vec<LookUp> {
    let mut resolver = resolver(distant_tree());
    let mut seen = Vec::new();
    for (second, name) in
        [(0, WEB), (0, ADDED), (30, WEB), (30, ADDED), (61, ADDED), (299, WEB), (301, WEB)]
    {
        if second > 10 {
            change_the_zone(&mut resolver.network);
        }
        seen.push(look_up(&mut resolver, Duration::from_secs(second), name));
    }
    seen
}

/// How long after a change a resolver still returns the old address, if it has asked a moment
/// before; by the second.
pub fn old_for() -> Duration {
    let mut resolver = resolver(in_virtual_time(&Tree::of_the_lesson(), |_| 0));
    look_up(&mut resolver, Duration::ZERO, WEB);
    change_the_zone(&mut resolver.network);
    let mut seconds = (1..).map(Duration::from_secs);
    let is_new = |second: &Duration| look_up(&mut resolver, *second, WEB).answer == NEW;
    seconds.find(is_new).expect("the old address has a TTL")
}

/// Serves the changed zone from now on.
fn change_the_zone(network: &mut Virtual) {
    let tree = Tree::changed(
        "example.com.zone",
        &[(OLD, NEW), ("api      A", "new      A       198.51.100.9\napi      A")],
    );
    for server in [NS1, NS2] {
        let changed = tree.servers[&server].clone();
        network.servers.entry(server).or_default().authority = changed;
    }
}
