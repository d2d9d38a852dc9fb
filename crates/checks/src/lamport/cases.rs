//! Every small schedule, and what is right for each.

use std::iter;

use crate::plural;

/// Nodes that a schedule has at the most.
pub(super) const MOST_NODES: usize = 3;

/// Events of the longest schedule that is tried.
pub(super) const LONGEST: usize = 5;

/// Events of the longest schedule that can be replayed: those that the page draws are among them.
const LONGEST_CODE: usize = 12;

/// What happens, event by event. A cause stands before its effects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    pub(super) events: Vec<Event>,
}

/// One event, and the node at which it happens. Nodes count from 0 and have letters in a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) node: usize,
    pub(super) kind: Kind,
}

/// What an event is. Messages count from 1, in the order of their sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Local,
    Send { to: usize },
    Receive { message: usize, sending: usize },
}

/// All cases, fewest events first.
pub(super) fn all() -> impl Iterator<Item = Case> {
    (1..=LONGEST).flat_map(of_length)
}

/// Every schedule of so many events. The clocks cannot know what a node is called, so the first
/// that is named is a, the next b.
fn of_length(length: usize) -> Box<dyn Iterator<Item = Case>> {
    let Some(shorter) = length.checked_sub(1) else {
        return Box::new(iter::once(Case::default()));
    };
    Box::new(of_length(shorter).flat_map(|case| {
        let next = case.next_events();
        next.into_iter().map(move |event| case.followed_by(event))
    }))
}

impl Case {
    /// What can happen next, where a new node takes the next name.
    fn next_events(&self) -> Vec<Event> {
        let named = self.nodes();
        let nodes = |named: usize| 0..(named + 1).min(MOST_NODES);
        let locals = nodes(named).map(|node| Event { node, kind: Kind::Local });
        let sends = nodes(named).flat_map(|node| {
            let others = nodes(named.max(node + 1)).filter(move |to| *to != node);
            others.map(move |to| Event { node, kind: Kind::Send { to } })
        });
        let messages = 1..=self.sendings().count();
        let receipts = messages.filter_map(|message| self.receipt(message));
        locals.chain(sends).chain(receipts).collect()
    }

    fn followed_by(&self, event: Event) -> Case {
        let mut events = Vec::with_capacity(self.events.len() + 1);
        events.extend_from_slice(&self.events);
        events.push(event);
        Case { events }
    }

    /// The arrival of this message, if it is under way.
    fn receipt(&self, message: usize) -> Option<Event> {
        let (sending, node) = self.sendings().nth(message.checked_sub(1)?)?;
        let kind = Kind::Receive { message, sending };
        let receipt = Event { node, kind };
        (!self.events.contains(&receipt)).then_some(receipt)
    }

    /// Which events send a message, and where to.
    fn sendings(&self) -> impl Iterator<Item = (usize, usize)> {
        let events = self.events.iter().enumerate();
        events.filter_map(|(place, event)| match event.kind {
            Kind::Send { to } => Some((place, to)),
            _ => None,
        })
    }

    /// The number of the message that this event sends.
    pub(super) fn message(&self, sending: usize) -> usize {
        self.sendings().take_while(|(place, _)| *place <= sending).count()
    }

    /// How many nodes there are, if none has a name that is passed over.
    pub(super) fn nodes(&self) -> usize {
        let nodes = self.events.iter().map(|event| match event.kind {
            Kind::Send { to } => event.node.max(to) + 1,
            _ => event.node + 1,
        });
        nodes.max().unwrap_or(0)
    }

    /// The latest event of the same node before this one.
    pub(super) fn previous(&self, place: usize) -> Option<usize> {
        let node = self.events[place].node;
        self.events[..place].iter().rposition(|event| event.node == node)
    }

    /// Which events happened before each: bit `i` is set for event `i`.
    pub(super) fn pasts(&self) -> Vec<u32> {
        let mut pasts: Vec<u32> = Vec::with_capacity(self.events.len());
        for (place, event) in self.events.iter().enumerate() {
            let sending = match event.kind {
                Kind::Receive { sending, .. } => Some(sending),
                _ => None,
            };
            let causes = [self.previous(place), sending].into_iter().flatten();
            pasts.push(causes.fold(0, |past, cause| past | pasts[cause] | 1 << cause));
        }
        pasts
    }

    /// The right stamps: of each event the length of the longest chain of events, each before the
    /// next, that ends with it.
    pub(super) fn stamps(&self) -> Vec<u64> {
        let mut stamps: Vec<u64> = Vec::with_capacity(self.events.len());
        for past in self.pasts() {
            let before = stamps.iter().enumerate();
            let before = before.filter(|(earlier, _)| contains(past, *earlier));
            let longest = before.map(|(_, stamp)| *stamp).max();
            stamps.push(longest.unwrap_or(0) + 1);
        }
        stamps
    }

    pub(super) fn size(&self) -> String {
        plural(self.events.len(), "event")
    }

