//! What goes wrong with two threads and one variable?
//!
//! Threads share memory, and what looks like one step, `counter += 1`, is three. Between any two
//! steps of a thread the others may run, so what a thread has read may be out of date when it
//! writes. A lock makes several steps one. Locks then bring troubles of their own: a thread that
//! panics while it holds one, threads that wait for each other in a deadlock, threads that wait
//! where they need not. And a lock ends where the memory ends: two machines share none, and the
//! same lost update comes back between them.
//!
//! | module | experiment |
//! |---|---|
//! | [`increments`] | every interleaving of two increments, done in four ways |
//! | [`processes`] | a variable that a thread changes and a child process does not |
//! | [`refusals`] | what the compiler reports for seven small programs |
//! | [`counting`] | an atomic in two calls and in one, ten threads and a mutex |
//! | [`four_types`] | what `Rc`, `RefCell`, `Arc` and `Mutex` allow |
//! | [`poisoned`] | a panic while a lock is held, and two ways on |
//! | [`deadlock`] | two real threads that wait for each other, and a detector that finds them |
//! | [`cures`] | every interleaving of the mistake and of four cures |
//! | [`requests`] | ten requests, one at a time and with threads |
//! | [`bank`] | two servers and one account, over sockets |
//! | [`sides`] | the account and its tellers as real processes |
//!
//! [`schedules`] counts and judges what [`explore`] visits; [`locks`] are locks with names;
//! [`account`] and [`teller`] are the parts of the bank. The lines that are the idea: a mutex, in
//! [`increments`], and compare-and-set, in [`Account::carry_out`](account::Account::carry_out). The
//! conditions of a deadlock are those of E. Coffman, M. Elphick and A. Shoshani, "System
//! Deadlocks", ACM Computing Surveys 3(2), 1971; compare-and-set is as strong as a primitive can be
//! (M. Herlihy, "Wait-Free Synchronization", ACM TOPLAS 13(1), 1991).
//!
//! Left out: memory orderings weaker than the sequentially consistent one. The explorer lets steps
//! of threads interleave, and real processors do stranger things yet; what is shown lost here is
//! lost there too. Also left out: readers-writer locks, condition variables, and locks that a
//! server hands out to others (leases).

pub mod account;
pub mod bank;
pub mod counting;
pub mod cures;
pub mod deadlock;
pub mod four_types;
pub mod increments;
pub mod locks;
mod meeting;
pub mod poisoned;
pub mod processes;
pub mod refusals;
pub mod requests;
pub mod schedules;
pub mod sides;
pub mod story;
pub mod teller;

use std::time::Duration;

/// How long an experiment waits for what is certain to happen, before it returns an error instead.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(20);
