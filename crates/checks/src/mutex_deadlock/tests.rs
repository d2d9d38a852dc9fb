use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::bugs::Bug;
use super::*;
use crate::Verdict;
use crate::program::Task;
use crate::sound::{assert_sound, check, screen_of, work};

#[test]
fn it_is_sound() {
    assert_sound::<MutexDeadlock>(Arc::new(stub::transfer));
}

#[test]
fn the_screen_shows_the_shortest_way_as_two_columns() {
    let screen =
        screen_of::<MutexDeadlock>(MutexDeadlock::with_bugs(Bugs::one(Bug::ArgumentOrder)));
    let expected = "\
mutex-deadlock   WRONG   first failure: 2 transfers with $2 in the accounts;
          every case before it passes

  asked   a pays $1 from alice to bob
          b pays $2 from bob to alice
  before  alice 1, bob 1

  a            b            alice  bob
  lock alice                    1    1
               lock bob         1    1
  wants bob                     1    1
               wants alice      1    1

          want              every transfer ends
          got               deadlock                  ◀ first wrong state

  way     cargo run -- replay mutex-deadlock:1.1.ab1.ba2:ab

  rule    Transfers never wait for each other in a circle: each would need a
          lock that is held by one that waits.
  looks   like \"locks in the order of its arguments\": the same answers in all
          464 cases compared.
          It locks the payer first, but another transfer may pay the other way
          round: each holds what the other wants.
  next    cargo run -- hint mutex-deadlock
          cargo run -- replay mutex-deadlock:1.1.ab1.ba2
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_rule_is_that_which_was_broken() {
    for (bug, rule) in [
        (Bug::ForgetsItself, "A transfer that holds a lock and asks"),
        (Bug::ItselfMakesMoney, "No money is lost and none is made up"),
        (Bug::NeverRefuses, "An account whose lock is free"),
        (Bug::OneAtATime, "Whenever no lock is held"),
        (Bug::WaitsForMoney, "A transfer ends."),
        (Bug::RefusesLastDollar, "An account that holds the amount"),
        (Bug::ItselfAlwaysOk, "Where the account holds less"),
    ] {
        let screen = screen_of::<MutexDeadlock>(MutexDeadlock::with_bugs(Bugs::one(bug)));
        assert!(screen.contains(&format!("\n  rule    {rule}")), "{screen}");
    }
}

#[test]
fn the_right_ends_are_those_of_the_table() {
    let ends = |text| MutexDeadlock::words(&outcomes(text, &MutexDeadlock::reference()));
    assert_eq!(ends("1.0.ab1:"), "a Ok, alice 0, bob 1");
    assert_eq!(ends("1.0.ab2:"), "a Refused, alice 1, bob 0");
    assert_eq!(ends("0.1.aa1:"), "a Refused, alice 0, bob 1");
    assert_eq!(ends("3.1.ab1.ab2:"), "a Ok, b Ok, alice 0, bob 4");
    let one_of_them = "a Ok, b Refused, alice 1, bob 2; or a Refused, b Ok, alice 0, bob 3";
    assert_eq!(ends("2.1.ab1.ab2:"), one_of_them);
}

#[test]
fn odd_transfers_are_wrong_and_shown_in_short() {
    fn shows(
        words: &[&str],
        transfer: impl Fn(&Bank, Account, Account, i64) -> Answer + Send + Sync + 'static,
    ) {
        let screen = screen_of::<MutexDeadlock>(Arc::new(transfer));
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
    struct Peeks<'a>(&'a Bank);
    impl Drop for Peeks<'_> {
        fn drop(&mut self) {
            self.0.peek(Account::Bob);
            drop(self.0.lock(Account::Bob));
        }
    }
    let words =
        ["got               a panic ", "message           too little", "tests.rs:", "peek bob 0"];
    shows(&words, |bank, from, _, amount| {
        let _calls_while_unwinding = Peeks(bank);
        assert!(bank.lock(from).balance() >= amount, "too\nlittle");
        Ok(())
    });
    shows(&["set alice big", "9223372036854775807 together"], |bank, _, _, _| {
        bank.lock(Account::Alice).set(i64::MAX);
        Ok(())
    });
    shows(&["waits for itself"], |bank, from, to, amount| {
        std::mem::forget(bank.lock(from));
        reference::transfer(bank, from, to, amount)
    });
    shows(
        &["does not terminate ", "peek alice 0                  0    0\n\n"],
        |bank, from, _, _| {
            loop {
                bank.peek(from);
            }
        },
    );
    shows(&["alice held at the end "], |bank, from, _, _| {
        std::mem::forget(bank.lock(from));
        Err(Refused)
    });
}

#[test]
fn a_transfer_that_catches_the_stop_is_stopped_again() {
    let catches: Transfer = Arc::new(|bank, from, to, amount| {
        let _ = catch_unwind(AssertUnwindSafe(|| bank.peek(from)));
        reference::transfer(bank, from, to, amount)
    });
    let (verdict, screen) = check::<MutexDeadlock>(catches, 80);
    assert_eq!(verdict, Verdict::Pass, "{screen}");
}

fn outcomes(text: &str, solution: &Transfer) -> BTreeSet<Outcome> {
    let case = MutexDeadlock::parse(text).expect("it is a case");
    MutexDeadlock::call(solution, &case, &mut None)
}

#[test]
fn a_transfer_with_too_many_states_is_wrong_and_soon_over() {
    let diverges: Transfer = Arc::new(|bank, from, _, amount| {
        for _ in 0..6 {
            let balance = bank.peek(from);
            bank.lock(from).set(balance.wrapping_mul(3).wrapping_add(amount));
        }
        Ok(())
    });
    assert!(outcomes("1.1.ab1.ab2:", &diverges).contains(&Err(Fault::TooManyStates)));
}

#[test]
fn a_transfer_that_remembers_is_unsteady() {
    let was_called = AtomicBool::new(false);
    let remembers: Transfer = Arc::new(move |bank, from, to, amount| {
        match was_called.fetch_xor(true, Ordering::Relaxed) {
            true => reference::transfer(bank, from, to, amount),
            false if bank.peek(from) < amount => Err(Refused),
            false => Ok(()),
        }
    });
    assert!(outcomes("1.0.ab1:", &remembers).contains(&Err(Fault::Unsteady)));
}

#[test]
fn a_schedule_is_followed_as_far_as_it_goes() {
    let ends = |text| {
        let case = MutexDeadlock::parse(text).expect("it is a case");
        Transfers::of(&case, &MutexDeadlock::reference()).outcomes().len()
    };
    // The first that calls takes the first lock, and the other one waits.
    assert_eq!(ends("1.1.ab1.ba2:"), 2);
    assert_eq!(ends("1.1.ab1.ba2:a"), 1);
    assert_eq!(ends("1.1.ab1.ba2:bab"), 1);
    assert!(MutexDeadlock::parse("1.1.ab1:b").is_err());
    // A solution that is fixed is right on the way that its deadlock took.
    let task = Task::Replay("1.1.ab1.ba2:ab".to_owned());
    let (verdict, screen) = work::<MutexDeadlock>(MutexDeadlock::reference(), task, 80);
    assert_eq!(verdict, Verdict::Pass, "{screen}");
}
