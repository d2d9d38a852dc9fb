//! Every small server, and then the boundaries.

use std::cmp::Reverse;
use std::io::ErrorKind;

use super::case::{Case, Connect, Ending, Server};

/// What a small server replies. It may stop before the end.
pub(super) const REPLY: &[u8] = b"ok\n";

/// What the clock shows at first, where it does not matter.
pub(super) const START: u64 = 100;

/// With much time, with little, and with none left.
const DEADLINES: [u64; 3] = [130, 110, 90];

/// Before each step of a server. The sum of two may pass a deadline that each of them keeps.
const DELAYS: [u64; 3] = [0, 10, 20];

const RESET: Ending = Ending::Fail(ErrorKind::ConnectionReset);

/// What may fail beside the usual.
const CONNECT_KINDS: [ErrorKind; 5] = [
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::PermissionDenied,
    ErrorKind::ConnectionReset,
    ErrorKind::TimedOut,
];
const READ_KINDS: [ErrorKind; 4] = [
    ErrorKind::ConnectionAborted,
    ErrorKind::BrokenPipe,
    ErrorKind::HostUnreachable,
    ErrorKind::TimedOut,
];

/// Where numbers leave a type.
const BITS: [u32; 6] = [8, 16, 31, 32, 53, 63];

/// Over a minute, and longer than the system itself waits for a connection.
const LONG: u64 = 140_000;

/// Lines of one byte or two, and of so many with the newline: where usual buffers are full.
const LINES: [&[u8]; 7] = [b"\n", b"\0\n", b"\xff\n", b"\r\n", b" \n", b"\xc3\n", b"\x00\xff\n"];
const LENGTHS: [usize; 13] = [63, 64, 65, 127, 128, 129, 255, 256, 257, 512, 513, 1_024, 1_025];

/// With lines longer than this, code that looks through all that came after each byte takes long.
const LONGEST: usize = 8_193;

/// All of them, and what they are.
pub(super) fn all() -> impl Iterator<Item = Case> {
    small().into_iter().chain(edges()).chain(kinds()).chain(lines()).chain(clocks())
}

pub(super) fn scope() -> String {
    let reply = REPLY.escape_ascii();
    format!(
        "servers that accept, refuse or say nothing, that send any part of \"{reply}\", cut in \
         every way, and that end, reset or fall silent, with delays of 0 to 20 ms before each \
         step, and deadlines that come soon, late, or have passed; and each step right before the \
         deadline, at it and after it, lines of up to {LONGEST} bytes, other errors, and clocks \
         and deadlines up to the largest number"
    )
}

fn small() -> Vec<Case> {
    let of = |deadline| {
        let servers = servers().into_iter();
        servers.map(move |server| Case { start: START, deadline, server })
    };
    let mut cases: Vec<Case> = DEADLINES.into_iter().flat_map(of).collect();
    // Once the deadline has passed, it does not matter how a reply is cut.
    cases.retain(|case| !case.has_passed() || case.server.pieces.len() <= 1);
    cases.sort_by_key(|case| (case.has_passed(), case.server.size(), Reverse(case.deadline)));
    cases
}

fn servers() -> Vec<Server> {
    let mut servers = vec![Server::default()];
    for delay in DELAYS {
        servers.push(Server::refusing(delay, ErrorKind::ConnectionRefused));
        for pieces in replies() {
            for (last, ending) in endings() {
                let server = Server::accepting(delay).ending(last, ending);
                servers.push(Server { pieces: pieces.clone(), ..server });
            }
        }
    }
    servers
}

/// The reply and each of its beginnings, cut in every way, with every delay before each piece.
fn replies() -> Vec<Vec<(u64, Vec<u8>)>> {
    (0..=REPLY.len()).flat_map(|length| cut(&REPLY[..length])).collect()
}

fn cut(bytes: &[u8]) -> Vec<Vec<(u64, Vec<u8>)>> {
    if bytes.is_empty() {
        return vec![Vec::new()];
    }
    let mut cuttings = Vec::new();
    for length in 1..=bytes.len() {
        let (first, rest) = bytes.split_at(length);
        for rest in cut(rest) {
            for delay in DELAYS {
                cuttings.push([vec![(delay, first.to_vec())], rest.clone()].concat());
            }
        }
    }
    cuttings
}

fn endings() -> Vec<(u64, Ending)> {
    let ends = DELAYS.into_iter().flat_map(|delay| [(delay, Ending::End), (delay, RESET)]);
    [(0, Ending::Silence)].into_iter().chain(ends).collect()
}

/// Each step right before the deadline, at it and after it.
fn edges() -> impl Iterator<Item = Case> {
    [29, 30, 31].into_iter().flat_map(|delay| {
        let accepting = || Server::accepting(0);
        let begun = || accepting().sending(9, b"o");
        [
            Server::refusing(delay, ErrorKind::ConnectionRefused),
            Server::accepting(delay).sending(0, REPLY),
            Server::accepting(delay).ending(0, Ending::End),
            accepting().sending(delay, REPLY),
            accepting().ending(delay, Ending::End),
            accepting().ending(delay, RESET),
            begun().sending(delay - 9, b"k\n"),
            begun().ending(delay - 9, Ending::End),
            begun().ending(delay - 9, RESET),
        ]
        .map(|server| Case { start: START, deadline: START + 30, server })
    })
}

