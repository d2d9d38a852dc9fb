use super::bugs::Bug;
use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<MutexDeadlock>(Arc::new(stub::transfer));
}

#[test]
fn the_screen_shows_the_shortest_way_as_two_columns() {
    let screen = screen_of::<MutexDeadlock>(with(Bug::ArgumentOrder));
    let expected = "\
mutex-deadlock   WRONG   first failure: 2 transfers with $2 in the accounts;
          every case before it passes

  asked   a pays $1 from alice to bob
          b pays $2 from bob to alice

  a            b            alice  bob
                                1    1
  lock alice                    1    1
               lock bob         1    1
  wants bob                     1    1
               wants alice      1    1

          want              both transfers end
          got               deadlock                  ◀ first wrong state

  way     cargo run -- replay mutex-deadlock:11.ab1.ba2:ab

  rule    Transfers never wait for each other in a circle: each would need a
          lock that is held by one that waits.
  looks   like \"locks in the order of its arguments\": the same answers in all
          444 cases compared.
          It locks the payer first, but another transfer may pay the other way
          round: each holds what the other wants.
  next    cargo run -- hint mutex-deadlock
          cargo run -- replay mutex-deadlock:11.ab1.ba2
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

fn with(bug: Bug) -> Transfer {
    MutexDeadlock::with_bugs(Bugs::one(bug))
}

#[test]
fn the_rule_is_that_which_was_broken() {
    for (bug, rule) in [
        (Bug::ForgetsItself, "A transfer that holds a lock and asks"),
        (Bug::ItselfMakesMoney, "No money is lost and none is made up"),
        (Bug::NeverRefuses, "An account whose lock is free"),
        (Bug::OneAtATime, "Whenever no lock is held"),
        (Bug::WaitsForMoney, "A transfer ends."),
        (Bug::RefusesLastDollar, "Where the account holds the"),
        (Bug::ItselfAlwaysOk, "Where the account holds less"),
    ] {
        let screen = screen_of::<MutexDeadlock>(with(bug));
        assert!(screen.contains(&format!("\n  rule    {rule}")), "{screen}");
    }
}

#[test]
fn the_right_ends_are_those_of_the_table() {
    let ends = |text: &str| -> Vec<Ended> {
        let case = MutexDeadlock::parse(&format!("{text}:")).expect("it is a case");
        case.serial().into_iter().collect()
    };
    let refused = Err(Refused);
    assert_eq!(ends("10.ab1"), [(vec![Ok(())], [0, 1])]);
    assert_eq!(ends("10.ab2"), [(vec![refused], [1, 0])]);
    assert_eq!(ends("01.aa1"), [(vec![refused], [0, 1])]);
    assert_eq!(ends("31.ab1.ab2"), [(vec![Ok(()), Ok(())], [0, 4])]);
    let one_of_them = [(vec![Ok(()), refused], [1, 2]), (vec![refused, Ok(())], [0, 3])];
    assert_eq!(ends("21.ab1.ab2"), one_of_them);
}

#[test]
fn odd_transfers_are_wrong_and_shown_in_short() {
    fn shows(
        transfer: impl Fn(&Bank, Account, Account, i64) -> Answer + Send + Sync + 'static,
        words: &[&str],
    ) {
        let screen = screen_of::<MutexDeadlock>(Arc::new(transfer));
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
        assert!(screen.lines().count() < 60, "too long:\n{screen}");
    }
    shows(
        |bank, from, _, amount| {
            assert!(bank.lock(from).balance() >= amount, "too\nlittle");
            Ok(())
        },
        &["got               a panic ", "it says           too little", "tests.rs:", "read alice"],
    );
    shows(
        |bank, _, _, _| {
            bank.lock(Account::Alice).set(i64::MAX);
            Ok(())
        },
        &["set alice big", "9223372036854775807 together"],
    );
    shows(
        |bank, from, to, amount| {
            std::mem::forget(bank.lock(from));
            reference::transfer(bank, from, to, amount)
        },
        &["waits for itself"],
    );
    shows(
        |bank, from, _, _| loop {
            bank.peek(from);
        },
        &["does not terminate ", "peek alice 0                  0    0\n\n"],
    );
    shows(
        |bank, from, _, _| {
            for _ in 0..14 {
                bank.peek(from);
            }
            std::mem::forget(bank.lock(from));
            Err(Refused)
        },
        &["alice held at the end "],
    );
}

#[test]
fn a_transfer_with_too_many_states_is_wrong_and_soon_over() {
    let diverges: Transfer = Arc::new(|bank, from, _, amount| {
        for _ in 0..6 {
            let balance = bank.peek(from);
            let mut guard = bank.lock(from);
            guard.set(balance.wrapping_mul(3).wrapping_add(amount));
        }
        Ok(())
    });
    let case = MutexDeadlock::parse("11.ab1.ab2:").expect("it is a case");
    let outcomes = MutexDeadlock::call(&diverges, &case, &mut None);
    assert!(outcomes.contains(&Outcome::Wrong(Fault::TooManyStates)));
}

#[test]
fn a_schedule_is_followed_as_far_as_it_goes() {
    let ends = |text: &str| {
        let case = MutexDeadlock::parse(text).expect("it is a case");
        MutexDeadlock::call(&MutexDeadlock::reference(), &case, &mut None).len()
    };
    // The first that calls takes the first lock, and the other one waits.
    assert_eq!(ends("11.ab1.ba2:"), 2);
    assert_eq!(ends("11.ab1.ba2:a"), 1);
    assert_eq!(ends("11.ab1.ba2:bab"), 1);
    assert!(MutexDeadlock::parse("11.ab1:b").is_err());
}
