//! Three processes, one of which is cut off from the other two: its proxies are stopped and go on,
//! or end and start again. Each side counts meanwhile.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::ensure;

use common::transport::{Deadline, free_addrs};
use durable_counter::client::Client;
use durable_counter::replica::RequestId;

use super::print;
use crate::process::Process;
use crate::timed;

const REPLICAS: usize = 3;

/// The one that is cut off.
const ALONE: usize = 2;

/// How often it is cut off in either way.
const CUTS: usize = 9;

/// How long; by then a node that cannot connect waits longest before it tries again.
const CUT_FOR: Duration = Duration::from_secs(3);

/// How long one operation may take: an add, or until all agree.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);

/// What becomes of the proxies for the time of a cut.
#[derive(Clone, Copy)]
enum Cut {
    /// Nothing comes through, and the connections stay.
    Stopped,
    /// They end, and the connections with them.
    Ended,
}

pub(super) fn measure() -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let mut cluster = Cluster::start(scratch.path())?;
    for (cut, what) in
        [(Cut::Stopped, "3 processes, proxies stopped"), (Cut::Ended, "3 processes, proxies ended")]
    {
        let agreed = (0..CUTS).map(|_| cluster.agreed_after(cut));
        print(what, &agreed.collect::<anyhow::Result<Vec<f64>>>()?);
    }
    Ok(())
}

struct Cluster {
    /// Where the proxies listen, and where they lead: into the one that is cut off, and from it to
    /// each other one.
    routes: [[SocketAddr; 2]; REPLICAS],
    proxies: Vec<Process>,
    _replicas: Vec<Process>,
    clients: Vec<Client>,
    counted: u128,
}

impl Cluster {
    fn start(folder: &Path) -> anyhow::Result<Cluster> {
        let free = free_addrs(2 * REPLICAS)?;
        let addr = |place: usize| free[place].parse::<SocketAddr>();
        let [n0, n1, n2] = [addr(0)?, addr(1)?, addr(2)?];
        let [into, out0, out1] = [addr(3)?, addr(4)?, addr(5)?];
        let routes = [[into, n2], [out0, n0], [out1, n1]];
        let peers = [[n1, into], [n0, into], [out0, out1]];
        let replicas = [n0, n1, n2].into_iter().zip(peers).enumerate();
        let replicas = replicas.map(|(id, (listen, peers))| replica(folder, id, listen, peers));
        let replicas: Vec<Process> = replicas.collect::<anyhow::Result<_>>()?;
        let client = |(number, replica): (u64, &Process)| {
            let once = RequestId { client: number, seq: 1 };
            Client::new(replica.addr.to_string(), once, number, OPERATION_TIMEOUT)
        };
        let mut cluster = Cluster {
            routes,
            proxies: Vec::new(),
            clients: (0..).zip(&replicas).map(client).collect(),
            _replicas: replicas,
            counted: 0,
        };
        cluster.start_proxies()?;
        Ok(cluster)
    }

    fn start_proxies(&mut self) -> anyhow::Result<()> {
        for [listen, to] in self.routes {
            let args = ["proxy", "--listen", &listen.to_string(), "--to", &to.to_string()];
            self.proxies.push(Process::start(args)?);
        }
        Ok(())
    }

    /// Cuts and heals, and returns after how many ms all count what was counted meanwhile.
    fn agreed_after(&mut self, cut: Cut) -> anyhow::Result<f64> {
        self.add_at(0)?;
        self.wait_until_all_agree()?;
        match cut {
            Cut::Stopped => self.signal("-STOP")?,
            Cut::Ended => self.proxies.clear(),
        }
        self.add_at(0)?;
        self.add_at(ALONE)?;
        pause(CUT_FOR);
        ensure!(!self.all_agree()?, "the cut has no effect");
        // Proxies that listen again could be connected to before the last of them does: they count
        // from the first.
        let (agreed, seconds) = timed(|| {
            match cut {
                Cut::Stopped => self.signal("-CONT")?,
                Cut::Ended => self.start_proxies()?,
            }
            self.wait_until_all_agree()
        });
        agreed.map(|()| 1000.0 * seconds)
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        self.proxies.iter().try_for_each(|proxy| proxy.signal(signal))
    }

    fn add_at(&mut self, replica: usize) -> anyhow::Result<()> {
        self.clients[replica].add(1)?;
        self.counted += 1;
        Ok(())
    }

    fn all_agree(&mut self) -> anyhow::Result<bool> {
        for client in &mut self.clients {
            if client.read()? != self.counted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn wait_until_all_agree(&mut self) -> anyhow::Result<()> {
        let deadline = Deadline::after(OPERATION_TIMEOUT);
        while !self.all_agree()? {
            ensure!(deadline.remaining().is_some(), "the replicas do not agree");
            pause(Duration::from_millis(1));
        }
        Ok(())
    }
}

fn replica(
    folder: &Path,
    id: usize,
    listen: SocketAddr,
    peers: [SocketAddr; 2],
) -> anyhow::Result<Process> {
    let mut args = vec!["serve-counter".to_owned()];
    let folder = folder.join(id.to_string());
    let options = [
        ("--id", id.to_string()),
        ("--data", folder.display().to_string()),
        ("--listen", listen.to_string()),
        ("--peer", peers[0].to_string()),
        ("--peer", peers[1].to_string()),
    ];
    for (option, value) in options {
        args.extend([option.to_owned(), value]);
    }
    Process::start(args)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a cut lasts for a time, and no event reports when replicas agree"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}
