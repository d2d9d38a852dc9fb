use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::proofs::{assert_wrong, prove, screen_of, screen_of_mistake};
use crate::{Verdict, grouped};

#[test]
fn it_is_sound() {
    prove::<MutexDeadlock>(stub::transfer, reference::transfer);
}

#[test]
fn the_screen_shows_the_shortest_way_as_two_columns() {
    let screen = screen_of_mistake::<MutexDeadlock>("locks in the order of its arguments");
    let expected = "\
mutex-deadlock   WRONG   first failure: 2 transfers with $2 in the accounts;
          every case before it passes: one transfer alone, then two at the same
          time, each with the least money first

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

  rule    Transfers never wait for each other in a circle: whoever goes on from
          there would need a lock that is held by one who waits.
  looks   like \"locks in the order of its arguments\": your answers equal this
          mistake's on all 224 cases compared.
          It locks who pays first, and nothing is wrong with that alone, but
          another transfer may pay the other way round: each holds what the
          other wants.
  next    cargo run -- hint mutex-deadlock
          cargo run -- replay mutex-deadlock:11.ab1.ba2
          shows this one case again, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_rule_is_that_which_was_broken() {
    for (name, rule) in [
        ("locks in the order of its arguments", "Transfers never wait"),
        ("forgets the transfer to itself", "Who holds a lock and asks"),
        ("one transfer to itself as if to two accounts", "No money is made up"),
        ("the money is gone where it is refused", "No money is lost"),
        ("never refuses", "An account whose lock is free"),
        ("one lock at a time", "Whenever no lock is held"),
        ("waits for money", "A transfer ends."),
        ("refuses the last dollar", "Where the account holds the"),
        ("a transfer to itself is always right", "Where the account holds less"),
        ("a transfer to itself goes to the other", "A transfer takes the amount"),
    ] {
        let screen = screen_of_mistake::<MutexDeadlock>(name);
        assert!(screen.contains(&format!("\n  rule    {rule}")), "{screen}");
    }
}

#[test]
fn a_panic_is_wrong_and_told_with_its_words_and_place() {
    let panics: Transfer = |bank, from, to, amount| {
        let payer = bank.lock(from);
        assert!(payer.balance() >= amount, "too\nlittle");
        drop(payer);
        reference::transfer(bank, from, to, amount)
    };
    let words = ["got               a panic ", "it says           too little", "tests.rs:"];
    assert_wrong::<MutexDeadlock>(panics, &words);
    assert_wrong::<MutexDeadlock>(panics, &["read alice 0", "free alice", "it does not panic."]);
}

fn write_both(bank: &Bank, balance: i64) -> Result<(), Refused> {
    let (mut alice, mut bob) = (bank.lock(Account::Alice), bank.lock(Account::Bob));
    alice.set(balance);
    bob.set(balance);
    Ok(())
}

#[test]
fn hostile_transfers_are_wrong_and_shown_in_short() {
    assert_wrong::<MutexDeadlock>(
        |bank, _, _, _| write_both(bank, i64::MAX),
        &["set alice big", "got               big together "],
    );
    assert_wrong::<MutexDeadlock>(
        |bank, _, _, _| write_both(bank, i64::MIN),
        &["set alice -big", "got               bob -big "],
    );
    assert_wrong::<MutexDeadlock>(
        |bank, from, to, amount| {
            std::mem::forget(bank.lock(from));
            reference::transfer(bank, from, to, amount)
        },
        &["waits for itself"],
    );
    assert_wrong::<MutexDeadlock>(
        |bank, from, _, _| {
            std::mem::forget(bank.lock(from));
            Err(Refused)
        },
        &["alice held at the end "],
    );
    assert_wrong::<MutexDeadlock>(
        |bank, from, _, _| loop {
            bank.peek(from);
        },
        &["goes on for ever ", "peek alice 0                  0    0\n\n"],
    );
    assert_wrong::<MutexDeadlock>(|_, _, _, _| crate::did_not_terminate(), &["goes on for ever "]);
}

#[test]
fn the_bounds_that_are_told_are_those_that_are_kept() {
    let calls = format!(" {} calls of the bank", bank::MOST_CALLS);
    assert!(MutexDeadlock::STUB.contains(&calls));
    let screen = screen_of_mistake::<MutexDeadlock>("waits for money");
    assert!(screen.contains("after 20 calls of the bank"), "{screen}");
    assert_eq!(calls, " 20 calls of the bank");
    let states = grouped(explore::MOST_STATES);
    let case = Case::parse("11.ab1.ab2").expect("it is a case");
    let seen = Seen {
        wrong: Some(explore::Wrong {
            fault: explore::Fault::TooManyWays,
            steps: Vec::new(),
            wants: vec![None, None],
            balances: case.balances,
            panic: None,
        }),
        ..Seen::default()
    };
    let rule = rules::broken(&case, &seen).expect("that is a fault");
    assert!(rule.contains(&format!("more than {states} states")), "{rule}");
}

#[test]
fn a_long_way_is_shown_by_its_start_and_its_end() {
    let dawdles: Transfer = |bank, from, _, _| {
        for _ in 0..14 {
            bank.peek(from);
        }
        std::mem::forget(bank.lock(from));
        Ok(())
    };
    let case = Case::parse("11.ab1.ba2").expect("it is a case");
    let seen = MutexDeadlock::observe(dawdles, &case).expect("it is no stub");
    let mut out = Vec::new();
    MutexDeadlock::draw(&case, &seen, &mut Screen::utf8(&mut out, 80)).expect("a Vec");
    let screen = String::from_utf8(out).expect("screens are text");
    assert!(screen.contains("\n  and 6 steps more\n"), "{screen}");
    assert_eq!(screen.matches(" peek ").count(), 23, "{screen}");
    assert!(screen.contains("               lock bob"), "{screen}");
}

#[test]
fn a_schedule_is_followed_as_far_as_it_goes() {
    let outcomes = |code| {
        let case = Case::parse(code).expect("it is a case");
        let seen = MutexDeadlock::observe(reference::transfer, &case);
        seen.expect("it is no stub").outcomes.len()
    };
    // Whoever comes first takes the first lock, and the other one waits.
    assert_eq!(outcomes("11.ab1.ba2"), 2);
    assert_eq!(outcomes("11.ab1.ba2:a"), 1);
    assert_eq!(outcomes("11.ab1.ba2:bab"), 1);
}

#[test]
fn a_transfer_that_keeps_something_between_calls_is_told_so() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    assert_wrong::<MutexDeadlock>(
        |bank, from, to, amount| {
            if CALLS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
                bank.peek(to);
            }
            reference::transfer(bank, from, to, amount)
        },
        &["does something else ", "on nothing that it keeps"],
    );
}

