use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Packets>(solution(stub::checksum, stub::forward));
}

#[test]
fn the_screen_shows_the_header_the_table_and_what_is_wrong_after() {
    let screen = screen_of::<Packets>(Packets::with_bugs(Bugs::one(bugs::Bug::OldChecksum)));
    let expected = "\
packets   WRONG   first failure: a packet to 10.1.2.3, TTL 64, with 1 route;
          every case before it passes

  header  45 00 00 54 1c 46 40 00 40 01 e8 24 c6 33 64 07 0a 01 02 03
          TTL 64, checksum 0xe824, to 10.1.2.3
          checksum of all 20 bytes: 0x0000
  table   0.0.0.0/0 by interface 4

          decision          Forward(4)
          want              TTL 63, checksum 0xe924
          got               TTL 63, checksum 0xe824   ◀ first wrong header

  rule    The header checksum covers the TTL, so it is computed anew: over the
          header as it leaves, where bytes 10 and 11 count as zero.
  looks   like \"the old checksum is kept\": the same answers in all 5,699 cases
          compared.
          It lowers the TTL alone, but the checksum covers the TTL: the next
          router takes the header for damaged.
  next    cargo run -- hint packets
          cargo run -- replay packets:6619
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_checksums_are_those_of_known_packets() {
    // RFC 1071, section 3; and a header in whose checksum field b861 is right.
    assert_eq!(right::checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), 0x220d);
    let header = [
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00,
        0x01, 0xc0, 0xa8, 0x00, 0xc7,
    ];
    assert_eq!(right::checksum(&header), 0);
}

#[test]
fn wrong_answers_without_a_name_have_their_rule() {
    type Forward = fn(&mut [u8; HEADER], &[Route]) -> Decision;
    let shifts: Forward = |_, table| {
        let mut routes = table.iter().filter(|route| u32::MAX << (32 - route.length) > 0);
        routes.next().map_or(Decision::Unreachable, |route| Decision::Forward(route.interface))
    };
    let compares: Forward = |header, table| match right::sealed(*header) == *header {
        true => reference::forward(header, table),
        false => Decision::BadChecksum,
    };
    let marks: Forward = |header, table| {
        let decision = reference::forward(header, table);
        header[9] = 0;
        decision
    };
    let in_a_u32: fn(&[u8]) -> u16 = |bytes| {
        let _: u32 = bytes.iter().map(|&byte| u32::from(byte) << 8).sum();
        reference::checksum(bytes)
    };
    let in_pairs: fn(&[u8]) -> u16 = |bytes| {
        let _: Vec<u8> = bytes.chunks(2).map(|word| word[1]).collect();
        reference::checksum(bytes)
    };
    let forwards = |forward| solution(reference::checksum, forward);
    let sums = |checksum| solution(checksum, reference::forward);
    for (solution, words) in [
        (forwards(shifts), ["attempt to shift left with overflow", "A prefix of 0 bits"]),
        (forwards(compares), ["checksum 0xffff", "both are zero"]),
        (forwards(marks), ["got               byte 9: 00", "Only a packet that is forwarded"]),
        (sums(in_a_u32), ["ff ff ff .., 131,075", "Each carry out of the 16 bits"]),
        (sums(in_pairs), ["index out of bounds", "An odd last byte is the first"]),
    ] {
        let screen = screen_of::<Packets>(solution);
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}
