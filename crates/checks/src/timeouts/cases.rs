//! Every small server, and then the boundaries.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::ErrorKind;

use super::case::{Case, Step, Steps};
use crate::numbers::EDGES;

/// What a small server replies. It may stop before the end.
pub(super) const REPLY: &[u8] = b"ok\n";

/// What the clock shows at first, where it does not matter.
const START: u64 = 100;

/// With much time, with little, and with none left.
const DEADLINES: [u64; 3] = [130, 110, 90];

/// Before each step of a server. The sum of two may pass a deadline that each of them keeps.
const DELAYS: [u64; 3] = [0, 10, 20];

const ACCEPT: (u64, Step) = (0, Step::Accept);
const REFUSE: Step = Step::Fail(ErrorKind::ConnectionRefused);
const RESET: Step = Step::Fail(ErrorKind::ConnectionReset);

/// What may fail, before there is a connection and after.
const KINDS: [ErrorKind; 8] = [
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionReset,
    ErrorKind::ConnectionAborted,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::PermissionDenied,
    ErrorKind::BrokenPipe,
    ErrorKind::TimedOut,
];

/// Over a minute, and longer than the system itself waits for a connection.
const LONG: u64 = 140_000;

/// Lines of one byte or two, and of so many with the newline: where usual buffers are full.
const LINES: [&[u8]; 7] = [b"\n", b"\0\n", b"\xff\n", b"\r\n", b" \n", b"\xc3\n", b"\x00\xff\n"];
const LENGTHS: [usize; 13] = [63, 64, 65, 127, 128, 129, 255, 256, 257, 512, 513, 1_024, 1_025];

/// With lines longer than this, code that looks through all that came after each byte takes long.
pub(super) const LONGEST: usize = 8_193;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Case> {
    let boundaries = edges().chain(lines());
    let boundaries = boundaries.map(|steps| Case { start: START, deadline: START + 30, steps });
    small().into_iter().chain(boundaries).chain(clocks())
}

fn small() -> Vec<Case> {
    let mut servers = vec![vec![]];
    for delay in DELAYS {
        servers.push(vec![(delay, REFUSE)]);
        let accepted = continuations(REPLY).into_iter();
        servers.extend(accepted.map(|steps| [vec![(delay, Step::Accept)], steps].concat()));
    }
    let of = |deadline| {
        let servers = servers.iter().cloned();
        servers.map(move |steps| Case { start: START, deadline, steps })
    };
    let mut cases: Vec<Case> = DEADLINES.into_iter().flat_map(of).collect();
    // Once the deadline has passed, it does not matter how a server goes on.
    cases.retain(|case| !case.has_passed() || case.steps.len() <= 2);
    cases.sort_by_key(|case| {
        (case.has_passed(), case.steps.len(), case.time(), Reverse(case.deadline))
    });
    cases
}

/// How a server with this reply may go on: it falls silent, ends, resets, or sends a first piece
/// of it and goes on with the rest.
fn continuations(reply: &[u8]) -> Vec<Steps> {
    let mut all = vec![vec![]];
    for delay in DELAYS {
        all.extend([Step::End, RESET].map(|step| vec![(delay, step)]));
        for length in 1..=reply.len() {
            let (piece, rest) = reply.split_at(length);
            let rests = continuations(rest).into_iter();
            all.extend(rests.map(|steps| [vec![(delay, send(piece))], steps].concat()));
        }
    }
    all
}

fn send(piece: &[u8]) -> Step {
    Step::Send(piece.to_vec())
}

/// Each step right before the deadline, at it and after it.
fn edges() -> impl Iterator<Item = Steps> {
    [29, 30, 31].into_iter().flat_map(|at| {
        let accepts = [(0, send(REPLY)), (0, Step::End)].map(|next| vec![(at, Step::Accept), next]);
        let refusals = KINDS.map(|kind| vec![(at, Step::Fail(kind))]);
        let ends = KINDS.map(Step::Fail).into_iter().chain([Step::End, send(b"k\n")]);
        let ends = ends.flat_map(move |end| {
            let after_a_piece = vec![ACCEPT, (9, send(b"o")), (at - 9, end.clone())];
            [vec![ACCEPT, (at, end)], after_a_piece]
        });
        accepts.into_iter().chain(refusals).chain(ends)
    })
}

