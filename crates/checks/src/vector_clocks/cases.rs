//! All small vectors, and what is right for them.

use super::CausalOrdering;

/// Nodes that a case has.
pub(super) const NODES: [usize; 2] = [2, 3];

/// The largest entry that is tried, and the largest that can be replayed: each is a digit of the
/// code.
pub(super) const LARGEST: u64 = 2;
const LARGEST_DIGIT: u64 = 9;

/// One call of one of the two functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Case {
    /// A message stamped `theirs` arrives at node `own`.
    Receive {
        /// The number of the node.
        own: usize,
        /// Its vector before.
        mine: Vec<u64>,
        /// The message's stamp.
        theirs: Vec<u64>,
    },
    /// Two stamps are compared.
    Compare {
        /// The first.
        a: Vec<u64>,
        /// The second.
        b: Vec<u64>,
    },
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The vector after a receipt.
    Vector(Vec<u64>),
    /// How two stamps stand to each other.
    Ordering(CausalOrdering),
}

/// All cases: those of `receive` and then those of `compare`, of each the fewest nodes first and
/// then the fewest events.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let receipts = NODES.into_iter().flat_map(receipts);
    receipts.chain(NODES.into_iter().flat_map(comparisons))
}

fn receipts(nodes: usize) -> Vec<Case> {
    let pairs = pairs(nodes).into_iter();
    let receipts = pairs.flat_map(|(mine, theirs)| {
        (0..nodes).map(move |own| Case::Receive { own, mine: mine.clone(), theirs: theirs.clone() })
    });
    receipts.filter(Case::can_be).collect()
}

fn comparisons(nodes: usize) -> impl Iterator<Item = Case> {
    let pairs = pairs(nodes).into_iter();
    pairs.map(|(a, b)| Case::Compare { a, b })
}

/// All pairs of small vectors, those that count the fewest events first.
fn pairs(nodes: usize) -> Vec<(Vec<u64>, Vec<u64>)> {
    let vectors = vectors(nodes);
    let with_each = |one: &Vec<u64>| {
        let one = one.clone();
        let others = vectors.iter().cloned();
        others.map(move |other| (one.clone(), other))
    };
    let mut pairs: Vec<_> = vectors.iter().flat_map(with_each).collect();
    pairs.sort_by_key(|(one, other)| events(one) + events(other));
    pairs
}

/// All small vectors of so many entries.
fn vectors(nodes: usize) -> Vec<Vec<u64>> {
    let Some(fewer) = nodes.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let longer =
        |vector: Vec<u64>| (0..=LARGEST).map(move |entry| [&vector[..], &[entry]].concat());
    vectors(fewer).into_iter().flat_map(longer).collect()
}

fn events(vector: &[u64]) -> u64 {
    vector.iter().sum()
}

impl Case {
    /// Whether a message can bring this stamp: its sending was an event of another node. Who has
    /// had no event knows of none, and nobody knows more of a node than itself.
    fn can_be(&self) -> bool {
        let Case::Receive { own, mine, theirs } = self else {
            return true;
        };
        let others = |vector: &[u64]| events(vector) - vector[*own];
        others(theirs) > 0 && theirs[*own] <= mine[*own] && (mine[*own] > 0 || others(mine) == 0)
    }

    /// The right answer, from the pasts that the vectors stand for: sets of events, each a node and
    /// a number.
    pub(super) fn answer(&self) -> Answer {
        match self {
            Case::Receive { own, mine, theirs } => {
                let counts = (0..mine.len()).map(|node| {
                    let known = (1..=LARGEST_DIGIT).filter(|&event| {
                        is_known(mine, node, event) || is_known(theirs, node, event)
                    });
                    known.count() as u64 + u64::from(node == *own)
                });
                Answer::Vector(counts.collect())
            }
            Case::Compare { a, b } => Answer::Ordering(match (is_part(a, b), is_part(b, a)) {
                (true, true) => CausalOrdering::Equal,
                (true, false) => CausalOrdering::Before,
                (false, true) => CausalOrdering::After,
                (false, false) => CausalOrdering::Concurrent,
            }),
        }
    }

    /// Which function, how many nodes, how many events.
    pub(super) fn measure(&self) -> (usize, usize, u64) {
        let (one, other) = self.vectors();
        (self.part(), one.len(), events(one) + events(other))
    }

    pub(super) fn part(&self) -> usize {
        match self {
            Case::Receive { .. } => 0,
            Case::Compare { .. } => 1,
        }
    }

    fn vectors(&self) -> (&[u64], &[u64]) {
        match self {
            Case::Receive { mine, theirs, .. } => (mine, theirs),
            Case::Compare { a, b } => (a, b),
        }
    }

    pub(super) fn size(&self) -> String {
        let (vector, _) = self.vectors();
        let function = match self {
            Case::Receive { .. } => "receive",
            Case::Compare { .. } => "compare",
        };
        format!("{function}, {} nodes", vector.len())
    }

