//! Where everything is between two actions.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::node::{Client, Effect, Node};

/// The nodes and all that is around them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<N: Node> {
    /// Each node, with its disk and its timers.
    pub places: Vec<Place<N>>,
    /// The messages that have not arrived.
    pub in_flight: InFlight<N::Message>,
    /// The answers to clients, those with smaller numbers first, and for each client in the order
    /// of answering.
    pub answers: Vec<(Client, N::Reply)>,
    /// How many crashes there were.
    pub crashes: usize,
}

/// A node and what belongs to it alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place<N: Node> {
    /// The node, unless it is down.
    pub node: Option<N>,
    /// The records that it has written, the oldest first.
    pub disk: Vec<N::Record>,
    /// The effects that await a slow disk, in order: the first is a record, or there are none.
    pub awaiting_sync: Vec<Effect<N>>,
    /// The timers that are set.
    pub timers: Bag<N::Timer>,
    /// How many of its clients' requests it has got.
    pub asked: usize,
}

impl<N: Node> State<N> {
    /// Nothing has happened, and no node has started.
    pub(super) fn down(nodes: usize, keeps_order: bool) -> Self {
        let place = Place {
            node: None,
            disk: Vec::new(),
            awaiting_sync: Vec::new(),
            timers: Bag(Vec::new()),
            asked: 0,
        };
        State {
            places: vec![place; nodes],
            in_flight: InFlight { messages: Vec::new(), sent: 0, keeps_order },
            answers: Vec::new(),
            crashes: 0,
        }
    }

    /// A node, if it exists and is up.
    pub fn node(&self, number: usize) -> Option<&N> {
        self.places.get(number)?.node.as_ref()
    }

    /// The nodes that are up, with their numbers.
    pub fn nodes(&self) -> impl Iterator<Item = (usize, &N)> {
        let nodes = self.places.iter().enumerate();
        nodes.filter_map(|(number, place)| Some((number, place.node.as_ref()?)))
    }

    /// The first answer to a client, if there is one.
    pub fn answer(&self, client: Client) -> Option<&N::Reply> {
        let mut answers = self.answers.iter();
        answers.find(|(other, _)| *other == client).map(|(_, reply)| reply)
    }

    /// Whether all are up, and nothing is in flight, about to be written or timed: nothing more
    /// happens, unless a client asks or a node crashes.
    pub fn is_quiet(&self) -> bool {
        let is_quiet = |place: &Place<N>| {
            place.node.is_some() && place.awaiting_sync.is_empty() && place.timers.is_empty()
        };
        self.in_flight.is_empty() && self.places.iter().all(is_quiet)
    }

    pub(super) fn note_answer(&mut self, client: Client, reply: N::Reply) {
        let place = self.answers.partition_point(|(other, _)| *other <= client);
        self.answers.insert(place, (client, reply));
    }
}

impl<N: Node> Place<N> {
    /// How many records await the disk.
    pub(super) fn records_awaiting_sync(&self) -> usize {
        let records =
            self.awaiting_sync.iter().filter(|effect| matches!(effect, Effect::Append(_)));
        records.count()
    }

    /// The node is lost, and all that is not durable; the first `written` records that awaited the
    /// disk got there.
    pub(super) fn crash(&mut self, written: usize) {
        let records = self.awaiting_sync.drain(..).filter_map(|effect| match effect {
            Effect::Append(record) => Some(record),
            _ => None,
        });
        self.disk.extend(records.take(written));
        self.node = None;
        self.timers = Bag(Vec::new());
    }
}

/// Messages that have not arrived, in the order of their sending.
#[derive(Clone, Debug)]
pub struct InFlight<M> {
    messages: Vec<Sent<M>>,
    /// How many were sent since the start.
    sent: usize,
    keeps_order: bool,
}

/// A message that was sent.
#[derive(Clone, Debug)]
pub struct Sent<M> {
    /// Its name in a schedule: message 1 was sent first.
    pub number: usize,
    /// Its sender.
    pub from: usize,
    /// Its receiver.
    pub to: usize,
    /// What it says.
    pub message: M,
}

impl<M> InFlight<M> {
    /// Each of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Sent<M>> {
        self.messages.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The message of this number.
    pub fn get(&self, number: usize) -> Option<&Sent<M>> {
        self.iter().find(|sent| sent.number == number)
    }

    pub(super) fn push(&mut self, from: usize, to: usize, message: M) -> usize {
        self.sent += 1;
        let number = self.sent;
        self.messages.push(Sent { number, from, to, message });
        number
    }

    pub(super) fn take(&mut self, number: usize) -> Option<Sent<M>> {
        let place = self.iter().position(|sent| sent.number == number)?;
        Some(self.messages.remove(place))
    }

    /// Whether it may be the next of its link to arrive.
    pub(super) fn is_next(&self, sent: &Sent<M>) -> bool {
        self.turn(sent) == 0
    }

    /// How many have to arrive before it.
    fn turn(&self, sent: &Sent<M>) -> usize {
        let link = (sent.from, sent.to);
        let before = self.iter().take_while(|other| other.number < sent.number);
        let before = before.filter(|other| self.keeps_order && (other.from, other.to) == link);
        before.count()
    }

    /// All that matters of each message for what can happen.
    fn what_matters(&self) -> Vec<(usize, usize, usize, &M)> {
        let all = self.iter();
        all.map(|sent| (sent.from, sent.to, self.turn(sent), &sent.message)).collect()
    }
}

/// Numbers are names and leave states alike.
impl<M: PartialEq> PartialEq for InFlight<M> {
    fn eq(&self, other: &Self) -> bool {
        are_alike(&self.what_matters(), &other.what_matters())
    }
}

impl<M: Eq> Eq for InFlight<M> {}

impl<M: Hash> Hash for InFlight<M> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hash_alike(&self.what_matters(), hasher);
    }
}

/// Things of which the order does not matter. They stand in the order in which they were put in.
#[derive(Clone, Debug)]
pub struct Bag<T>(Vec<T>);

impl<T> Bag<T> {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, place: usize) -> T {
        self.0.remove(place)
    }
}

impl<T: PartialEq> Bag<T> {
    pub(super) fn insert(&mut self, thing: T) {
        if !self.0.contains(&thing) {
            self.0.push(thing);
        }
    }

    pub(super) fn remove(&mut self, thing: &T) {
        self.0.retain(|other| other != thing);
    }
}

impl<T: PartialEq> PartialEq for Bag<T> {
    fn eq(&self, other: &Self) -> bool {
        are_alike(&self.0, &other.0)
    }
}

impl<T: Eq> Eq for Bag<T> {}

impl<T: Hash> Hash for Bag<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hash_alike(&self.0, hasher);
    }
}

/// Whether both hold the same things, each as often.
fn are_alike<T: PartialEq>(these: &[T], those: &[T]) -> bool {
    let count = |things: &[T], one: &T| things.iter().filter(|thing| *thing == one).count();
    these.len() == those.len()
        && these.iter().all(|thing| count(these, thing) == count(those, thing))
}

/// A sum does not depend on the order.
fn hash_alike<T: Hash>(things: &[T], hasher: &mut impl Hasher) {
    let hashes = things.iter().map(|thing| {
        let mut hasher = DefaultHasher::new();
        thing.hash(&mut hasher);
        hasher.finish()
    });
    hasher.write_usize(things.len());
    hasher.write_u64(hashes.fold(0, u64::wrapping_add));
}
