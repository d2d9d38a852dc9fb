//! What can go wrong with a log.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::{Identity, VERSION};

/// Why a log cannot be opened, or did not take something.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The system did not do something, without which the log is what it was.
    #[error("cannot {doing} {}", file.display())]
    Failed {
        /// What was to be done, as in "read".
        doing: &'static str,
        /// To which file.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A record was not written, since it could not be read again.
    #[error("a record of this kind cannot be written to {}", file.display())]
    Record {
        /// The log.
        file: PathBuf,
        /// What is wrong with its JSON.
        source: serde_json::Error,
    },
    /// Nothing was written, since the log would be longer than one that is read.
    #[error("{} is full: it would be longer than {limit} bytes", file.display())]
    Full {
        /// The log.
        file: PathBuf,
        /// The longest that it may be.
        limit: u64,
    },
    /// A sync failed, and nobody knows what is on disk of what was written since the last that did
    /// not.
    #[error("nobody knows how much of {} is on disk", file.display())]
    Unknown {
        /// The log.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The log takes nothing since an earlier [`Unknown`](LogError::Unknown).
    #[error("{} takes nothing more, since an earlier sync failed", file.display())]
    Unsure {
        /// The log.
        file: PathBuf,
    },
    /// It is the log of somebody else.
    #[error("{} is that of {owner}, and not of {asked}", folder.display())]
    Foreign {
        /// The folder in which it is.
        folder: PathBuf,
        /// Whose it is.
        owner: Identity,
        /// Who wanted it.
        asked: Identity,
    },
    /// It was written by a later version of this program.
    #[error("{} has the format {version}, and this program knows {VERSION}", file.display())]
    Newer {
        /// The log.
        file: PathBuf,
        /// Its version.
        version: u64,
    },
    /// It holds what nobody has written, and no crash leaves.
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
    /// A line is as it was written, and is no record of this program.
    #[error("line {line} of {}, at byte {offset}, is no record of this program", file.display())]
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
    /// Whether the log holds what it held before, and is still of use: what was to be written has
    /// left no trace, now and after a crash. Where it is not so, this process must not say anything
    /// about what it has written, and can only end.
    pub fn is_certainly_not_written(&self) -> bool {
        use LogError::{Failed, Full, Record};
        matches!(self, Failed { .. } | Record { .. } | Full { .. })
    }

    /// What the user of a program can do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            LogError::Failed { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    Some("make room on that disk; the log is as it was")
                }
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    Some("--data takes a folder that you may write to")
                }
                _ => None,
            },
            LogError::Unknown { .. } | LogError::Unsure { .. } => Some(
                "look after the disk, then start this node again: it goes on from what is there",
            ),
            LogError::Foreign { .. } => {
                Some("start the node that it belongs to, or take another --data")
            }
            LogError::Newer { .. } | LogError::Strange { .. } => Some(
                "start it with the version of the program that wrote it, or take another --data",
            ),
            LogError::Damaged { .. } => Some(
                "put back a copy of the file; with none, this node has lost what it promised, and \
                 must not start empty in its place",
            ),
            LogError::Record { .. } | LogError::Full { .. } => None,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Identity { cluster, node, nodes } = self;
        write!(f, "node {node} of the {nodes} of {cluster:?}")
    }
}
