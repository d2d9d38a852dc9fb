//! How people get it wrong, and one rule that has the bugs that it is asked to have.

use super::Stamp;
use crate::exercise::{Bugs, mistakes};

mistakes! {
    AcksAlone, "looks at acks alone, not at the queue":
        "It enters when every node has answered, but a node answers every request, also one that \
         comes after its own: only the queue has the order.";
    | HeardAlone, "looks at what was heard alone, not at the queue":
        "It takes a later message for permission, but that shows only that nothing earlier is in \
         flight: an earlier request may have come.";
    | OnlyRequest, "wants its own request to be the only one":
        "It waits until the queue has no other request, but a later one stays there until its \
         sender has had the lock: each waits for the other.";
    | BothOfATie, "forgets ties: both enter":
        "It compares times alone, but two requests can have one time: then the smaller node's \
         comes first.";
    | NoneOfATie, "forgets ties: none enters":
        "It wants the smallest time for itself alone, but two requests can have one time: then \
         each waits for the other.";
    | FirstOfList, "takes the first of the list for the earliest":
        "It looks at the place in the list, which is in the order of the nodes, but requests are \
         served in the order of their stamps.";
    | LatestFirst, "lets the latest request in":
        "It takes the largest stamp for the first in line, but the earliest request is the \
         smallest.";
    QueueAlone, "looks at the queue alone":
        "It takes its own copy of the queue for all there is, but an earlier request may still be \
         in flight.";
    | OnePeer, "waits for one peer, not for all":
        "It enters when one node has sent something later, but an earlier request of another node \
         may still be in flight.";
    | NextPeer, "waits for the next node alone":
        "It looks at one neighbour, but an earlier request of another node may still be in flight.";
    | SmallerPeers, "waits for smaller nodes alone":
        "It believes that only a smaller node can come first, but the numbers decide only between \
         equal times.";
    | AnyMessage, "takes any message for an answer":
        "It wants to have heard from every node, but a message that is earlier than its request \
         does not exclude an earlier request.";
    | NeverEnters, "never enters":
        "It returns false in every case. The usual causes: it also compares its request with \
         itself, which stands in queue; or it also looks at its own place in heard, which stays at \
         0.";
    | SomethingEarlier, "waits for something earlier":
        "It wants what it heard to be smaller than its request, but only something larger shows \
         that nothing earlier can follow.";
}

/// What is right, but for the bugs.
pub(super) fn may_enter(bugs: Bugs<Bug>, request: Stamp, queue: &[Stamp], heard: &[Stamp]) -> bool {
    is_first(bugs, request, queue) && has_heard(bugs, request, heard)
}

fn is_first(bugs: Bugs<Bug>, request: Stamp, queue: &[Stamp]) -> bool {
    let mut others = queue.iter().filter(|other| other.node != request.node);
    match () {
        () if bugs.has(Bug::AcksAlone) || bugs.has(Bug::HeardAlone) => true,
        () if bugs.has(Bug::OnlyRequest) => others.next().is_none(),
        () if bugs.has(Bug::BothOfATie) => others.all(|other| other.time >= request.time),
        () if bugs.has(Bug::NoneOfATie) => others.all(|other| other.time > request.time),
        () if bugs.has(Bug::FirstOfList) => queue.first() == Some(&request),
        () if bugs.has(Bug::LatestFirst) => others.all(|other| *other < request),
        () => others.all(|other| *other > request),
    }
}

fn has_heard(bugs: Bugs<Bug>, request: Stamp, heard: &[Stamp]) -> bool {
    let own = request.node;
    let is_later = |heard: &Stamp| match () {
        () if bugs.has(Bug::AnyMessage) => heard.time > 0,
        () if bugs.has(Bug::SomethingEarlier) => *heard < request,
        // An answer has a later time than what it answers.
        () if bugs.has(Bug::AcksAlone) => heard.time > request.time,
        () => *heard > request,
    };
    let mut others = heard.iter().filter(|heard| heard.node != own);
    match () {
        () if bugs.has(Bug::QueueAlone) => true,
        () if bugs.has(Bug::OnePeer) => others.any(is_later),
        () if bugs.has(Bug::NextPeer) => is_later(&heard[(own + 1) % heard.len()]),
        () if bugs.has(Bug::SmallerPeers) => heard[..own].iter().all(is_later),
        () if bugs.has(Bug::NeverEnters) => false,
        () => others.all(is_later),
    }
}
