//! The cases: one look-up in every small tree, then more of them, then large numbers and many
//! aliases.

use super::world::{CONDUCTS, Case, Conduct, Is, Name, Zone};
use crate::numbers::{EDGES, every_row};

const GOOD: [Conduct; 2] = [Conduct::Good; 2];

/// When the clock starts, where that does not matter.
const START: u64 = 100;

const WWW: &str = "www.example.com";
const BESIDE: &str = "x.www.example.com";
const OLD: &str = "old.example.com";
const NEW: &str = "new.example.com";
const SHOP: &str = "shop.example.com";
const MOVED: &str = "moved.example.com";
const GONE: &str = "gone.example.com";
const NONE: &str = "none.example.com";

/// The names that are looked up: from the second look-up on one of them leads elsewhere, one is
/// there, and one is gone.
pub(super) const NAMES: [Name; 9] = [
    (WWW, [Is::Address([192, 0, 2]); 2], 20),
    ("www.example.org", [Is::Address([203, 0, 113]); 2], 20),
    ("myexample.com", [Is::Address([198, 18, 0]); 2], 20),
    ("example.com", [Is::Address([198, 51, 100]); 2], 20),
    (OLD, [Is::Alias("example.com"); 2], 10),
    (SHOP, [Is::Alias("www.example.org"); 2], 10),
    (MOVED, [Is::Alias(WWW), Is::Alias(NEW)], 10),
    (NEW, [Is::Missing, Is::Address([192, 0, 2])], 20),
    (GONE, [Is::Address([192, 0, 2]), Is::Missing], 20),
];

/// A wait right before each TTL of these, at it and after it.
const WAITS: [u64; 11] = [0, 9, 10, 14, 15, 19, 20, 39, 40, 59, 60];

/// A tree of these zones, each with one server, and a second look-up a wait after the first.
pub(super) fn tree(zones: &[(&'static str, u64)], look_ups: &[(u64, &'static str)]) -> Case {
    let zone = |&(name, ttl)| Zone { name, servers: vec![GOOD], ttl };
    let zones = zones.iter().map(zone).collect();
    Case { start: START, zones, names: NAMES.to_vec(), negative: 15, look_ups: look_ups.to_vec() }
}

const ROOT: (&str, u64) = ("", 0);
const COM: (&str, u64) = ("com", 60);
const EXAMPLE: (&str, u64) = ("example.com", 40);
pub(super) const BRANCH: [(&str, u64); 3] = [ROOT, COM, EXAMPLE];
pub(super) const BRANCHES: [(&str, u64); 5] =
    [ROOT, COM, EXAMPLE, ("org", 60), ("example.org", 40)];

/// All cases: what is short first, within each kind.
pub(super) fn all() -> Vec<Case> {
    [trees(), conducts(), pairs(), triples(), recovering(), numbers(), aliases()].concat()
}

/// Good servers.
fn trees() -> Vec<Case> {
    let trees: [&[_]; 6] = [
        &[ROOT],
        &[ROOT, COM],
        &[ROOT, EXAMPLE],
        &[ROOT, (WWW, 40)],
        &BRANCH,
        &[ROOT, COM, EXAMPLE, (WWW, 30)],
    ];
    let mut cases = Vec::new();
    for times in 1..=2 {
        for zones in trees {
            cases.extend([WWW, NONE, OLD].map(|name| tree(zones, &vec![(0, name); times])));
        }
        cases.extend(NAMES.map(|(name, ..)| between(&vec![(0, name); times])));
    }
    cases
}