    /// The events between dots: `a` acts, `ab` sends from a to b, `1` is the arrival of message 1.
    pub(super) fn code(&self) -> String {
        let code = |event: &Event| match event.kind {
            Kind::Local => letter(event.node).to_string(),
            Kind::Send { to } => format!("{}{}", letter(event.node), letter(to)),
            Kind::Receive { message, .. } => message.to_string(),
        };
        self.events.iter().map(code).collect::<Vec<_>>().join(".")
    }

    /// What [`code`](Case::code) wrote, or any schedule that is not much longer, whatever its nodes
    /// are called.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let mut case = Case::default();
        for word in code.split('.') {
            if case.events.len() == LONGEST_CODE {
                return Err(format!("it has more than {LONGEST_CODE} events"));
            }
            let event = case.event(word)?;
            case.events.push(event);
        }
        Ok(case)
    }

    /// The next event, from its code.
    fn event(&self, word: &str) -> Result<Event, String> {
        let local = |node| Event { node, kind: Kind::Local };
        let nodes: Option<Vec<usize>> = word.chars().take(3).map(node).collect();
        match nodes.as_deref() {
            Some(&[node]) => return Ok(local(node)),
            Some(&[node, to]) if node != to => {
                let kind = Kind::Send { to };
                return Ok(Event { node, kind });
            }
            _ => {}
        }
        let digits = word.starts_with(|first| ('1'..='9').contains(&first));
        let message = word.parse().ok().filter(|_| digits);
        let Some(message) = message else {
            return Err(format!(
                "\"{word}\" is no event: a acts, ab sends from a to b, 1 is the arrival of message \
                 1; the nodes are a, b and c"
            ));
        };
        self.receipt(message)
            .ok_or_else(|| format!("message {message} is not under way when it arrives"))
    }
}

/// Whether an event is in one of the [pasts](Case::pasts).
pub(super) fn contains(past: u32, place: usize) -> bool {
    past & 1 << place != 0
}

const LETTERS: [char; MOST_NODES] = ['a', 'b', 'c'];

pub(super) fn letter(node: usize) -> char {
    LETTERS[node]
}

fn node(letter: char) -> Option<usize> {
    LETTERS.iter().position(|known| *known == letter)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The page counts every schedule of nodes that have names.
    #[test]
    fn with_every_naming_of_their_nodes_they_are_as_many_as_the_page_says() {
        let namings = |case: &Case| match case.nodes() {
            1 => 3,
            2 | 3 => 6,
            nodes => panic!("{nodes} nodes"),
        };
        let mut count = [0; LONGEST + 1];
        for case in all() {
            count[case.events.len()] += namings(&case);
        }
        assert_eq!(count, [0, 9, 87, 891, 9_585, 107_649]);
    }

    #[test]
    fn the_small_schedules_are_those_one_would_write_down() {
        let codes: Vec<String> = of_length(2).map(|case| case.code()).collect();
        let expected =
            "a.a a.b a.ab a.ba a.bc ab.a ab.b ab.c ab.ab ab.ac ab.ba ab.bc ab.ca ab.cb ab.1";
        assert_eq!(codes.join(" "), expected);
        let codes: BTreeSet<String> = all().map(|case| case.code()).collect();
        assert_eq!(codes.len(), all().count());
    }

    #[test]
    fn the_right_stamps_are_those_of_the_page() {
        for (code, stamps) in [
            ("ab.1.bc.c.2.ca.b.3", &[1, 2, 3, 1, 4, 5, 4, 6][..]),
            ("a.ab.1.b.a.ba.2", &[1, 2, 3, 4, 3, 5, 6]),
            ("a.b.b.b.ab.1", &[1, 1, 2, 3, 2, 4]),
            ("ab.ab.2.1", &[1, 2, 3, 4]),
        ] {
            assert_eq!(Case::parse(code).unwrap().stamps(), stamps, "{code}");
        }
    }

    #[test]
    fn a_past_goes_down_the_lines_and_along_the_arrows() {
        let case = Case::parse("ab.c.1.bc.2.a").unwrap();
        assert_eq!(case.pasts(), [0, 0, 0b1, 0b101, 0b1111, 0b1]);
        assert_eq!([0, 1, 2].map(|place| contains(0b101, place)), [true, false, true]);
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        let error = |code: &str| Case::parse(code).unwrap_err();
        for word in ["", "aa", "d", "abc", "ab1", "0", "01", "+1", "1x", "é"] {
            let reason = format!("\"{word}\" is no event: ");
            let error = error(&format!("ab.{word}.a"));
            assert!(error.starts_with(&reason), "{error}");
        }
        for code in ["1.ab", "ab.2", "ab.1.1", "ab.99999999999999999"] {
            assert!(error(code).ends_with(" is not under way when it arrives"));
        }
        assert_eq!(error(&"a.".repeat(99_999)), "it has more than 12 events");
        assert!(Case::parse("c.c.ca.1").is_ok());
    }
}
