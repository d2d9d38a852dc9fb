//! How people get it wrong, and one buffer that has the bugs that it is asked to have.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;

use super::Receiver;
use crate::exercise::{Bugs, mistakes};

mistakes! {
    AssumesOrder, "assumes order":
        "It appends each segment to the one before, but the network may lose, repeat and reorder \
         them: only `first_index` says where the bytes belong.";
    | DropsOutOfOrder, "drops what comes out of order":
        "It drops what comes ahead of a hole, as TCP may, but then all of that has to be sent \
         again. This buffer keeps it.";
    | ShorterReplaces, "a shorter copy replaces a longer one":
        "It keeps one segment for each first index, the last that came, but an earlier one may \
         have had more bytes, and those are lost.";
    DeliversDuplicates, "delivers duplicates":
        "It appends a segment as soon as its first index is reached, in whole, but bytes before \
         that may have come with an earlier one.";
    | LosesOverlap, "loses an overlap":
        "It drops a segment whose first byte it has already, but the bytes at its end may be new.";
    AcksBeyondHole, "acknowledges beyond a hole":
        "It acknowledges the highest byte that came, but an ack promises all bytes before it: the \
         sender will not send the hole again.";
    IgnoresWindow, "ignores the window":
        "It keeps and acknowledges all that comes, but then a sender that does not stop fills the \
         memory.";
    | KeepsBeyond, "keeps what lies beyond the window":
        "It keeps what lies beyond the window until a read makes room, but then the window bounds \
         no memory.";
    | DropsWhole, "drops a segment that does not fit as a whole":
        "It drops a segment of which a part lies beyond the window, but the other part lies in it.";
    | IgnoresUnread, "unread bytes take no room":
        "It announces its whole capacity, always, but bytes that are ready and not read take some \
         of it.";
    CountsHeld, "the window counts bytes behind a hole":
        "It takes bytes behind a hole off the window, but their places are a part of it: it ends \
         where it would without them.";
    EndForgotten, "forgets an end that comes before a hole is filled":
        "It notes the end only where its segment is the next in order, but the last segment may \
         arrive earlier, and then it does not come again.";
    | EndAtOnce, "complete as soon as the end comes":
        "It takes the last segment for the last to arrive, but those before it may be late.";
    | EndOfCut, "keeps the end of a segment that is cut":
        "It notes the end before it cuts the segment at the window, but an end beyond the window \
         is dropped with the bytes before it.";
    | EndAtCut, "ends where the window cuts":
        "It notes the end where the window has cut the segment, but the stream goes on after that: \
         the application takes a part for the whole.";
    | EndNeedsBytes, "an end needs bytes":
        "It takes a segment without bytes for nothing at all, but that may bring the end.";
}

pub(super) struct Buggy {
    bugs: Bugs<Bug>,
    capacity: usize,
    /// How many bytes are read.
    start: u64,
    ready: VecDeque<u8>,
    /// Segments that are not ready, by their first index.
    held: BTreeMap<u64, Vec<u8>>,
    /// Segments of which a part does not fit, where those are kept.
    beyond: Vec<(u64, Vec<u8>, bool)>,
    end: Option<u64>,
}

impl Buggy {
    pub(super) fn new(bugs: Bugs<Bug>, capacity: usize) -> Buggy {
        let (ready, held, beyond) = (VecDeque::new(), BTreeMap::new(), Vec::new());
        Buggy { bugs, capacity, start: 0, ready, held, beyond, end: None }
    }

    /// The index behind the last ready byte.
    fn next(&self) -> u64 {
        self.start + self.ready.len() as u64
    }

    /// The first index beyond the window.
    fn limit(&self) -> u64 {
        match () {
            () if self.bugs.has(Bug::IgnoresWindow) => u64::MAX,
            () if self.bugs.has(Bug::IgnoresUnread) => self.next() + self.capacity as u64,
            () => self.start + self.capacity as u64,
        }
    }

    /// The indexes of the bytes behind a hole.
    fn behind_holes(&self) -> BTreeSet<u64> {
        let indexes = |(&first, bytes): (&u64, &Vec<u8>)| first..first + bytes.len() as u64;
        self.held.iter().flat_map(indexes).collect()
    }
}

impl Receiver for Buggy {
    fn new(capacity: usize) -> Buggy {
        Buggy::new(Bugs::NONE, capacity)
    }

    fn push(&mut self, first: u64, bytes: &[u8], is_last: bool) {
        use Bug::*;
        let (bugs, next, limit) = (self.bugs, self.next(), self.limit());
        let first = if bugs.has(AssumesOrder) { next } else { first };
        let end = first.saturating_add(bytes.len() as u64);
        let has = |index| index < next || self.behind_holes().contains(&index);
        let is_dropped = bugs.has(DropsOutOfOrder) && first > next
            || bugs.has(LosesOverlap) && !bytes.is_empty() && has(first)
            || bugs.has(DropsWhole) && end > limit
            || bugs.has(EndNeedsBytes) && bytes.is_empty();
        if is_dropped {
            return;
        }
        if bugs.has(KeepsBeyond) && end > limit {
            self.beyond.push((first, bytes.to_vec(), is_last));
        }
        let kept = match () {
            () if bugs.has(EndForgotten) && first > next => None,
            () if bugs.has(EndOfCut) => Some(end),
            () if bugs.has(EndAtCut) => (first <= limit).then_some(end.min(limit)),
            () => (end <= limit).then_some(end),
        };
        self.end = self.end.or(kept.filter(|_| is_last));
        let fitting = limit.saturating_sub(first).min(bytes.len() as u64);
        let bytes = &bytes[..fitting as usize];
        if !bytes.is_empty() {
            let held = self.held.entry(first).or_default();
            if held.len() < bytes.len() || bugs.has(ShorterReplaces) {
                *held = bytes.to_vec();
            }
        }
        // What no hole is before any more is ready.
        while let Some((first, bytes)) = self.held.pop_first() {
            let Some(old) = self.next().checked_sub(first) else {
                self.held.insert(first, bytes);
                break;
            };
            let skipped = if bugs.has(DeliversDuplicates) { 0 } else { old };
            self.ready.extend(bytes.iter().skip(skipped as usize));
        }
    }

    fn read(&mut self, at_most: usize) -> Vec<u8> {
        let count = self.ready.len().min(at_most);
        self.start += count as u64;
        let bytes = self.ready.drain(..count).collect();
        for (first, bytes, is_last) in mem::take(&mut self.beyond) {
            self.push(first, &bytes, is_last);
        }
        bytes
    }

    fn ack(&self) -> u64 {
        let is_highest = self.bugs.has(Bug::AcksBeyondHole);
        let highest = is_highest.then(|| self.behind_holes().last().copied()).flatten();
        highest.map_or(self.next(), |highest| highest + 1)
    }

    fn window(&self) -> usize {
        let held = if self.bugs.has(Bug::CountsHeld) { self.behind_holes().len() } else { 0 };
        let ready = if self.bugs.has(Bug::IgnoresUnread) { 0 } else { self.ready.len() };
        self.capacity.saturating_sub(ready + held)
    }

    fn is_complete(&self) -> bool {
        let is_at_once = self.bugs.has(Bug::EndAtOnce);
        self.end.is_some_and(|end| is_at_once || self.next() >= end)
    }
}
