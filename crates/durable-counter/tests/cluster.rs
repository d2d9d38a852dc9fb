//! The scenarios of the simulator, with real processes, real connections and `kill -9`.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod network;
mod scenario;
mod world;

use std::fs;
use std::io;
use std::net::TcpListener;
use std::thread;

use crate::simulated::{REPLICAS, drawn};
use durable_counter::cluster::verdict;
use trace::{Kind, Trace};
use worlds::sim::{Fault, Scenario};

use scenario::play;
use world::{World, client, copy, status, wait_until_logged};

/// What a replica logs of a peer that knows more of its entry than itself.
const OWN_ENTRY_AHEAD: &str = "is there another replica";

#[test]
fn drawn_worlds_end_well() {
    // Most of what they do is to wait.
    thread::scope(|scope| {
        for seed in 1..=6 {
            scope.spawn(move || ends_well(&drawn(seed), seed));
        }
    });
}

fn ends_well(scenario: &Scenario, seed: u64) {
    let outcome = play(scenario);
    let (acknowledged, logs) = (outcome.acknowledged, &outcome.logs);
    for values in [&outcome.values, &outcome.after_retries] {
        let verdict = verdict(acknowledged, values);
        assert_eq!(verdict, Ok(()), "seed {seed}\n{logs}");
    }
    for entries in &outcome.entries {
        assert_eq!(*entries, outcome.entries[0], "seed {seed}\n{logs}");
    }
    assert!(!logs.contains(OWN_ENTRY_AHEAD), "seed {seed}\n{logs}");
    // The outcome of each request to a replica that ran is known in the end, unless the crash came
    // before the request.
    let crashes = scenario.faults.iter().filter(|(_, fault)| matches!(fault, Fault::Crash(_)));
    let missed = outcome.asked.saturating_sub(acknowledged);
    assert!(
        missed <= crashes.count() as u128,
        "seed {seed}: {missed} of {} missed\n{logs}",
        outcome.asked
    );
}

#[test]
fn a_replica_that_does_not_start_is_reported_with_its_error() {
    let mut world = World::start();
    world.strike(&Fault::Crash(1));
    let _other = TcpListener::bind(world.cluster.addr(1)).unwrap();
    world.cluster.spawn(1).unwrap();
    let error = format!("{:#}", world.cluster.wait_until_ready(1).unwrap_err());
    let why = "replica 1 does not start: cannot listen on 127.0.0.1:";
    assert!(error.starts_with(why) && error.ends_with(": the port is in use"), "{error}");
}

#[test]
fn a_cut_one_way_leaves_the_other_way() {
    let mut world = World::start();
    world.strike(&Fault::Cut { from: vec![0], to: vec![1, 2] });
    world.add(0, 100);
    for round in 1..=5 {
        world.add(1, 1);
        world.wait_until_says(0, 100 + round);
        world.wait_until_says(2, round);
    }
    assert_eq!(world.cluster.read(1).unwrap(), 5);
    world.strike(&Fault::Heal);
    assert_eq!(world.cluster.agreed(105).unwrap(), [105; REPLICAS]);
}

#[test]
fn an_entry_pushed_to_one_peer_reaches_the_others() {
    let mut world = World::start();
    world.strike(&Fault::Cut { from: vec![2], to: vec![0] });
    world.add(2, 7);
    world.wait_until_says(1, 7);
    world.strike(&Fault::Crash(2));
    world.wait_until_says(0, 7);
}

