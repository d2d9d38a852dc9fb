//! The laws of a merge, checked over every small state.

use common::crdt::GCounter;

/// What a replica knows of what three replicas have counted.
pub type Entries = [u64; 3];

/// A way to merge two of them.
#[derive(Clone, Copy)]
pub struct Merge {
    /// What it does with two entries.
    pub name: &'static str,
    merge: fn(&Entries, &Entries) -> Entries,
}

/// A law that a merge has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// a with b is b with a: the order does not matter.
    Commutative,
    /// (a with b) with c is a with (b with c): it does not matter who gathers first.
    Associative,
    /// (a with b) with b is a with b: receiving it twice does not matter.
    Idempotent,
    /// a with b is in no entry less than a or b: nothing is forgotten.
    OnlyGrows,
}

/// All of them.
pub const LAWS: [Law; 4] = [Law::Commutative, Law::Associative, Law::Idempotent, Law::OnlyGrows];

/// The largest entry of the states that are tried.
pub const LARGEST: u64 = 2;

/// The merge of the counter, and what people write instead.
pub const MERGES: [Merge; 5] = [
    Merge { name: "the larger", merge: real },
    Merge { name: "the sum", merge: |a, b| each(a, b, |a, b| a + b) },
    Merge { name: "the other's", merge: |_, b| *b },
    Merge { name: "the mean, up", merge: |a, b| each(a, b, |a, b| (a + b).div_ceil(2)) },
    Merge { name: "the smaller", merge: |a, b| each(a, b, u64::min) },
];

/// The result of a law over all cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How many cases there are.
    pub cases: u64,
    /// In how many of them it is broken.
    pub broken: u64,
    /// The first of those: a, b and c.
    pub first: Option<[Entries; 3]>,
}

impl Merge {
    /// Two states merged.
    pub fn of(&self, a: &Entries, b: &Entries) -> Entries {
        (self.merge)(a, b)
    }

    /// Tries a law on every state with entries up to [`LARGEST`].
    pub fn try_law(&self, law: Law) -> Tried {
        let mut tried = Tried { cases: 0, broken: 0, first: None };
        for a in states() {
            for b in states() {
                for c in states().take(if law == Law::Associative { usize::MAX } else { 1 }) {
                    tried.cases += 1;
                    if !self.keeps(law, &a, &b, &c) {
                        tried.broken += 1;
                        tried.first.get_or_insert([a, b, c]);
                    }
                }
            }
        }
        tried
    }

    fn keeps(&self, law: Law, a: &Entries, b: &Entries, c: &Entries) -> bool {
        let merged = self.of(a, b);
        let is_at_least =
            |less: &Entries| less.iter().zip(&merged).all(|(less, more)| less <= more);
        match law {
            Law::Commutative => merged == self.of(b, a),
            Law::Associative => self.of(&merged, c) == self.of(a, &self.of(b, c)),
            Law::Idempotent => self.of(&merged, b) == merged,
            Law::OnlyGrows => is_at_least(a) && is_at_least(b),
        }
    }
}

/// The real one, at a fourth replica that counts nothing itself: it has received `a`, and then `b`.
fn real(a: &Entries, b: &Entries) -> Entries {
    let mut counter = GCounter::new(3, 4).expect("there is a fourth");
    for [x, y, z] in [a, b] {
        let merged = counter.merge(&[*x, *y, *z, 0]);
        merged.expect("small entries of others are valid");
    }
    let [x, y, z, _] = counter.entries() else {
        unreachable!("a counter of four replicas has four entries");
    };
    [*x, *y, *z]
}

fn each(a: &Entries, b: &Entries, of: fn(u64, u64) -> u64) -> Entries {
    std::array::from_fn(|entry| of(a[entry], b[entry]))
}

/// Every state with entries up to [`LARGEST`], the small ones first.
fn states() -> impl Iterator<Item = Entries> {
    let sides = LARGEST + 1;
    (0..sides.pow(3))
        .map(move |number| [number / sides / sides, number / sides % sides, number % sides])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_larger_keeps_every_law() {
        for merge in MERGES {
            let broken = LAWS.map(|law| merge.try_law(law).broken);
            assert_eq!(broken == [0; 4], merge.name == "the larger", "{}: {broken:?}", merge.name);
        }
        let cases = LAWS.map(|law| MERGES[0].try_law(law).cases);
        assert_eq!(cases, [729, 19_683, 729, 729]);
    }

    #[test]
    fn the_sum_breaks_idempotency_first_with_a_single_increment() {
        let tried = MERGES[1].try_law(Law::Idempotent);
        assert_eq!(tried.first, Some([[0, 0, 0], [0, 0, 1], [0, 0, 0]]));
        // All but those in which b is all zeros.
        assert_eq!(tried.broken, 729 - 27);
    }
}
