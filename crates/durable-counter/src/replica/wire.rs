//! What a replica sends and receives.

use common::crdt::{CounterError, Delta};
use runtime::stdio::Code;
use serde::{Deserialize, Serialize, Serializer};

use super::MAX_HELD;

/// What replicas send each other. The sender has the entries of its message itself.
///
/// As JSON: `{"type":"push","entries":[[0,3],[2,1]]}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "entries", rename_all = "snake_case")]
pub enum Message {
    /// You may be missing these.
    Push(Delta),
    /// Of the entries that you pushed I have this much now, durably.
    Ack(Delta),
}

/// What clients ask.
///
/// As JSON: `{"type":"add","delta":3}`, the same with `"once":{"client":7,"seq":1}`,
/// `{"type":"read"}`, `{"type":"status"}`.
///
/// ```
/// use durable_counter::replica::{RequestId, Request};
///
/// let add: Request = serde_json::from_str(r#"{"type":"add","delta":3}"#)?;
/// assert_eq!(add, Request::Add { delta: 3, once: None });
/// let add = r#"{"type":"add","delta":3,"once":{"client":7,"seq":1}}"#;
/// let once = Some(RequestId { client: 7, seq: 1 });
/// assert_eq!(serde_json::from_str::<Request>(add)?, Request::Add { delta: 3, once });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Count `delta` more. Without a request id, a retry is counted again.
    Add {
        /// How many.
        delta: u64,
        /// Its request id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        once: Option<RequestId>,
    },
    /// How many are counted?
    Read,
    /// What do you know of the others?
    Status,
}

impl Request {
    /// Count `delta` more, without a request id.
    pub fn add(delta: u64) -> Request {
        Request::Add { delta, once: None }
    }

    /// Count `delta` more, once.
    pub fn add_once(delta: u64, once: RequestId) -> Request {
        let once = Some(once);
        Request::Add { delta, once }
    }
}

/// Which of a client's adds one is, by which its retries are deduplicated.
/// [`Replica`](super::Replica) says what a client may rely on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct RequestId {
    /// The client: a number that no other client has.
    pub client: u64,
    /// Which of its adds at this replica, from 1. It asks for the next when this one is answered,
    /// and uses a number again only for a retry, or if it was refused and [is not
    /// counted](Refusal::may_be_counted).
    pub seq: u64,
}

/// What clients are answered.
///
/// As JSON: `{"type":"add_ok"}`, `{"type":"read_ok","value":3}`, `{"type":"status_ok", …}` with the
/// fields of [`Status`], and an error: its code is [`Code::Crash`] if the increment may be
/// counted, [`Code::PreconditionFailed`] if another one has its request id, and otherwise
/// [`Code::Abort`]: it is not and never will be counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Reply {
    /// It is counted, and will not be forgotten.
    Added,
    /// The value, as far as this replica knows.
    Value(u128),
    /// What it knows of the others.
    Status(Status),
    /// It is not counted now, and why.
    Refused(Refusal),
}

/// Why an add is not counted now.
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Refusal {
    /// No entry is that large.
    #[error(transparent)]
    Counter(#[from] CounterError),
    /// A peer knows more of this replica's entry than itself, so that the others would not see what
    /// it counts now.
    #[error(
        "a peer knows of {claimed} counted by this replica, and it knows of {own} itself: it has \
         lost its past, or there are two"
    )]
    Lost {
        /// What the peer says.
        claimed: u64,
        /// What it knows.
        own: u64,
    },
    /// It has just started, and holds back as many adds as it can.
    #[error("the replica is starting, and {MAX_HELD} others wait for it")]
    Starting,
    /// A client's first add is its number 1.
    #[error("adds are numbered from 1")]
    NumberZero,
    /// The number was used for another add, which is counted.
    #[error(
        "add {} of client {} has counted {counted} already: a new add needs the next number",
        once.seq, once.client
    )]
    OtherDelta {
        /// The number.
        once: RequestId,
        /// What was asked for under it.
        counted: u64,
    },
    /// A later one of this client is counted. Whether this one is, is not remembered.
    #[error("add {} of client {} is old, its last was {last}", once.seq, once.client)]
    Old {
        /// The number.
        once: RequestId,
        /// The last that was counted.
        last: u64,
    },
    /// This client is not remembered, and it says that it has been here.
    #[error("client {} is not remembered, and this is its add {}", .0.client, .0.seq)]
    Forgotten(RequestId),
}

impl Refusal {
    /// Whether the increment may have been counted before. Otherwise it is not, and this request
    /// never will be.
    pub fn may_be_counted(&self) -> bool {
        matches!(self, Refusal::Old { .. } | Refusal::Forgotten(_))
    }

    fn code(&self) -> Code {
        match self {
            Refusal::Starting => Code::TemporarilyUnavailable,
            // Known even if an earlier attempt got no answer: the id stands in a record.
            Refusal::OtherDelta { .. } => Code::PreconditionFailed,
            refusal if refusal.may_be_counted() => Code::Crash,
            _ => Code::Abort,
        }
    }
}

/// What a replica knows of itself and the others.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The replica's own number.
    pub number: usize,
    /// What each replica has counted.
    pub entries: Vec<u64>,
    /// The others, in the order of their numbers.
    pub peers: Vec<PeerStatus>,
    /// Why it refuses adds: a peer knows that it has counted this much, and it knows of less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
}

/// What it knows of one of the others.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PeerStatus {
    /// Its number.
    pub peer: usize,
    /// How much of the replica's own entry it has not acked.
    pub unacked: u64,
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Body<'a> {
            AddOk,
            ReadOk { value: u128 },
            StatusOk(&'a Status),
            Error { code: Code, text: String },
        }
        let body = match self {
            Reply::Added => Body::AddOk,
            Reply::Value(value) => Body::ReadOk { value: *value },
            Reply::Status(status) => Body::StatusOk(status),
            Reply::Refused(refusal) => {
                Body::Error { code: refusal.code(), text: refusal.to_string() }
            }
        };
        body.serialize(serializer)
    }
}
