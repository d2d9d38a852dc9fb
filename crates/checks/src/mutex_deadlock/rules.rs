//! What is wrong with a way in which transfers went, and what helps.

use super::interleave::Way;
use super::{Answer, Case, Fault, Payment};
use crate::exercise::Rule;

/// The rule that is broken at the end of the shortest way to a fault. `None`: the states were too
/// many to find one.
pub(super) fn of(case: &Case, way: Option<&Way>) -> Rule {
    match way.map_or(&Fault::TooManyStates, |way| &way.fault) {
        Fault::Panicked => {
            way.and_then(Way::panic).expect("the way to a panic ends with one").rule()
        }
        Fault::TooLong => Rule::new(
            "A transfer ends. It does not wait for money and does not try again and again: after \
             20 calls of the bank it is taken not to terminate.",
            "Where the money is not there, return Refused at once: no loop.",
        ),
        Fault::Unsteady => Rule::new(
            "What a transfer does depends on its arguments and on the balances that it reads, and \
             on nothing that it keeps from one call to the next.",
            "Look for a static, a thread_local or a cell that outlives a call, for the clock, or \
             for a HashMap whose order counts, and remove it.",
        ),
        Fault::WaitsForItself => Rule::new(
            "A transfer that holds a lock and asks for it once more waits for itself, and does not \
             terminate.",
            "Where from and to are the same account, lock it once. A guard that is made in a \
             statement is held to the statement's end.",
        ),
        Fault::Deadlock => Rule::new(
            "Transfers never wait for each other in a circle: each would need a lock that is held \
             by one that waits.",
            "Lock `from.min(to)` first and `from.max(to)` second, both before anything else.",
        ),
        Fault::BelowZero(..) => Rule::new(
            "An account whose lock is free holds no less than 0: what was checked has to be so \
             still when the money goes.",
            "Compare first, under the same lock under which you write, and write only what you \
             have compared. A subtraction of i64 does not refuse what is below 0.",
        ),
        Fault::NotAllThere(_) => Rule::new(
            "Whenever no lock is held, all the money is in the accounts: a client that locks both \
             and counts finds as much as before.",
            "Take both locks before the first write, and hold both until after the last.",
        ),
        Fault::NotPreserved(_) => Rule::new(
            "No money is lost and none is made up: after all transfers the accounts hold together \
             what they held before.",
            "Read both balances while you hold both locks, and write one less and the other more. \
             Where both accounts are one, write nothing.",
        ),
        Fault::Held(_) => Rule::new(
            "Every transfer ends with no lock in its hand: a dropped guard frees its lock.",
            "Let the guards be local variables: no forget, no Box::leak.",
        ),
        Fault::NotSerial((answers, _)) => match answers[..] {
            [answer] => alone(case, answer),
            _ => Rule::new(
                "Two transfers at the same time come to the same as one after the other, in one \
                 order or the other: the same answers, and the same balances.",
                "Everything that decides the answer is read after both locks are taken: a balance \
                 that was read before may have changed.",
            ),
        },
        Fault::TooManyStates => Rule::new(
            "A transfer has few steps: this one leads to more states than the judge looks at.",
            "Two locks, a comparison, two writes: read each balance once, under its lock.",
        ),
    }
}

fn alone(case: &Case, answer: Answer) -> Rule {
    let Payment { from, amount, .. } = case.payments[0];
    match (case.balances[from as usize] >= amount, answer.is_ok()) {
        (true, false) => Rule::new(
            "An account that holds the amount pays it, to the last dollar, and also to itself.",
            "Refuse where the balance is less than the amount, with `<`: an equal one is enough.",
        ),
        (false, true) => Rule::new(
            "Where the account holds less than the amount, nothing moves: the answer is Refused.",
            "Compare the balance of from with the amount in every case, also where from is to.",
        ),
        (true, true) => Rule::new(
            "A transfer takes the amount from one account and adds it to the other; where the two \
             are one, nothing changes.",
            "Which guard is the payer's? Compute in i64: whole dollars have no other type here.",
        ),
        (false, false) => Rule::new(
            "A transfer that refuses leaves every account as it was.",
            "Compare before you write, not after.",
        ),
    }
}
