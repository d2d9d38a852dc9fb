//! Exercise: recover a counter from the bytes of its log.
//!
//! A replica writes the record of an add to its log, waits until the disk has it, acknowledges the
//! add, and only then writes the next record. Now it starts again. `recover` gets all bytes of the
//! log and the replica's number. It returns what was counted and how much of the log to keep, or
//! where the log is damaged.
//!
//! A log is records, one right behind the other. A record has these fields; a number has 4 bytes,
//! the most significant first:
//!
//! | part | field | bytes | what it is |
//! |---|---|---|---|
//! | header | `length` | 4 | the number of bytes of the body, 8 to `MAX_BODY` |
//! | header | | 4 | the checksum of the 4 bytes of `length` |
//! | body | `log` | 4 | the number of the replica whose log it was written to |
//! | body | `amount` | 4 | what is added |
//! | body | `request` | `length` - 8 | the id of the request: any bytes, also none |
//! | | | 4 | the checksum of the body |
//!
//! `checksum(bytes)` computes a checksum, and `MAX_BODY` is 1,024. An example, in hex: in log 7 the
//! request `a` that adds 1 is 00000009 589867b8 00000007 00000001 61 d8a24499.
//!
//! A crash spoils the last record alone: it leaves the first bytes of it, or all of it with wrong
//! bytes in its body. Such a record is torn. Its add was not acknowledged, so it is cut off. A
//! record that something follows was on the disk before that was written. If it is wrong now, that
//! is damage: its add was acknowledged. Then the replica does not start, and a person repairs the
//! log.
//!
//! Begin at byte 0. At each record the first line that fits decides:
//!
//! | what is there | what it is |
//! |---|---|
//! | no byte | the end |
//! | fewer than 8 bytes | torn |
//! | a header whose checksum is not that of `length` | damage |
//! | a `length` below 8 or over `MAX_BODY` | damage, however few bytes follow |
//! | a header, and fewer bytes than the body and its checksum take | torn |
//! | a wrong checksum of the body, and no byte after it | torn |
//! | a wrong checksum of the body, and at least one byte after it | damage |
//! | a record that was written to another log | damage, even if it is the last |
//! | any other record | right: the next one begins behind it |
//!
//! The header has its own checksum because `length` says where the record ends. If a wrong length
//! was believed, all that follows could look like one torn record, and be cut off. Behind a wrong
//! header it is unknown whether another record follows, so it is damage, even at the end.
//! A body that a crash has torn and one that was damaged later look alike if they are the last.
//!
//! | the answer | when |
//! |---|---|
//! | `Ok(Recovered { total, good })` | all records are right, or all but a torn one at the end |
//! | `Err(Damage { at })` | one is damaged; `at` is where the first such record begins |
//!
//! `total: u64` is the sum of the amounts. A client that gets no answer retries its request, so
//! several records may have one request id: the first counts, and any later one is right but adds
//! nothing, whatever its amount is. `good: usize` is the number of bytes of all right records: the
//! log is cut to that.
//!
//! A log has fewer than 2^32 records. Compare a length with `MAX_BODY` before you reserve
//! memory for it. The judge cannot check this.
//!
//! To check it: `cargo run -- check durable-counter`

use checks::durable_counter::{Damage, MAX_BODY, Recovered, checksum};

/// What was counted, from all bytes of the log of this number.
pub fn recover(bytes: &[u8], log: u32) -> Result<Recovered, Damage> {
    checks::unsolved!("a counter from its log", bytes, log, checksum, MAX_BODY)
}