#[test]
fn a_lock_that_is_kept_leaves_others_waiting_for_ever() {
    let keeps: Transfer = |bank, from, _, _| {
        std::mem::forget(bank.lock(from));
        Ok(())
    };
    let case = Case::parse("11.ab1.ab2").unwrap();
    let seen = MutexDeadlock::observe(keeps, &case).unwrap();
    let rule = MutexDeadlock::broken_rule(&case, &seen);
    assert!(rule.is_some_and(|rule| rule.starts_with("Nobody frees a lock")), "{rule:?}");
}

#[test]
fn two_that_only_together_end_as_no_order_does_are_caught() {
    assert_wrong::<MutexDeadlock>(
        |bank, from, to, amount| {
            let before = bank.peek(from);
            if bank.lock(from).balance() != before {
                return Ok(());
            }
            reference::transfer(bank, from, to, amount)
        },
        &["Two transfers at the same time come to the same"],
    );
}

#[test]
fn a_transfer_with_more_states_than_are_looked_at_is_wrong_and_soon_over() {
    let diverges: Transfer = |bank, from, _, amount| {
        for _ in 0..6 {
            let balance = bank.peek(from);
            let mut guard = bank.lock(from);
            guard.set(balance.wrapping_mul(3).wrapping_add(amount));
        }
        Ok(())
    };
    let case = Case::parse("11.ab1.ab2").unwrap();
    let seen = MutexDeadlock::observe(diverges, &case).unwrap();
    let cap = explore::Outcome::Wrong(explore::Fault::TooManyWays);
    assert!(seen.outcomes.contains(&cap));
}

#[test]
fn what_is_solved_in_part_is_not_started_but_counted() {
    let (verdict, screen) = screen_of::<MutexDeadlock>(|bank, from, to, amount| {
        if bank.lock(from).balance() < amount {
            return Err(Refused);
        }
        crate::unsolved!("the transfer", to)
    });
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.contains("so far  9 cases right"), "{screen}");
}
