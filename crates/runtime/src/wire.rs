//! What two nodes say to each other, a line each.
//!
//! ```text
//! the caller  {"hello":{"protocol":2,"cluster":"counter","nodes":3,"node":1,"incarnation":72…}}
//! the other   {"welcome":{"node":0,"incarnation":19…}}  or  {"refused":"this is cluster `a`, …"}
//! the caller  {"message":…}              again and again; an empty line after a while without one
//! ```
//!
//! A connection that begins otherwise is a client's, and each of its lines is a request.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::tracing::Stamped;

/// The version of what nodes say to each other. A node of another version is refused.
pub const PROTOCOL: u64 = 2;

/// The longest name of a cluster, in bytes.
pub const MAX_CLUSTER: usize = 100;

/// Who a node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    protocol: u64,
    pub(super) cluster: String,
    /// How many nodes the cluster has.
    pub(super) nodes: usize,
    /// Its number among them.
    pub(super) node: usize,
    /// Tells this process from others that claim the same number.
    pub(super) incarnation: u64,
}

/// The answer to a hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Greeting {
    /// Speak.
    Welcome {
        /// Who is at this end.
        node: usize,
        /// Tells this process from others that claim the same number. One that is played by hand
        /// need not say it.
        #[serde(default)]
        incarnation: Option<u64>,
    },
    /// Go away, and why.
    Refused(String),
}

/// A message, and in a run that is traced what the traces need.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope<M> {
    pub(super) message: M,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stamped: Option<Stamped>,
}

impl Hello {
    pub(super) fn new(cluster: String, nodes: usize, node: usize, incarnation: u64) -> Hello {
        Hello { protocol: PROTOCOL, cluster, nodes, node, incarnation }
    }

    /// The line that begins a connection between nodes.
    pub(super) fn to_line(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct First<'a> {
            hello: &'a Hello,
        }
        to_line(&First { hello: self })
    }

    /// What a first line says: nothing if it is not a node's, or else who that is, or why that
    /// cannot be.
    pub(super) fn read(line: &[u8]) -> Option<Result<Hello, String>> {
        #[derive(Deserialize)]
        struct First<'a> {
            #[serde(borrow)]
            hello: &'a RawValue,
        }
        // serde would take the fields of a list, too.
        let First { hello } =
            serde_json::from_slice(line).ok().filter(|_| line.starts_with(b"{"))?;
        Some(Hello::read_fields(hello.get()))
    }

    /// The version first, since another one may look otherwise in all else.
    fn read_fields(hello: &str) -> Result<Hello, String> {
        #[derive(Deserialize)]
        struct Version {
            protocol: u64,
        }
        let strange = |error: serde_json::Error| format!("this is not a hello: {error}");
        let Version { protocol } = serde_json::from_str(hello).map_err(strange)?;
        match protocol {
            PROTOCOL => serde_json::from_str(hello).map_err(strange),
            _ => Err(format!("version {protocol} is not spoken here, version {PROTOCOL} is")),
        }
    }

    /// Whether the sender of this hello is another node of the same cluster.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn admits(&self, other: &Hello) -> Result<(), String> {
        if other.cluster != self.cluster {
            return Err(format!(
                "this is cluster `{}`, and not `{}`",
                self.cluster,
                shortened(&other.cluster)
            ));
        }
        if other.nodes != self.nodes {
            return Err(format!(
                "the refused node is in a cluster of {}, and the other in one of {}",
                other.nodes, self.nodes
            ));
        }
        self.admits_node(other.node)
    }

    /// Whether that can be another node's number.
    pub(super) fn admits_node(&self, node: usize) -> Result<(), String> {
        if node == self.node {
            return Err(format!("node {node} is this one"));
        }
        if node >= self.nodes {
            let nodes = self.nodes;
            return Err(format!("there is no node {node}: there are {nodes}"));
        }
        Ok(())
    }
}

/// A line of JSON, without its end.
pub(super) fn to_line(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("what nodes say has a form in JSON")
}

/// What a line says.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(crate::body::without_line)
}

/// Enough of a name to know it by.
fn shortened(name: &str) -> &str {
    match name.char_indices().nth(MAX_CLUSTER) {
        Some((end, _)) => &name[..end],
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Result<Hello, String>> {
        Hello::read(line.as_bytes())
    }

    #[test]
    fn a_hello_is_read_as_it_was_written() {
        let hello = Hello::new("counter".to_owned(), 3, 1, u64::MAX);
        assert_eq!(Hello::read(&hello.to_line()), Some(Ok(hello)));
    }

    #[test]
    fn a_client_says_no_hello() {
        for line in ["", "hello", "[1]", r#"{"type":"read"}"#, "{\"hello\"", "\u{0}"] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn another_version_is_named_whatever_else_it_says() {
        let refused = read(r#"{"hello":{"protocol":3,"what":"else"}}"#);
        let why = "version 3 is not spoken here, version 2 is".to_owned();
        assert_eq!(refused, Some(Err(why)));
        assert!(read(r#"{"hello":{"protocol":2}}"#).unwrap().is_err());
        assert!(read(r#"{"hello":7}"#).unwrap().is_err());
    }

    #[test]
    fn only_another_node_of_the_same_cluster_is_admitted() {
        let me = Hello::new("counter".to_owned(), 3, 1, 7);
        let admits = |change: fn(&mut Hello)| {
            let mut other = Hello { node: 2, ..me.clone() };
            change(&mut other);
            me.admits(&other)
        };
        assert_eq!(admits(|_| {}), Ok(()));
        let refusals = [
            admits(|other| other.cluster = "chat".to_owned()),
            admits(|other| other.nodes = 4),
            admits(|other| other.node = 1),
            admits(|other| other.node = 3),
        ];
        let refusals = refusals.map(Result::unwrap_err);
        assert_eq!(
            refusals,
            [
                "this is cluster `counter`, and not `chat`",
                "the refused node is in a cluster of 4, and the other in one of 3",
                "node 1 is this one",
                "there is no node 3: there are 3",
            ]
        );
    }
}
