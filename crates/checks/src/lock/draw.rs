//! The schedule that leads to a decision and, where that is wrong, on to the harm that it does.

use explore::messages::Action;
use explore::schedule::letter;
use trace::{Event, Trace};

use super::model::{Harm, State};
use super::{Case, Stamp};

/// What happens until a node decides and, where it is wrong, after that.
pub(super) fn schedule(case: &Case, is_wrong: bool) -> Trace {
    let decision = &case.decision;
    let node = decision.node;
    let mut play = Play::of(case);
    let (last, before) = decision.state.schedule.split_last().expect("a node has asked");
    before.iter().for_each(|action| play.step(*action));
    play.act(*last);
    let label = match decision.harm {
        _ if !is_wrong => "may it enter?",
        Harm::Enters => "enters: wrong",
        Harm::Waits => "waits: wrong",
    };
    play.push(Event::local(node).label(label));
    if is_wrong {
        if decision.harm == Harm::Enters {
            play.state.enter(node);
        }
        decision.until_harm().into_iter().for_each(|action| play.step(action));
    }
    play.trace
}

/// Stamps as they are drawn, with the letters of their nodes.
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
        let nodes = case.decision.nodes();
        let state = State::new(&vec![u8::MAX; nodes]);
        Play { case, state, trace: Trace::new((0..nodes).map(letter)) }
    }

    fn push(&mut self, event: Event) {
        self.trace.push(event).expect("what happens does not contradict itself");
    }

    /// An action, and what it sends.
    fn act(&mut self, action: Action) -> usize {
        let sent = self.state.sent;
        let node = self.state.act(action);
        if let Action::Deliver(number) = action {
            self.push(Event::receive(node, format!("m{number}")));
        }
        for message in self.state.in_flight.clone().iter().filter(|one| one.number > sent) {
            let time = self.case.stamp((message.time, node)).time;
            let says = format!("{:?} {time}", message.says).to_lowercase();
            let name = format!("m{}", message.number);
            self.push(Event::send(node, message.to, name).label(says));
        }
        node
    }

    /// An action, and the right decision after it.
    fn step(&mut self, action: Action) {
        let node = self.act(action);
        let enters = self.state.harm(node) == Some(Harm::Waits);
        if enters {
            self.state.enter(node);
        }
        // Where both are right, to enter was an action of its own.
        if enters || self.state.holds(node) && action == Action::Local(node) {
            self.push(Event::local(node).label("enters"));
        }
    }
}
