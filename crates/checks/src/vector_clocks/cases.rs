//! The cases: small vectors, large numbers, many nodes.

use std::collections::BTreeSet;

use crate::numbers::{EDGES, every_row};

/// One call of one of the two functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The node that receives; none where two stamps are compared.
    pub(super) own: Option<usize>,
    /// `mine` and `theirs`, or `a` and `b`.
    pub(super) vectors: Pair,
}

pub(super) type Pair = [Vec<u64>; 2];

/// The most nodes and the largest entry of the small vectors, of which all are tried.
pub(super) const FEW: usize = 3;
pub(super) const SMALL: u64 = 2;

/// The nodes of the others: more than there are digits, bits in a word, and numbers in a byte.
pub(super) const MANY: [usize; 5] = [4, 10, 65, 257, 1_000];

/// Those that the page compares and that are not small.
const OF_THE_PAGE: [[[u64; 3]; 2]; 4] = [
    [[2, 1, 0], [1, 3, 0]],
    [[1, 2, 0], [1, 3, 1]],
    [[1, 2, 3], [1, 2, 3]],
    [[2, 1, 0], [3, 2, 0]],
];

/// Small vectors, and those of the page.
pub(super) fn small() -> Vec<Pair> {
    let of_the_page = OF_THE_PAGE.map(|pair| pair.map(|vector| vector.to_vec()));
    (1..=FEW).flat_map(all_of).chain(of_the_page).collect()
}

/// Large numbers in every place, beside each other and beside small ones; and many nodes.
pub(super) fn boundaries() -> Vec<Pair> {
    let edges = product(&EDGES).into_iter().filter(|pair| *pair != [1, 1]);
    let large = edges.flat_map(|[x, y]| {
        [
            [vec![x], vec![y]],
            [vec![x, 1], vec![y, 1]],
            [vec![1, x], vec![1, y]],
            [vec![x, y], vec![y, x]],
            [vec![1, x, y], vec![1, y, x]],
        ]
    });
    large.chain(MANY.into_iter().flat_map(many)).collect()
}

/// All pairs of small vectors of this many nodes, those that count the fewest events first.
fn all_of(nodes: usize) -> Vec<Pair> {
    let entries: Vec<u64> = (0..=SMALL).collect();
    let mut pairs = product(&every_row(&entries, nodes));
    pairs.sort_by_key(|pair| pair.concat().iter().sum::<u64>());
    pairs
}

/// Many nodes, which know of one event of each, and of a second one of at most one node.
fn many(nodes: usize) -> Vec<Pair> {
    let last = nodes - 1;
    let vector = |second| (0..nodes).map(|node| if Some(node) == second { 2 } else { 1 }).collect();
    product(&[None, Some(0), Some(last / 2), Some(last)].map(vector))
}

fn product<T: Clone>(all: &[T]) -> Vec<[T; 2]> {
    let with_each = |one: &T| all.iter().map(|other| [one.clone(), other.clone()]).collect();
    all.iter().flat_map::<Vec<_>, _>(with_each).collect()
}

impl Case {
    /// The calls of `receive` with these vectors that a run can come to: at the first node, the
    /// last, and one between.
    pub(super) fn receipts(vectors: Pair) -> impl Iterator<Item = Case> {
        let last = vectors[0].len() - 1;
        let nodes = BTreeSet::from([0, last / 2, last]).into_iter();
        nodes.map(move |own| Case { own: Some(own), vectors: vectors.clone() }).filter(Case::can_be)
    }

    fn can_be(&self) -> bool {
        let (own, [mine, theirs]) = (self.own.unwrap_or(0), &self.vectors);
        let has_others =
            |vector: &[u64]| vector[..own].iter().chain(&vector[own + 1..]).any(|&entry| entry > 0);
        has_others(theirs)
            && theirs[own] <= mine[own]
            && (mine[own] > 0 || !has_others(mine))
            && mine[own] < u64::MAX
    }

    /// Which function it calls.
    pub(super) fn function(&self) -> &'static str {
        if self.own.is_some() { "receive" } else { "compare" }
    }
}
