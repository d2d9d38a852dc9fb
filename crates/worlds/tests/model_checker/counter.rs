//! The counter of replicas.

use explore::Model;
use g_counter::replica::{Message, Record, Replica, Reply, Request, Round};
use worlds::node::{Client, Effect, Node, Outbox};
use worlds::nodes::{Action, Nodes, Place, State};

use super::{Holds, Verdict, check, pass_on};

/// A node that counts.
trait Counting: Node<Reply = Reply, Request = Request> + 'static {
    fn entries(&self) -> &[u64];
}

impl Counting for Replica {
    fn entries(&self) -> &[u64] {
        self.counter().entries()
    }
}

/// Nothing is counted that was not asked for. Each request here adds 1.
fn counts_no_more<N: Counting>(_: &Nodes<N>, state: &State<N>) -> bool {
    state.nodes().all(|(_, node)| {
        let asked = state.places.iter().map(|place| place.asked as u64);
        node.entries().iter().zip(asked).all(|(entry, asked)| *entry <= asked)
    })
}

/// What was answered is never missing where it was answered, whatever crashes.
fn forgets_nothing<N: Counting>(nodes: &Nodes<N>, state: &State<N>) -> bool {
    state.nodes().all(|(number, node)| {
        let answers = state.answers.iter();
        let of_this = answers.filter(|(client, _)| nodes.asked_by(*client) == Some(number));
        node.entries()[number] >= of_this.count() as u64
    })
}

/// When no node that is up has anything left to do, these have counted the same: they have stood in
/// for the nodes that are down.
fn agrees<N: Counting>(_: &Nodes<N>, state: &State<N>) -> bool {
    let mut nodes = state.nodes().map(|(_, node)| node.entries());
    let first = nodes.next();
    !is_idle(state) || nodes.all(|entries| Some(entries) == first)
}

/// Whether nothing happens to the nodes that are up, unless a client asks or a node crashes or
/// restarts.
fn is_idle<N: Node>(state: &State<N>) -> bool {
    let is_down = |node: usize| state.node(node).is_none();
    let is_done = |place: &Place<N>| place.timers.is_empty() && place.awaiting_sync.is_empty();
    let mut in_flight = state.in_flight.iter();
    in_flight.all(|sent| is_down(sent.to)) && state.places.iter().all(is_done)
}

/// Not a promise, but the opposite of a hope: the nodes never all count every request. It has to
/// break, or [`agrees`] could hold because the nodes never come to rest.
fn is_never_done<N: Counting>(nodes: &Nodes<N>, state: &State<N>) -> bool {
    let asked: usize = state.places.iter().map(|place| place.asked).sum();
    let counted = |node: &N| node.entries().iter().sum::<u64>();
    let all = state.nodes().all(|(_, node)| counted(node) == asked as u64);
    let mut next = nodes.actions(state);
    let is_over = next.all(|next| matches!(next, Action::Crash { .. }));
    !(state.is_quiet() && all && is_over)
}

/// A replica for each number, asked to add 1 that many times.
fn counters<N>(adds: &[usize], make: fn(Replica) -> N) -> Nodes<N>
where
    N: Counting<Record = Record>,
{
    let replicas = adds.len();
    let make = move |number, records: &[_]| make(Replica::new(number, replicas, records));
    let counters = Nodes::new(replicas, make);
    let each = adds.iter().enumerate();
    each.fold(counters, |counters, (node, adds)| {
        counters.asking(node, (0..*adds).map(|_| Request::Add { delta: 1 }))
    })
}