/// Every other way to fail, before there was a connection and after it.
fn kinds() -> impl Iterator<Item = Case> {
    let before = CONNECT_KINDS.into_iter().map(|kind| Server::refusing(10, kind));
    let after = READ_KINDS.into_iter().flat_map(|kind| {
        let accepting = Server::accepting(0);
        [accepting.clone(), accepting.sending(10, b"o")]
            .map(|server| server.ending(10, Ending::Fail(kind)))
    });
    before.chain(after).map(|server| Case { start: START, deadline: START + 30, server })
}

/// Replies with other bytes, and of other lengths: whole, cut in two, and a small one in many
/// pieces.
fn lines() -> impl Iterator<Item = Case> {
    let long = |length: usize| {
        let bytes = (0..=u8::MAX).filter(|&byte| byte != b'\n').cycle();
        bytes.take(length - 1).chain([b'\n']).collect::<Vec<u8>>()
    };
    let lines = LINES.into_iter().map(<[u8]>::to_vec).chain(LENGTHS.into_iter().map(long));
    let each = lines.flat_map(|line| {
        let (one, other) = line.split_at(line.len() / 2);
        let accepting = || Server::accepting(0);
        [
            accepting().sending(10, &line),
            accepting().sending(10, &line[..1]).sending(10, &line[1..]),
            accepting().sending(10, one).sending(10, other),
        ]
    });
    let each = each.filter(|server| server.pieces.iter().all(|(_, piece)| !piece.is_empty()));
    let many = (0..200).fold(Server::accepting(0), |server, _| server.sending(0, b"x"));
    let many = many.sending(10, b"\n");
    let longest = Server::accepting(0).sending(10, &long(LONGEST));
    each.chain([many, longest]).map(|server| Case { start: START, deadline: START + 30, server })
}

/// Clocks that begin elsewhere, and deadlines that are far or long ago. A caller may wait in
/// slices, so where there is very much time, the server does not take all of it.
fn clocks() -> impl Iterator<Item = Case> {
    // The type ends between now and the deadline.
    let starts = BITS.into_iter().map(|bits| (1 << bits) - 15);
    let starts = starts.chain([1, (1 << 53) + 1, u64::MAX - 100]);
    let near = starts.flat_map(|start| {
        let passed = [0, start - 1, start].into_iter();
        let deadlines = passed.chain([start + 30, start + 20, start + 1]);
        deadlines.flat_map(move |deadline| {
            let silent = [Server::default(), Server::accepting(0)].into_iter();
            let servers = silent.chain(quick());
            servers.map(move |server| Case { start, deadline, server })
        })
    });
    // A type that is too narrow leaves 5 ms of this time, before the connection or after it.
    let times = BITS.into_iter().flat_map(|bits| [(1 << bits) + 5, (1 << bits) + 15]);
    let times = times.chain([1, 2, (1 << 63) - START, u64::MAX - START]);
    let far = times.flat_map(|time| {
        quick().map(move |server| Case { start: START, deadline: START + time, server })
    });
    let slow = [
        Server::refusing(LONG, ErrorKind::ConnectionRefused),
        Server::accepting(LONG).sending(LONG, REPLY),
        Server::accepting(0).sending(LONG, b"o").ending(LONG, Ending::End),
    ];
    let slow = slow.map(|server| Case { start: START, deadline: 1 << 32, server });
    near.chain(far).chain(slow)
}

/// Servers that come to an end within 30 ms, of each kind one.
fn quick() -> impl Iterator<Item = Server> {
    let accepting = || Server::accepting(10);
    [
        Server::refusing(20, ErrorKind::ConnectionRefused),
        accepting().sending(9, REPLY),
        accepting().sending(0, b"o").sending(10, b"k\n"),
        accepting().sending(0, b"o").ending(10, Ending::End),
        accepting().ending(10, RESET),
    ]
    .into_iter()
}

/// A case as a text where that is all of it: the deadline, then each step, as in
/// `130.accept-10.1-20.2-0.end-10`. A piece is the number of its bytes and its delay.
pub(super) fn text(case: &Case) -> Option<String> {
    let Server { connect, pieces, ending } = &case.server;
    if case.start != START || !REPLY.starts_with(&case.server.reply()) {
        return None;
    }
    let mut steps = vec![case.deadline.to_string()];
    steps.push(match connect {
        Connect::Accept(delay) => format!("accept-{delay}"),
        Connect::Refuse(delay, ErrorKind::ConnectionRefused) => format!("refuse-{delay}"),
        Connect::Silence => "silence".to_owned(),
        Connect::Refuse(..) => return None,
    });
    steps.extend(pieces.iter().map(|(delay, piece)| format!("{}-{delay}", piece.len())));
    match (connect, ending) {
        (Connect::Accept(_), (_, Ending::Silence)) => steps.push("silence".to_owned()),
        (_, (_, Ending::Silence)) => {}
        (_, (delay, Ending::End)) => steps.push(format!("end-{delay}")),
        (_, (delay, ending)) if *ending == RESET => steps.push(format!("reset-{delay}")),
        (_, (_, Ending::Fail(_))) => return None,
    }
    Some(steps.join("."))
}
