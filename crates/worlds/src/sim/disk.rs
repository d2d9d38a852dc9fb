//! The nodes' disks: what is safe, what waits for it, and what a crash leaves.

use trace::Event;

use super::{Sim, SimEvent};
use crate::node::{Effect, Node};

impl<N: Node, F: Fn(usize, &[N::Record]) -> N> Sim<N, F> {
    /// Begins to make safe what is held, if the disk is free.
    pub(super) fn sync(&mut self, number: usize) {
        let place = &mut self.nodes[number];
        if place.syncing.is_some() || place.awaiting_sync.is_empty() {
            return;
        }
        let appends = |effect: &&Effect<N>| matches!(effect, Effect::Append(_));
        place.syncing = Some(place.awaiting_sync.iter().filter(appends).count());
        let (node, life) = (number, place.life);
        let synced = SimEvent::Synced { node, life };
        self.timeline.after(self.scenario.sync, synced);
    }

    /// The disk has made records safe: they and what waited for them happen, up to the first record
    /// that is not.
    pub(super) fn synced(&mut self, number: usize) {
        self.counts.syncs += 1;
        let mut safe = self.nodes[number].syncing.take().unwrap_or(0);
        while let Some(effect) = self.nodes[number].awaiting_sync.front() {
            if matches!(effect, Effect::Append(_)) {
                if safe == 0 {
                    break;
                }
                safe -= 1;
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
        let unsafe_yet: Vec<_> = records.collect();
        // A disk writes in order, so a beginning of what was not safe may have reached it.
        let reached = self.rng.below(unsafe_yet.len() as u64 + 1) as usize;
        place.disk.extend(unsafe_yet.into_iter().take(reached));
        place.node = None;
        place.syncing = None;
        place.timers.clear();
        place.life += 1;
    }
}
