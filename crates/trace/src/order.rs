//! Cause and effect, by their definition alone.

use crate::Trace;

/// Which events of a trace happened before which (Lamport 1978): an event before the later ones of
/// its node, a message's sending before its receipts, and whatever follows from that over any
/// number of steps. Events are named by their place in [`Trace::events`].
///
/// This is what clocks are checked against, so it is kept simple: it uses no clock, and is not
/// optimised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HappenedBefore {
    /// For each event, whether each event of the trace is in its past.
    past: Vec<Vec<bool>>,
}

impl HappenedBefore {
    pub(crate) fn of(trace: &Trace) -> HappenedBefore {
        let events = trace.events();
        let mut past: Vec<Vec<bool>> = Vec::with_capacity(events.len());
        for (place, event) in events.iter().enumerate() {
            let previous = events[..place].iter().rposition(|earlier| earlier.node == event.node);
            let mut of_this = vec![false; events.len()];
            // Causes stand before their effects in a trace, so their own past is known already.
            for cause in [previous, trace.sending(place)].into_iter().flatten() {
                of_this[cause] = true;
                for (known, of_cause) in of_this.iter_mut().zip(&past[cause]) {
                    *known |= of_cause;
                }
            }
            past.push(of_this);
        }
        HappenedBefore { past }
    }

    /// Whether the event at `a` happened before the one at `b`.
    ///
    /// # Panics
    /// If the trace has no such event.
    pub fn holds(&self, a: usize, b: usize) -> bool {
        self.past[b][a]
    }

    /// Whether these are two events of which neither happened before the other.
    ///
    /// # Panics
    /// If the trace has no such event.
    pub fn are_concurrent(&self, a: usize, b: usize) -> bool {
        a != b && !self.holds(a, b) && !self.holds(b, a)
    }

    /// Every pair of two events, once, the earlier in the trace first.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let events = self.past.len();
        (0..events).flat_map(move |a| (a + 1..events).map(move |b| (a, b)))
    }
}
