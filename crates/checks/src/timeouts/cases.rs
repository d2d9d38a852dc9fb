//! Every small server, and what its caller can know by when.

use super::Outcome;
use crate::plural;

/// What a server replies. It may stop before the end.
pub(super) const REPLY: &[u8] = b"ok\n";

/// What the clock shows at first.
pub(super) const NOW: u64 = 100;

/// With much time, with little, and with none left.
const DEADLINES: [u64; 3] = [130, 110, 90];

/// Before each step of a server. The sum of two may pass a deadline that each of them keeps.
const DELAYS: [u64; 3] = [0, 10, 20];

/// A server, and a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub(super) deadline: u64,
    pub(super) connect: Connect,
    /// The pieces of the reply, each after a delay. Without a connection there are none.
    pub(super) pieces: Vec<(u64, Vec<u8>)>,
    /// What comes after them, and the delay before it. After a silence nothing comes, and its delay
    /// is 0.
    pub(super) ends: (u64, Ending),
}

/// What a server does about a connection, and after how many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connect {
    Accept(u64),
    Refuse(u64),
    Silence,
}

/// What a server does after its last piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Silence,
    End,
    Reset,
}

/// What is right, and the moment at which it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Right {
    pub(super) outcome: Outcome,
    pub(super) at: u64,
}

/// Whether the deadline has passed, the steps of the server, the sum of its delays, and the time
/// that there is not.
pub(super) type Measure = (bool, usize, u64, std::cmp::Reverse<u64>);

/// All cases, in their order.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let mut cases: Vec<Case> = DEADLINES.into_iter().flat_map(with_deadline).collect();
    // Once the deadline has passed, it does not matter how a reply is cut.
    cases.retain(|case| case.deadline > NOW || case.pieces.len() <= 1);
    cases.sort_by_key(Case::measure);
    cases.into_iter()
}

fn with_deadline(deadline: u64) -> Vec<Case> {
    let case = |connect, pieces, ends| Case { deadline, connect, pieces, ends };
    let silence = (0, Ending::Silence);
    let mut cases = vec![case(Connect::Silence, Vec::new(), silence)];
    for delay in DELAYS {
        cases.push(case(Connect::Refuse(delay), Vec::new(), silence));
        for pieces in replies() {
            for ends in endings() {
                cases.push(case(Connect::Accept(delay), pieces.clone(), ends));
            }
        }
    }
    cases
}

/// The reply and each of its beginnings, cut in every way, with every delay before each piece.
fn replies() -> Vec<Vec<(u64, Vec<u8>)>> {
    (0..=REPLY.len()).flat_map(|length| cut(&REPLY[..length])).collect()
}

fn cut(bytes: &[u8]) -> Vec<Vec<(u64, Vec<u8>)>> {
    if bytes.is_empty() {
        return vec![Vec::new()];
    }
    let mut cuttings = Vec::new();
    for length in 1..=bytes.len() {
        let (first, rest) = bytes.split_at(length);
        for rest in cut(rest) {
            for delay in DELAYS {
                cuttings.push([vec![(delay, first.to_vec())], rest.clone()].concat());
            }
        }
    }
    cuttings
}

fn endings() -> Vec<(u64, Ending)> {
    let mut endings = vec![(0, Ending::Silence)];
    for delay in DELAYS {
        endings.extend([(delay, Ending::End), (delay, Ending::Reset)]);
    }
    endings
}

/// What all the cases are.
pub(super) fn scope() -> String {
    let reply = REPLY.escape_ascii();
    format!(
        "servers that accept, refuse or say nothing, that send any part of \"{reply}\", cut in \
         every way, and that end, reset or fall silent, with delays of 0 to 20 ms before each \
         step, and deadlines that come soon, late, or have passed"
    )
}

