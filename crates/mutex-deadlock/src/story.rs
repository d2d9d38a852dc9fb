//! Narrates what the experiments observed.

mod waiting;

use std::path::Path;

use narration::{Narrator, Table, number};

use crate::counting::{self, THREADS};
use crate::four_types;
use crate::increments::{self, FETCH_ADD, Increment, LOAD_STORE, LOCKED, PLAIN};
use crate::poisoned::{self, Accounts};
use crate::processes;
use crate::refusals::{self, Program};

/// Runs every experiment and narrates it. `program` is this program, which is also its own child.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>, program: &Path) -> anyhow::Result<()> {
    narrator.title("mutex-deadlock", "What goes wrong with two threads and one variable?")?;
    one_variable(narrator, program)?;
    what_the_compiler_stops(narrator)?;
    ten_threads(narrator)?;
    panic_with_the_lock(narrator)?;
    waiting::each_for_the_other(narrator)?;
    waiting::ten_requests(narrator)?;
    waiting::two_servers(narrator)?;
    narrator.remember(
        "What you have read may be out of date when you write: make reading and writing one step, \
         with a lock where memory is shared, with a comparison where it is not.",
        "What are the bytes, and who can still read them next year?",
    )?;
    Ok(())
}

fn one_variable(narrator: &mut Narrator<'_>, program: &Path) -> anyhow::Result<()> {
    let plain = PLAIN.explored();
    narrator.step("One variable, two threads", "computed")?;
    narrator.say(
        "Two threads each run `counter += 1`. To the machine that is three steps: **read** the \
         variable into a register, **add** 1 there, **write** it back. Each thread has a register \
         of its own; the variable they share. Between any two steps of one, the other may run.",
    )?;
    narrator.say(&format!(
        "The six steps can be woven in {} ways, each called an **interleaving**. We run all of \
         them. The counter starts at 0 and should end at 2.",
        number(plain.ways)
    ))?;
    narrator.predict(
        &format!("In how many of the {} does it end at 1?", number(plain.ways)),
        plain.bad,
        "It is right only where one thread has written before the other reads: where one runs all \
         of its steps first. Either of them may be that one.",
    )?;
    narrator.say(
        "The first that goes wrong; time runs down, and behind a step stands that thread's \
         register:",
    )?;
    let mut table = Table::new(["thread a", "thread b", "counter"]);
    for moment in increments::first_lost() {
        let step = format!("{:<5} {}", moment.does, moment.register);
        let counter = number(moment.shared);
        let cells = match moment.thread {
            0 => [step, String::new(), counter],
            _ => [String::new(), step, counter],
        };
        table = match moment.loses {
            true => table.marked_row(cells),
            false => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "Thread b writes what was right when it read. This is a **lost update**. A program whose \
         result hangs on who comes first has a **race condition**.",
    )?;
    a_child(narrator, program)
}

fn a_child(narrator: &mut Narrator<'_>, program: &Path) -> anyhow::Result<()> {
    let seen = processes::compare(program)?;
    narrator.say(
        "Threads share memory because they live in one process. A child process runs the same \
         program, and has a memory of its own. A thread and then a child each add 1 to one \
         variable; the parent looks:",
    )?;
    narrator.event("parent", "reads", &number(seen.before))?;
    narrator.event("thread", "adds 1", "")?;
    narrator.event("parent", "reads", &number(seen.after_thread))?;
    let has = format!("and has {}", seen.in_child);
    narrator.event("child", "adds 1", &has)?;
    narrator.event("parent", "reads", &number(seen.after_child))?;
    narrator.say(
        "What the child did, the parent cannot see. Processes have to send each other messages.",
    )?;
    Ok(())
}

fn what_the_compiler_stops(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = counting::load_then_store()?;
    let added = counting::fetch_add()?;
    narrator.step("What Rust stops, and what it does not", "real threads")?;
    narrator.say("Written down like this, Rust refuses it:")?;
    narrator.picture(refusals::PLAIN.source)?;
    narrator.picture(&in_the_words_of_the_compiler(&refusals::PLAIN))?;
    narrator.say(
        "Two threads that use one place in memory at the same time, one of them at least to write, \
         and nothing that orders them: that is a **data race**, and safe Rust has none. So take an \
         **atomic**, a number that every thread may read (load) and write (store), each in one \
         step that nothing can cut. Two real threads load, wait for each other, and then store 1 \
         more than they loaded. That compiles.",
    )?;
    narrator.predict(
        "What does the counter say in the end?",
        seen,
        "Both loaded 0. Each step is safe, and the program is wrong: there is no data race in it, \
         and a race condition all the same. That \"Rust prevents race conditions\" is often told, \
         and it is not so.",
    )?;
    narrator.say(
        "What helps is to make reading and writing one step, by one call that does both, or by a \
         **mutex**: a lock that one thread holds at a time. Every interleaving of two increments, \
         in four ways:",
    )?;
    let row = |increment: &Increment| {
        let explored = increment.explored();
        [increment.name.to_owned(), number(explored.ways), number(explored.bad)]
    };
    narrator.table(
        &Table::new(["increment", "interleavings", "lose an update"])
            .row(row(&PLAIN))
            .row(row(&LOAD_STORE))
            .marked_row(row(&FETCH_ADD))
            .marked_row(row(&LOCKED)),
    )?;
    narrator
        .say(&format!("The real threads once more, with fetch_add: the counter says {added}."))?;
    Ok(())
}

/// What the compiler reports for a program, or that it compiles.
fn in_the_words_of_the_compiler(program: &Program) -> String {
    match program.refused {
        Some(refusal) => format!("error[{}]: {}", refusal.code, refusal.words),
        None => "compiles".to_owned(),
    }
}

fn ten_threads(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let counted = counting::ten_threads()?;
    narrator.step("Ten threads, one number", "real threads")?;
    narrator.say(&format!(
        "{THREADS} threads lock a mutex, add 1, and unlock. They end in any order. The number is \
         {counted}."
    ))?;
    narrator.say(
        "Its type is `Arc<Mutex<u64>>`. Four types come in this corner of the language, and each \
         gives one of two things: several owners for one value, or a change to what is shared. The \
         last two columns are the compiler's own answers (it calls them Send and Sync).",
    )?;
    let mut table = Table::new([
        "type",
        "several owners",
        "change",
        "go to another thread",
        "used by several threads",
    ]);
    for allows in four_types::compare() {
        let cells =
            [allows.of, yes(allows.owners), yes(allows.change), yes(allows.send), yes(allows.sync)];
        table = match [allows.owners, allows.change, allows.send, allows.sync] {
            [true, true, true, true] => table.marked_row(cells),
            _ => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "What is missing, the compiler says. Each of these is a small program of this lesson:",
    )?;
    for program in
        [refusals::RC, refusals::REF_CELL, refusals::ARC, refusals::MUTEX, refusals::ARC_MUTEX]
    {
        let words = in_the_words_of_the_compiler(&program);
        narrator.bullet(&format!("{}: {words}", program.name))?;
    }
    Ok(())
}

fn panic_with_the_lock(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const AMOUNT: u64 = 30;
    let (accounts, seen) = poisoned::panic_in_the_middle(AMOUNT)?;
    narrator.step("A panic with the lock in hand", "real threads")?;
    narrator.say(&format!(
        "One mutex guards two accounts, with ${} in them together. A thread locks it, takes \
         ${AMOUNT} from Alice, and panics before it gives them to Bob: \"{}\". Its lock is freed \
         as it dies.",
        Accounts::START.sum(),
        seen.panic_message
    ))?;
    narrator.event("next", "locks", if seen.lock_fails { "PoisonError" } else { "Ok" })?;
    narrator.event(
        "",
        "finds",
        &format!(
            "alice {}, bob {}: together {}",
            seen.found.alice,
            seen.found.bob,
            seen.found.sum()
        ),
    )?;
    narrator.say(
        "The mutex is **poisoned**: it remembers that somebody panicked with it, and tells \
         everyone who locks it, since what it guards may be half done. There are two ways on. \
         (`unwrap`, which most examples have, is the first, and says it with another panic.)",
    )?;
    let refused = poisoned::lock_or_refuse(&accounts).err();
    let refused = refused.map_or_else(|| "Ok".to_owned(), |broken| broken.to_string());
    narrator.bullet(&format!("Refuse, and leave it to somebody who can look: \"{refused}\"."))?;
    let repaired = *poisoned::lock_and_repair(&accounts);
    let again = poisoned::lock_or_refuse(&accounts).is_ok();
    narrator.bullet(&format!(
        "Repair, and go on. A transfer here notes what is in transit, so whoever finds it half \
         done can undo it: alice {}, bob {}, together {}. Then `clear_poison`. Does the next one \
         lock as always? {}.",
        repaired.alice,
        repaired.bob,
        repaired.sum(),
        yes(again)
    ))?;
    narrator.say(&format!(
        "To take the value out of the error and go on without a repair is neither: ${} would be \
         missing for good.",
        Accounts::START.sum() - seen.found.sum()
    ))?;
    Ok(())
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
