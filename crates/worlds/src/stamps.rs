//! Clocks that run along with a trace.

use std::collections::BTreeMap;

use common::clock::{LamportClock, VectorClock};
use trace::{Kind, Trace};

/// What stamps the events of one node.
pub trait Clock {
    /// A stamp. That of a sending travels with the message.
    type Stamp: Clone;

    /// The stamp of an event that is not about a message.
    fn local(&mut self) -> Self::Stamp;

    /// The stamp of sending a message.
    fn send(&mut self) -> Self::Stamp;

    /// The stamp of receiving a message that was sent at `stamp`.
    fn receive(&mut self, stamp: &Self::Stamp) -> Self::Stamp;
}

/// The stamps of the events of a trace, by one clock for each node. A message from outside brings
/// no stamp, so its receipt is stamped as a local event.
///
/// ```
/// use trace::{Event, Trace};
/// use worlds::stamps::{lamport, vectors};
///
/// let mut trace = Trace::new(["P1", "P2"]);
/// trace.push(Event::local(0))?;
/// trace.push(Event::send(0, 1, "m1"))?;
/// trace.push(Event::receive(1, "m1"))?;
///
/// assert_eq!(lamport(&trace), [1, 2, 3]);
/// assert_eq!(vectors(&trace), [[1, 0], [2, 0], [2, 1]]);
/// # Ok::<(), trace::Contradiction>(())
/// ```
///
/// # Panics
/// If there are fewer clocks than nodes.
pub fn stamps<C: Clock>(trace: &Trace, mut clocks: Vec<C>) -> Vec<C::Stamp> {
    let mut in_flight: BTreeMap<&str, C::Stamp> = BTreeMap::new();
    let mut stamps = Vec::with_capacity(trace.events().len());
    for event in trace.events() {
        let clock = &mut clocks[event.node];
        let stamp = match &event.kind {
            Kind::Local => clock.local(),
            Kind::Send { message, .. } => {
                let stamp = clock.send();
                in_flight.insert(message, stamp.clone());
                stamp
            }
            Kind::Receive { message } => match in_flight.get(&**message) {
                Some(sent) => clock.receive(sent),
                None => clock.local(),
            },
        };
        stamps.push(stamp);
    }
    stamps
}

/// The stamps of Lamport clocks.
pub fn lamport(trace: &Trace) -> Vec<u64> {
    let clocks = trace.nodes().iter().map(|_| LamportClock::new());
    stamps(trace, clocks.collect())
}

/// The stamps of vector clocks.
pub fn vectors(trace: &Trace) -> Vec<Vec<u64>> {
    let nodes = trace.nodes().len();
    let clocks = (0..nodes).map(|node| VectorClock::new(node, nodes));
    let clocks = clocks.collect::<Result<_, _>>();
    stamps(trace, clocks.expect("each node is one of the nodes"))
}

impl Clock for LamportClock {
    type Stamp = u64;

    fn local(&mut self) -> u64 {
        self.tick()
    }

    fn send(&mut self) -> u64 {
        self.send_timestamp()
    }

    fn receive(&mut self, stamp: &u64) -> u64 {
        LamportClock::receive(self, *stamp).expect(HONEST)
    }
}

impl Clock for VectorClock {
    type Stamp = Vec<u64>;

    fn local(&mut self) -> Vec<u64> {
        self.tick().to_vec()
    }

    fn send(&mut self) -> Vec<u64> {
        self.send_timestamp().to_vec()
    }

    fn receive(&mut self, stamp: &Vec<u64>) -> Vec<u64> {
        VectorClock::receive(self, stamp).expect(HONEST).to_vec()
    }
}

const HONEST: &str = "the clocks of a trace send each other honest stamps";
