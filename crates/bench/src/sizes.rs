//! Bytes of a vector clock's stamp on the wire, beside crdts' clock. vec_clock has no form in which
//! it travels.
//!
//! Ours is a list with an entry for each node. crdts' is a map from actors to entries that leaves
//! out those of 0; the actors are the nodes' numbers, and no name is smaller.

use anyhow::Context;
use serde::Serialize;

use crate::clocks::{SIZES, entries, map};

pub(crate) fn compare() -> anyhow::Result<()> {
    println!("\n{:<22} {:>31}   {:>31}", "", "JSON", "postcard");
    let columns = format!("{:>11} {:>11} {:>7}", "ours", "crdts", "ratio");
    println!("{:<22} {columns}   {columns}", "bytes of N entries");
    for size in SIZES {
        let few = entries(size, 0).into_iter().zip(0..);
        let few = few.map(|(entry, i)| if i % 16 == 0 { entry } else { 0 });
        for (name, stamp) in [
            ("up to 100", entries(size, 0)),
            ("at 10^12", entries(size, 1_000_000_000_000)),
            ("1 in 16 not 0", few.collect()),
        ] {
            let map = map(&stamp);
            let json = columns_of(json(&stamp)?, json(&map)?);
            let postcard = columns_of(postcard(&stamp)?, postcard(&map)?);
            println!("{:<22} {json}   {postcard}", format!("{size:>4} {name}"));
        }
    }
    Ok(())
}

fn columns_of(ours: usize, theirs: usize) -> String {
    let ratio = ours as f64 / theirs as f64;
    format!("{ours:>11} {theirs:>11} {ratio:>7.2}")
}

fn json(stamp: &impl Serialize) -> anyhow::Result<usize> {
    Ok(serde_json::to_vec(stamp).context("as JSON")?.len())
}

fn postcard(stamp: &impl Serialize) -> anyhow::Result<usize> {
    Ok(postcard::to_stdvec(stamp).context("as postcard")?.len())
}
