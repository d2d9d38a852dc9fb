//! Bytes that are not as they were written.

use proptest::prelude::*;
use runtime::log::{Identity, Log, LogError, Torn};
use runtime::stdio::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::forgetful::Forgetful;
use super::me;
use common::error_chain;

/// Letters that are one bit from a zero, from a line end, from a digit, and such as have several
/// bytes.
const RECORDS: [&str; 6] = ["", "@ @", "J*Jj", "é\n\0", "0a", "B\u{a}\u{2028}"];

/// A log of writes, each of several records, as bytes.
fn written(writes: &[&[&str]]) -> Vec<u8> {
    let disk = Forgetful::default();
    let (mut log, _, _) = Log::open::<String>(disk.clone(), &me()).unwrap();
    for records in writes {
        for record in *records {
            log.append(&record.to_string());
        }
        log.sync().unwrap();
    }
    disk.shown("log").unwrap()
}

fn open(bytes: &[u8]) -> Result<(Vec<String>, Option<Torn>, Forgetful), LogError> {
    let disk = Forgetful::holding("log", bytes);
    let (_, records, torn) = Log::open(disk.clone(), &me())?;
    Ok((records, torn, disk))
}

/// Opens them, writes one record more, opens the log again, and returns all that are in it but that
/// one.
fn reopened(bytes: &[u8]) -> Result<(Vec<String>, Option<Torn>), LogError> {
    let (records, torn, disk) = open(bytes)?;
    let (mut log, again, nothing) = Log::open::<String>(disk.clone(), &me()).unwrap();
    assert_eq!((&again, nothing), (&records, None), "what is mended is right");
    log.append(&"more".to_owned());
    log.sync().unwrap();
    let (_, mut all, nothing) = Log::open::<String>(disk, &me()).unwrap();
    assert_eq!(nothing, None);
    assert_eq!(all.pop().as_deref(), Some("more"));
    assert_eq!(all, records);
    Ok((records, torn))
}

/// Where each line ends.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let is_end = |at: &usize| bytes[*at] == b'\n';
    (0..bytes.len()).filter(is_end).collect()
}