/// Replies with other bytes, and of other lengths: whole, in halves, and a small one in many
/// pieces.
fn lines() -> impl Iterator<Item = Steps> {
    let long = |length: usize| {
        let bytes = (0..=u8::MAX).filter(|&byte| byte != b'\n').cycle();
        bytes.take(length - 1).chain([b'\n']).collect::<Vec<u8>>()
    };
    let lines = LINES.into_iter().map(<[u8]>::to_vec).chain(LENGTHS.into_iter().map(long));
    let each = lines.flat_map(|line| {
        let sizes = BTreeSet::from([line.len(), line.len().div_ceil(2)]);
        sizes.into_iter().map(move |size| {
            let pieces = line.chunks(size).map(|piece| (10, send(piece)));
            [ACCEPT].into_iter().chain(pieces).collect()
        })
    });
    let many = [vec![ACCEPT], vec![(0, send(b"x")); 200], vec![(10, send(b"\n"))]].concat();
    each.chain([many, vec![ACCEPT, (10, send(&long(LONGEST)))]])
}

/// Clocks that begin elsewhere, and deadlines that are far or long ago. A caller may wait in
/// slices, so where there is very much time, the server does not take all of it.
fn clocks() -> impl Iterator<Item = Case> {
    // A type that is too narrow ends between now and the deadline,
    let near = EDGES.into_iter().flat_map(|edge| {
        let start = edge.clamp(16, u64::MAX - 85) - 15;
        [0, start - 1, start, start + 1, start + 20, start + 30].map(|deadline| (start, deadline))
    });
    // or leaves 5 ms of the time until then, before the connection or after it.
    let far = EDGES
        .into_iter()
        .flat_map(|edge| [5, 15].map(|more| (START, edge.saturating_add(START + more))));
    let moments: BTreeSet<(u64, u64)> = near.chain(far).collect();
    let quick = moments
        .into_iter()
        .flat_map(|(start, deadline)| quick().map(move |steps| Case { start, deadline, steps }));
    let slow = [
        vec![(LONG, REFUSE)],
        vec![(LONG, Step::Accept), (LONG, send(REPLY))],
        vec![ACCEPT, (LONG, send(b"o")), (LONG, Step::End)],
    ];
    quick.chain(slow.map(|steps| Case { start: START, deadline: 1 << 32, steps }))
}

/// Servers that come to an end within 30 ms, of each kind one.
fn quick() -> [Steps; 5] {
    const ACCEPT: (u64, Step) = (10, Step::Accept);
    [
        vec![(20, REFUSE)],
        vec![ACCEPT, (9, send(REPLY))],
        vec![ACCEPT, (0, send(b"o")), (10, send(b"k\n"))],
        vec![ACCEPT, (0, send(b"o")), (10, Step::End)],
        vec![ACCEPT, (10, RESET)],
    ]
}

/// A case as a text where that is all of it: the deadline, then each step, as in
/// `130.accept-10.1-20.2-0.end-10`. A piece is the number of its bytes and its delay.
pub(super) fn text(case: &Case) -> Option<String> {
    if case.start != START || !REPLY.starts_with(&case.reply()) {
        return None;
    }
    let mut words = vec![case.deadline.to_string()];
    words.extend(case.steps.iter().map(|(delay, step)| match step {
        Step::Accept => format!("accept-{delay}"),
        Step::Send(piece) => format!("{}-{delay}", piece.len()),
        Step::End => format!("end-{delay}"),
        Step::Fail(kind) => format!("{kind:?}-{delay}"),
    }));
    if !case.has_an_end() {
        words.push("silence".to_owned());
    }
    Some(words.join("."))
}