/// The models of the counter, each with what its network and its nodes go through. The room bounds
/// them: without it a replica that gets no ack never stops pushing.
fn models<N>(make: fn(Replica) -> N) -> [(&'static str, Nodes<N>); 6]
where
    N: Counting<Record = Record>,
{
    let network = |adds: &[usize]| counters(adds, make).losing().duplicating();
    [
        ("two count", network(&[2, 1]).with_room_for(2)),
        ("one of three counts", network(&[1, 0, 0]).with_room_for(2)),
        ("two of three count, slowly", counters(&[1, 1, 0], make).with_room_for(1)),
        (
            "one of three counts, one crashes",
            counters(&[1, 0, 0], make).losing().crashing(1).with_room_for(2),
        ),
        ("one of two crashes", network(&[1, 1]).with_slow_disks().crashing(1).with_room_for(2)),
        ("one crashes twice", network(&[2, 0]).with_slow_disks().crashing(2).with_room_for(1)),
    ]
}

#[test]
fn the_counter_keeps_its_promises_whatever_happens() {
    let models = models(|replica| replica);
    for holds in [counts_no_more, forgets_nothing, agrees] {
        let states = models.clone().map(|(name, model)| match check(&model, holds) {
            Verdict::Holds { states } => (name, states),
            broken => panic!("{name}: {broken:?}"),
        });
        assert_eq!(states.map(|(_, states)| states), [4_243, 2_722, 1_392, 19_893, 5_956, 794]);
    }
    for (name, model) in models {
        let verdict = check(&model, is_never_done);
        assert!(matches!(verdict, Verdict::Breaks { .. }), "{name}: {verdict:?}");
    }
}

/// A replica with a mistake.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Wrong {
    replica: Replica,
    mistake: Mistake,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mistake {
    /// It answers before the record is on disk.
    AnswersFirst,
    /// It adds what is pushed to it.
    Adds,
    /// It pushes once, and does not wait for an ack.
    PushesOnce,
    /// It takes for granted that all others have what it is pushed, too.
    PassesNothingOn,
    /// It acks one more than it has.
    AcksMore,
}

impl Counting for Wrong {
    fn entries(&self) -> &[u64] {
        self.replica.counter().entries()
    }
}

impl Wrong {
    fn handle(
        &mut self,
        handler: impl FnOnce(&mut Replica, &mut Outbox<Replica>),
        out: &mut Outbox<Self>,
    ) {
        let mut inner = Outbox::default();
        handler(&mut self.replica, &mut inner);
        let mut effects = inner.take();
        match self.mistake {
            Mistake::AnswersFirst => {
                effects.sort_by_key(|effect| !matches!(effect, Effect::Answer { .. }));
            }
            Mistake::AcksMore => effects.iter_mut().for_each(ack_more),
            Mistake::Adds | Mistake::PushesOnce | Mistake::PassesNothingOn => {}
        }
        pass_on(effects, out);
    }
}

fn ack_more(effect: &mut Effect<Replica>) {
    if let Effect::Send { message: Message::Ack(has), .. } = effect {
        has.iter_mut().for_each(|(_, entry)| *entry += 1);
    }
}

impl Node for Wrong {
    type Message = Message;
    type Timer = Round;
    type Record = Record;
    type Request = Request;
    type Reply = Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.start(out), out);
    }

    fn receive(&mut self, from: usize, mut message: Message, out: &mut Outbox<Self>) {
        if let (Mistake::Adds, Message::Push(delta)) = (self.mistake, &mut message) {
            for (node, entry) in delta {
                *entry += self.replica.counter().entries()[*node];
            }
        }
        self.handle(|replica, out| replica.receive(from, message.clone(), out), out);
        if let (Mistake::PassesNothingOn, Message::Push(delta)) = (self.mistake, message) {
            for peer in 0..self.entries().len() {
                let ack = Message::Ack(delta.clone());
                self.handle(|replica, out| replica.receive(peer, ack, out), out);
            }
        }
    }

    fn wake(&mut self, _: Round, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.wake(Round, out), out);
        if self.mistake == Mistake::PushesOnce {
            out.cancel_timer(Round);
        }
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        self.handle(|replica, out| replica.ask(client, request, out), out);
    }
}

/// The models in which a mistake breaks a property, with the length of the shortest schedule that
/// does.
fn caught(make: fn(Replica) -> Wrong, holds: Holds<Wrong>) -> Vec<(&'static str, usize)> {
    let verdicts = models(make).map(|(name, model)| (name, check(&model, holds)));
    let broken = verdicts.into_iter().filter_map(|(name, verdict)| match verdict {
        Verdict::Breaks { after } => Some((name, after)),
        Verdict::Holds { .. } => None,
    });
    broken.collect()
}

#[test]
fn a_replica_that_answers_before_it_has_written_is_caught() {
    let make = |replica| Wrong { replica, mistake: Mistake::AnswersFirst };
    assert_eq!(
        caught(make, forgets_nothing),
        [("one of two crashes", 3), ("one crashes twice", 3)]
    );
}

#[test]
fn a_replica_that_adds_what_is_pushed_is_caught() {
    let make = |replica| Wrong { replica, mistake: Mistake::Adds };
    assert_eq!(caught(make, counts_no_more).len(), 6);
}

#[test]
fn a_replica_that_pushes_once_is_caught() {
    let make = |replica| Wrong { replica, mistake: Mistake::PushesOnce };
    assert_eq!(caught(make, agrees).len(), 6);
}

#[test]
fn a_replica_that_passes_nothing_on_is_caught() {
    let make = |replica| Wrong { replica, mistake: Mistake::PassesNothingOn };
    assert_eq!(caught(make, agrees), [("one of three counts, one crashes", 5)]);
}

#[test]
fn a_replica_that_acks_more_than_it_has_is_caught() {
    let make = |replica| Wrong { replica, mistake: Mistake::AcksMore };
    assert_eq!(caught(make, agrees), [("two count", 5), ("one of three counts, one crashes", 9)]);
}
