use super::cases::{dark, flipped, frame, slowed, with_crc};
use super::train::Piece;
use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Signals>(solution(stub::crc8, stub::read_byte, stub::read_frames));
}

#[test]
fn the_right_payloads_are_those_of_good_frames_for_the_watcher() {
    let [hello, bye] = [b"H", b"!"].map(|payload| frame(2, payload));
    let damaged = flipped(hello.clone(), 3, 1 << 9);
    for (pieces, right) in [
        ([hello.clone(), frame(3, b"i"), frame(BROADCAST, b"!")].concat(), "[48], [21]"),
        ([damaged.clone(), hello.clone(), dark(100), bye.clone()].concat(), "[21]"),
        ([damaged.clone(), dark(86), hello.clone(), dark(87), bye.clone()].concat(), "[21]"),
        ([with_crc(&[2, 0], 0), dark(87), bye.clone()].concat(), "[21]"),
        // With look 43 of the byte before, 87 and 88 dark looks.
        (slowed(&hello, 0, 3, 86), "[48]"),
        ([slowed(&hello, 0, 1, 87), dark(87), bye].concat(), "[21]"),
        ([&frame(2, &[0; 255])[..257], &hello].concat(), "no payload"),
    ] {
        let got = Signals::expected(&Case::Frames(Train::new(pieces.clone()), 2));
        assert_eq!(Signals::words(&got), right, "{pieces:?}");
    }
}

#[test]
fn every_sender_is_within_two_percent_and_every_phase_of_a_look() {
    // A slot that is flipped shows in every clock: the middle is never that of a neighbour.
    for quarter in 98..=102 {
        for phase in 0..100 {
            for slots in [0x2ab, 0x155].map(|bits| bits | 1) {
                let train = Train::paced(vec![Piece::Byte(slots, "")], quarter, phase);
                let seen = right::slots(train.lit());
                let sent: Vec<bool> = (0..SLOTS).map(|slot| slots >> slot & 1 == 1).collect();
                assert_eq!(seen, sent, "{quarter} {phase}");
            }
        }
    }
}

#[test]
fn the_right_crc_is_that_of_known_bytes() {
    assert_eq!(right::crc8(b"123456789"), 0xf4);
    assert_eq!(right::crc8(&[]), 0);
}

#[test]
fn the_screen_shows_the_lamp_and_where_it_is_misread() {
    let screen = screen_of::<Signals>(Signals::with_bugs(Bugs::one(bugs::Bug::GoesOn)));
    let expected = "\
signals   WRONG   first failure: read_frames of 716 looks; every case before it
          passes

  watcher address 02

  lamp    █▁▁▁▁▁▁█▁█▁█▁▁▁▁▁▁▁██▁█▁▁██████▁▁▌▁██████▁▁▁█▁▁▁▁▁▁█▁█▁█▁▁▁▁▁▁▁██▁
          02 address 01 length  3f payload ✗ Start    02 address 01 length
                                           ▲
          █▁▁█▁▁▁▁█▁▁█▁▁█▁▁█▁▁▁▁▁▁▁ .. ▁▁▁█▁▁▁▁▁▁█▁█▁█▁▁▁▁▁▁██▁▁█▁█▁▁▁▁█▁▁▁
          21 payload 24 CRC     101 looks 02 address 03 length  42 payload
          █▁████▁▁██▁█▁██▁▁█▁█▁▁██▁▁▁██▁█▁▁
          79 payload 65 payload 8d CRC

          want              [42 79 65]
          got               [21], [42 79 65]          ◀ first wrong answer

  rule    A check: a frame with a damaged byte is dropped, and so is what
          follows, up to 88 dark looks in a row, counted from look 43 of that
          byte.
  looks   like \"goes on inside a damaged frame\": the same answers in all 1,336
          cases compared.
          It takes the byte after a damaged one for the first of a frame, but
          that may be any byte of the damaged frame: only after a silence does a
          frame begin.
  next    cargo run -- hint signals
          cargo run -- replay signals:3462
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn wrong_answers_without_a_name_have_their_rule() {
    let with = |change: fn(&[bool], &mut Vec<Vec<u8>>)| {
        solution(reference::crc8, reference::read_byte, move |looks, address| {
            let mut payloads = reference::read_frames(looks, address);
            change(looks, &mut payloads);
            payloads
        })
    };
    let reflected = |bytes: &[u8]| reference::crc8(bytes).reverse_bits();
    let reflected = solution(reflected, reference::read_byte, reference::read_frames);
    let in_a_byte = with(|_, all| all.retain(|one| one.len() as u8 + 3 > 0));
    for (solution, words) in [
        (reflected, ["bytes   01", "The CRC is a register"]),
        (with(|looks, _| drop(looks[..44].to_vec())), ["no looks", "The looks may end anywhere"]),
        (in_a_byte, ["attempt to add with overflow", "more than a byte can count"]),
        (
            with(|_, all| all.retain(|one| !one.is_empty())),
            ["want              []", "may have 0 to"],
        ),
        (
            with(|_, all| all.iter_mut().for_each(|one| one.push(0))),
            ["[48 00]", "Each good frame gives one"],
        ),
        (with(|_, all| all.truncate(2)), ["91 looks", "After a good frame, for whichever"]),
    ] {
        let screen = screen_of::<Signals>(solution);
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}
