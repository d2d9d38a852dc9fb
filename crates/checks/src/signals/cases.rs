//! The bytes, the looks of a byte and the pulse trains that are tried.

use super::train::{Piece, Train, encode};
use super::{BROADCAST, SLOT, SLOTS, right};
use crate::numbers::every_row;

/// Each end of a byte, and its two signs.
const BYTES: [u8; 4] = [0x00, 0x01, 0x80, 0xff];

/// Bytes of the longest row whose CRC is asked.
pub(super) const LONG: usize = 65_536;

/// The address of most watchers, and of another one.
const ME: u8 = 0x02;
const OTHER: u8 = 0x03;

const HELLO: &[u8] = b"Hello";

/// One call.
#[derive(Clone, Debug)]
pub(crate) enum Case {
    Crc(Vec<u8>),
    Byte(Train),
    Frames(Train, u8),
}

/// All cases: what is short first, for each of the functions.
pub(super) fn all() -> Vec<Case> {
    let trains = frames().into_iter().map(|(train, address)| Case::Frames(train, address));
    rows().map(Case::Crc).chain(bytes().into_iter().map(Case::Byte)).chain(trains).collect()
}

fn rows() -> impl Iterator<Item = Vec<u8>> {
    let small = (0..=4).flat_map(|length| every_row(&BYTES, length));
    let others = (0..=u8::MAX).filter(|byte| !BYTES.contains(byte)).map(|byte| vec![byte]);
    let lengths = (5..=255).step_by(25).map(|length| (1..=length).collect());
    let long = [257, 258, LONG].map(|length| vec![0xa5; length]);
    small.chain(others).chain([b"123456789".to_vec()]).chain(lengths).chain(long)
}

/// The looks of a byte: every good one, also by clocks that differ and with noise in the looks that
/// are to be ignored; then every other row of slots, and every end.
fn bytes() -> Vec<Train> {
    let alone = |slots| vec![Piece::Byte(slots, "")];
    let good: Vec<u16> = (0..=u8::MAX).map(encode).collect();
    let others = (0..1 << SLOTS).filter(|slots| !good.contains(slots));
    let mut trains: Vec<Train> = good.iter().map(|&slots| Train::new(alone(slots))).collect();
    for slots in [0x48, 0x00, 0xff, 0x55, 0xaa].map(encode) {
        trains.extend(paces().map(|(quarter, phase)| Train::paced(alone(slots), quarter, phase)));
        trains.push(Train::noisy(alone(slots)));
        trains.push(Train::new([alone(slots), alone(good[0])].concat()));
    }
    trains.extend(others.map(|slots| Train::new(alone(slots))));
    for slots in [good[0x48], good[0], good[0xff] ^ 1, good[0x55] | 1 << 10] {
        trains.extend((0..SLOTS * SLOT).map(|looks| Train::new(alone(slots)).cut(looks)));
    }
    trains
}

/// Quarters of a slot in hundredths of a look, and phases.
fn paces() -> impl Iterator<Item = (usize, usize)> {
    let phases = [0, 1, 25, 50, 75, 99];
    [102, 98, 101, 99, 100].into_iter().flat_map(move |quarter| phases.map(|it| (quarter, it)))
}

/// A frame with this CRC, whether or not it is right.
pub(super) fn with_crc(bytes: &[u8], crc: u8) -> Vec<Piece> {
    let roles = ["address", "length"].into_iter().chain(std::iter::repeat("payload"));
    let mut pieces: Vec<Piece> =
        bytes.iter().zip(roles).map(|(&byte, role)| Piece::Byte(encode(byte), role)).collect();
    let role = if right::crc8(bytes) == crc { "CRC" } else { "✗ CRC" };
    pieces.push(Piece::Byte(encode(crc), role));
    pieces
}

pub(super) fn frame(address: u8, payload: &[u8]) -> Vec<Piece> {
    let bytes = [&[address, payload.len() as u8], payload].concat();
    with_crc(&bytes, right::crc8(&bytes))
}

/// The same with these slots of one of its bytes flipped. Its parity does not show two.
pub(super) fn flipped(mut pieces: Vec<Piece>, place: usize, mask: u16) -> Vec<Piece> {
    if let Piece::Byte(slots, role) = &mut pieces[place] {
        *slots ^= mask;
        *role = "✗ bits";
    }
    pieces
}

/// The same with darkness behind each of its bytes from one place up to, not including, another.
pub(super) fn slowed(pieces: &[Piece], from: usize, to: usize, quarters: usize) -> Vec<Piece> {
    let dark = |place| (from..to).contains(&place).then_some(Piece::Dark(quarters));
    let pieces = pieces.iter().enumerate();
    pieces.flat_map(|(place, &piece)| [Some(piece), dark(place)]).flatten().collect()
}

/// Trains of frames, each with the address of its watcher.
fn frames() -> Vec<(Train, u8)> {
    let trains = [in_a_row(), apart(), damaged(), silences()].concat();
    // Every end of the looks.
    let two = Train::new([frame(ME, b"?"), frame(BROADCAST, b"")].concat());
    let ends = (0..two.looks.len()).map(|looks| two.clone().cut(looks));
    let all = trains.into_iter().map(Train::new).chain(clocks()).chain(ends);
    // Other addresses and watchers.
    let addresses = (0..=u8::MAX).map(|to| (Train::new(frame(to, b"H")), ME));
    let watchers = [0, 1, 0x7f, 0x80, 0xfe, BROADCAST].map(|me| {
        let frames = [frame(me, b"H"), frame(BROADCAST, b"i"), frame(me ^ 0x80, b"!")];
        (Train::new(frames.concat()), me)
    });
    all.map(|train| (train, ME)).chain(addresses).chain(watchers).collect()
}

