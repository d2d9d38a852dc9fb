//! Nodes that know each other, each a process of its own.
//!
//! A lesson whose server is `node --id N --peer ADDR … --trace FILE` has them started together.
//! Each needs the addresses of the others before any of them listens, so the test chooses them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use common::transport::free_addrs;
use tempfile::TempDir;

use crate::Lesson;
use crate::process::Process;

/// Nodes of a lesson, numbered from 0.
pub struct Cluster {
    lesson: &'static Lesson,
    nodes: Vec<Process>,
    addrs: Vec<String>,
    /// Holds their traces, and is deleted after them.
    traces: TempDir,
}

impl Lesson {
    /// Starts `nodes` nodes, and waits until each listens. They may not be connected yet.
    ///
    /// # Errors
    /// There are no free ports, or a node does not start.
    pub fn cluster(&'static self, nodes: usize) -> Result<Cluster> {
        let mut cluster = Cluster {
            lesson: self,
            nodes: Vec::new(),
            addrs: free_addrs(nodes)?,
            traces: tempfile::tempdir()?,
        };
        for number in 0..nodes {
            let node = cluster.started(number, &cluster.trace(number))?;
            cluster.nodes.push(node);
        }
        Ok(cluster)
    }
}

impl Cluster {
    /// The process of a node.
    pub fn node(&mut self, number: usize) -> &mut Process {
        &mut self.nodes[number]
    }

    /// Where a node listens.
    pub fn addr(&self, number: usize) -> &str {
        &self.addrs[number]
    }

    /// The file of a node's trace. A node that is restarted has another.
    pub fn trace(&self, number: usize) -> PathBuf {
        self.traces.path().join(format!("n{number}"))
    }

    /// The files of all traces.
    pub fn traces(&self) -> Vec<PathBuf> {
        (0..self.addrs.len()).map(|number| self.trace(number)).collect()
    }

    /// Starts a client of a node: `args` as in `acquire`, and `--to` the node.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn client(&self, number: usize, args: &[&str]) -> Result<Process> {
        let to = ["--to", self.addr(number)];
        Process::start_job(self.lesson.command(args.iter().chain(&to)))
    }

    /// Restarts a node, once its process is killed.
    ///
    /// # Errors
    /// It does not start.
    #[cfg(unix)]
    pub fn start_again(&mut self, number: usize) -> Result<()> {
        let trace = self.trace(number).with_extension("again");
        self.nodes[number] = self.started(number, &trace)?;
        Ok(())
    }

    /// Ends all nodes, so that their traces are whole.
    ///
    /// # Errors
    /// One does not end cleanly.
    #[cfg(unix)]
    pub fn stop(&mut self) -> Result<()> {
        for node in self.nodes.drain(..) {
            node.terminate()?;
            node.finish()?.expect_code(0)?;
        }
        Ok(())
    }

    fn started(&self, number: usize, trace: &Path) -> Result<Process> {
        let mut args = format!("node --id {number} --trace {}", trace.display());
        for (other, addr) in self.addrs.iter().enumerate() {
            if other != number {
                args += &format!(" --peer {addr}");
            }
        }
        let (node, _) = self.lesson.serve_at(&args, &self.addrs[number])?;
        Ok(node)
    }
}
