//! An add that is asked for twice: at the same replica, and at another.
//!
//! A client asks for one add, and gets no answer. Was the request lost, or the answer? It retries.
//! With a request id the replica knows the retry: it stands in the same record as the entry, so a
//! crash leaves both or neither.

use explore::{SearchResult, search};
use runtime::log::LogError;
use trace::{Event, Trace};
use worlds::node::{Client, Node, NodeEvent, Outbox};
use worlds::nodes::{Nodes, Schedule, State};

use crate::replica::{MAX_CLIENTS, Message, Record, Replica, Reply, Request, RequestId};
use crate::service::{Service, Turn};
use runtime::disk::Memory;

/// How many states a search visits before it gives up.
const MOST_STATES: usize = 200_000;

/// What the client adds.
pub const DELTA: u64 = 5;

/// The id of the client's first add.
pub const FIRST: RequestId = RequestId { client: 7, seq: 1 };

/// An add whose answer is lost with its replica, and which is retried.
pub struct Retried {
    /// The run.
    pub trace: Trace,
    /// The value in the end.
    pub value: u128,
}

/// How a schedule names two replicas.
const NAMES: [&str; 2] = ["a", "b"];

/// The columns of the trace.
const CLIENT: usize = 0;
const REPLICA: usize = 1;
const DISK: usize = 2;

/// A client adds, and the replica is killed when its disk has the record and the answer has not
/// left. It starts again, and the client retries. The add has a request id, or it has none.
///
/// # Errors
/// None that this disk reports.
pub fn lost_answer(once: Option<RequestId>) -> Result<Retried, LogError> {
    let disk = Memory::default();
    let mut service = Service::start(disk.clone())?;
    let mut trace = Recorder::new();
    let add = Request::Add { delta: DELTA, once };
    trace.asks(&add);
    trace.handles(&service.turn(std::slice::from_ref(&add))?);
    // The answer was to leave now.
    drop(service);
    trace.push(Event::local(REPLICA).label("is killed"));
    let mut service = Service::start(disk)?;
    trace.push(Event::local(REPLICA).label(format!("starts: {}", service.value())));
    trace.push(Event::local(CLIENT).label("no answer"));
    trace.asks(&add);
    let turn = service.turn(&[add])?;
    trace.handles(&turn);
    trace.answers(&turn);
    Ok(Retried { trace: trace.trace, value: service.value() })
}

/// Draws what happens.
struct Recorder {
    trace: Trace,
    messages: usize,
}

impl Recorder {
    fn new() -> Recorder {
        Recorder { trace: Trace::new(["client", "replica", "disk"]), messages: 0 }
    }

    fn push(&mut self, event: Event) {
        self.trace.push(event).expect("what is received was sent before");
    }

    fn passes(&mut self, from: usize, to: usize, what: &str) {
        self.messages += 1;
        let name = format!("m{}", self.messages);
        self.push(Event::send(from, to, &*name).label(what));
        self.push(Event::receive(to, name));
    }

    fn asks(&mut self, request: &Request) {
        let Request::Add { delta, once } = request else {
            unreachable!("this client adds");
        };
        let id = once.map_or(String::new(), |once| format!(", my add {}", once.seq));
        self.passes(CLIENT, REPLICA, &format!("add {delta}{id}"));
    }

    fn handles(&mut self, turn: &Turn) {
        for record in &turn.records {
            if let Record::Counted { entry, .. } = record {
                self.passes(REPLICA, DISK, &format!("entry {entry}"));
                self.passes(DISK, REPLICA, "synced");
            }
        }
    }

    fn answers(&mut self, turn: &Turn) {
        for reply in &turn.replies {
            let said = if *reply == Reply::Added { "counted" } else { "refused" };
            self.passes(REPLICA, CLIENT, said);
        }
    }
}

/// What a replica with a bounded memory says to a client that it has forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// How many clients came in between.
    pub others: usize,
    /// How often its first add is counted, when it retries that.
    pub first_counted: u128,
    /// What the replica says when it retries its second.
    pub second: Reply,
}

/// Two clients add, one once and the other twice; so many others add that the replica forgets
/// them; and both retry their last add.
///
/// # Errors
/// None that this disk reports.
pub fn forgotten() -> Result<Forgotten, LogError> {
    let mut service = Service::start(Memory::default())?;
    let id = |client, seq| RequestId { client, seq };
    let add = |id| Request::add_once(1, id);
    service.turn(&[add(id(1, 1)), add(id(5, 1)), add(id(5, 2))])?;
    let others: Vec<Request> =
        (0..MAX_CLIENTS as u64).map(|other| add(id(10 + other, 1))).collect();
    service.turn(&others)?;
    let before = service.value();
    service.turn(&[add(id(1, 1))])?;
    let first_counted = 1 + service.value() - before;
    let second = service.turn(&[add(id(5, 2))])?.replies.remove(0);
    Ok(Forgotten { others: others.len(), first_counted, second })
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// It can happen: a shortest schedule.
    Found(Schedule),
    /// It cannot, in any of this many states.
    Never(usize),
    /// Nothing was found before the search gave up.
    Unknown,
}

