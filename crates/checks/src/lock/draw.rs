//! The schedule that leads to a decision and, where that is wrong, on to the harm that it does.

use explore::messages::Action;
use explore::schedule::letter;
use trace::{Event, Trace};

use super::model::{Harm, Says, Sent, State};
use super::{Case, Stamp};

/// What happens until a node decides; and where it is wrong, what follows, and that in words.
pub(super) fn schedule(case: &Case, wrong: Option<bool>) -> (Trace, Option<String>) {
    let decision = &case.decision;
    let node = decision.view.node;
    let mut play = Play::of(case);
    let (last, before) = decision.state.schedule.split_last().expect("a node has asked");
    play.all(before);
    play.act(*last);
    let label = match wrong {
        Some(true) => "enters: wrong",
        Some(false) => "waits: wrong",
        None => "may it enter?",
    };
    play.push(Event::local(node).label(label));
    let then = wrong.map(|enters| match enters {
        true => play.until_two_hold(node),
        false => play.until_quiet(node),
    });
    (play.trace, then)
}

/// Stamps as they are drawn, by the letters of their nodes.
pub(super) fn stamps(stamps: &[Stamp]) -> String {
    let stamps = stamps.iter().map(|Stamp { time, node }| format!("({time},{})", letter(*node)));
    stamps.collect::<Vec<_>>().join(" ")
}

/// A state, and the trace that leads to it.
struct Play<'a> {
    case: &'a Case,
    state: State,
    trace: Trace,
}

impl Play<'_> {
    fn of(case: &Case) -> Play<'_> {
        let nodes = case.decision.view.nodes;
        let state = State::new(&vec![u8::MAX; nodes]);
        Play { case, state, trace: Trace::new((0..nodes).map(|node| letter(node).to_string())) }
    }

    fn push(&mut self, event: Event) {
        self.trace.push(event).expect("what happens does not contradict itself");
    }

    fn act(&mut self, action: Action) -> usize {
        let mut events = Vec::new();
        let node = self.state.act(action, &mut |sent, is_received| {
            events.push(self.case.event(sent, is_received));
        });
        events.into_iter().for_each(|event| self.push(event));
        node
    }

    /// These actions, each followed by the right decision.
    fn all(&mut self, actions: &[Action]) {
        for action in actions {
            let before: Vec<usize> = self.state.holders().collect();
            let node = self.act(*action);
            if self.state.harm(node) == Some(Harm::Waits) {
                self.state.enter(node);
            }
            if !before.contains(&node) && self.state.holders().any(|holder| holder == node) {
                self.push(Event::local(node).label("enters"));
            }
        }
    }

    fn until_two_hold(&mut self, node: usize) -> String {
        let actions = self.case.decision.state.until_two_hold(node);
        self.state.enter(node);
        self.all(&actions);
        let mut others = self.state.holders().filter(|&other| other != node);
        let other = others.next().expect("two hold it");
        let [theirs, own] = [other, node].map(|node| {
            let request = self.case.stamp(self.state.request(node));
            format!("{}'s request {}", letter(node), stamps(&[request]))
        });
        format!("two nodes hold the lock at once, though {theirs} comes before {own}")
    }

    fn until_quiet(&mut self, node: usize) -> String {
        let quiet = self.case.decision.state.until_quiet(node).expect("to wait harms here");
        let actions = quiet.schedule[self.state.schedule.len()..].to_vec();
        self.all(&actions);
        "all messages have arrived, and no node holds the lock".to_owned()
    }
}

impl Case {
    fn event(&self, sent: &Sent, is_received: bool) -> Event {
        let Sent { from, to, says, time, number } = *sent;
        let name = format!("m{}", number);
        if is_received {
            return Event::receive(to, name);
        }
        let says = match says {
            Says::Request => "request",
            Says::Ack => "ack",
            Says::Release => "release",
        };
        let time = self.stamp((time, from)).time;
        Event::send(from, to, name).label(format!("{says} {time}"))
    }
}