impl Case {
    /// What is right.
    pub(super) fn right(&self) -> Right {
        let right = |outcome, at| Right { outcome, at };
        if self.deadline <= NOW {
            return right(Outcome::NotExecuted, NOW);
        }
        let in_time = |moment: &u64| *moment < self.deadline;
        let connected = match self.connect {
            Connect::Accept(delay) => Some(NOW + delay).filter(in_time),
            Connect::Refuse(delay) => {
                return right(Outcome::NotExecuted, self.deadline.min(NOW + delay));
            }
            Connect::Silence => None,
        };
        let Some(connected) = connected else {
            return right(Outcome::NotExecuted, self.deadline);
        };
        let last_piece = connected + self.pieces.iter().map(|(delay, _)| delay).sum::<u64>();
        if self.reply() == REPLY && in_time(&last_piece) {
            return right(Outcome::Executed(REPLY.to_vec()), last_piece);
        }
        let over = match self.ends {
            (delay, Ending::End | Ending::Reset) if self.reply() != REPLY => last_piece + delay,
            _ => self.deadline,
        };
        right(Outcome::Unknown, over.min(self.deadline))
    }

    fn reply(&self) -> Vec<u8> {
        let pieces = self.pieces.iter();
        pieces.flat_map(|(_, piece)| piece.clone()).collect()
    }

    /// How the connection ends, if there is one at all.
    pub(super) fn ending(&self) -> Option<Ending> {
        match self.connect {
            Connect::Accept(_) => Some(self.ends.1),
            Connect::Refuse(_) | Connect::Silence => None,
        }
    }

    /// How a caller that keeps to the deadline sees the connection end.
    pub(super) fn ending_before_the_deadline(&self) -> Ending {
        let is_seen = self.right().at < self.deadline;
        self.ending().filter(|_| is_seen).unwrap_or(Ending::Silence)
    }

    pub(super) fn measure(&self) -> Measure {
        let (last_delay, ending) = self.ends;
        let (first_delay, first) = match self.connect {
            Connect::Accept(delay) | Connect::Refuse(delay) => (delay, 1),
            Connect::Silence => (0, 0),
        };
        let last = usize::from(ending != Ending::Silence);
        let delays = self.pieces.iter().map(|(delay, _)| delay).sum::<u64>();
        (
            self.deadline <= NOW,
            first + self.pieces.len() + last,
            first_delay + delays + last_delay,
            std::cmp::Reverse(self.deadline),
        )
    }

    pub(super) fn size(&self) -> String {
        let (is_over, steps, _, _) = self.measure();
        let what = match self.connect {
            Connect::Silence => "a server that does nothing".to_owned(),
            Connect::Accept(_) | Connect::Refuse(_) => {
                format!("a server of {}", plural(steps, "step"))
            }
        };
        let when = if is_over { ", after the deadline" } else { "" };
        format!("{what}{when}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_come_sorted() {
        let cases: Vec<Case> = all().collect();
        assert!(cases.is_sorted_by_key(Case::measure));
        assert_eq!(replies().len(), 1 + 3 + (3 + 9) + (3 + 2 * 9 + 27));
    }

    #[test]
    fn the_right_outcomes_are_those_of_the_page() {
        let executed = || Outcome::Executed(b"ok\n".to_vec());
        for (code, outcome, at) in [
            ("130.silence", Outcome::NotExecuted, 130),
            ("130.refuse-10", Outcome::NotExecuted, 110),
            ("130.refuse-30", Outcome::NotExecuted, 130),
            ("130.accept-30.3-0.end-0", Outcome::NotExecuted, 130),
            ("90.accept-0.3-0.end-0", Outcome::NotExecuted, 100),
            ("130.accept-0.silence", Outcome::Unknown, 130),
            ("130.accept-0.end-10", Outcome::Unknown, 110),
            ("130.accept-0.reset-10", Outcome::Unknown, 110),
            ("130.accept-0.reset-40", Outcome::Unknown, 130),
            ("130.accept-0.2-10.end-0", Outcome::Unknown, 110),
            ("130.accept-10.3-10.reset-0", executed(), 120),
            ("130.accept-10.1-0.2-10.silence", executed(), 120),
            ("130.accept-10.1-10.2-10.end-0", Outcome::Unknown, 130),
        ] {
            let right = Case::parse(code).unwrap().right();
            assert_eq!(right, Right { outcome, at }, "{code}");
        }
    }
}
