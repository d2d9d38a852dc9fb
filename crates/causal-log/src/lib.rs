//! How do you read the logs of five services?
//!
//! Each service writes its own log, with the time of its own clock, and clocks disagree. Sorted by
//! time, the lines of several services show effects above their causes. Sorted by Lamport time they
//! do not; and with vector clocks you can ask of any line which others can have caused it, and
//! which cannot, whatever the order says.
//!
//! L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978; C. Fidge
//! and F. Mattern, as in lesson 16.
//!
//! | module | holds |
//! |---|---|
//! | [`services`] | the experiments: three services with skewed clocks handle one order |
//! | [`line`](mod@line) | what a line of a log says, whatever its fields are called |
//! | [`input`] | lines of a file, one at a time and none too long |
//! | [`merge`](mod@merge) | several logs in causal order; in constant memory if each is sorted |
//! | [`log`] | a whole log in memory, its events by name |
//! | [`past`] | what can have caused an event, and how two of them stand to each other |
//! | [`check`](mod@check) | impossible stamps |
//! | [`pretty`] | lines for the eye |
//! | [`sides`] | the tool: its files, its limits, its exit codes |
//!
//! What holds:
//!
//! * Lines come out as the bytes that they were.
//! * No wall clock is believed: `time` is shown, and no order is taken from it.
//! * Nothing that a log says makes the program take memory beyond a limit with a name.
//!
//! Left out: logs that carry neither stamps nor messages. It is impossible to put those in causal
//! order, and this does not pretend to.

pub mod check;
pub mod input;
pub mod line;
pub mod log;
pub mod merge;
pub mod past;
pub mod pretty;
pub mod services;
pub mod sides;
pub mod story;
