//! The lesson's promises, its parts, and its sides as real processes.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod at_work;
mod believing;
mod hostile;
mod resolving;
mod servers;
mod sides;
mod zones;

use dns::authority::Authority;
use dns::message::Question;
use dns::record::Kind;
use dns::tree::Tree;

lesson_tests::lesson!();

/// The server that has example.com.
fn example_com() -> Authority {
    Tree::of_the_lesson().servers[&dns::caching::NS1].clone()
}

fn question(name: &str, kind: Kind) -> Question {
    Question { name: name.parse().unwrap(), kind }
}
