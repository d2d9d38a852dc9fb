//! The made tree of names: its zones, and which server has which.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use common::transport::{Reason, TransportError, free_addrs};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::name::Name;
use crate::network::Places;
use crate::record::{Kind, Record};
use crate::server::NameServer;
use crate::zone::{Zone, ZoneError};

/// The files of the lesson's own tree.
macro_rules! zone_files {
    ($($name:literal),+) => {
        [$((
            concat!("lessons/05-dns/zones/", $name),
            include_str!(concat!("../../../lessons/05-dns/zones/", $name)),
        )),+]
    };
}
const FILES: [(&str, &str); 6] = zone_files![
    "root.zone",
    "com.zone",
    "net.zone",
    "example.com.zone",
    "hosting.net.zone",
    "shop.com.zone"
];

/// The most zone files of a folder.
const MAX_FILES: usize = 100;

/// The most servers: each has threads, and its own copy of its zones.
const MAX_SERVERS: usize = 64;

/// Zones that together are a tree, and the servers that have them.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The zones of each server, by its address.
    pub servers: BTreeMap<Ipv4Addr, Authority>,
    /// The address of the first root server.
    pub root: Ipv4Addr,
}

/// Why zones are not a tree.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The folder cannot be read.
    #[error("cannot read the folder {folder}")]
    Folder {
        /// Its name.
        folder: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A zone file is wrong.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// The zones do not fit together.
    #[error("{0}")]
    Zones(String),
}

impl Tree {
    /// The lesson's own tree.
    ///
    /// # Panics
    /// If its zone files are wrong: then this program was built from them.
    pub fn of_the_lesson() -> Tree {
        Tree::changed("", &[])
    }

    /// The lesson's own tree, with this text replaced by that one in one of its files.
    ///
    /// # Panics
    /// If the files are wrong then.
    pub fn changed(in_file: &str, replaced: &[(&str, &str)]) -> Tree {
        let zones = FILES.map(|(file, text)| {
            let replaced = replaced.iter().filter(|_| file.ends_with(&format!("/{in_file}")));
            let text = replaced.fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
            Zone::parse(file, &text)
        });
        let zones: Result<Vec<_>, _> = zones.into_iter().collect();
        let tree = zones.map_err(TreeError::from).and_then(Tree::new);
        tree.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The tree of all files `*.zone` in a folder.
    ///
    /// # Errors
    /// [`TreeError`].
    pub fn read(folder: &Path) -> Result<Tree, TreeError> {
        let unreadable =
            |source| TreeError::Folder { folder: folder.display().to_string(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "zone") {
                files.push(file);
            }
            if files.len() > MAX_FILES {
                let why = format!("{} has more than {MAX_FILES} zone files", folder.display());
                return Err(TreeError::Zones(why));
            }
        }
        files.sort();
        let zones: Result<Vec<_>, _> = files.iter().map(|file| Zone::read(file)).collect();
        Tree::new(zones?)
    }

    /// A zone is served at the addresses of the servers that it names. They stand in a zone: in
    /// its own or, as glue or not, in another.
    fn new(zones: Vec<Zone>) -> Result<Tree, TreeError> {
        let wrong = |why: String| TreeError::Zones(why);
        let mut servers: BTreeMap<Ipv4Addr, Authority> = BTreeMap::new();
        let mut root = None;
        for (place, zone) in zones.iter().enumerate() {
            let top = zone.top();
            if zones[..place].iter().any(|other| other.top() == top) {
                return Err(wrong(format!("two zone files are of {top}")));
            }
            for server in zone.servers(top) {
                for address in addresses(&zones, server) {
                    if !address.is_loopback() {
                        return Err(wrong(format!(
                            "{server}, a server of {top}, has the address {address}; servers run \
                             on this machine, so 127.1.0.1 or another of 127.0.0.0/8"
                        )));
                    }
                    if *top == Name::root() {
                        root.get_or_insert(address);
                    }
                    if servers.len() == MAX_SERVERS && !servers.contains_key(&address) {
                        return Err(wrong(format!(
                            "the zones name more than {MAX_SERVERS} servers"
                        )));
                    }
                    let served = &mut servers.entry(address).or_default().0;
                    if served.iter().all(|other| other.top() != top) {
                        served.push(zone.clone());
                    }
                }
            }
        }
        let root = root.ok_or_else(|| wrong("no zone file is of the root, `.`".to_owned()))?;
        Ok(Tree { servers, root })
    }

    /// Starts each server at its place, and the root first.
    ///
    /// # Errors
    /// [`TransportError::Bind`]; those that run by then are stopped.
    pub fn start(
        &self,
        places: Places,
        faults: &BTreeMap<Ipv4Addr, Fault>,
    ) -> Result<Vec<NameServer>, TransportError> {
        let root = self.servers.get_key_value(&self.root).into_iter();
        let others = self.servers.iter().filter(|(address, _)| **address != self.root);
        root.chain(others)
            .map(|(address, authority)| {
                let fault = faults.get(address).copied().unwrap_or_default();
                let address = if *address == self.root { places.root() } else { *address };
                NameServer::start(places.of(address), authority.clone(), fault)
            })
            .collect()
    }

    /// Starts all servers with a root at `root`, at one port that is free at each address.
    ///
    /// # Errors
    /// [`TransportError::Bind`], if no such port is found in some tries.
    pub fn start_anywhere(
        &self,
        root: Ipv4Addr,
        faults: &BTreeMap<Ipv4Addr, Fault>,
    ) -> Result<(Vec<NameServer>, Places), TransportError> {
        const TRIES: usize = 20;
        let mut last = None;
        for _ in 0..TRIES {
            let free = free_addrs(1).map_err(|error| TransportError::Bind {
                addr: format!("{root}:0"),
                source: Reason(error),
            })?;
            let free: SocketAddr = free[0].parse().expect("it is an address");
            let places = Places::new(root, free.port());
            match self.start(places, faults) {
                Ok(servers) => return Ok((servers, places)),
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("at least one try was made"))
    }
}

fn addresses(zones: &[Zone], server: &Name) -> Vec<Ipv4Addr> {
    let found = zones.iter().map(|zone| zone.find(server, Kind::A));
    let mut addresses: Vec<Ipv4Addr> =
        found.flat_map(|records| records.filter_map(Record::address)).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}
