//! How people get it wrong, and one solution that has the bugs that it is asked to have.

use std::collections::{BTreeMap, BTreeSet};

use super::{Payload, Receiver};
use crate::exercise::{Bugs, mistakes};

mistakes! {
    Plain, "compares without wrapping":
        "It takes the larger number for the newer one, but numbers wrap: 0 comes after 65,535, and \
         all that comes after the wrap is dropped as late.";
    | NewerThanItself, "a number is newer than itself":
        "It asks only whether `a` is less than half of the numbers ahead, but a number is 0 ahead \
         of itself.";
    | LateIsFar, "takes a late one for one that is far ahead":
        "It takes every number outside the window for one ahead of it, but a distance of half of \
         all numbers or more means that the number is behind.";
    RemembersForever, "remembers for ever":
        "It drops each number that it has seen before, but numbers come again after 65,536 \
         datagrams, and the memory of them has no bound.";
    LateGivenOut, "gives an old one out again":
        "It gives a late payload out when it comes, but that was given out before, or its turn \
         is over.";
    | LateKept, "keeps a late one":
        "It keeps a late payload, but its turn is over: it only takes memory, until the number \
         comes again and the old payload is taken for the new one.";
    WaitsForever, "waits for ever for a lost one":
        "It drops what lies beyond the window, but once the next one is lost for good, all that \
         comes soon lies there.";
    | MovesByOne, "moves the window by one":
        "It moves the window up by one number when one lies beyond it, but that number may be \
         farther away.";
    | ForgetsKept, "forgets what was kept when the window moves":
        "It takes all that falls out of the window for lost, but some of it has arrived, and is \
         given out then.";
    | MovesTooFar, "gives up all before a number beyond the window":
        "It makes that number the next one, but it is to be the last of the window: those just \
         before it may still come.";
    WindowSmaller, "the window is too small by one":
        "It lets the window end one number early, but the next number is the first of `window` \
         numbers.";
    | WindowLarger, "the window is too large by one":
        "It keeps what is `window` ahead of the next number, but the last number in the window is \
         `window - 1` ahead.";
    | WithoutWindow, "keeps nothing":
        "It gives out each newer payload at once, but then those before it are late: the window \
         is there to wait for them.";
    KeepsCopies, "keeps copies":
        "It keeps a payload that is kept already once more, and then gives both out.";
    GivesOne, "gives out one at a time":
        "It gives out one payload once the next number is there, but the kept ones that follow it \
         may be given out at once too.";
    SortsPlain, "sorts without wrapping":
        "It gives out what falls out of the window in the order of a sorted map, but there 0 comes \
         before 65,535.";
}

/// What is right, but for the bugs.
pub(super) fn is_newer(bugs: Bugs<Bug>, a: u16, b: u16) -> bool {
    let ahead = a.wrapping_sub(b);
    match () {
        () if bugs.has(Bug::Plain) => a > b,
        () if bugs.has(Bug::NewerThanItself) => ahead < 1 << 15,
        () if bugs.has(Bug::LateIsFar) => a != b,
        () => (1..1 << 15).contains(&ahead),
    }
}

pub(super) struct Buggy {
    bugs: Bugs<Bug>,
    next: u16,
    window: u16,
    /// With copies, where those are kept.
    early: BTreeMap<u16, Vec<Payload>>,
    seen: BTreeSet<u16>,
}

impl Buggy {
    pub(super) fn new(bugs: Bugs<Bug>, first: u16, window: u16) -> Buggy {
        let window = match () {
            () if bugs.has(Bug::WindowSmaller) => (window - 1).max(1),
            () if bugs.has(Bug::WindowLarger) => window + 1,
            () if bugs.has(Bug::WithoutWindow) => 1,
            () => window,
        };
        Buggy { bugs, next: first, window, early: BTreeMap::new(), seen: BTreeSet::new() }
    }

    fn keep(&mut self, number: u16, payload: Payload) {
        let kept = self.early.entry(number).or_default();
        if kept.is_empty() || self.bugs.has(Bug::KeepsCopies) {
            kept.push(payload);
        }
    }

    /// Moves the window up by this much, and returns what falls out of it.
    fn move_up(&mut self, by: u16) -> Vec<Payload> {
        let (bugs, next) = (self.bugs, self.next);
        let ahead = |number: u16| number.wrapping_sub(next);
        let mut numbers: Vec<u16> =
            self.early.keys().copied().filter(|&number| ahead(number) < by).collect();
        if !bugs.has(Bug::SortsPlain) {
            numbers.sort_by_key(|&number| ahead(number));
        }
        self.next = next.wrapping_add(by);
        let out = numbers.iter().flat_map(|number| self.early.remove(number)).flatten().collect();
        if bugs.has(Bug::ForgetsKept) { Vec::new() } else { out }
    }
}

impl Receiver for Buggy {
    fn new(first: u16, window: u16) -> Buggy {
        Buggy::new(Bugs::NONE, first, window)
    }

    fn push(&mut self, number: u16, payload: Payload) -> Vec<Payload> {
        use Bug::*;
        let bugs = self.bugs;
        if number != self.next && !is_newer(bugs, number, self.next) {
            if bugs.has(LateKept) {
                self.keep(number, payload);
                return Vec::new();
            }
            return if bugs.has(LateGivenOut) { vec![payload] } else { Vec::new() };
        }
        if bugs.has(RemembersForever) && !self.seen.insert(number) {
            return Vec::new();
        }
        let ahead = number.wrapping_sub(self.next);
        let mut given = match ahead.checked_sub(self.window) {
            None => Vec::new(),
            Some(_) if bugs.has(WaitsForever) => return Vec::new(),
            Some(_) if bugs.has(MovesByOne) => self.move_up(1),
            Some(_) if bugs.has(MovesTooFar) => self.move_up(ahead),
            Some(beyond) => self.move_up(beyond + 1),
        };
        self.keep(number, payload);
        while let Some(payloads) = self.early.remove(&self.next) {
            given.extend(payloads);
            self.next = self.next.wrapping_add(1);
            if bugs.has(GivesOne) {
                break;
            }
        }
        given
    }

    fn kept(&self) -> usize {
        self.early.values().map(Vec::len).sum()
    }
}
