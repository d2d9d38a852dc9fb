//! The nodes' disks: what is durable, what awaits a sync, and what a crash leaves.

use trace::Event;

use super::{Sim, SimEvent};
use crate::node::{Effect, Node};

impl<N: Node, F: Fn(usize, &[N::Record]) -> N> Sim<N, F> {
    /// Starts a sync of the unsynced records, if the disk is free.
    pub(super) fn sync(&mut self, number: usize) {
        let place = &mut self.nodes[number];
        if place.syncing.is_some() || place.awaiting_sync.is_empty() {
            return;
        }
        let appends = |effect: &&Effect<N>| matches!(effect, Effect::Append(_));
        place.syncing = Some(place.awaiting_sync.iter().filter(appends).count());
        let (node, incarnation) = (number, place.incarnation);
        let synced = SimEvent::Synced { node, incarnation };
        self.timeline.after(self.scenario.sync, synced);
    }

    /// The disk has synced records: they and the effects that waited for them are executed, up to
    /// the first record that is not synced.
    pub(super) fn synced(&mut self, number: usize) {
        self.counts.syncs += 1;
        let mut synced = self.nodes[number].syncing.take().unwrap_or(0);
        while let Some(effect) = self.nodes[number].awaiting_sync.front() {
            if matches!(effect, Effect::Append(_)) {
                if synced == 0 {
                    break;
                }
                synced -= 1;
            }
            let effect = self.nodes[number].awaiting_sync.pop_front();
            self.execute(number, effect.expect("there is a first one"));
        }
        self.sync(number);
    }

    pub(super) fn crash(&mut self, number: usize) {
        self.note(|| Event::local(number).label("crashes"));
        let place = &mut self.nodes[number];
        let records = place.awaiting_sync.drain(..).filter_map(|effect| match effect {
            Effect::Append(record) => Some(record),
            _ => None,
        });
        let unsynced: Vec<_> = records.collect();
        // A disk writes in order, so a prefix of the unsynced records may have reached it.
        let reached = self.rng.below(unsynced.len() as u64 + 1) as usize;
        place.disk.extend(unsynced.into_iter().take(reached));
        place.node = None;
        place.syncing = None;
        place.timers.clear();
        place.incarnation += 1;
    }
}
