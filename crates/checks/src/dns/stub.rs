//! Exercise: a resolver, which follows referrals from the root and keeps a cache.
//!
//! Names are in lower case, without a dot at the end, as in "www.example.com"; the root is "". A
//! name lies in a zone if its last labels are those of the zone: "www.example.com" and
//! "example.com" lie in "example.com", "myexample.com" does not. Every name lies in "".
//!
//! | the network | what it does |
//! |---|---|
//! | `network.now()` | the time in seconds, below 2^64 - 2^32; during a look-up it stands still |
//! | `network.next_id()` | an id for one question |
//! | `network.ask(server, id, name)` | `Some(reply)`, or `None`: the server is silent |
//!
//! A `Reply` has the `id` and the `name` of the question that it answers, and a `body`:
//!
//! | the body | what it says |
//! |---|---|
//! | `Body::Answer(records)` | each `Record` has a `name`, its `data` and a `ttl` |
//! | `Body::Referral { zone, servers, ttl }` | ask those servers, which have that zone |
//! | `Body::NoSuchName { ttl }` | the name does not exist (NXDOMAIN) |
//! | `Body::Failure` | the server cannot answer (SERVFAIL) |
//!
//! The data is `Data::Address(address)`, or `Data::Alias(target)` (CNAME): look up that name
//! instead. A reply has at most one record for a name. Names are `String`s, servers and addresses
//! `Ipv4Addr`s, and a TTL is a `u64` of seconds, at most 2^31 - 1.
//!
//! To look up a name:
//!
//! 1. If the cache has its record, or has that it does not exist, no server is asked.
//! 2. Otherwise begin with the servers of the deepest zone in the cache that the name lies in: the
//!    root's, where there is no such zone. Ask them for the name, in their order, until a reply is
//!    usable. If none is, it is `Err(ResolveError::NoAnswer)`.
//! 3. After a referral ask its servers in the same way. Any other usable reply ends the walk.
//! 4. An address is the result. The target of an alias is looked up like any name, from 1. on. One
//!    look-up follows at most `MAX_ALIASES` aliases, from the cache or not: with one more it is
//!    `Err(ResolveError::TooManyAliases)`. No name is `Err(ResolveError::NoSuchName)`.
//!
//! A reply is usable if it has the id and the name of the question, and its body is
//!
//! - an answer, one of whose records has that name;
//! - a referral to a zone that the name lies in, and that lies deeper than the zone whose servers
//!   are asked: in it, and not the same;
//! - or `NoSuchName`.
//!
//! Of a reply that is not usable nothing is used. Of a usable one is cached: each record whose name
//! lies in the zone whose servers are asked, and no other; the servers of a referral's zone; that a
//! name does not exist. It replaces what was cached of that name or zone. What comes with a TTL of
//! `t` at second `s` is used before second `s + t`: with 0 for the question that brought it, and
//! not from the cache. A failure is not cached.
//!
//! A referral has at least one server. `new` gets the root's servers, which never expire.
//!
//! The judge compares each question that is asked, its server and its name, and what `resolve`
//! returns. It tries trees of few zones first, then look-ups one after another, and large numbers.
//!
//! To check it: `cargo run -- check dns`

use std::net::Ipv4Addr;

use checks::dns::{Network, Resolve, ResolveError};

/// What is known. Give it the fields that you need.
pub struct Resolver {
    roots: Vec<Ipv4Addr>,
}

impl Resolve for Resolver {
    fn new(roots: Vec<Ipv4Addr>) -> Resolver {
        Resolver { roots }
    }

    fn resolve(&mut self, network: &mut Network, name: &str) -> Result<Ipv4Addr, ResolveError> {
        checks::unsolved!("the address of a name", &self.roots, network, name)
    }
}