#[test]
fn the_file_is_text_that_says_whose_it_is() {
    let bytes = written(&[&["a"], &["b", "c"]]);
    let expected = r#"6c1fea74 {"log":1,"cluster":"counter","node":0,"nodes":3}
6d0e509e "a"
4623035d "b"
5f38321c+"c"
"#;
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn no_flipped_bit_takes_or_changes_a_record() {
    for writes in [&[&RECORDS[..2], &RECORDS[2..]][..], &[&RECORDS[..], &RECORDS[1..2]], &[]] {
        let bytes = written(writes);
        let records = writes.concat();
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            match reopened(&flipped) {
                Ok((found, _)) => assert_eq!(found, records, "bit {bit}"),
                Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_a_record_is_refused_and_leaves_the_file_alone() {
    let bytes = written(&[&RECORDS]);
    let first = ends(&bytes)[0] + 1;
    for bit in 8 * first..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let disk = Forgetful::holding("log", &flipped[..]);
        let refused = Log::open::<String>(disk.clone(), &me()).map(|_| ());
        assert!(matches!(refused, Err(LogError::Damaged { .. })), "bit {bit}: {refused:?}");
        assert_eq!(disk.shown("log").unwrap(), flipped);
    }
}

#[test]
fn a_cut_keeps_all_records_before_it() {
    let bytes = written(&[&RECORDS[..2], &RECORDS[2..]]);
    let ends = ends(&bytes);
    // Of the first line nothing is ever missing but by somebody's hand.
    for cut in 0..ends[0] {
        let found = open(&bytes[..cut]);
        assert!(matches!(found, Err(LogError::Damaged { .. })), "cut at {cut}");
    }
    for cut in ends[0]..=bytes.len() {
        // A line that lacks nothing but its end is whole.
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let (found, torn) = reopened(&bytes[..cut]).unwrap();
        assert_eq!(found, RECORDS[..whole.saturating_sub(1)], "cut at {cut}");
        let from = ends.iter().rfind(|end| **end < cut).map(|end| end + 1);
        let expected = from.filter(|from| *from < cut && !ends.contains(&cut));
        let (offset, bytes) = (expected.unwrap_or(0) as u64, (cut - expected.unwrap_or(0)) as u64);
        assert_eq!(torn, expected.map(|_| Torn { offset, bytes }), "cut at {cut}");
    }
}

#[test]
fn zeros_are_torn_in_the_last_write_and_damage_in_any_other() {
    let bytes = written(&[&RECORDS[..2], &RECORDS[2..]]);
    let ends = ends(&bytes);
    let last_write = ends[2] + 1;
    for from in ends[0] + 1..bytes.len() {
        for to in from + 2..=bytes.len() {
            let mut zeroed = bytes.clone();
            zeroed[from..to].fill(0);
            let found = open(&zeroed);
            if to <= last_write {
                assert!(matches!(found, Err(LogError::Damaged { .. })), "{from}..{to}");
                continue;
            }
            // Where the zeros reach back from the last write, nothing shows that they are of two.
            let whole = ends.iter().filter(|end| **end < from).count() - 1;
            let (found, torn, _) = found.unwrap();
            assert_eq!(found, RECORDS[..whole], "{from}..{to}");
            assert!(torn.is_some());
        }
    }
}

#[test]
fn a_write_may_have_one_byte_in_its_first_sector_and_in_its_last() {
    let bytes = written(&[&RECORDS[..2], &RECORDS[2..]]);
    let ends = ends(&bytes);
    for (at, whole) in [(ends[2] + 1, 2), (bytes.len() - 1, RECORDS.len() - 1)] {
        let mut zeroed = bytes.clone();
        zeroed[at] = 0;
        let (found, torn) = reopened(&zeroed).unwrap();
        assert_eq!(found, RECORDS[..whole]);
        assert!(torn.is_some());
    }
}

#[test]
fn zeros_after_the_end_are_torn() {
    for zeros in 1..20 {
        let mut bytes = written(&[&RECORDS]);
        let offset = bytes.len() as u64;
        bytes.extend(vec![0; zeros]);
        let torn = Torn { offset, bytes: zeros as u64 };
        assert_eq!(reopened(&bytes).unwrap(), (RECORDS.map(str::to_owned).to_vec(), Some(torn)));
    }
}

#[test]
fn damage_is_told_with_its_place_and_what_to_do() {
    let mut bytes = written(&[&["a"], &["b"]]);
    let at = bytes.len() - 2;
    bytes[at] ^= 1;
    let error = open(&bytes).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "data/log is damaged: line 3, at byte 71, is not as it was written"
    );
    assert!(error.advice().unwrap().contains("put back a copy"));
}

#[test]
fn a_file_of_others_is_no_log_and_is_left_alone() {
    for bytes in [&b"hello"[..], b"hello\n", b"\n", b"\0\0\0\0\n", &[b'x'; 100], &[0; 100]] {
        let disk = Forgetful::holding("log", bytes);
        let refused = Log::open::<String>(disk.clone(), &me()).map(|_| ());
        let error = refused.unwrap_err().to_string();
        assert_eq!(error, "data/log is damaged: line 1, at byte 0, is not the first line of a log");
        assert_eq!(disk.shown("log").unwrap(), bytes);
    }
}

#[test]
fn a_log_of_another_node_says_whose_it_is() {
    let bytes = written(&[&["a"]]);
    for (cluster, node, nodes) in [("lock", 0, 3), ("counter", 2, 3), ("counter", 0, 5)] {
        let asked = Identity { cluster: cluster.to_owned(), node, nodes };
        let disk = Forgetful::holding("log", &bytes[..]);
        // Its records are none that this one could read.
        let error = Log::open::<u64>(disk.clone(), &asked).map(|_| ()).unwrap_err();
        let expected = format!(
            "data is that of node 0 of the 3 of \"counter\", and not of node {node} of the {nodes} \
             of \"{cluster}\""
        );
        assert_eq!(error.to_string(), expected);
        assert!(error.advice().is_some());
        assert_eq!(disk.shown("log").unwrap(), bytes);
    }
}

/// A line with the right checksum.
fn line(json: &str) -> String {
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
}

#[test]
fn a_later_format_is_refused_whatever_else_it_says() {
    let error = open(line(r#"{"log":2,"who":[]}"#).as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "data/log has the format 2, and this program knows 1");
    let error = open(line(r#"{"log":0}"#).as_bytes()).map(|_| ()).unwrap_err();
    assert!(matches!(error, LogError::Damaged { line: 1, .. }), "{error}");
}

#[test]
fn a_line_that_is_no_record_of_this_program_is_refused() {
    let bytes = [written(&[&["a"]]), line("7").into_bytes()].concat();
    let error = open(&bytes).map(|_| ()).unwrap_err();
    let told = error_chain(&error);
    assert!(
        told.starts_with(
            "line 3 of data/log, at byte 71, is no record of this program: invalid type"
        ),
        "{told}"
    );
}

#[test]
fn a_record_that_could_not_be_read_again_is_not_written() {
    #[derive(Serialize, Deserialize)]
    struct Said {
        json: Json,
        value: Value,
    }
    let said = |json: &str, value: &str| Said {
        json: serde_json::from_str(json).unwrap(),
        value: serde_json::from_str(value).unwrap(),
    };
    let number = |number: i32| said("null", &number.to_string());
    // Alone it is as deep as can be read, and inside of another it is deeper.
    let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
    for bad in [said("[\n]", "0"), said("0", &deep)] {
        let disk = Forgetful::default();
        let (mut log, _, _) = Log::open::<Said>(disk.clone(), &me()).unwrap();
        for record in [&number(1), &bad, &number(2)] {
            log.append(record);
        }
        let error = log.sync().unwrap_err();
        assert!(matches!(error, LogError::Record { .. }), "{error}");
        assert!(error.is_certainly_not_written());
        let error = log.replace(&[bad]).unwrap_err();
        assert!(matches!(error, LogError::Record { .. }), "{error}");
        log.append(&number(3));
        log.sync().unwrap();
        let (_, records, _) = Log::open::<Said>(disk, &me()).unwrap();
        let values: Vec<_> = records.iter().map(|said| &said.value).collect();
        assert_eq!(values, [3]);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        tail in prop::collection::vec(any::<u8>(), 0..60),
        keep in 0..100_usize,
    ) {
        let mut bytes = written(&[&["a"], &["b", "c"]]);
        bytes.truncate(keep);
        bytes.extend(tail);
        let _ = open(&bytes);
    }
}
