//! A way in which transfers went: a column for each, time running down.

use std::io;

use super::bank::Call;
use super::interleave::Step;
use super::{Case, Circle, Ended, Fault, MutexDeadlock, Outcome, Way};
use crate::exercise::Exercise;
use crate::{Screen, grouped};

/// Rows of steps that are shown at the start, and as many at the end. A right solution has no more.
const MOST_ROWS: usize = 12;

/// Draws the calls up to a fault, and what was wanted in its place.
pub(super) fn way(case: &Case, way: &Way, screen: &mut Screen<'_>) -> io::Result<()> {
    let table = Table::of(case, way, screen.width());
    table.head(case, screen)?;
    table.steps(&way.steps, screen)?;
    if matches!(way.fault, Fault::Deadlock(_)) {
        for (transfer, wants) in way.wants.iter().enumerate() {
            if let Some(account) = wants {
                let wants = format!("wants {}", account.name());
                screen.line(&table.row(transfer, &wants, way.balances))?;
            }
        }
    }
    screen.line("")?;
    screen.difference(&want(case, &way.fault), &got(way), "state")?;
    if let Some(panic) = &way.panic {
        screen.panic(panic)?;
    }
    if case.payments.len() > 1 && way.steps.len() <= 2 * MOST_ROWS {
        screen.line("")?;
        let name = MutexDeadlock::ABOUT.name;
        let schedule = case.replay_along(way);
        screen.command("way", &format!("cargo run -- replay {name}:{schedule}"))?;
    }
    Ok(())
}

/// Columns for the calls of each transfer, and for each balance.
struct Table {
    call: usize,
    balance: usize,
}

impl Table {
    fn of(case: &Case, way: &Way, columns: usize) -> Table {
        let balances = way.steps.iter().flat_map(|step| step.after).chain(case.balances);
        let widest = balances.map(|balance| balance.to_string().len()).max().unwrap_or(1);
        // What does not fit is shown as "big".
        let (call, balance) = match widest {
            ..=3 => (13, 5),
            _ if 2 * (widest + 11) + 2 * (widest + 1) + 2 <= columns => (widest + 11, widest + 1),
            _ => (13, 5),
        };
        Table { call, balance }
    }

    fn head(&self, case: &Case, screen: &mut Screen<'_>) -> io::Result<()> {
        let b = if case.payments.len() > 1 { "b" } else { "" };
        let (call, balance) = (self.call, self.balance.max(5));
        screen
            .line(&format!("  {:call$}{b:call$}{:>balance$}{:>balance$}", "a", "alice", "bob"))?;
        screen.line(&self.row(0, "", case.balances))
    }

    fn steps(&self, steps: &[Step], screen: &mut Screen<'_>) -> io::Result<()> {
        let left_out = steps.len().saturating_sub(2 * MOST_ROWS);
        for (number, step) in steps.iter().enumerate() {
            if left_out == 0 || number < MOST_ROWS || number >= MOST_ROWS + left_out {
                screen.line(&self.row(step.transfer, &self.call(step), step.after))?;
            } else if number == MOST_ROWS {
                screen.line(&format!("  and {} steps more", grouped(left_out)))?;
            }
        }
        Ok(())
    }

    fn row(&self, transfer: usize, does: &str, balances: [i64; 2]) -> String {
        let (a, b) = if transfer == 0 { (does, "") } else { ("", does) };
        let [alice, bob] = balances.map(|balance| self.dollars(balance));
        let (call, balance) = (self.call, self.balance);
        format!("  {a:call$}{b:call$}{alice:>balance$}{bob:>balance$}")
    }

    fn call(&self, step: &Step) -> String {
        let (word, account, dollars) = match step.call {
            Call::Lock(account) => ("lock", account, None),
            Call::Unlock(account) => ("free", account, None),
            Call::Read(account) => ("read", account, Some(step.before[account as usize])),
            Call::Peek(account) => ("peek", account, Some(step.before[account as usize])),
            Call::Set(account, balance) => ("set", account, Some(balance)),
        };
        let dollars =
            dollars.map_or(String::new(), |dollars| format!(" {}", self.dollars(dollars)));
        format!("{word} {}{dollars}", account.name())
    }

    fn dollars(&self, balance: i64) -> String {
        let text = balance.to_string();
        match text.len() < self.balance {
            true => text,
            false if balance < 0 => "-big".to_owned(),
            false => "big".to_owned(),
        }
    }
}

fn want(case: &Case, fault: &Fault) -> String {
    match fault {
        Fault::BelowZero(account) => format!("{} 0 or more", account.name()),
        Fault::NotAllThere | Fault::Lost | Fault::MadeUp => {
            format!("{} together", case.total())
        }
        Fault::Held(account) => format!("{} free", account.name()),
        Fault::NotSerial(_) => one_of(case.serial().iter()),
        _ if case.payments.len() == 1 => "the transfer ends".to_owned(),
        _ => "both transfers end".to_owned(),
    }
}

fn got(way: &Way) -> String {
    match &way.fault {
        Fault::BelowZero(account) => {
            format!("{} {}", account.name(), way.balances[*account as usize])
        }
        Fault::NotAllThere | Fault::Lost | Fault::MadeUp => {
            let sum: i128 = way.balances.map(i128::from).iter().sum();
            format!("{sum} together")
        }
        fault => self::fault(fault),
    }
}

/// A fault in words, without the balances.
fn fault(fault: &Fault) -> String {
    let words = match fault {
        Fault::Panicked => "a panic",
        Fault::TooLong => "does not terminate",
        Fault::Unsteady => "does something else",
        Fault::Deadlock(Circle::Itself) => "waits for itself",
        Fault::Deadlock(Circle::Ended) => "waits for ever",
        Fault::Deadlock(Circle::EachOther) => "deadlock",
        Fault::BelowZero(account) => return format!("{} below 0", account.name()),
        Fault::NotAllThere => "money missing meanwhile",
        Fault::Lost => "money lost",
        Fault::MadeUp => "money made up",
        Fault::Held(account) => return format!("{} held at the end", account.name()),
        Fault::NotSerial(ended) => return ended_in_words(ended),
        Fault::TooManyStates => "more states than are tried",
    };
    words.to_owned()
}

/// All that came about, in words.
pub(super) fn outcomes<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let words = outcomes.map(|outcome| match outcome {
        Outcome::Ended(ended) => ended_in_words(ended),
        Outcome::Wrong(fault) => self::fault(fault),
    });
    words.collect::<Vec<_>>().join("; or ")
}

fn one_of<'a>(ends: impl Iterator<Item = &'a Ended>) -> String {
    ends.map(ended_in_words).collect::<Vec<_>>().join("; or ")
}

/// As in `a Ok, b Refused, alice 1, bob 2`.
fn ended_in_words((answers, [alice, bob]): &Ended) -> String {
    let answers = answers.iter().zip(['a', 'b']).map(|(answer, name)| {
        let answer = if answer.is_ok() { "Ok" } else { "Refused" };
        format!("{name} {answer}, ")
    });
    format!("{}alice {alice}, bob {bob}", answers.collect::<String>())
}