pub(super) fn dark(quarters: usize) -> Vec<Piece> {
    vec![Piece::Dark(quarters)]
}

/// A good frame after a silence, for a watcher that has lost one.
fn then_bye(pieces: Vec<Piece>) -> Vec<Piece> {
    [pieces, dark(100), frame(ME, b"Bye")].concat()
}

/// No frame, one, and more that follow each other at once.
fn in_a_row() -> Vec<Vec<Piece>> {
    let payloads: [&[u8]; 4] = [b"H", b"", b"Hi", &[0]];
    let to_all = |payload| [ME, OTHER, BROADCAST].map(|to| frame(to, payload));
    let one: Vec<Vec<Piece>> = payloads.into_iter().flat_map(to_all).collect();
    let two = one.iter().flat_map(|first| one[..9].iter().map(|next| [&first[..], next].concat()));
    let mut trains: Vec<Vec<Piece>> = [vec![], dark(299)].into_iter().chain(one.clone()).collect();
    trains.extend(two);
    let falling: Vec<u8> = (0..=u8::MAX).rev().collect();
    for length in [3, 9, 10, 127, 128, 254, 255] {
        trains.push([frame(ME, &falling[..length]), frame(ME, b"!")].concat());
    }
    trains.push(frame(ME, &falling[1..]));
    trains.push([frame(BROADCAST, &[BROADCAST; 20]), frame(OTHER, &[ME; 20])].concat());
    trains
}

/// Frames, and bytes of frames, that are apart by as much as a sender may wait.
fn apart() -> Vec<Vec<Piece>> {
    let (hello, bye, short) = (frame(ME, HELLO), frame(ME, b"Bye"), frame(ME, b"!"));
    let mut trains =
        vec![[dark(7), hello.clone(), dark(1), bye.clone(), dark(90), short.clone()].concat()];
    for quarters in [1, 2, 3, 4, 7, 16, 40, 43] {
        let slow = (0..3).map(|from| slowed(&short, from, from + 1, quarters));
        let slow = slow.chain([slowed(&hello, 0, 7, quarters)]);
        trains.extend(slow.map(|slow| [slow, bye.clone()].concat()));
    }
    trains
}

/// Clocks that differ, and noise.
fn clocks() -> Vec<Train> {
    let hello = frame(ME, HELLO);
    let two = [slowed(&hello, 0, 7, 5), frame(ME, b"Bye")].concat();
    let both = |(quarter, phase)| [&hello, &two].map(|it| Train::paced(it.clone(), quarter, phase));
    let rising: Vec<u8> = (1..=u8::MAX).collect();
    let long = [(98, 1), (102, 0)]
        .map(|(quarter, phase)| Train::paced(frame(ME, &rising), quarter, phase));
    let noisy = [Train::noisy(hello.clone())];
    paces().flat_map(both).chain(long).chain(noisy).collect()
}

/// Damaged frames, with a good one after a silence, some of them also with one before it.
fn damaged() -> Vec<Vec<Piece>> {
    let question = frame(ME, b"?");
    let cut = (1..4).map(|bytes| question[..bytes].to_vec());
    let bytes = [ME, 1, b'?'];
    let wrong_crc = (1..=u8::MAX).map(|wrong| with_crc(&bytes, right::crc8(&bytes) ^ wrong));
    let flipped_by = |mask| (0..4).map(move |place| flipped(frame(ME, b"?"), place, mask));
    let one = (0..SLOTS).map(|slot| 1 << slot).flat_map(flipped_by);
    let two = (1..=9).flat_map(|slot| (1..slot).map(move |other| 1 << slot | 1 << other));
    let at_once = one.clone().map(|damaged| [damaged, frame(ME, b"!")].concat());
    // One that has a good one within, and one that is dark for long.
    let within = frame(ME, &[ME, 1, b'x', right::crc8(&[ME, 1, b'x'])]);
    let long = (0..7).flat_map(|place| {
        let slow = slowed(&flipped(frame(ME, &[0; 4]), place, 1 << 4), 0, 7, 43);
        [flipped(within.clone(), place, 1 << 9), slow]
    });
    let all = cut.chain(wrong_crc).chain(one).chain(at_once).chain(two.flat_map(flipped_by));
    all.chain(long).map(then_bye).collect()
}

/// Silences that are just long enough, or just too short.
fn silences() -> Vec<Vec<Piece>> {
    let question = frame(ME, b"?");
    let damaged = [
        flipped(question.clone(), 3, 1 << 9),
        flipped(question[..1].to_vec(), 0, 1 << 9),
        with_crc(&[ME, 1, b'?'], 0),
        vec![Piece::Byte(0, "")],
    ];
    let mut trains = Vec::new();
    for quarters in 85..=89 {
        let inside = (0..3).map(|place| slowed(&question, place, place + 1, quarters));
        let after = damaged.clone().map(|it| [it, dark(quarters), frame(ME, b"!")].concat());
        trains.extend(inside.chain(after).map(then_bye));
    }
    trains
}
