//! What can go wrong with a log.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::{Identity, VERSION};

/// Why a log cannot be opened, or takes nothing more.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The system did not do something.
    #[error("cannot {doing} {}", file.display())]
    Failed {
        /// What was to be done, as in "read".
        doing: &'static str,
        /// To which file.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A record could not be read again, and was not written.
    #[error("a record of this kind cannot be written to {}", file.display())]
    Record {
        /// The log.
        file: PathBuf,
        /// What is wrong with its JSON.
        source: serde_json::Error,
    },
    /// The log would be longer than one that is read, and nothing was written.
    #[error("{} is full: it would be longer than {limit} bytes", file.display())]
    Full {
        /// The log.
        file: PathBuf,
        /// The longest that it may be.
        limit: u64,
    },
    /// The log takes nothing more, since an earlier call has failed.
    #[error("{} takes nothing more after an error", file.display())]
    Stopped {
        /// The log.
        file: PathBuf,
    },
    /// It is the log of another node.
    #[error("{} belongs to {owner}, and not to {asked}", folder.display())]
    Foreign {
        /// The folder in which it is.
        folder: PathBuf,
        /// Whose it is.
        owner: Identity,
        /// Who asked for it.
        asked: Identity,
    },
    /// It was written by an earlier or a later version of this program.
    #[error("{} has the format {version}, and this program reads {VERSION}", file.display())]
    OtherFormat {
        /// The log.
        file: PathBuf,
        /// Its version.
        version: u64,
    },
    /// It holds what was not written so, and what a crash does not leave.
    #[error("{} is damaged: line {line}, at byte {offset}, {what}", file.display())]
    Damaged {
        /// The log.
        file: PathBuf,
        /// Where the line begins, in bytes from the beginning of the file.
        offset: u64,
        /// The number of the line, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A line is as it was written, and is not a record of this program.
    #[error("line {line} of {}, at byte {offset}, is not a record of this program", file.display())]
    Strange {
        /// The log.
        file: PathBuf,
        /// Where the line begins, in bytes from the beginning of the file.
        offset: u64,
        /// The number of the line, counted from 1.
        line: u64,
        /// What does not fit.
        source: serde_json::Error,
    },
}

impl LogError {
    /// What the user of a program can do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            LogError::Failed { doing, source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(
                    "make room on that disk, then start this node again: nothing that it \
                     acknowledged is lost",
                ),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    Some("--data takes a folder that you may write to")
                }
                _ if *doing == "read" => None,
                _ => Some("check the disk, then start this node again: it goes on from its log"),
            },
            LogError::Foreign { .. } => {
                Some("start the node that it belongs to, or take another --data")
            }
            LogError::OtherFormat { .. } | LogError::Strange { .. } => Some(
                "start it with the version of the program that wrote it, or take another --data",
            ),
            LogError::Damaged { .. } => Some(
                "put back a copy that has all of its records: with an older one, or none, this \
                 node has lost what it promised, and must not start in its place",
            ),
            LogError::Record { .. } | LogError::Full { .. } | LogError::Stopped { .. } => None,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Identity { cluster, node, nodes } = self;
        write!(f, "node {node} of the {nodes} of {cluster:?}")
    }
}