    /// Entries as digits: `receive-0-10-01` for n0 at [1,0] and a message stamped [0,1],
    /// `compare-10-01`.
    pub(super) fn code(&self) -> String {
        let (one, other) = self.vectors();
        let function = match self {
            Case::Receive { own, .. } => format!("receive-{own}"),
            Case::Compare { .. } => "compare".to_owned(),
        };
        format!("{function}-{}-{}", digits(one), digits(other))
    }

    /// What [`code`](Case::code) wrote, with any digits.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let words: Vec<&str> = code.splitn(5, '-').collect();
        let case = match words[..] {
            ["receive", own, mine, theirs] => {
                let (mine, theirs) = parse_pair(mine, theirs)?;
                let names = ["0", "1", "2"].into_iter().take(mine.len());
                let own = names.into_iter().position(|name| name == own);
                let own = own.ok_or("it names no node by its number")?;
                Case::Receive { own, mine, theirs }
            }
            ["compare", a, b] => {
                let (a, b) = parse_pair(a, b)?;
                Case::Compare { a, b }
            }
            _ => return Err("it is neither like receive-0-10-01 nor like compare-10-01".to_owned()),
        };
        match case.can_be() {
            true => Ok(case),
            false => Err("no message can bring that stamp to that node".to_owned()),
        }
    }
}

fn is_known(vector: &[u64], node: usize, event: u64) -> bool {
    event <= vector[node]
}

/// Whether the second past holds every event of the first.
fn is_part(one: &[u64], other: &[u64]) -> bool {
    (0..one.len()).all(|node| {
        (1..=LARGEST_DIGIT).all(|event| !is_known(one, node, event) || is_known(other, node, event))
    })
}

fn digits(vector: &[u64]) -> String {
    vector.iter().map(u64::to_string).collect()
}

fn parse_pair(one: &str, other: &str) -> Result<(Vec<u64>, Vec<u64>), String> {
    let vector = |digits: &str| -> Option<Vec<u64>> {
        let digits = digits.chars().take(NODES[1] + 1);
        digits.map(|digit| digit.to_digit(10).map(u64::from)).collect()
    };
    match (vector(one), vector(other)) {
        (Some(one), Some(other)) if one.len() == other.len() && NODES.contains(&one.len()) => {
            Ok((one, other))
        }
        _ => Err("both vectors are 2 or 3 digits, one for each node".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_all_pairs_of_small_vectors() {
        let count = |part| all().filter(|case| case.part() == part).count();
        assert_eq!(count(1), 9 * 9 + 27 * 27);
        // Of two nodes: at [0,0], [1,0..=2] or [2,0..=2] the own entry of the stamp is at most
        // mine, the other 1 or 2.
        let of_two = 2 * (2 + 3 * 2 * 2 + 3 * 3 * 2);
        // Of three: at [0,0,0], or one of nine vectors with 1 or 2 ahead; and 8 pairs of others.
        let of_three = 3 * (8 + 9 * 2 * 8 + 9 * 3 * 8);
        assert_eq!(count(0), of_two + of_three);
    }

    #[test]
    fn the_right_answers_are_those_of_the_page() {
        let answer = |code| Case::parse(code).unwrap().answer();
        let vector = |entries: &[u64]| Answer::Vector(entries.to_vec());
        assert_eq!(answer("receive-1-000-200"), vector(&[2, 1, 0]));
        assert_eq!(answer("receive-2-001-220"), vector(&[2, 2, 2]));
        assert_eq!(answer("receive-1-537-326"), vector(&[5, 4, 7]));
        assert_eq!(answer("receive-0-99-19"), vector(&[10, 9]));
        for (code, ordering) in [
            ("compare-100-210", CausalOrdering::Before),
            ("compare-210-001", CausalOrdering::Concurrent),
            ("compare-210-130", CausalOrdering::Concurrent),
            ("compare-320-210", CausalOrdering::After),
            ("compare-19-19", CausalOrdering::Equal),
        ] {
            assert_eq!(answer(code), Answer::Ordering(ordering), "{code}");
        }
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        let long = "0".repeat(99_999);
        for (code, reason) in [
            ("", "it is neither"),
            ("compare", "it is neither"),
            ("compare-10-01-11", "it is neither"),
            ("receive-10-01", "it is neither"),
            ("receive-0-10-01-1", "it is neither"),
            ("compare-10-011", "both vectors are"),
            ("compare--", "both vectors are"),
            ("compare-1-0", "both vectors are"),
            ("compare-é0-10", "both vectors are"),
            ("compare-+1-10", "both vectors are"),
            (&format!("compare-{long}-{long}"), "both vectors are"),
            ("receive-2-10-01", "it names no node"),
            ("receive-x-10-01", "it names no node"),
            ("receive-0-10-21", "no message can"),
            ("receive-0-10-10", "no message can"),
            ("receive-0-01-01", "no message can"),
        ] {
            let error = Case::parse(code).unwrap_err();
            assert!(error.starts_with(reason), "{code}: {error}");
        }
    }
}
