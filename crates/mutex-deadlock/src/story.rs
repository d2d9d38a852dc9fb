//! Narrates what the experiments observed.

mod waiting;

use std::path::Path;

use narration::{Answer, Narrator, Table, number};

use crate::counting::{self, THREADS};
use crate::four_types;
use crate::increments::{self, FETCH_ADD, Increment, LOAD_STORE, LOCKED, PLAIN};
use crate::orderings::{self, Ordering};
use crate::poisoned::{self, Accounts};
use crate::processes;
use crate::refusals::{self, Program};
use crate::schedules::Explored;

/// Runs every experiment and narrates it. `program` is this program, which is also its own child.
///
/// # Errors
/// If an experiment fails, or the output is closed.
pub fn run(narrator: &mut Narrator<'_>, program: &Path) -> anyhow::Result<()> {
    narrator.title("mutex-deadlock", "What goes wrong with two threads and one variable?")?;
    one_variable(narrator, program)?;
    what_the_compiler_refuses(narrator)?;
    no_interleaving(narrator)?;
    ten_threads(narrator)?;
    panic_with_the_lock(narrator)?;
    waiting::each_for_the_other(narrator)?;
    waiting::cures(narrator)?;
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
         variable into a register, which is where a processor calculates, **add** 1 there, \
         **write** it back. Each thread has its own register, and both share the variable.",
    )?;
    narrator.say(&format!(
        "Between any two steps of one thread the other may run. One order of all six steps is an \
         **interleaving**; there are {}, and we run them all. The counter starts at 0 and should \
         end at 2.",
        number(plain.ways)
    ))?;
    narrator.predict(
        &format!("In how many of the {} does it end at 1?", number(plain.ways)),
        plain.bad,
        "It is right only where one thread has written before the other reads, so where one runs \
         all its steps first.",
    )?;
    narrator.say("The first one that goes wrong, with each thread's register behind its step:")?;
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
        "Thread b writes what was right when it read: a **lost update**. A program whose result \
         depends on the order in which threads run, and is wrong for some orders, has a **race \
         condition**.",
    )?;
    a_child(narrator, program)
}

fn a_child(narrator: &mut Narrator<'_>, program: &Path) -> anyhow::Result<()> {
    let seen = processes::compare(program)?;
    narrator.say(
        "Threads share memory because they live in one process. A thread of this process adds 1 to \
         a static variable. Then a child process, which runs the same program, does the same.",
    )?;
    narrator.event("parent", "reads", &number(seen.before))?;
    narrator.event("thread", "adds 1", "")?;
    narrator.event("parent", "reads", &number(seen.after_thread))?;
    narrator.event("child", "adds 1", "")?;
    narrator.predict(
        "What does the parent read now?",
        seen.after_child,
        &format!(
            "The child has a variable of its own, which is {} now. Processes share no memory, so \
             they send messages.",
            seen.in_child
        ),
    )?;
    Ok(())
}

