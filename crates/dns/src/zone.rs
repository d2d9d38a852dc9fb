//! A zone: the part of the tree of names that one owner serves.

mod file;

use std::collections::{BTreeMap, BTreeSet};

pub use file::ZoneError;

use crate::name::Name;
use crate::record::{Data, Kind, Record, Soa};

/// A zone: its records, those at a cut (where another zone begins below it) included.
///
/// What holds:
///
/// * Its top has a SOA record, and servers.
/// * Every record lies at its top or below it.
/// * A name with a CNAME record has no other; records of one name and type have one TTL.
/// * A server whose name lies below the cut that it serves has an address here: the glue.
#[derive(Clone, Debug)]
pub struct Zone {
    top: Name,
    records: BTreeMap<Name, Vec<Record>>,
    /// The names that exist: those with records, and those between them and the top.
    names: BTreeSet<Name>,
}

impl Zone {
    /// The name at which it begins.
    pub fn top(&self) -> &Name {
        &self.top
    }

    /// The records of a name.
    pub fn all(&self, name: &Name) -> &[Record] {
        self.records.get(name).map_or(&[], Vec::as_slice)
    }

    /// The records of this type of a name.
    pub fn find<'zone>(
        &'zone self,
        name: &Name,
        kind: Kind,
    ) -> impl Iterator<Item = &'zone Record> + use<'zone> {
        self.all(name).iter().filter(move |record| record.kind() == kind)
    }

    /// Whether a name exists: it has a record, or one below it has.
    pub fn has(&self, name: &Name) -> bool {
        self.names.contains(name)
    }

    /// The highest cut on the way from the top to `name`: that name belongs to another zone.
    pub fn cut_above(&self, name: &Name) -> Option<Name> {
        let below_the_top = name.and_above().take_while(|above| *above != self.top);
        below_the_top.filter(|above| self.find(above, Kind::Ns).next().is_some()).last()
    }

    /// The SOA record, with the TTL for which "no such name" may be kept: the smaller one of its
    /// own and of the number in it (RFC 2308, section 3).
    pub fn negative(&self) -> Record {
        let soa = self.find(&self.top, Kind::Soa).next().expect("a zone has a SOA record");
        let Data::Soa(Soa { negative_ttl, .. }) = &soa.data else {
            unreachable!("it is a SOA record")
        };
        Record { ttl: soa.ttl.min(*negative_ttl), ..soa.clone() }
    }

    /// The names of the servers that a name has.
    pub fn servers(&self, name: &Name) -> impl Iterator<Item = &Name> {
        self.all(name).iter().filter_map(|record| match &record.data {
            Data::Ns(server) => Some(server),
            _ => None,
        })
    }
}
