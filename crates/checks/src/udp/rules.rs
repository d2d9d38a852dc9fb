//! What is wrong with an answer, and what helps: said of the first wrong one alone.

use super::After;
use super::cases::{Arrivals, HALF};
use super::right::Right;
use crate::exercise::Rule;

/// The rule that is broken where a number leaves its type.
pub(super) const OVERFLOW: Rule = Rule::new(
    "Numbers wrap: 0 is one more than 65,535. Arithmetic that leaves the 16 bits of a number goes \
     on at their other end; it does not panic.",
    "Compute with numbers by `wrapping_add` and `wrapping_sub`, everywhere: in a debug build `+` \
     and `-` panic at the wrap.",
);

/// The rule that a wrong `is_newer(a, b)` breaks.
pub(super) fn comparing(a: u16, b: u16) -> Rule {
    match i64::from(a.wrapping_sub(b)) {
        0 => Rule::new(
            "A number is not newer than itself.",
            "Ask for two things of `a.wrapping_sub(b)`: it is not 0, and it is less than 32,768.",
        ),
        HALF => Rule::new(
            "Of two numbers that are exactly 32,768 apart, half of all numbers, neither is newer.",
            "Compare `a.wrapping_sub(b)` with `<`, not with `<=`.",
        ),
        _ => Rule::new(
            "Numbers wrap, so only their distance says which is newer: `a` is, where fewer than \
             32,768 steps of 1 lead from `b` to it, with 0 after 65,535.",
            "`a.wrapping_sub(b)` is the number of those steps. Neither `a > b` nor `a - b` knows \
             of the wrap.",
        ),
    }
}

/// The rule that `got` breaks, where `want` is right for the datagram at this place.
pub(super) fn broken(case: &Arrivals, place: usize, want: &After, got: &After) -> Rule {
    const KEPT: Rule = Rule::new(
        "Kept is each payload that lies in the window and waits for one before it: nothing that \
         was given out, nothing that was dropped, and so at most `window - 1`.",
        "Take each payload out of the map when you give it out, put none in that you drop, and let \
         `kept` return how many are in it.",
    );
    let Some(&at) = case.datagrams.get(place) else { return KEPT };
    let before = &case.datagrams[..place];
    let right = Right::after(case, place);
    let beyond = at - right.next - i64::from(case.window);
    let sorted = |after: &After| {
        let mut given = after.given.clone();
        given.sort_unstable();
        given
    };
    let is_again = |&earlier: &i64| earlier < at && case.number(earlier) == case.number(at);
    match () {
        () if at - right.next == -HALF => Rule::new(
            "A number that is exactly 32,768 away from the next one is not newer, and a datagram \
             that is neither newer nor the next is dropped.",
            "Go on only where `number == next || is_newer(number, next)`. That is not the same as \
             `!is_newer(next, number)`.",
        ),
        () if at < right.next => Rule::new(
            "A late datagram is dropped: its number was given out before, or given up. It is \
             neither given out nor kept, and it does not move the window.",
            "Begin with it: unless `number` is `next`, or `is_newer(number, next)`, return nothing \
             and change nothing.",
        ),
        () if before.iter().any(is_again) => Rule::new(
            "A number comes again after 65,536 datagrams, with another payload. The window alone \
             says what a number means, and what is behind it is forgotten.",
            "Keep no list of the numbers that you have seen. Only the payloads in the window are \
             kept, and what is behind `next` you know to be late.",
        ),
        () if got.given != want.given && sorted(got) == sorted(want) => Rule::new(
            "Payloads are given out in the order in which they were sent, and that goes on through \
             65,535 to 0.",
            "Do not go through a sorted map from its start, where 0 comes before 65,535. Count \
             `next` up with `wrapping_add`, and take out what is there.",
        ),
        () if right.is_kept(at) => Rule::new(
            "A copy of a payload that is kept is dropped: each is given out at most once.",
            "Let a map keep one payload for each number, by `insert` or `entry`.",
        ),
        () if beyond >= 0 => Rule::new(
            "A number beyond the window moves it up until it is the last one in it. What falls out \
             is given out if it is kept, and given up if not; then follows what has no gap before \
             it.",
            "While `number.wrapping_sub(next) >= window`, remove `next` from the map, give out \
             what was there, and add 1 to `next`. Only then keep the new payload.",
        ),
        () if at == right.next && got.given != want.given => Rule::new(
            "The next datagram is given out when it arrives, and at once all that were kept and \
             follow it without a gap.",
            "Use a loop: `while let Some(payload) = early.remove(&next)`, and add 1 to `next` in \
             it.",
        ),
        () if got.given != want.given => Rule::new(
            "A datagram in the window that comes before its turn is kept, and nothing is given \
             out: one before it may still come.",
            "The window ends at `next + window - 1`. Where `number.wrapping_sub(next)` is less \
             than `window`, the window stays where it is.",
        ),
        () => KEPT,
    }
}
