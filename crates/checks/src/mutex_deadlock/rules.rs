//! What is wrong with a way in which transfers went, in a sentence.

use super::cases::Case;
use super::explore::{Circle, Fault, Seen};

/// The rule that was broken; `None` if nothing went wrong in any way.
pub(super) fn broken(case: &Case, seen: &Seen) -> Option<&'static str> {
    let wrong = seen.wrong.as_ref()?;
    Some(match &wrong.fault {
        Fault::Panicked => {
            let panic = wrong.panic.as_ref();
            panic.expect("a panic was seen").rule()
        }
        Fault::TooLong => {
            "A transfer ends. It does not wait for money and does not try for ever: after 20 calls \
             of the bank it is taken to do so."
        }
        Fault::Unsteady => {
            "What a transfer does depends on its arguments and on the balances that it reads, and \
             on nothing that it keeps from one call to the next."
        }
        Fault::Deadlock(circle) => deadlock(*circle),
        Fault::BelowZero(_) => {
            "An account whose lock is free holds no less than 0: what was checked has to be so \
             still when the money goes."
        }
        Fault::NotAllThere => {
            "Whenever no lock is held, all the money is in the accounts: whoever locks both and \
             counts finds as much as before."
        }
        Fault::Held(_) => {
            "Every transfer ends with no lock in its hand: a guard frees its lock when it is \
             dropped."
        }
        Fault::Lost => {
            "No money is lost: after all transfers the accounts hold together what they held \
             before."
        }
        Fault::MadeUp => {
            "No money is made up: after all transfers the accounts hold together what they held \
             before."
        }
        Fault::NotSerial((answers, _)) if case.payments.len() == 1 => {
            alone(case, answers[0].is_ok())
        }
        Fault::NotSerial(_) => {
            "Two transfers at the same time come to the same as one after the other, in one order \
             or the other: the same answers, and the same balances."
        }
        Fault::TooManyWays => {
            "A transfer has few steps: this one leads to more than 10,000 states, more than the \
             judge looks at."
        }
    })
}

fn deadlock(circle: Circle) -> &'static str {
    match circle {
        Circle::Itself => {
            "Who holds a lock and asks for it once more waits for itself, and that is for ever."
        }
        Circle::Ended => {
            "Nobody frees a lock that a transfer has kept beyond its end: who asks for it waits \
             for ever."
        }
        Circle::EachOther => {
            "Transfers never wait for each other in a circle: whoever goes on from there would \
             need a lock that is held by one who waits."
        }
    }
}

fn alone(case: &Case, paid: bool) -> &'static str {
    let can_pay = case.serial().iter().all(|(answers, _)| answers[0].is_ok());
    match (can_pay, paid) {
        (true, false) => {
            "Where the account holds the amount, the transfer is done, to the last dollar and \
             whoever gets it."
        }
        (false, true) => {
            "Where the account holds less than the amount, nothing moves, and the answer is \
             Refused."
        }
        (true, true) => {
            "A transfer takes the amount from one account and adds it to the other; where the two \
             are one, nothing changes."
        }
        (false, false) => "Who refuses leaves every account as it was.",
    }
}
