//! The lesson's idea as people write it at work.

/// What a Raft node keeps of its term.
#[derive(Debug, Default, PartialEq, Eq)]
struct Raft {
    term: u64,
    voted_for: Option<usize>,
    is_leader: bool,
}

impl Raft {
    /// Whether to go on with a message of this term (Raft, section 5.1).
    fn observe(&mut self, term: u64) -> bool {
        if term > self.term {
            // A newer election: this server's vote and leadership are of an older one.
            *self = Raft { term, voted_for: None, is_leader: false };
        }
        // A smaller term: the sender has not heard of the latest election.
        term == self.term
    }
}

#[test]
fn a_larger_term_is_adopted_and_a_smaller_one_refused() {
    let mut node = Raft { term: 3, voted_for: Some(1), is_leader: true };
    assert!(!node.observe(2) && node.is_leader);
    assert!(node.observe(3) && node.is_leader);
    assert!(node.observe(5));
    assert_eq!(node, Raft { term: 5, voted_for: None, is_leader: false });
}
