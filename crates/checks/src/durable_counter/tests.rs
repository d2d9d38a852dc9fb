use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<DurableCounter>(Arc::new(stub::recover));
}

#[test]
fn the_record_in_the_stub_is_one() {
    let record = cases::all().nth(1).expect("there are many cases").pieces[0].clone();
    assert!(include_str!("stub.rs").contains(&fields(&record)));
}

#[test]
fn the_screen_shows_each_record_and_the_flipped_bit() {
    let stops = DurableCounter::with_bugs(Bugs::one(bugs::Bug::StopsAtBad));
    let expected = "\
durable-counter   WRONG   first failure: a log of 42 bytes; every case before it
          passes

  log     7; a record is length, checksum, log, amount, request, checksum
  wrong   at 0: 00000009 589867b8 00000007 [80000001] 61 d8a24499
          the checksum of the body is wrong: a bit in [ ] is flipped
  right   at 21: 00000009 589867b8 00000007 00000002 62 6a8646e0
          it adds 2

          want              Damage { at: 0 }
          got               total 0, good 0           ◀ first wrong answer

  rule    A body that does not match its checksum is damage if at least one byte
          follows the record: it was written before that byte, so it may have
          been acknowledged.
  looks   like \"a wrong body is the end, wherever it is\": the same answers in
          all 3,489 cases compared.
          It calls the log ended at a wrong checksum, but records follow that
          may have been acknowledged, and are lost without a word.
  next    cargo run -- hint durable-counter
          cargo run -- replay durable-counter:1934
          runs this one case, with your code as it is then
";
    assert_eq!(screen_of::<DurableCounter>(stops), expected);
}

#[test]
fn wrong_answers_without_a_name_have_their_rule() {
    let slices: fn(&[u8], u32) -> Result<Recovered, Damage> = |bytes, log| {
        let _ = if bytes.is_empty() { &[] } else { &bytes[..8] };
        reference::recover(bytes, log)
    };
    let points_into = |bytes: &[u8], log| {
        reference::recover(bytes, log).map_err(|damage| Damage { at: damage.at + 8 })
    };
    let is_text = |bytes: &[u8], log| match str::from_utf8(&bytes[bytes.len().min(16)..]) {
        Ok(_) => reference::recover(bytes, log),
        Err(_) => Ok(Recovered { total: 0, good: 0 }),
    };
    for (solution, words) in [
        (slices, ["out of range", "of which bytes are missing"]),
        (points_into, ["Damage { at: 8 }", "where the first damaged record begins"]),
        (is_text, ["total 0, good 0", "A record is right if"]),
    ] {
        let screen = screen_of::<DurableCounter>(Arc::new(solution));
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}
