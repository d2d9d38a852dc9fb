//! The records of a replica, and how it is restored from them.

use std::collections::BTreeSet;

use common::crdt::{CounterError, Delta, GCounter};
use common::gossip::Peers;
use serde::{Deserialize, Serialize};

use super::Replica;
use super::clients::{Clients, CompletedAdd};
use super::wire::RequestId;

/// What a replica writes down: what has changed, whole, so that a record that is read twice changes
/// nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// It has received these entries of others.
    Heard(Delta),
    /// It has counted. The entry and whose add is in it are one record, since a crash may come
    /// between two.
    Counted {
        /// Its own number.
        replica: usize,
        /// What it has counted in all.
        entry: u64,
        /// The add, if it had a request id.
        by: Option<CompletedAdd>,
    },
}

/// Why records are not those of this replica.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such replica.
    #[error(transparent)]
    Number(CounterError),
    /// One of them is invalid.
    #[error("record {place} is invalid")]
    Record {
        /// Which, from 1.
        place: usize,
        /// Why not.
        #[source]
        why: WrongRecord,
    },
}

/// Why a replica cannot have written a record.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WrongRecord {
    /// There is no such entry, or none so large.
    #[error(transparent)]
    Entry(#[from] CounterError),
    /// It is of another replica.
    #[error("it was written by replica {writer}, and this is replica {number}")]
    OfAnother {
        /// The replica that wrote it.
        writer: usize,
        /// The replica that reads it.
        number: usize,
    },
    /// What a replica has counted it does not hear of.
    #[error("another replica wrote it: replica {0} does not hear of its own entry")]
    HeardOwn(usize),
    /// The numbers of a client's adds only grow.
    #[error("add {} of client {} stands behind a later one, or has no number", .0.seq, .0.client)]
    OutOfOrder(RequestId),
}

impl Replica {
    /// Replica `number` of `replicas`, as it was when it had written these records: those of a
    /// disk, which may be another replica's, or have been edited. It takes 8 bytes for each pair of
    /// replicas.
    ///
    /// ```
    /// use durable_counter::replica::{Record, Replica};
    ///
    /// let counted = Record::Counted { replica: 1, entry: 3, by: None };
    /// let records = [counted, Record::Heard(vec![(0, 4)])];
    /// assert_eq!(Replica::restored(1, 3, &records)?.counter().entries(), [4, 3, 0]);
    /// assert!(Replica::restored(0, 3, &records).is_err(), "they are replica 1's");
    /// # Ok::<(), durable_counter::replica::RestoreError>(())
    /// ```
    ///
    /// # Errors
    /// [`RestoreError`] names the first record that is invalid.
    pub fn restored(
        number: usize,
        replicas: usize,
        records: &[Record],
    ) -> Result<Replica, RestoreError> {
        let mut replica = Replica {
            counter: GCounter::new(number, replicas).map_err(RestoreError::Number)?,
            number,
            clients: Clients::default(),
            peers: Peers::new(number, replicas),
            lost: None,
            // Without peers there is no word to wait for.
            held: (replicas > 1).then(Vec::new),
            timers: BTreeSet::new(),
        };
        for (place, record) in (1..).zip(records) {
            let read = replica.read(record);
            read.map_err(|why| RestoreError::Record { place, why })?;
        }
        Ok(replica)
    }

    /// Applies a record.
    fn read(&mut self, record: &Record) -> Result<(), WrongRecord> {
        let number = self.number;
        match record {
            Record::Heard(delta) if delta.iter().any(|(owner, _)| *owner == number) => {
                Err(WrongRecord::HeardOwn(number))
            }
            Record::Heard(delta) => Ok(self.counter.merge_delta(delta)?),
            &Record::Counted { replica, .. } if replica != number => {
                Err(WrongRecord::OfAnother { writer: replica, number })
            }
            Record::Counted { entry, by, .. } => {
                self.counter.increment(entry.saturating_sub(self.own_entry()))?;
                by.map_or(Ok(()), |by| self.read_client(by))
            }
        }
    }

