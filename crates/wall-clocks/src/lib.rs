//! Whose clock do you trust?
//!
//! Every machine has a clock, so it seems that two events can be ordered by the times that it gave
//! them. But clocks drift, are set back, and disagree; and no machine can find out how far
//! exactly its clock is from another, since it does not know how long a message was on its way.
//! What it can know is a bound. Three answers follow: measure intervals with a clock that is never
//! set; stamp events so that an effect has a larger stamp than its cause, whatever the clocks say;
//! or take the bound seriously, and wait until it no longer matters.
//!
//! | module | experiment |
//! |---|---|
//! | [`machine`] | a virtual machine's clocks: drift, steps, slewing |
//! | [`intervals`] | how far a clock drifts; a job that is measured while its clock is set |
//! | [`writes`] | three clocks, one value, and the last writer wins |
//! | [`sample`] | offset, delay and bound from four timestamps |
//! | [`server`] | a client that asks for the time, over ways of unequal length |
//! | [`stamps`] | a reply before its request; hybrid stamps, and how near to the wall clock |
//! | [`interval`] | a clock that admits its error, and waiting it out |
//! | [`packet`] | the packet of NTP |
//! | [`sides`] | a time server that can be wrong, and a client, over UDP |
//!
//! The lines that are the idea: [`sample::Sample::new`], and
//! [`HybridClock`](common::clock::HybridClock), which other lessons can use. Sources: RFC 5905
//! (NTP version 4); Kulkarni and others, "Logical Physical Clocks", 2014; Corbett and others,
//! "Spanner", OSDI 2012. Left out: leap seconds, time zones, the filters and the control loop by
//! which NTP combines many samples and servers, and authentication (RFC 8915).

pub mod interval;
pub mod intervals;
pub mod machine;
pub mod packet;
pub mod sample;
pub mod server;
pub mod sides;
pub mod stamps;
pub mod story;
pub mod writes;