fn what_the_compiler_refuses(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let seen = counting::load_then_store()?;
    let added = counting::fetch_add()?;
    narrator.step("What Rust refuses, and what it accepts", "real threads")?;
    narrator.say("The plain version, and the compiler's answer:")?;
    narrator.picture(refusals::PLAIN.source)?;
    narrator.picture(&in_the_words_of_the_compiler(&refusals::PLAIN))?;
    narrator.say(
        "This would be a **data race**: two threads access the same memory, nothing orders the two \
         accesses, at least one of them is a write, and at least one is not atomic. Safe Rust has \
         no data races.",
    )?;
    narrator.say(
        "An **atomic** is a number that threads load and store in one indivisible step each. Two \
         real threads load an atomic 0, wait for each other, and then store 1 more than they \
         loaded. This compiles.",
    )?;
    narrator.predict(
        "What is the counter in the end?",
        seen,
        "Both loaded 0. There is no data race in it, and there is a race condition. \"Rust \
         prevents race conditions\" is often told; it prevents data races.",
    )?;
    narrator.say(
        "The cure is to make reading and writing one step: by one call that does both, or by a \
         **mutex**, a lock that one thread holds at a time. Every interleaving of two increments:",
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
        .say(&format!("The two real threads again, with fetch_add: the counter is {added}."))?;
    Ok(())
}

/// What the compiler reports for a program, or that it compiles.
fn in_the_words_of_the_compiler(program: &Program) -> String {
    match program.refused {
        Some(refusal) => format!("error[{}]: {}", refusal.code, refusal.words),
        None => "compiles".to_owned(),
    }
}

fn no_interleaving(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let programs = orderings::compare();
    let [seq_cst, ..] = &programs;
    narrator.step("Two stores and two loads", "computed")?;
    narrator.say("Two atomics, x and y, are 0. Each thread stores to one and loads the other:")?;
    narrator.table(
        &Table::new(["thread a", "thread b"])
            .row(["store 1 in x", "store 1 in y"])
            .row(["load y", "load x"]),
    )?;
    narrator.predict(
        &format!(
            "In how many of the {} interleavings do both threads load 0?",
            number(seq_cst.both_load_0.ways)
        ),
        seq_cst.both_load_0.bad,
        "The last step of all is a load, and by then both stores have happened.",
    )?;
    narrator.say(
        "A real machine does more than interleave. So each load and store of an atomic in Rust \
         names a **memory ordering**, a promise to the other threads. Relaxed promises that all \
         threads see the changes of this one variable in the same order. Release, for stores, with \
         Acquire, for loads, promises a thread that loads the stored value all that the storing \
         thread did before. SeqCst promises one order of all such loads and stores, the same for \
         every thread.",
    )?;
    let allow = programs.iter().filter(|found| found.both_load_0.bad > 0).count();
    narrator.predict(
        "With how many of these three may both threads load 0?",
        allow,
        "Only SeqCst forbids it. A processor may keep a store in a **store buffer** for a while, \
         and its thread goes on to the load. A Release store becomes visible after everything that \
         its thread did before it; but a load that comes later in the program may take effect \
         before the store does.",
    )?;
    narrator.say(
        "A second program: thread a stores data and then sets a flag; thread b loads the flag and \
         then the data. Now a buffered store is two steps, into the buffer and out of it, so there \
         are more interleavings. With Relaxed a buffer may also empty out of order:",
    )?;
    let mut table = Table::new(["ordering", "both load 0", "flag set, data old"]);
    let of = |explored: &Explored| format!("{} of {}", number(explored.bad), number(explored.ways));
    for found in &programs {
        let cells = [
            found.ordering.name().to_owned(),
            of(&found.both_load_0),
            of(&found.flag_without_data),
        ];
        table = match found.ordering {
            Ordering::SeqCst => table.marked_row(cells),
            _ => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say(
        "Interleavings are all that can happen where every load and store is SeqCst, or where \
         threads touch shared memory only under a mutex. Our other steps assume that.",
    )?;
    Ok(())
}

fn ten_threads(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let counted = counting::ten_threads()?;
    let types = four_types::compare();
    narrator.step("Ten threads, one number", "real threads")?;
    narrator.say(&format!(
        "{THREADS} threads lock a mutex, add 1, and unlock, in any order. The number is {counted}."
    ))?;
    narrator.say(
        "Its type is `Arc<Mutex<u64>>`. `Arc` and `Rc` give a value several owners; `Mutex` and \
         `RefCell` let a shared value change. The compiler derives two traits: a `Send` type may \
         move to another thread, and several threads may use a `Sync` type at a time. \
         `thread::spawn` demands `Send` in its bound.",
    )?;
    let moves_only = types.iter().find(|allows| allows.send && !allows.sync);
    narrator.predict(
        "One may move to another thread, and not be used by several at a time. Which: Rc, Arc, \
         RefCell or Mutex?",
        Answer::one_of(
            &["Rc", "Arc", "RefCell", "Mutex"],
            moves_only.map_or("none", |allows| allows.of.trim_end_matches("<T>")),
        ),
        "It counts its borrows in a plain number, and two threads could change that number at \
         once. A mutex notes in an atomic that it is locked.",
    )?;
    narrator.say("Where T is `Send` and `Sync`, as u64 is:")?;
    let mut table = Table::new(["type", "several owners", "change", "Send", "Sync"]);
    for allows in types {
        let cells =
            [allows.of, yes(allows.owners), yes(allows.change), yes(allows.send), yes(allows.sync)];
        table = match [allows.owners, allows.change, allows.send, allows.sync] {
            [true, true, true, true] => table.marked_row(cells),
            _ => table.row(cells),
        };
    }
    narrator.table(&table)?;
    narrator.say("Four small programs with the wrong type, and what the compiler reports:")?;
    for program in [refusals::RC, refusals::REF_CELL, refusals::ARC, refusals::MUTEX] {
        let words = in_the_words_of_the_compiler(&program);
        narrator.bullet(&format!("{}: {words}", program.name))?;
    }
    Ok(())
}

fn panic_with_the_lock(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    const AMOUNT: u64 = 30;
    let (accounts, seen) = poisoned::panic_in_the_middle(AMOUNT)?;
    narrator.step("A panic with the lock held", "real threads")?;
    narrator.say(&format!(
        "One mutex guards two accounts, with ${} in them together. A thread locks it, takes \
         ${AMOUNT} from Alice, and panics before it gives them to Bob: \"{}\". The panic frees the \
         lock.",
        Accounts::START.sum(),
        seen.panic_message
    ))?;
    narrator.predict(
        "The next thread calls `lock`. Does it return Ok or Err?",
        Answer::one_of(
            &["Ok | yes | guard", "Err | no | error | PoisonError | poisoned"],
            if seen.lock_fails { "Err" } else { "Ok" },
        ),
        "The error holds the guard.",
    )?;
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
        "The mutex is **poisoned**: a thread panicked while it held the lock, so what it guards \
         may be half changed. There are two ways on:",
    )?;
    let refused = poisoned::lock_or_refuse(&accounts).err();
    let refused = refused.map_or_else(|| "Ok".to_owned(), |broken| broken.to_string());
    narrator.bullet(&format!("Refuse: \"{refused}\". `unwrap` refuses with another panic."))?;
    let repaired = *poisoned::lock_and_repair(&accounts);
    let again = poisoned::lock_or_refuse(&accounts).is_ok();
    narrator.bullet(&format!(
        "Repair. A transfer here notes what is in transit, so the next thread can undo it: alice \
         {}, bob {}, together {}. Then it calls `clear_poison`, and the next `lock` returns {}.",
        repaired.alice,
        repaired.bob,
        repaired.sum(),
        if again { "Ok" } else { "an error" }
    ))?;
    narrator.say(&format!(
        "To take the guard out of the error and go on is neither: ${} would be missing for good.",
        Accounts::START.sum() - seen.found.sum()
    ))?;
    Ok(())
}

fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}
