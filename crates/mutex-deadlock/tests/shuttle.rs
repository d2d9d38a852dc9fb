//! The same two bugs, found by shuttle in code that is run and not modelled.
//!
//! Its `Mutex`, its atomics and its threads stand in for those of the standard library; a scheduler
//! of its own decides at each of their calls which thread goes on. `check_dfs` tries every
//! decision, as the explorer of this course does; `check_random` draws them, which is what larger
//! programs need.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers are the tests' own; what fails in them fails the test"
)]

use shuttle::sync::atomic::{AtomicU64, Ordering};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;

/// Enough runs for a bug that every second schedule has.
const RUNS: usize = 100;

fn two_increments(add_one: fn(&AtomicU64)) {
    let counter = Arc::new(AtomicU64::new(0));
    let other = Arc::clone(&counter);
    let thread = thread::spawn(move || add_one(&other));
    add_one(&counter);
    thread.join().unwrap();
    assert_eq!(counter.load(Ordering::SeqCst), 2, "an update is lost");
}

fn load_then_store(counter: &AtomicU64) {
    let seen = counter.load(Ordering::SeqCst);
    counter.store(seen + 1, Ordering::SeqCst);
}

fn fetch_add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::SeqCst);
}

#[test]
#[should_panic(expected = "an update is lost")]
fn shuttle_finds_the_lost_update() {
    shuttle::check_random(|| two_increments(load_then_store), RUNS);
}

#[test]
#[should_panic(expected = "an update is lost")]
fn every_schedule_has_the_lost_update_among_them() {
    shuttle::check_dfs(|| two_increments(load_then_store), None);
}

#[test]
fn no_schedule_loses_an_update_of_fetch_add() {
    shuttle::check_dfs(|| two_increments(fetch_add), None);
}

/// Alice pays Bob and Bob pays Alice; each transfer takes the two locks in the order that
/// `first_lock` says.
fn two_transfers(first_lock: fn([usize; 2]) -> [usize; 2]) {
    let accounts = Arc::new([Mutex::new(100), Mutex::new(100)]);
    let pay = move |accounts: &[Mutex<u64>; 2], from: usize, to: usize| {
        let [one, other] = first_lock([from, to]);
        let first = accounts[one].lock().unwrap();
        let second = accounts[other].lock().unwrap();
        let (mut payer, mut paid) = if one == from { (first, second) } else { (second, first) };
        *payer -= 10;
        *paid += 10;
    };
    let others = Arc::clone(&accounts);
    let thread = thread::spawn(move || pay(&others, 1, 0));
    pay(&accounts, 0, 1);
    thread.join().unwrap();
    let sum = *accounts[0].lock().unwrap() + *accounts[1].lock().unwrap();
    assert_eq!(sum, 200);
}

fn as_they_come(accounts: [usize; 2]) -> [usize; 2] {
    accounts
}

fn smaller_first(mut accounts: [usize; 2]) -> [usize; 2] {
    accounts.sort_unstable();
    accounts
}

#[test]
#[should_panic(expected = "deadlock")]
fn shuttle_finds_the_deadlock() {
    shuttle::check_dfs(|| two_transfers(as_they_come), None);
}

#[test]
fn no_schedule_deadlocks_if_all_take_the_smaller_lock_first() {
    shuttle::check_dfs(|| two_transfers(smaller_first), None);
}
