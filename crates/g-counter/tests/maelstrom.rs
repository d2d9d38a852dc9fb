//! Three replicas as real processes, and a network between them whose faults a seed draws.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod bench;

use std::io::Write;
use std::thread;

use bench::{Bench, Faults, NODES};
use lesson_tests::process::{command, run_closing, run_with_input};
use serde_json::{Value, json};

/// The increments of one run, and how many clients ask for at once.
const ADDS: u64 = 200;
const AT_ONCE: u64 = 20;

/// After this many rounds each fault has happened, whatever there is to be lost in each.
const MAX_ROUNDS: u64 = 100;

#[test]
fn all_reach_the_acknowledged_sum_on_a_bad_network_seed_1() {
    on_a_bad_network(1);
}

#[test]
fn all_reach_the_acknowledged_sum_on_a_bad_network_seed_2() {
    on_a_bad_network(2);
}

#[test]
fn all_reach_the_acknowledged_sum_on_a_bad_network_seed_3() {
    on_a_bad_network(3);
}

fn on_a_bad_network(seed: u64) {
    let mut bench = Bench::start(seed);
    bench.faults = Faults::all();
    let (mut rounds, mut counted) = (0, 0);
    // How many messages there are is the system's affair, and so is what becomes of each.
    while rounds < ADDS / AT_ONCE || rounds < MAX_ROUNDS && !bench.fates.are_all() {
        // One replica after the other is cut off, always one: so there is always something to push.
        bench.cut_off = Some(rounds as usize % NODES);
        let adds: Vec<_> = (0..AT_ONCE)
            .map(|_| (bench.rng.below(NODES as u64) as usize, bench.rng.within(1..=1000)))
            .collect();
        counted += adds.iter().map(|(_, delta)| delta).sum::<u64>();
        bench.add(&adds);
        bench.wait_for_messages(10);
        rounds += 1;
    }
    bench.heal();
    bench.wait_until_all_say(counted);
    let fates = &bench.fates;
    assert!(fates.are_all(), "{fates:?}");
    // What is missing is pushed all at once, however many increments it is.
    assert!((fates.sent as u64) < 3 * rounds * AT_ONCE, "{fates:?}");
    bench.end();
}

#[test]
fn on_a_healthy_network_increments_share_messages() {
    let mut bench = Bench::start(1);
    let adds: Vec<_> = (0..ADDS).map(|number| (number as usize % NODES, number)).collect();
    let mut counted = 0;
    // They push to each other again after a while, which is a long one where the increments take
    // longer.
    let few = (0..10).find(|_| {
        let before = bench.fates.sent;
        bench.add(&adds);
        counted += ADDS * (ADDS - 1) / 2;
        bench.wait_until_all_say(counted);
        bench.fates.sent - before < ADDS as usize
    });
    assert!(few.is_some(), "{:?}", bench.fates);
    bench.end();
}

#[test]
fn while_cut_off_a_replica_counts_on_and_says_what_it_knows() {
    let mut bench = Bench::start(1);
    bench.cut_off = Some(2);
    bench.add(&[(0, 5), (2, 7)]);
    bench.wait_until_says(1, 5);
    assert_eq!((bench.read(1), bench.read(2)), (5, 7));
    bench.heal();
    bench.wait_until_all_say(12);
    bench.end();
}

