//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::Case;
use super::{Answer, Decision, HEADER, Route, right};
use crate::Stopped;
use crate::exercise::Rule;

const WORDS: Rule = Rule::new(
    "Two bytes are a word, the first the more significant, on every machine. An odd last byte is \
     the first byte of a word too, with a zero after it.",
    "Go over `bytes.chunks(2)`, and make a word with `u16::from_be_bytes([first, second])`, where \
     second is 0 if there is none.",
);

const DEFAULT: Rule = Rule::new(
    "A prefix of 0 bits asks nothing of a destination: the default route fits every one.",
    "Do not shift a u32 by 32 bits, which overflows: `checked_shl(32 - length).unwrap_or(0)` is \
     the mask of every length. And when you look for the longest, begin with no route at all, not \
     with a length of 0.",
);

const EXPIRED: Rule = Rule::new(
    "A packet with a TTL of 0 or 1 ends here: it would leave with 0, and a router does not forward \
     that.",
    "Before you lower the TTL, return TimeExceeded where it is at most 1.",
);

/// The rule that is broken where there is no answer.
pub(super) fn of_stop(case: &Case, stopped: &Stopped) -> Rule {
    let Stopped::Panicked(panic) = stopped else { return stopped.rule() };
    match (case, panic.overflowed_operation()) {
        (Case::Forward(_, table), Some("shift left" | "shift right"))
            if table.iter().any(|route| route.length == 0) =>
        {
            DEFAULT
        }
        (Case::Forward(header, _), Some("subtract")) if header[8] == 0 => EXPIRED,
        (Case::Checksum(_), Some("add")) => Rule::new(
            "The sum of the words can be larger than its type. No carry may be lost, and none may \
             stop the program.",
            "Add in a u64, and fold it at the end: any number of words fits. Or add in a u16 with \
             `overflowing_add`, and add each carry at once.",
        ),
        (Case::Checksum(bytes), None) if bytes.len() % 2 == 1 => WORDS,
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    match (case, want, got) {
        (Case::Checksum(bytes), Answer::Checksum(want), Answer::Checksum(got)) => {
            summing(bytes, *want, *got)
        }
        (
            Case::Forward(header, table),
            Answer::Forward(want, after_want),
            Answer::Forward(got, after),
        ) => match want == got {
            true => changing(*want, after_want, after),
            false => deciding(header, table, *want, *got),
        },
        _ => unreachable!("each case is for one function"),
    }
}

fn summing(bytes: &[u8], want: u16, got: u16) -> Rule {
    let is_odd = bytes.len() % 2 == 1;
    let whole = &bytes[..bytes.len() - usize::from(is_odd)];
    if got == !want {
        return Rule::new(
            "The checksum is the complement of the sum: every bit inverted. So the sum of no words \
             is 0, and their checksum ffff.",
            "Return `!sum`, as a u16.",
        );
    }
    if got == want.swap_bytes() || is_odd && got == right::checksum(whole) {
        return WORDS;
    }
    if right::sum(bytes) > 0xffff {
        return Rule::new(
            "Each carry out of the 16 bits is added to the low end of the sum, until none is left: \
             to add one may carry again.",
            "Use `while`, not `if`: as long as the sum is over 0xffff, make it (sum & 0xffff) + \
             (sum >> 16).",
        );
    }
    WORDS
}

fn deciding(header: &[u8; HEADER], table: &[Route], want: Decision, got: Decision) -> Rule {
    use Decision::*;
    let only_the_default = right::fitting(header, table).map(|route| route.length).max() == Some(0);
    match (want, got) {
        (BadChecksum, _) => Rule::new(
            "A header whose checksum is wrong is not trusted: neither its TTL nor its destination \
             is looked at.",
            "Begin with it: where `checksum(header)` is not 0, over all 20 bytes, return \
             BadChecksum.",
        ),
        (_, BadChecksum) => Rule::new(
            "A header passes where the checksum of all 20 bytes is 0. Where 0000 would pass in its \
             checksum field, so does ffff: both are zero in one's complement.",
            "Compare `checksum(header)` with 0, and leave bytes 10 and 11 where they are. No other \
             field is validated.",
        ),
        (Unreachable, TimeExceeded) => Rule::new(
            "A router looks up the route before it looks at the TTL (RFC 1812, section 5.2.1.2, \
             steps 5 and 7): without a route the packet is unreachable, whatever its TTL is.",
            "Look up the route right after the checksum, and ask for the TTL below that.",
        ),
        (Unreachable, Forward(_)) => Rule::new(
            "A route fits where all of its first `length` bits are those of the destination. Here \
             that is true of no route of the table.",
            "The destination is in bytes 16 to 19. Compare as many bits of it as `length` says, \
             not whole bytes, and return Unreachable where no route is left.",
        ),
        (TimeExceeded, Forward(_)) => EXPIRED,
        (_, Unreachable) if only_the_default => DEFAULT,
        (_, Unreachable) => Rule::new(
            "A route fits where its first `length` bits are those of the destination, whatever the \
             bits after them are.",
            "The destination is in bytes 16 to 19. Count the `leading_zeros` of destination XOR \
             prefix, as u32: there have to be `length` of them.",
        ),
        (_, TimeExceeded) => Rule::new(
            "A packet with a TTL of 2 or more has at least one more hop: it is forwarded.",
            "Return TimeExceeded only where the TTL, byte 8, is at most 1 before it is lowered.",
        ),
        (Forward(_), Forward(_)) => Rule::new(
            "Of the routes that fit, the one with the longest prefix decides, wherever in the \
             table it is.",
            "Filter the routes that fit, and take the `max_by_key` of their length.",
        ),
    }
}

fn changing(decision: Decision, want: &[u8; HEADER], got: &[u8; HEADER]) -> Rule {
    let differs = |place: &usize| want[*place] != got[*place];
    match (0..HEADER).find(differs) {
        _ if !matches!(decision, Decision::Forward(_)) => Rule::new(
            "Only a packet that is forwarded is changed. Any other header stays as it came: the \
             ICMP message that reports the packet has a copy of it.",
            "Change the header below the last `return`. To look at it with other bytes, copy it: \
             it is `Copy`.",
        ),
        Some(8) => Rule::new(
            "Each router that forwards a packet lowers its TTL, byte 8, by one.",
            "Lower `header[8]` by one, in the header that was handed to you.",
        ),
        Some(10 | 11) => Rule::new(
            "The header checksum covers the TTL, so it is computed anew: over the header as it \
             leaves, where bytes 10 and 11 count as zero.",
            "First lower the TTL, then put zeros in bytes 10 and 11, then compute `checksum` and \
             write its `to_be_bytes` there.",
        ),
        _ => Rule::new(
            "Of a packet that is forwarded only the TTL and the header checksum change.",
            "Write to bytes 8, 10 and 11 alone.",
        ),
    }
}
