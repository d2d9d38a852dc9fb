//! The cases: small vectors, large numbers, many nodes.

use crate::numbers::EDGES;

/// One call of one of the two functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Receive { own: usize, mine: Vec<u64>, theirs: Vec<u64> },
    Compare { a: Vec<u64>, b: Vec<u64> },
}

/// The most nodes and the largest entry of the small vectors, of which all are tried.
pub(super) const FEW: usize = 3;
pub(super) const SMALL: u64 = 2;

/// The nodes of the others: more than there are digits, bits in a word, and numbers in a byte.
pub(super) const MANY: [usize; 5] = [4, 10, 65, 257, 1_000];

/// Those that the page compares and that are not small.
const OF_THE_PAGE: [([u64; 3], [u64; 3]); 4] = [
    ([2, 1, 0], [1, 3, 0]),
    ([1, 2, 0], [1, 3, 1]),
    ([1, 2, 3], [1, 2, 3]),
    ([2, 1, 0], [3, 2, 0]),
];

/// A call of `receive`, if a run can come to it.
pub(super) fn receipt(own: usize, mine: Vec<u64>, theirs: Vec<u64>) -> Option<Case> {
    let has_others =
        |vector: &[u64]| vector.iter().enumerate().any(|(node, &entry)| node != own && entry > 0);
    let can_be = has_others(&theirs)
        && theirs[own] <= mine[own]
        && (mine[own] > 0 || !has_others(&mine))
        && mine[own] < u64::MAX;
    can_be.then_some(Case::Receive { own, mine, theirs })
}

pub(super) fn comparison((a, b): (Vec<u64>, Vec<u64>)) -> Case {
    Case::Compare { a, b }
}

/// All pairs of small vectors of this many nodes, those that count the fewest events first.
fn small_pairs(nodes: usize) -> Vec<(Vec<u64>, Vec<u64>)> {
    let longer = |vectors: Vec<Vec<u64>>, _| {
        let entries = vectors.iter().flat_map(|vector| (0..=SMALL).map(move |one| (vector, one)));
        entries.map(|(vector, entry)| [&vector[..], &[entry]].concat()).collect()
    };
    let vectors: Vec<Vec<u64>> = (0..nodes).fold(vec![Vec::new()], longer);
    let mut pairs = product(&vectors);
    pairs.sort_by_key(|(one, other)| one.iter().chain(other).sum::<u64>());
    pairs
}

fn product<T: Clone>(all: &[T]) -> Vec<(T, T)> {
    let with_each = |one: &T| all.iter().map(|other| (one.clone(), other.clone())).collect();
    all.iter().flat_map::<Vec<_>, _>(with_each).collect()
}

pub(super) fn small() -> impl Iterator<Item = Case> {
    let receipts = (2..=FEW).flat_map(|nodes| {
        let pairs = small_pairs(nodes).into_iter();
        pairs.flat_map(move |(mine, theirs)| {
            (0..nodes).filter_map(move |own| receipt(own, mine.clone(), theirs.clone()))
        })
    });
    let comparisons = (1..=FEW).flat_map(small_pairs);
    let of_the_page = OF_THE_PAGE.map(|(a, b)| (a.to_vec(), b.to_vec()));
    receipts.chain(comparisons.chain(of_the_page).map(comparison))
}

/// Large numbers in every place, beside each other and beside small ones.
pub(super) fn large() -> impl Iterator<Item = Case> {
    let own = EDGES
        .into_iter()
        .flat_map(|x| [0, x - 1, x].map(|told| receipt(0, vec![x, 1], vec![told, 2])));
    let others = product(&EDGES).into_iter().flat_map(|(x, y)| {
        [
            receipt(0, vec![1, x], vec![0, y]),
            receipt(1, vec![x, 1], vec![y, 0]),
            receipt(0, vec![1, x, y], vec![1, y, x]),
        ]
    });
    let compared = product(&EDGES).into_iter().flat_map(|(x, y)| {
        [
            (vec![x], vec![y]),
            (vec![x, 1], vec![y, 1]),
            (vec![1, x], vec![1, y]),
            (vec![x, y], vec![y, x]),
        ]
        .map(comparison)
    });
    own.chain(others).flatten().chain(compared).filter(|case| case.digits().is_none())
}

/// Many nodes, which know of one event of each, and of a second one of at most one node.
pub(super) fn many(nodes: usize) -> impl Iterator<Item = Case> {
    let second = move |of: Option<usize>| -> Vec<u64> {
        (0..nodes).map(|node| if of == Some(node) { 2 } else { 1 }).collect()
    };
    let places = [None, Some(0), Some(nodes / 2), Some(nodes - 1)];
    let pairs = product(&places).into_iter().map(move |(x, y)| (second(x), second(y)));
    let receipts = pairs.clone().flat_map(move |(mine, theirs)| {
        let owns = places.into_iter().flatten();
        owns.filter_map(move |own| receipt(own, mine.clone(), theirs.clone()))
    });
    receipts.chain(pairs.map(comparison))
}

impl Case {
    /// Which function it calls, and the two vectors.
    pub(super) fn call(&self) -> (&'static str, &[u64], &[u64]) {
        match self {
            Case::Receive { mine, theirs, .. } => ("receive", mine, theirs),
            Case::Compare { a, b } => ("compare", a, b),
        }
    }

    /// Each entry as a digit, where the entries are few and small: `receive-0-10-01` for n0 at
    /// [1,0] and a message stamped [0,1], `compare-10-01`.
    pub(super) fn digits(&self) -> Option<String> {
        let (function, one, other) = self.call();
        let is_short = one.len() <= FEW && one.iter().chain(other).all(|&entry| entry < 10);
        let digits = |vector: &[u64]| vector.iter().map(u64::to_string).collect::<String>();
        let own = match self {
            Case::Receive { own, .. } => format!("{own}-"),
            Case::Compare { .. } => String::new(),
        };
        is_short.then(|| format!("{function}-{own}{}-{}", digits(one), digits(other)))
    }
}