/// In the smallest tree that has the names and all their targets.
fn between(look_ups: &[(u64, &'static str)]) -> Case {
    let is_far = |name: &str| name == SHOP || name.ends_with("org");
    match look_ups.iter().any(|(_, name)| is_far(name)) {
        true => tree(&BRANCHES, look_ups),
        false => tree(&BRANCH, look_ups),
    }
}

/// The same with these servers in some of its zones.
fn with(case: &Case, zones: &[usize], servers: &[[Conduct; 2]]) -> Case {
    let mut case = case.clone();
    zones.iter().for_each(|&zone| case.zones[zone].servers = servers.to_vec());
    case
}

/// One look-up, where each zone has one or two servers of every conduct, and where all zones have
/// one of the same, with a good one after it. The fewest servers that are not good come first.
fn conducts() -> Vec<Case> {
    let all = CONDUCTS.map(|(conduct, _)| [conduct; 2]);
    let mut rows = [every_row(&all, 1), every_row(&all, 2)].concat();
    rows.sort_by_key(|row| row.iter().filter(|&&server| server != GOOD).count());
    let case = tree(&BRANCH, &[(0, WWW)]);
    let one = rows.iter().flat_map(|row| [0, 1, 2].map(|zone| with(&case, &[zone], row)));
    one.chain(all.map(|conduct| with(&case, &[0, 1, 2], &[conduct, GOOD]))).collect()
}

/// Every two look-ups of the names; those without a wait also where servers poison.
fn pairs() -> Vec<Case> {
    let mut cases = Vec::new();
    for pair in every_row(&NAMES.map(|(name, ..)| name), 2) {
        for wait in WAITS {
            cases.push(between(&[(0, pair[0]), (wait, pair[1])]));
        }
        let at_once = between(&[(0, pair[0]), (0, pair[1])]);
        cases.push(with(&at_once, &[1, 2], &[[Conduct::Poisons; 2]]));
    }
    cases
}

/// Every three look-ups of an address, an alias and a new name.
fn triples() -> Vec<Case> {
    let mut cases = Vec::new();
    for row in every_row(&[WWW, OLD, NEW], 3) {
        for waits in every_row(&[0, 10, 15, 30], 2) {
            let look_ups = [(0, row[0]), (waits[0], row[1]), (waits[1], row[2])];
            cases.push(tree(&BRANCH, &look_ups));
        }
    }
    let mut long = tree(&BRANCH, &[(7, WWW); 100]);
    long.look_ups[50].1 = OLD;
    cases.push(long);
    cases
}

/// A server that recovers, or stops being good, between two look-ups; and referrals that outlive
/// the one before them.
fn recovering() -> Vec<Case> {
    let mut cases = Vec::new();
    for (conduct, _) in CONDUCTS {
        for servers in [[conduct, Conduct::Good], [Conduct::Good, conduct]] {
            for (wait, name) in [(0, WWW), (20, WWW), (40, WWW), (60, WWW), (0, BESIDE)] {
                let case = tree(&BRANCH, &[(0, WWW), (wait, name)]);
                cases.extend([0, 1, 2].map(|zone| with(&case, &[zone], &[servers])));
            }
        }
    }
    for wait in WAITS {
        let zones = [ROOT, ("com", 40), ("example.com", 60)];
        cases.push(tree(&zones, &[(0, WWW), (wait, "myexample.com"), (0, OLD)]));
    }
    cases
}

/// A TTL of each size, before its end and at it; and a clock that shows each size.
fn numbers() -> Vec<Case> {
    const MOST: u64 = (1 << 31) - 1;
    const LATEST: u64 = u64::MAX - (1 << 32) - 10;
    const ZONE: &str = "a zone";
    let ttls = [0].into_iter().chain(EDGES).filter(|&ttl| ttl <= MOST).map(|ttl| (START, ttl));
    // The TTL ends there.
    let clocks = EDGES.map(|edge| (edge.saturating_sub(10).min(LATEST), 10));
    let mut cases = Vec::new();
    for ((start, ttl), what) in
        ttls.chain(clocks).flat_map(|it| [WWW, OLD, NONE, ZONE].map(|what| (it, what)))
    {
        let ttl_of = |it| if it == what { ttl } else { MOST };
        let names = NAMES.map(|(name, is, _)| (name, is, ttl_of(name))).to_vec();
        let zones = [ROOT, ("com", MOST), ("example.com", ttl_of(ZONE))];
        let [first, second] = if what == ZONE { [WWW, NEW] } else { [what; 2] };
        for wait in [ttl.saturating_sub(1), ttl] {
            let case = tree(&zones, &[(0, first), (wait, second), (0, first)]);
            cases.push(Case { start, names: names.clone(), negative: ttl_of(NONE), ..case });
        }
    }
    cases
}

/// Aliases in a row, the last of them of an address, and in a circle: in one zone, or from zone to
/// zone.
fn aliases() -> Vec<Case> {
    const ONE: [&str; 11] = [
        "n0.com", "n1.com", "n2.com", "n3.com", "n4.com", "n5.com", "n6.com", "n7.com", "n8.com",
        "n9.com", "n10.com",
    ];
    const TWO: [&str; 11] = [
        "n0.com", "n1.org", "n2.com", "n3.org", "n4.com", "n5.org", "n6.com", "n7.org", "n8.com",
        "n9.org", "n10.com",
    ];
    let mut cases = Vec::new();
    for names in [ONE, TWO] {
        let circles = (0..3).map(|count| (count, Is::Alias(names[0]), 10));
        let address = Is::Address([192, 0, 2]);
        let rows = (1..=10).flat_map(|count| [(count, address, 10), (count, address, 0)]);
        for (count, last, ttl) in circles.chain(rows).chain([(1, Is::Missing, 10)]) {
            let targets = names[1..=count].iter().map(|&target| Is::Alias(target)).chain([last]);
            let names = names.into_iter().zip(targets).map(|(name, is)| (name, [is; 2], ttl));
            let names: Vec<Name> = names.collect();
            let look_ups = [(0, names[0].0), (5, names[0].0), (0, names[count / 2].0)];
            for look_ups in [&look_ups[..1], &look_ups] {
                let case = tree(&[ROOT, COM, ("org", 60)], look_ups);
                cases.push(Case { names: names.clone(), ..case });
            }
        }
    }
    cases
}