#[test]
fn typed_by_hand_it_answers_line_by_line() {
    let input = r#"
{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1","n2"]}}
{"src":"c1","dest":"n1","body":{"type":"add","msg_id":1,"delta":3}}
{"src":"n2","dest":"n1","body":{"type":"push","entries":[[1, 4]]}}
{"src":"c1","dest":"n1","body":{"type":"read","msg_id":2}}
{"src":"c1","dest":"n1","body":{"type":"add","msg_id":3,"delta":-3}}
{"src":"c1","dest":"n1","body":{"type":"add","msg_id":4,"delta":9007199254740992}}
{"src":"c1","dest":"n1","body":{"type":"subtract","msg_id":5,"delta":3}}
{"src":"n2","dest":"n1","body":{"type":"push","entries":[[7, 4]]}}
{"src":"n2","dest":"n1","body":{"type":"push","entries":[[0, 4]]}}
{"src":"n2","dest":"n1","body":{"type":"ack","entries":[[0, 3]]}}
{"src":"c1","dest":"n1","body":{"type":"read","msg_id":6}}
"#;
    let finished = run_with_input(replica(), input).unwrap();
    let finished = finished.expect_code(0).unwrap();
    let said: Vec<Value> = answers(&finished.stdout)
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["body"].clone())
        .collect();
    let code = |index: usize| (said[index]["in_reply_to"].as_i64(), said[index]["code"].as_i64());
    assert_eq!(said[0], json!({"type": "init_ok", "in_reply_to": 1}));
    assert_eq!(said[1], json!({"type": "add_ok", "in_reply_to": 1}));
    assert_eq!(said[2], json!({"type": "ack", "entries": [[0, 3], [1, 4]]}), "all that it has");
    assert_eq!(said[3], json!({"type": "read_ok", "value": 7, "in_reply_to": 2}));
    assert_eq!(code(4), (Some(3), Some(12)), "below zero");
    assert_eq!(code(5), (Some(4), Some(14)), "more than an entry holds: refused for good");
    assert_eq!(code(6), (Some(5), Some(10)), "no such request");
    assert_eq!(said[7], json!({"type": "read_ok", "value": 7, "in_reply_to": 6}));
    assert_eq!(said.len(), 8, "an invalid push is neither acked nor counted: {said:#?}");
    assert_eq!(
        finished.stderr,
        "\"n1\" is node 0 of 2, counted from 0\n\
         the message of replica 1 is invalid: there is no replica 7: there are 2, counted from 0\n\
         the message of replica 1 is invalid: a peer knows of 4 counted by this replica, which has \
         counted 3: is there another replica 0?\n"
    );
}

#[test]
fn the_input_on_the_page_is_answered_with_seven() {
    let page = include_str!("../../../lessons/19-g-counter/README.md");
    let (_, typed) = page.split_once("-- maelstrom <<'END'\n").unwrap();
    let (typed, _) = typed.split_once("END\n").unwrap();
    let finished = run_with_input(replica(), typed).unwrap();
    let said = finished.expect_code(0).unwrap().stdout;
    let last = r#"{"src":"n0","dest":"c1","body":{"type":"read_ok","value":7,"in_reply_to":3}}"#;
    assert_eq!(answers(&said).last(), Some(last), "{said}");
    assert_eq!(answers(&said).count(), typed.lines().count(), "each line has an answer");
}

#[test]
fn a_bench_that_goes_away_ends_the_replica_quietly() {
    let (input, mut writer) = std::io::pipe().unwrap();
    let mut command = replica();
    command.stdin(input);
    let init = json!({"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]});
    let read = json!({"type": "read", "msg_id": 2});
    let line = |body: &Value| format!("{}\n", json!({"src": "c1", "dest": "n1", "body": body}));
    let (init, read) = (line(&init), line(&read));
    // It is asked on and on: it is not the input that ends.
    let asking = thread::spawn(move || {
        writer.write_all(init.as_bytes()).unwrap();
        while writer.write_all(read.as_bytes()).is_ok() {}
    });
    let finished = run_closing(command, 1).unwrap().expect_code(0).unwrap();
    assert_eq!(finished.stderr, "\"n1\" is node 0 of 1, counted from 0\n");
    asking.join().unwrap();
}

/// What it has answered. Unasked, it pushes to the others what it has counted, after a while that
/// may be over before it has read all of its input.
fn answers(said: &str) -> impl Iterator<Item = &str> {
    said.lines().filter(|line| !line.contains(r#""type":"push""#))
}

fn replica() -> std::process::Command {
    let mut command = command(env!("CARGO_BIN_EXE_g-counter"));
    command.arg("maelstrom");
    command
}
