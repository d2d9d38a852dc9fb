//! Numbers at which code goes wrong, and rows: every one, and one of numbers in short.

use std::slice;

/// Where a number leaves a type, or looks like the end of one. All but the first have more than one
/// digit.
pub(crate) const EDGES: [u64; 16] = [
    1,
    255,
    256,
    65_535,
    65_536,
    (1 << 31) - 1,
    1 << 31,
    u32::MAX as u64,
    1 << 32,
    1 << 53,
    (1 << 53) + 1,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    u64::MAX - 1,
    u64::MAX,
];

/// Every row of this length of these, the last place changing first.
pub(crate) fn every_row<T: Clone>(all: &[T], length: usize) -> Vec<Vec<T>> {
    let with_each = |row: Vec<T>| {
        let longer = all.iter().map(|one| [&row[..], slice::from_ref(one)].concat());
        longer.collect::<Vec<_>>()
    };
    let longer = |rows: Vec<Vec<T>>, _| rows.into_iter().flat_map(with_each).collect();
    (0..length).fold(vec![Vec::new()], longer)
}

/// The longest row that is written out, and the most numbers that a longer one names.
const WHOLE: usize = 4;
const NAMED: usize = 3;

/// A row as the pages write it, `[1,2]`: with spaces, at which a line can break, where a number is
/// long. Of a longer row what most of it is, and what differs: `[1; 300] but 2 at 256`.
pub(crate) fn row(numbers: &[u64]) -> String {
    if numbers.len() <= WHOLE {
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let comma = if numbers.iter().all(|number| number.len() < 4) { "," } else { ", " };
        return format!("[{}]", numbers.join(comma));
    }
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let most = sorted[sorted.len() / 2];
    let others = numbers.iter().enumerate().filter(|&(_, &number)| number != most);
    let mut named: Vec<String> =
        others.clone().take(NAMED).map(|(place, number)| format!("{number} at {place}")).collect();
    let unnamed = others.count() - named.len();
    if unnamed > 0 {
        named.push(format!("{unnamed} more"));
    }
    let but = if named.is_empty() { "" } else { " but " };
    format!("[{most}; {}]{but}{}", numbers.len(), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_made_once() {
        assert_eq!(every_row(&[1, 2], 2), [[1, 1], [1, 2], [2, 1], [2, 2]]);
        assert_eq!(every_row::<u8>(&[], 0), [[]]);
    }

    #[test]
    fn a_long_row_is_written_in_short() {
        assert_eq!(row(&[1, 999]), "[1,999]");
        assert_eq!(row(&[1, 1000]), "[1, 1000]");
        assert_eq!(row(&[]), "[]");
        let mut long = vec![1; 300];
        assert_eq!(row(&long), "[1; 300]");
        long[256] = 2;
        assert_eq!(row(&long), "[1; 300] but 2 at 256");
        long[..100].fill(7);
        assert_eq!(row(&long), "[1; 300] but 7 at 0, 7 at 1, 7 at 2, 98 more");
    }
}