    fn read_client(&mut self, by: CompletedAdd) -> Result<(), WrongRecord> {
        let last = self.clients.last_of(by.once.client);
        let last = last.map_or(1, |last| last.once.seq);
        if by.once.seq < last {
            return Err(WrongRecord::OutOfOrder(by.once));
        }
        self.clients.note(by);
        Ok(())
    }

    /// Records that can replace all that it has written: what it has heard, what it has counted,
    /// and each client that it remembers, with the whole of its entry, which is above whatever was
    /// counted for that client.
    pub(super) fn compacted(&self) -> Vec<Record> {
        let entries = self.counter.entries().iter().copied().enumerate();
        let heard = entries.filter(|(owner, entry)| *owner != self.number && *entry > 0);
        let own = self.own_entry();
        let mut records = vec![Record::Heard(heard.collect()), self.counted(own, None)];
        records.extend(self.clients.iter().map(|by| self.counted(own, Some(by))));
        records
    }

    /// The record of what it has counted.
    pub(super) fn counted(&self, entry: u64, by: Option<CompletedAdd>) -> Record {
        Record::Counted { replica: self.number, entry, by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use worlds::node::{Client, Effect, Node, Outbox};

    use crate::replica::{Message, Request};

    const REPLICAS: usize = 3;

    /// What happens to replica 0.
    #[derive(Clone, Debug)]
    enum Step {
        Asked(Request),
        Told(usize, Message),
    }

    fn step() -> impl Strategy<Value = Step> {
        let once = (0..4_u64, 0..5_u64).prop_map(|(client, seq)| RequestId { client, seq });
        let asked = (0..3_u64, proptest::option::of(once))
            .prop_map(|(delta, once)| Step::Asked(Request::Add { delta, once }));
        let entries = proptest::collection::vec((0..REPLICAS + 1, 0..20_u64), 0..3);
        let told = (1..REPLICAS, entries)
            .prop_map(|(from, entries)| Step::Told(from, Message::Push(entries)));
        prop_oneof![3 => asked, 1 => told]
    }

    /// Lets it happen, and returns the records that were appended.
    fn happen(replica: &mut Replica, step: &Step) -> Vec<Record> {
        let mut out = Outbox::default();
        match step.clone() {
            Step::Asked(request) => replica.ask(Client(0), request, &mut out),
            Step::Told(from, message) => replica.receive(from, message, &mut out),
        }
        let records = out.take().into_iter().filter_map(|effect| match effect {
            Effect::Append(record) => Some(record),
            _ => None,
        });
        records.collect()
    }

    proptest! {
        #[test]
        fn a_replica_restored_from_a_snapshot_equals_one_from_all_records(
            before in proptest::collection::vec(step(), 0..30),
            after in proptest::collection::vec(step(), 0..30),
        ) {
            let mut replica = Replica::new(0, REPLICAS, &[]);
            replica.receive(1, Message::Push(vec![(0, 0)]), &mut Outbox::default());
            let mut all: Vec<Record> = Vec::new();
            for step in &before {
                all.extend(happen(&mut replica, step));
            }
            let mut kept = replica.snapshot().expect("a replica has one");
            for step in &after {
                let records = happen(&mut replica, step);
                all.extend(records.clone());
                kept.extend(records);
            }
            let restored = Replica::new(0, REPLICAS, &all);
            prop_assert_eq!(&restored.counter, &replica.counter);
            prop_assert_eq!(&restored.clients, &replica.clients);
            let snapshot = replica.snapshot().expect("a replica has one");
            prop_assert_eq!(&Replica::new(0, REPLICAS, &snapshot), &restored);
            prop_assert_eq!(&Replica::new(0, REPLICAS, &kept), &restored);
        }
    }
}
