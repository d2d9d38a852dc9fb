//! What is wrong with an answer, and what helps: said of the first wrong action alone.

use super::After;
use super::cases::{Action, Case};
use super::right::Right;
use crate::exercise::Rule;

/// The rule that `got` breaks, where `want` is right after the action at this place.
pub(super) fn broken(case: &Case, place: usize, want: &After, got: &After) -> Rule {
    let right = Right::after(case, place + 1);
    let lengths = [want, got].map(|after| after.read.as_ref().map(Vec::len));
    match () {
        () if got.takes_too_much => Rule::new(
            "The memory of a buffer is bounded by its capacity, whatever is sent: it keeps nothing \
             that was read, nothing beyond the window, and no byte twice.",
            "Cut a segment at the window before you keep any of it, give each byte one place \
             however often it comes, and take out what `read` returns.",
        ),
        () if lengths[0] != lengths[1] => Rule::new(
            "A read returns every byte that is ready, but at most `at_most` of them. Ready are the \
             bytes before the first hole that were not read before.",
            "Take the smaller of `at_most` and the number of ready bytes, and let that number fall \
             by what a read takes out.",
        ),
        () if got.read != want.read => Rule::new(
            "The application gets the bytes of the stream in the order of their indexes, whatever \
             order they came in.",
            "Put each byte where its index says, `first_index` and its offset in the segment, and \
             read from the first unread index on.",
        ),
        () if got.ack > want.ack => acked_too_much(case, place, want.ack, &right),
        () if got.ack < want.ack => acked_too_little(case.actions[place], got.ack),
        () if got.window != want.window => Rule::new(
            "The window is the room behind the ack: the capacity minus the bytes that are ready. \
             Bytes behind a hole lie in it, and a read makes it larger.",
            "Compute `capacity - ready` each time it is asked for, with the bytes from the first \
             unread one up to the ack, and no others.",
        ),
        () if want.is_complete => Rule::new(
            "The stream is complete once its end is known and every byte before it has arrived, \
             whichever of the two comes first, and whether or not they were read.",
            "Keep the index of the end when `is_last` comes, even without bytes, and compare it \
             with the ack each time it is asked for.",
        ),
        () if right.end.is_some() => Rule::new(
            "The last segment may arrive before others: the stream is complete only when every \
             byte before its end has arrived as well.",
            "Keep the end as an index, not as a flag: the stream is complete when the ack has \
             reached it.",
        ),
        () => Rule::new(
            "An end whose index is over `ack + window` is dropped like the bytes before it, and \
             without an end no stream is complete.",
            "Note the end only where `first_index + bytes.len()`, of the whole segment, is at most \
             `ack + window`.",
        ),
    }
}

/// What is wrong where the byte that is expected next is taken for one that has arrived.
fn acked_too_much(case: &Case, place: usize, next: u64, right: &Right) -> Rule {
    let came = || case.actions[..=place].iter().map(|action| action.brings());
    let is_beyond = case.actions[place].brings().start >= right.limit().into();
    if is_beyond || came().any(|bytes| bytes.contains(&next.into())) {
        Rule::new(
            "What lies beyond the window when it arrives is dropped: it counts only when it comes \
             again.",
            "Keep of a segment only the bytes whose index is below `ack + window` as they are when \
             it arrives. Compare it as a u64: a cast can make a near index of a far one.",
        )
    } else if came().all(|bytes| bytes.end <= next.into()) {
        Rule::new(
            "A byte counts once, however often it comes: a copy of it moves the ack no further.",
            "Skip the bytes of a segment whose indexes lie before the ack, and only those.",
        )
    } else {
        Rule::new(
            "The ack promises that every byte before it has arrived: it stops at the first hole, \
             whatever came behind that.",
            "From the last ack on, go forward for as long as the next byte is there, and stop \
             where it is not.",
        )
    }
}

/// What is wrong where the byte at this index has arrived, and is taken for missing.
fn acked_too_little(action: Action, missing: u64) -> Rule {
    if let Action::New | Action::Read(_) = action {
        Rule::new(
            "A read takes out bytes that were acknowledged. The ack stays where it is: what has \
             arrived has arrived.",
            "Compute the ack as the number of bytes read plus the number of bytes ready.",
        )
    } else if action.brings().contains(&missing.into()) {
        Rule::new(
            "Every byte that lies in the window when it arrives is kept, even of a segment that \
             begins with bytes that came before, or that goes beyond the window.",
            "Do not judge a segment by its first or its last index. Go through its bytes: each \
             that lies in the window goes to its place, whether or not one is there already.",
        )
    } else {
        Rule::new(
            "What has come behind a hole is kept. Once the hole is filled it is ready, up to the \
             next hole.",
            "Give each byte of the window a place from the first unread index on, and move the ack \
             past all places that are filled.",
        )
    }
}