/// A client asks a replica, and retries twice there; the replica crashes up to twice, before its
/// disk has written or after. Is the add counted twice?
pub fn at_the_same() -> Searched {
    let alone = Nodes::new(1, |number, records: &[Record]| Replica::new(number, 1, records));
    let asked_thrice = alone.asking(0, (0..3).map(|_| numbered()));
    searched(asked_thrice.with_slow_disks().crashing(2), |_| true)
}

/// The client asks replica a, which does not answer, and replica b.
pub fn at_another() -> Searched {
    searched(asked_both(), |state| state.answer(Client(0)).is_none())
}

/// The trace of a schedule of [`at_another`].
pub fn trace_of(schedule: &Schedule) -> Trace {
    let trace = asked_both().trace(schedule, |event| Some(label(event)));
    trace.expect("the search has found this schedule")
}

fn asked_both() -> Nodes<Replica> {
    let both = Nodes::new(2, confirmed).asking(0, [numbered()]).asking(1, [numbered()]);
    both.with_slow_disks().with_room_for(2)
}

/// One of two replicas, which counts at once: its peer has confirmed its log.
fn confirmed(number: usize, records: &[Record]) -> Replica {
    let mut replica = Replica::new(number, 2, records);
    let own = replica.counter().entries()[number];
    let word = Message::Ack(vec![(number, own)]);
    replica.receive(1 - number, word, &mut Outbox::default());
    replica
}

fn numbered() -> Request {
    Request::add_once(1, FIRST)
}

/// Searches for a state in which a replica has more than the 1 that was asked for.
fn searched(nodes: Nodes<Replica>, also: impl Fn(&State<Replica>) -> bool) -> Searched {
    let has_more = |state: &State<Replica>| {
        let mut replicas = state.nodes();
        replicas.any(|(_, replica)| replica.counter().value() > 1) && also(state)
    };
    match search(&nodes, MOST_STATES, has_more) {
        SearchResult::Found { schedule, .. } => Searched::Found(schedule),
        SearchResult::Never { states } => Searched::Never(states),
        SearchResult::Unknown { .. } => Searched::Unknown,
    }
}

/// What happened, in fewer words than its type has.
fn label(event: &NodeEvent<'_, Replica>) -> String {
    match event {
        NodeEvent::Asked { .. } => "asked to add 1".to_owned(),
        NodeEvent::Wrote { record: Record::Counted { entry, .. }, .. } => {
            format!("wrote its entry, {entry}")
        }
        NodeEvent::Woke { .. } => "timer".to_owned(),
        NodeEvent::Sent { message: Message::Push(entries), .. }
        | NodeEvent::Received { message: Message::Push(entries), .. } => {
            let entries =
                entries.iter().map(|(owner, entry)| format!("{}'s {entry}", NAMES[*owner]));
            format!("push {}", entries.collect::<Vec<_>>().join(", "))
        }
        event => event.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::Refusal;

    #[test]
    fn a_lost_answer_is_counted_twice_without_an_id_and_once_with_one() {
        assert_eq!(lost_answer(None).unwrap().value, 2 * u128::from(DELTA));
        let once = lost_answer(Some(FIRST)).unwrap();
        assert_eq!(once.value, u128::from(DELTA));
        let disk = once.trace.events().iter().filter(|event| event.node == DISK);
        assert_eq!(disk.count(), 2, "what the disk hears and says, for the first try alone");
    }

    #[test]
    fn a_forgotten_client_is_counted_again_or_refused() {
        let forgotten = forgotten().unwrap();
        assert_eq!(forgotten.first_counted, 2);
        let second = Reply::Refused(Refusal::Forgotten(RequestId { client: 5, seq: 2 }));
        assert_eq!(forgotten.second, second);
    }

    #[test]
    fn the_same_replica_never_counts_a_retry() {
        assert_eq!(at_the_same(), Searched::Never(68));
    }

    #[test]
    fn another_replica_counts_a_retry_again() {
        let Searched::Found(schedule) = at_another() else {
            panic!("the other does not know the id");
        };
        let counted = trace_of(&schedule);
        let asked = counted.events().iter().filter(|event| event.label == "asked to add 1");
        assert_eq!(asked.count(), 2);
    }
}
