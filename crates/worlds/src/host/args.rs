//! What a program that runs a node is told on its command line.

use std::path::PathBuf;

use super::{Config, HostError, SUM_UP_AT, Tracing};
use crate::node::{Did, Node};

/// Who the node is, and where the others are. Programs flatten this into their own arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The number of this node, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub id: usize,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    pub listen: String,
    /// Address of another node; once for each of them
    #[arg(long = "peer", value_name = "ADDR")]
    pub peers: Vec<String>,
    /// Write what happens at this node to a file
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

impl Args {
    /// The node that they describe, in a cluster of this name.
    pub fn config(&self, cluster: &str) -> Config {
        Config {
            cluster: cluster.to_owned(),
            node: self.id,
            listen: self.listen.clone(),
            peers: self.peers.clone(),
            sum_up_at: SUM_UP_AT,
        }
    }

    /// The trace that they ask for, with these labels; see [`Tracing::to_file`].
    ///
    /// # Errors
    /// [`HostError::TraceFile`].
    pub fn tracing<N: Node>(
        &self,
        label: impl Fn(&Did<'_, N>) -> Option<String> + 'static,
    ) -> Result<Option<Tracing<N>>, HostError> {
        let path = self.trace.as_deref();
        path.map(|path| Tracing::to_file(path, label)).transpose()
    }
}
