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
//! | [`orderings`] | two programs that go wrong in an order that no interleaving has |
//! | [`counting`] | an atomic in two calls and in one, ten threads and a mutex |
//! | [`four_types`] | what `Rc`, `RefCell`, `Arc` and `Mutex` allow |
//! | [`poisoned`] | a panic while a lock is held, and two ways on |
//! | [`deadlock`] | two real threads that wait for each other, and a detector that finds them |
//! | [`cures`] | every interleaving of the mistake and of four cures |
//! | [`diagram`] | a schedule of the two threads and the two locks, as a space-time diagram |
//! | [`requests`] | ten requests, one at a time and with threads |
//! | [`bank`] | two servers and one account, over sockets |
//! | [`sides`] | the account and its tellers as real processes |
//!
//! [`schedules`] counts and judges what [`explore`] visits; [`locks`] are locks with names;
//! [`account`] and [`teller`] are the parts of the bank. The lines that are the idea: a mutex, in
//! [`increments`], and compare-and-set, in [`Account::execute`](account::Account::execute). The
//! conditions of a deadlock are those of E. Coffman, M. Elphick and A. Shoshani, "System
//! Deadlocks", ACM Computing Surveys 3(2), 1971; compare-and-set is as strong as a primitive can be
//! (M. Herlihy, "Wait-Free Synchronization", ACM TOPLAS 13(1), 1991).
//!
//! The interleavings are those of the sequentially consistent ordering, `SeqCst`; [`orderings`]
//! shows where a weaker one differs. Left out: the whole of the memory model, readers-writer locks,
//! condition variables, and locks that a server grants to others (leases).

pub mod account;
pub mod bank;
pub mod counting;
pub mod cures;
pub mod deadlock;
pub mod diagram;
pub mod four_types;
pub mod increments;
pub mod locks;
mod meeting;
pub mod orderings;
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
