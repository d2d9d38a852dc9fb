//! Exercise: may this node enter?
//!
//! Two or three nodes share a lock by Lamport's algorithm. A node that wants it stamps a request,
//! puts that into its queue and sends it to all others. Each puts it into its own queue and sends
//! an ack back, stamped later. To give the lock back, a node takes its request out of its queue and
//! sends a release to all others, which take it out of theirs. A link loses nothing and delivers
//! messages in the order of their sending.
//!
//! A `Stamp` has the `time` of its sender's Lamport clock, 1 or more, and the sender's number,
//! `node`, counted from 0. Stamps are compared as a whole: by time, and equal times by node. So
//! `request < other` means that it comes first, and no two requests are equal.
//!
//! `may_enter` is called at a node that waits: when it has asked, and whenever a message has
//! arrived there, until it returns true. Then the node holds the lock.
//!
//! | argument | what it is |
//! |---|---|
//! | `request` | the stamp of the node's own request; `request.node` is the node itself |
//! | `queue` | the requests that it knows of and that are not released, its own among them |
//! | `heard` | for each node the latest stamp that came from it: `heard[i].node` is `i` |
//!
//! There is at most one request of each node, and the queue is in the order of the nodes, not of
//! the stamps. While nothing has come from a node, its time in `heard` is 0. So it is at the place
//! of the node itself, `heard[request.node]`, for it sends itself nothing. No time is beyond
//! `u64::MAX - 100`.
//!
//! Two things have to hold, whatever each node has done and whichever messages have arrived:
//!
//! * two nodes never hold the lock at once;
//! * when all messages have arrived and a node waits, some node holds the lock.
//!
//! Where both answers keep that, both are right. The judge tries all that a node can know, the
//! shortest schedule first. Where your answer is wrong, it draws what has happened at the nodes,
//! called a, b and c, and goes on with right answers until two hold the lock, or none ever does.
//!
//! To check it: `cargo run -- check lock`

use checks::lock::Stamp;

/// Whether this node holds the lock from now on.
pub fn may_enter(request: Stamp, queue: &[Stamp], heard: &[Stamp]) -> bool {
    checks::unsolved!("whether the node may enter", request, queue, heard)
}
