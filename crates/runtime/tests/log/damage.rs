//! Bytes that are not as they were written.

use common::error_chain;
use proptest::prelude::*;
use runtime::disk::Memory;
use runtime::log::{Identity, Log, LogError, Torn};
use runtime::stdio::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{log_of, me};

/// Letters that are one bit from a zero, from a line end, from a digit, and such as have several
/// bytes.
const RECORDS: [&str; 6] = ["", "@ @", "J*Jj", "é\n\0", "0a", "B\u{a}\u{2028}"];

/// A log of batches, as a text file.
fn written(batches: &[&[&str]]) -> Vec<u8> {
    let batches: Vec<Vec<String>> = batches
        .iter()
        .map(|batch| batch.iter().map(|record| record.to_string()).collect())
        .collect();
    let batches: Vec<&[String]> = batches.iter().map(Vec::as_slice).collect();
    let disk = Memory::default();
    log_of(&disk, &batches).close().unwrap();
    disk.shown("log").unwrap()
}

/// A disk with such a log.
fn holding(bytes: &[u8]) -> Memory {
    let disk = Memory::default();
    disk.put("log", bytes);
    disk
}

fn open(bytes: &[u8]) -> Result<(Vec<String>, Option<Torn>, Memory), LogError> {
    let disk = holding(bytes);
    let (_, records, torn) = Log::open(disk.clone(), &me())?;
    Ok((records, torn, disk))
}

/// Opens them, writes one record more, opens the log again, and returns all that are in it but that
/// one.
fn reopened(bytes: &[u8]) -> Result<(Vec<String>, Option<Torn>), LogError> {
    let (records, torn, disk) = open(bytes)?;
    let (mut log, again, nothing) = Log::open::<String>(disk.clone(), &me()).unwrap();
    assert_eq!((&again, nothing), (&records, None), "what is left is right");
    log.append(&"more".to_owned());
    log.sync().unwrap();
    let (_, mut all, nothing) = Log::open::<String>(disk, &me()).unwrap();
    assert_eq!(nothing, None);
    assert_eq!(all.pop().as_deref(), Some("more"));
    assert_eq!(all, records);
    Ok((records, torn))
}

fn is_damaged<T>(opened: &Result<T, LogError>) -> bool {
    matches!(opened, Err(LogError::Damaged { .. }))
}

/// Where each line ends.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let is_end = |at: &usize| bytes[*at] == b'\n';
    (0..bytes.len()).filter(is_end).collect()
}

#[test]
fn the_file_is_the_text_that_the_documentation_shows() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Add {
        add: u64,
    }
    let disk = Memory::default();
    let batches = [&[Add { add: 3 }, Add { add: 4 }][..], &[Add { add: 5 }]];
    log_of(&disk, &batches).close().unwrap();
    let text = String::from_utf8(disk.shown("log").unwrap()).unwrap();
    let shown: String = text.lines().map(|line| format!("//! {line}\n")).collect();
    let shown = format!("//! ```text\n{shown}//! ```\n");
    assert!(include_str!("../../src/log.rs").contains(&shown), "{shown}");
}

#[test]
fn a_flipped_bit_in_a_line_is_refused_and_leaves_the_file_alone() {
    for batches in [&[&RECORDS[..2], &RECORDS[2..]][..], &[&RECORDS[..], &RECORDS[1..2]], &[]] {
        let bytes = written(batches);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // With the zeros after it that a log has while it is in use, or without.
            for zeros in [0, 100] {
                flipped.resize(bytes.len() + zeros, 0);
                let disk = holding(&flipped);
                let refused = Log::open::<String>(disk.clone(), &me()).map(|_| ());
                assert!(is_damaged(&refused), "bit {bit}: {refused:?}");
                assert!(!refused.unwrap_err().to_string().contains('\n'));
                assert_eq!(disk.shown("log").unwrap(), flipped);
            }
        }
    }
}

#[test]
fn a_flipped_bit_after_the_last_line_changes_no_record() {
    let mut bytes = written(&[&RECORDS]);
    let end = bytes.len();
    bytes.resize(end + 20, 0);
    for bit in 8 * end..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let (records, torn) = reopened(&flipped).unwrap();
        assert_eq!(records, RECORDS);
        assert_eq!(torn.map(|torn| torn.offset), Some(end as u64));
    }
}

#[test]
fn a_whole_line_that_is_deleted_moved_or_duplicated_is_refused() {
    let bytes = written(&[&["a"], &["b", "c", "d"], &["e"], &["f", "g"]]);
    let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let last = lines.len() - 1;
    for from in 0..=last {
        let mut rest = lines.clone();
        let line = rest.remove(from);
        // What was deleted from the end was perhaps not written.
        assert_eq!(is_damaged(&open(&rest.concat())), from < last, "line {from} deleted");
        for to in 0..=last {
            let mut moved = rest.clone();
            moved.insert(to, line);
            assert_eq!(is_damaged(&open(&moved.concat())), to != from, "line {from} moved to {to}");
            let mut duplicated = lines.clone();
            duplicated.insert(to, line);
            assert!(is_damaged(&open(&duplicated.concat())), "line {from} duplicated at {to}");
        }
    }
}

