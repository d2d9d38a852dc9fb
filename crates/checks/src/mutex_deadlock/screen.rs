//! A way in which transfers went: a column for each, time running down.

use std::io;

use super::bank::Call;
use super::cases::{Case, Ended, LETTERS, Payment};
use super::explore::{Circle, Fault, Outcome, Seen, Step, Wrong};
use super::{Account, MutexDeadlock};
use crate::{Exercise, Screen, grouped};

/// Rows of steps that are shown at the start, and as many at the end. A right solution has no more.
const MOST_ROWS: usize = 12;

/// Balances from this on, and from its negative down, are shown as "big".
const BIG: i64 = 100;
const VERY_SMALL: i64 = -BIG;

pub(super) fn draw(case: &Case, seen: &Seen, screen: &mut Screen<'_>) -> io::Result<()> {
    for (transfer, payment) in case.payments.iter().enumerate() {
        let label = if transfer == 0 { "asked" } else { "" };
        let name = name(transfer);
        let Payment { from, to, amount } = payment;
        let (from, to) = (from.name(), to.name());
        screen.labelled(label, &format!("{name} pays ${amount} from {from} to {to}"))?;
    }
    screen.line("")?;
    match &seen.wrong {
        Some(wrong) => draw_wrong(case, wrong, screen),
        None => screen.row("", "ends", &ends(seen)),
    }
}

fn draw_wrong(case: &Case, wrong: &Wrong, screen: &mut Screen<'_>) -> io::Result<()> {
    let b = if case.payments.len() > 1 { name(1) } else { ' ' };
    screen.line(&format!("  {:13}{b:13}alice  bob", name(0)))?;
    screen.line(&row(0, "", case.balances))?;
    draw_steps(&wrong.steps, screen)?;
    if matches!(wrong.fault, Fault::Deadlock(_)) {
        for (transfer, wants) in wrong.wants.iter().enumerate() {
            if let Some(account) = wants {
                let wants = format!("wants {}", account.name());
                screen.line(&row(transfer, &wants, wrong.balances))?;
            }
        }
    }
    screen.line("")?;
    screen.difference(&want(case, &wrong.fault), &got(wrong), "state")?;
    if let Some(panic) = &wrong.panic {
        screen.panic(panic)?;
    }
    draw_schedule(case, &wrong.steps, screen)
}

/// The command that tries this one way again.
fn draw_schedule(case: &Case, steps: &[Step], screen: &mut Screen<'_>) -> io::Result<()> {
    if case.payments.len() == 1 || steps.len() > 2 * MOST_ROWS {
        return Ok(());
    }
    let schedule = steps.iter().map(|step| step.transfer).collect();
    let way = Case { schedule, ..case.clone() };
    screen.line("")?;
    let command = format!("cargo run -- replay {}:{}", MutexDeadlock::NAME, way.code());
    screen.command("way", &command)
}

fn draw_steps(steps: &[Step], screen: &mut Screen<'_>) -> io::Result<()> {
    let left_out = steps.len().saturating_sub(2 * MOST_ROWS);
    for (number, step) in steps.iter().enumerate() {
        if left_out == 0 || number < MOST_ROWS || number >= MOST_ROWS + left_out {
            screen.line(&row(step.transfer, &words(step), step.balances))?;
        } else if number == MOST_ROWS {
            screen.line(&format!("  and {} steps more", grouped(left_out)))?;
        }
    }
    Ok(())
}

/// The letter of a transfer.
fn name(transfer: usize) -> char {
    LETTERS[transfer]
}

fn row(transfer: usize, does: &str, [alice, bob]: [i64; 2]) -> String {
    let (a, b) = if transfer == 0 { (does, "") } else { ("", does) };
    format!("  {a:13}{b:13}{:>5}{:>5}", dollars(alice), dollars(bob))
}

fn words(step: &Step) -> String {
    let held = |account: Account| dollars(step.before[account as usize]);
    match step.call {
        Call::Lock(account) => format!("lock {}", account.name()),
        Call::Unlock(account) => format!("free {}", account.name()),
        Call::Read(account) => format!("read {} {}", account.name(), held(account)),
        Call::Peek(account) => format!("peek {} {}", account.name(), held(account)),
        Call::Set(account, balance) => format!("set {} {}", account.name(), dollars(balance)),
    }
}

fn dollars(balance: i64) -> String {
    match balance {
        BIG.. => "big".to_owned(),
        ..=VERY_SMALL => "-big".to_owned(),
        _ => balance.to_string(),
    }
}

fn want(case: &Case, fault: &Fault) -> String {
    match fault {
        Fault::Panicked
        | Fault::TooLong
        | Fault::Unsteady
        | Fault::Deadlock(_)
        | Fault::TooManyWays => match case.payments.len() {
            1 => "the transfer ends".to_owned(),
            _ => "both transfers end".to_owned(),
        },
        Fault::BelowZero(account) => format!("{} 0 or more", account.name()),
        Fault::NotAllThere | Fault::Lost | Fault::MadeUp => {
            format!("{} together", case.total())
        }
        Fault::Held(account) => format!("{} free", account.name()),
        Fault::NotSerial(_) => one_of(case.serial().iter()),
    }
}

fn got(wrong: &Wrong) -> String {
    match &wrong.fault {
        Fault::Panicked => "a panic".to_owned(),
        Fault::TooLong => "goes on for ever".to_owned(),
        Fault::Unsteady => "does something else".to_owned(),
        Fault::Deadlock(Circle::Itself) => "waits for itself".to_owned(),
        Fault::Deadlock(Circle::Ended) => "waits for ever".to_owned(),
        Fault::Deadlock(Circle::EachOther) => "deadlock".to_owned(),
        Fault::BelowZero(account) => {
            let balance = wrong.balances[*account as usize];
            format!("{} {}", account.name(), dollars(balance))
        }
        Fault::NotAllThere | Fault::Lost | Fault::MadeUp => {
            let [alice, bob] = wrong.balances;
            match alice.checked_add(bob) {
                Some(sum) => format!("{} together", dollars(sum)),
                None => "big together".to_owned(),
            }
        }
        Fault::Held(account) => format!("{} held at the end", account.name()),
        Fault::NotSerial(ended) => ended_in_words(ended),
        Fault::TooManyWays => "more states than are tried".to_owned(),
    }
}

fn ends(seen: &Seen) -> String {
    one_of(seen.outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Ended(ended) => Some(ended),
        Outcome::Wrong(_) => None,
    }))
}

fn one_of<'a>(ends: impl Iterator<Item = &'a Ended>) -> String {
    let ends: Vec<String> = ends.map(ended_in_words).collect();
    ends.join("; or ")
}

/// As in `a Ok, b Refused, alice 1, bob 2`.
fn ended_in_words((answers, [alice, bob]): &Ended) -> String {
    let mut words = String::new();
    for (transfer, answer) in answers.iter().enumerate() {
        let answer = if answer.is_ok() { "Ok" } else { "Refused" };
        words += &format!("{} {answer}, ", name(transfer));
    }
    words + &format!("alice {}, bob {}", dollars(*alice), dollars(*bob))
}
