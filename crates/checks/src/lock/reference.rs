//! Exercise: may this node enter? One way to write it.

use checks::lock::Stamp;

/// Whether this node holds the lock from now on.
pub fn may_enter(request: Stamp, queue: &[Stamp], heard: &[Stamp]) -> bool {
    let is_first = queue.iter().all(|other| request <= *other);
    let mut others = heard.iter().filter(|heard| heard.node != request.node);
    is_first && others.all(|heard| *heard > request)
}