#[test]
fn a_cut_keeps_all_records_before_it() {
    let bytes = written(&[&RECORDS[..2], &RECORDS[2..]]);
    let ends = ends(&bytes);
    // A crash leaves all of the first line.
    for cut in 0..=ends[0] {
        assert!(is_damaged(&open(&bytes[..cut])), "cut at {cut}");
    }
    for cut in ends[0] + 1..=bytes.len() {
        let whole = ends.iter().filter(|end| **end < cut).count();
        let offset = ends[whole - 1] + 1;
        let torn = Torn { offset: offset as u64, bytes: (cut - offset) as u64 };
        let (found, reported) = reopened(&bytes[..cut]).unwrap();
        assert_eq!(found, RECORDS[..whole - 1], "cut at {cut}");
        assert_eq!(reported, (torn.bytes > 0).then_some(torn), "cut at {cut}");
    }
}

#[test]
fn zeros_are_torn_in_the_last_batch_and_damage_in_any_other() {
    let bytes = written(&[&RECORDS[..2], &RECORDS[2..]]);
    let ends = ends(&bytes);
    let last_batch = ends[2] + 1;
    for from in ends[0] + 1..bytes.len() {
        for to in from + 2..=bytes.len() {
            let mut zeroed = bytes.clone();
            zeroed[from..to].fill(0);
            let found = open(&zeroed);
            if to <= last_batch {
                assert!(is_damaged(&found), "{from}..{to}");
                continue;
            }
            // Where the zeros reach back from the last batch, nothing shows that they are of two.
            let whole = ends.iter().filter(|end| **end < from).count();
            let (found, torn, _) = found.unwrap();
            assert_eq!(found, RECORDS[..whole - 1], "{from}..{to}");
            let is_torn = !(to == bytes.len() && from == ends[whole - 1] + 1);
            assert_eq!(torn.is_some(), is_torn, "{from}..{to}");
        }
    }
}

#[test]
fn records_that_replaced_others_are_not_torn_before_the_last() {
    let disk = Memory::default();
    log_of::<String>(&disk, &[]).replace(&RECORDS.map(str::to_owned)).unwrap();
    let bytes = disk.shown("log").unwrap();
    let ends = ends(&bytes);
    for from in ends[0] + 1..ends[RECORDS.len() - 1] {
        let mut zeroed = bytes.clone();
        zeroed[from..ends[RECORDS.len() - 1]].fill(0);
        assert!(is_damaged(&open(&zeroed)), "from {from}");
    }
}

#[test]
fn a_batch_may_have_one_byte_in_its_first_page_and_in_its_last() {
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
fn damage_is_reported_with_its_place_and_what_to_do() {
    let mut bytes = written(&[&["a"], &["b"]]);
    let at = bytes.len() - 2;
    bytes[at] ^= 1;
    let error = open(&bytes).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "data/log is damaged: line 3, at byte 80, is not as it was written"
    );
    assert!(error.advice().unwrap().contains("put back a copy"));
}

#[test]
fn a_file_of_another_kind_is_refused_and_left_alone() {
    for bytes in [&b"hello"[..], b"hello\n", b"\n", b"\0\0\0\0\n", &[b'x'; 100], &[0; 100]] {
        let disk = holding(bytes);
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
        let disk = holding(&bytes);
        // Its records are none that this one could read.
        let error = Log::open::<u64>(disk.clone(), &asked).map(|_| ()).unwrap_err();
        let expected = format!(
            "data belongs to node 0 of the 3 of \"counter\", and not to node {node} of the {nodes} \
             of \"{cluster}\""
        );
        assert_eq!(error.to_string(), expected);
        assert!(error.advice().is_some());
        assert_eq!(disk.shown("log").unwrap(), bytes);
    }
}

/// A line with the right checksum.
fn line(rest: &str) -> String {
    format!("{:08x} {rest}\n", crc32fast::hash(rest.as_bytes()))
}

#[test]
fn another_format_is_refused_whatever_else_it_says() {
    let first = "6c1fea74 {\"log\":1,\"cluster\":\"counter\",\"node\":0,\"nodes\":3}\n04a2985f 3\n";
    for (version, bytes) in [(1, first), (3, &line(r#"{"log":3,"who":[]}"#))] {
        let error = open(bytes.as_bytes()).map(|_| ()).unwrap_err();
        let expected = format!("data/log has the format {version}, and this program reads 2");
        assert_eq!(error.to_string(), expected);
        assert!(error.advice().unwrap().contains("the version of the program that wrote it"));
    }
}

#[test]
fn a_line_that_is_not_a_record_of_this_program_is_refused() {
    let text = String::from_utf8(written(&[&["a"]])).unwrap();
    let (last, _) = text.lines().last().unwrap().split_once(' ').unwrap();
    let error = open((text.clone() + &line(&format!("{last} 7"))).as_bytes()).map(|_| ());
    let reported = error_chain(&error.unwrap_err());
    let at = text.len();
    let expected = format!("line 3 of data/log, at byte {at}, is not a record of this program: ");
    assert!(reported.starts_with(&expected), "{reported}");
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
        for is_replaced in [false, true] {
            let disk = Memory::default();
            let (mut log, _, _) = Log::open::<Said>(disk.clone(), &me()).unwrap();
            log.append(&number(1));
            log.sync().unwrap();
            log.append(&number(2));
            log.append(&bad);
            let error = match is_replaced {
                true => log.replace(&[number(3), said("0", &deep)]),
                false => log.sync(),
            };
            let error = error.unwrap_err();
            assert!(matches!(error, LogError::Record { .. }), "{error}");
            let (_, records, _) = Log::open::<Said>(disk, &me()).unwrap();
            let values: Vec<_> = records.iter().map(|said| &said.value).collect();
            assert_eq!(values, [1]);
        }
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
