//! Aliases: inside a zone, into another one, and in a circle. Virtual time.

use std::time::Duration;

use crate::caching::{LookUp, distant_tree, look_up, resolver};
use crate::resolver::Exchange;
use crate::walk::WEB;

/// Look-ups, each with an empty cache.
#[derive(Clone, Debug)]
pub struct Aliases {
    /// A name with an address of its own.
    pub plain: LookUp,
    /// An alias of it, in the same zone.
    pub inside: LookUp,
    /// An alias of a name in another zone.
    pub outside: LookUp,
    /// The requests of that one.
    pub outside_requests: Vec<Exchange>,
    /// An alias of an alias of itself.
    pub circle: LookUp,
}

/// Looks up an alias of each sort.
pub fn follow() -> Aliases {
    let cold = |name| {
        let mut resolver = resolver(distant_tree());
        let found = look_up(&mut resolver, Duration::ZERO, name);
        (found, resolver.exchanges)
    };
    let (outside, outside_requests) = cold("store.example.com");
    Aliases {
        plain: cold(WEB).0,
        inside: cold("www.example.com").0,
        outside,
        outside_requests,
        circle: cold("ring1.example.com").0,
    }
}
