//! A way in which transfers went: a column for each, time running down.

use std::io;

use super::bank::Call;
use super::interleave::{Next, Step, Way};
use super::{Case, Ended, Fault, MutexDeadlock, NAMES, Outcome};
use crate::Screen;
use crate::exercise::{Exercise, draw_panic};

/// Steps of a way that can be replayed: the command stays on a line of 80 columns.
const MOST_TURNS: usize = 24;

/// Draws the calls up to a fault, and what was wanted in its place.
pub(super) fn way(case: &Case, way: &Way, screen: &mut Screen<'_>) -> io::Result<()> {
    let table = Table::of(case, way, screen.width());
    let b = if case.payments.len() > 1 { "b" } else { "" };
    screen.line(&table.line(["a", b, "alice", "bob"]))?;
    for step in &way.steps {
        screen.line(&table.row(step.transfer, &table.call(step), step.balances))?;
    }
    for (transfer, next) in way.next.iter().enumerate() {
        if let Next::Waits(account, _) = next {
            let wants = format!("wants {}", account.name());
            screen.line(&table.row(transfer, &wants, way.balances))?;
        }
    }
    screen.line("")?;
    screen.difference(&want(case, &way.fault), &fault(&way.fault), "state")?;
    if let Some(panic) = way.panic() {
        draw_panic(panic, screen)?;
    }
    if case.payments.len() > 1 && way.schedule.len() <= MOST_TURNS {
        screen.line("")?;
        let turns: String = way.schedule.iter().map(ToString::to_string).collect();
        let name = MutexDeadlock::ABOUT.name;
        screen.command("way", &format!("cargo run -- replay {name}:{}:{turns}", case.string()))?;
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
        let balances = way.steps.iter().flat_map(|step| step.balances).chain(case.balances);
        let widest = balances.map(|balance| balance.to_string().len()).max().unwrap_or(1);
        let wide = Table { call: widest + 11, balance: widest + 1 };
        // What does not fit is shown as "big".
        match widest > 3 && 2 + 2 * wide.call + 2 * wide.balance <= columns {
            true => wide,
            false => Table { call: 13, balance: 5 },
        }
    }

    fn row(&self, transfer: usize, does: &str, balances: [i64; 2]) -> String {
        let (a, b) = if transfer == 0 { (does, "") } else { ("", does) };
        let [alice, bob] = balances.map(|balance| self.dollars(balance));
        self.line([a, b, &alice, &bob])
    }

    fn line(&self, [a, b, alice, bob]: [&str; 4]) -> String {
        let Table { call, balance } = *self;
        format!("  {a:call$}{b:call$}{alice:>balance$}{bob:>balance$}")
    }

    fn call(&self, step: &Step) -> String {
        let (word, account) = match step.call {
            Call::Lock(account) => return format!("lock {}", account.name()),
            Call::Unlock(account) => return format!("free {}", account.name()),
            Call::Read(account) => ("read", account),
            Call::Peek(account) => ("peek", account),
            Call::Set(account, _) => ("set", account),
        };
        format!("{word} {} {}", account.name(), self.dollars(step.balances[account as usize]))
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
        Fault::BelowZero(account, _) => format!("{} 0 or more", account.name()),
        Fault::NotAllThere(_) | Fault::NotPreserved(_) => format!("{} together", case.total()),
        Fault::Held(account) => format!("{} free", account.name()),
        Fault::NotSerial(_) => MutexDeadlock::words(&MutexDeadlock::expected(case)),
        _ => "every transfer ends".to_owned(),
    }
}

/// What has come about, in words.
pub(super) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Ok(ended) => self::ended(ended),
        Err(fault) => self::fault(fault),
    }
}

fn fault(fault: &Fault) -> String {
    let words = match fault {
        Fault::Panicked => "a panic",
        Fault::TooLong => "does not terminate",
        Fault::Unsteady => "other calls than before",
        Fault::WaitsForItself => "waits for itself",
        Fault::Deadlock => "deadlock",
        Fault::BelowZero(account, balance) => return format!("{} {balance}", account.name()),
        Fault::NotAllThere(sum) | Fault::NotPreserved(sum) => return format!("{sum} together"),
        Fault::Held(account) => return format!("{} held at the end", account.name()),
        Fault::NotSerial(ended) => return self::ended(ended),
        Fault::TooManyStates => "more states than are tried",
    };
    words.to_owned()
}

/// As in `a Ok, b Refused, alice 1, bob 2`.
fn ended((answers, [alice, bob]): &Ended) -> String {
    let answers = answers.iter().zip(NAMES).map(|(answer, name)| {
        let answer = if answer.is_ok() { "Ok" } else { "Refused" };
        format!("{name} {answer}, ")
    });
    format!("{}alice {alice}, bob {bob}", answers.collect::<String>())
}