#[test]
fn after_a_split_one_message_each_way_is_enough() {
    let mut world = World::start();
    world.strike(&Fault::Split(vec![0]));
    for round in 1..=5 {
        for replica in 0..REPLICAS {
            world.add(replica, 1);
        }
        world.wait_until_says(1, 2 * round);
        world.wait_until_says(2, 2 * round);
        assert_eq!(world.cluster.read(0).unwrap(), round);
    }
    world.strike(&Fault::Heal);
    assert_eq!(world.cluster.agreed(15).unwrap(), [15; REPLICAS]);
    world.wait_until_acked();
    let (_folder, paths) = world.end();
    let trace = views::files::read(&paths, io::empty()).unwrap().trace;
    // Each pushes all that it has counted to the other side at once. Not counted here: how long a
    // connection takes, and that each pushes to the other what is known of it, in case it has lost
    // its past.
    for (from, to) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
        let pushes = pushes_over(&trace, from, to);
        let own = format!("({from}, ");
        let first = pushes.iter().find(|push| push.contains(&own));
        let all = format!("{own}5)");
        assert!(first.is_some_and(|first| first.contains(&all)), "from {from} to {to}: {pushes:?}");
    }
}

/// The pushes that one replica has received from another, in order.
fn pushes_over(trace: &Trace, from: usize, to: usize) -> Vec<String> {
    let is_from = |name: &str| {
        let mut events = trace.events().iter();
        events.any(|event| {
            event.node == from
                && matches!(&event.kind, Kind::Send { message, .. } if message == name)
        })
    };
    let heard = trace.events().iter().filter(|event| {
        event.node == to && matches!(&event.kind, Kind::Receive { message } if is_from(message))
    });
    let labels = heard.map(|event| event.label.clone());
    labels.filter(|label| label.starts_with("Push")).collect()
}

#[test]
fn a_replica_that_lost_its_data_learns_it_from_its_peers() {
    let mut world = World::start();
    world.add(0, 5);
    assert_eq!(world.cluster.agreed(5).unwrap(), [5; REPLICAS]);
    world.strike(&Fault::Crash(0));
    fs::remove_dir_all(world.cluster.data(0)).unwrap();
    // The others push its entry as soon as they are connected, and then it would not count.
    world.strike(&Fault::Split(vec![0]));
    world.strike(&Fault::Restart(0));
    assert!(!world.cluster.log(0).unwrap().contains(OWN_ENTRY_AHEAD));
    world.add(0, 1);
    world.strike(&Fault::Heal);
    world.wait_until_logged(
        0,
        "a peer knows of 5 counted by this replica, and it knows of 1 itself",
    );
    let values = (0..REPLICAS).map(|replica| world.cluster.read(replica).unwrap());
    // Six are acknowledged. The one is hidden behind the five, and no replica counts it twice.
    assert_eq!(values.collect::<Vec<_>>(), [1, 5, 5]);
}

#[test]
fn two_replicas_of_one_number_are_logged_and_undercount() {
    let mut world = World::start();
    world.add(1, 5);
    assert_eq!(world.cluster.agreed(5).unwrap(), [5; REPLICAS]);
    world.strike(&Fault::Crash(1));
    let mut twin = world.twin_of(1);
    world.strike(&Fault::Restart(1));
    world.add(1, 3);
    assert_eq!(world.cluster.agreed(8).unwrap(), [8; REPLICAS]);

    twin.cluster.spawn(1).unwrap();
    twin.cluster.wait_until_ready(1).unwrap();
    wait_until_logged(&twin.cluster, 1, "are there two of that number?");
    world.wait_until_logged(0, "are there two of that number?");
    let mut client = client(twin.cluster.addr(1), 100);
    client.add(2).unwrap();
    assert_eq!(status(&twin.cluster, 1).entries, [0, 7, 0]);

    // It takes the place of the first, with less than the others know.
    world.strike(&Fault::Crash(1));
    twin.cluster.kill(1).unwrap();
    fs::remove_dir_all(world.cluster.data(1)).unwrap();
    copy(&twin.cluster.data(1), &world.cluster.data(1));
    world.strike(&Fault::Restart(1));
    world.wait_until_logged(
        1,
        "a peer knows of 8 counted by this replica, and it knows of 7 itself",
    );
    // Ten are acknowledged.
    let values = (0..REPLICAS).map(|replica| world.cluster.read(replica).unwrap());
    assert_eq!(values.collect::<Vec<_>>(), [8, 7, 8]);
}
