//! What is wrong with an answer, and what helps: said of this case alone.

use super::cases::Case;
use super::{Answer, Decision, HEADER, Route, first_difference, right};
use crate::Stopped;
use crate::exercise::Rule;

const WORDS: Rule = Rule::new(
    "Two bytes are a word, the first the more significant, on every machine. An odd last byte is \
     the first byte of a word too, with a zero after it.",
    "Go over `bytes.chunks(2)`, and make a word with `u16::from_be_bytes([first, second])`, where \
     second is 0 if there is none.",
);

const CARRIES: Rule = Rule::new(
    "Each carry out of the 16 bits is added to the low end of the sum, until none is left: to add \
     one may carry again. None is lost, and none stops the program.",
    "Add in a u64: any number of words fits. Then use `while`, not `if`: as long as the sum is \
     over 0xffff, make it (sum & 0xffff) + (sum >> 16).",
);

const DEFAULT: Rule = Rule::new(
    "A prefix of 0 bits asks nothing of a destination: the default route fits every one.",
    "Do not shift a u32 by 32 bits, which overflows: `checked_shl(32 - length).unwrap_or(0)` is \
     the mask of every length. And when you look for the longest, begin with no route at all, not \
     with a length of 0.",
);

const FITS: Rule = Rule::new(
    "A route fits where its first `length` bits, all of them, are those of the destination, \
     whatever the bits after them are.",
    "The destination is in bytes 16 to 19. Count the `leading_zeros` of destination XOR prefix, as \
     u32: it takes at least `length` of them. Return Unreachable where no route is left.",
);

const EXPIRED: Rule = Rule::new(
    "A packet with a TTL of 0 or 1 ends here, since it would leave with 0. Any other has at least \
     one more hop.",
    "Before you lower the TTL, byte 8, return TimeExceeded where it is at most 1.",
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
        (Case::Checksum(_), Some("add")) => CARRIES,
        (Case::Checksum(bytes), None) if bytes.len() % 2 == 1 => WORDS,
        _ => stopped.rule(),
    }
}

/// The rule that `got` breaks, where `want` is right.
pub(super) fn broken(case: &Case, want: &Answer, got: &Answer) -> Rule {
    match (case, want, got) {
        (Case::Checksum(_), Answer::Checksum(want), Answer::Checksum(got)) if *got == !want => {
            Rule::new(
                "The checksum is the complement of the sum: every bit inverted. So the sum of no \
                 words is 0, and their checksum ffff.",
                "Return `!sum`, as a u16.",
            )
        }
        (Case::Checksum(bytes), ..) if right::sum(bytes) > 0xffff => CARRIES,
        (Case::Checksum(_), ..) => WORDS,
        (
            Case::Forward(header, table),
            Answer::Forward(want, after_want),
            Answer::Forward(got, after),
        ) => match want == got {
            true => changing(*want, first_difference(after_want, after)),
            false => deciding(header, table, *want, *got),
        },
        _ => unreachable!("each case is for one function"),
    }
}

fn deciding(header: &[u8; HEADER], table: &[Route], want: Decision, got: Decision) -> Rule {
    use Decision::*;
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
        (_, Unreachable) if right::fitting(header, table).all(|route| route.length == 0) => DEFAULT,
        (Unreachable, _) | (_, Unreachable) => FITS,
        (TimeExceeded, _) | (_, TimeExceeded) => EXPIRED,
        (Forward(_), Forward(_)) => Rule::new(
            "Of the routes that fit, the one with the longest prefix decides, wherever in the \
             table it is.",
            "Filter the routes that fit, and take the `max_by_key` of their length.",
        ),
    }
}

fn changing(decision: Decision, first: Option<usize>) -> Rule {
    match (decision, first) {
        (Decision::Forward(_), Some(8)) => Rule::new(
            "Each router that forwards a packet lowers its TTL, byte 8, by one.",
            "Lower `header[8]` by one, in the header that was handed to you.",
        ),
        (Decision::Forward(_), Some(10 | 11)) => Rule::new(
            "The header checksum covers the TTL, so it is computed anew: over the header as it \
             leaves, where bytes 10 and 11 count as zero.",
            "First lower the TTL, then put zeros in bytes 10 and 11, then compute `checksum` and \
             write its `to_be_bytes` there.",
        ),
        _ => Rule::new(
            "Only a packet that is forwarded is changed, and of that only the TTL and the header \
             checksum. Any other header stays as it came: the ICMP message to the sender has a \
             copy of it.",
            "Write to bytes 8, 10 and 11 alone, below the last `return`. To look at the header \
             with other bytes, copy it: it is `Copy`.",
        ),
    }
}
