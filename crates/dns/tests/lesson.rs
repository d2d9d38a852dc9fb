//! The lesson's promises, and its sides as real processes.

mod hostile;
mod resolving;
mod servers;
mod zones;

use dns::authority::Authority;
use dns::message::Question;
use dns::record::Kind;
use dns::tree::Tree;

/// The server that has example.com.
fn example_com() -> Authority {
    Tree::of_the_lesson().servers[&dns::caching::NS1].clone()
}

fn question(name: &str, kind: Kind) -> Question {
    Question { name: name.parse().unwrap(), kind }
}
