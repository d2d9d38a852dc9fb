//! How fast is it, and for whom?
//!
//! How long one request takes is its **latency**; how many are done in a second is the
//! **throughput**. Neither is one number: latencies are spread, and those who meet the slow end are
//! many as soon as a page makes many calls. Most of that end is waiting in queues, and how long
//! they are depends on how much else is asked. So a measurement has to ask as the users do: at
//! their times, and not when the last answer has come.
//!
//! | module | experiment |
//! |---|---|
//! | [`highway`] | one lane and four: latency and throughput |
//! | [`percentiles`] | one slow request in a hundred, and five rules for p99 |
//! | [`fan_out`] | ten calls for a page; the second and the slowest of three replicas |
//! | [`batches`] | what a batch gains and what it costs |
//! | [`queue`] | latency as the load nears 100 % |
//! | [`omission`] | one pause, measured by a closed loop, a corrected one and an open one |
//! | [`load`] | the generator: requests by a schedule to a real server, in either loop |
//! | [`report`] | a histogram as text, as SVG, and in the percentile format of other tools |
//! | [`sides`] | an echo server that can pause, and `load` |
//!
//! The lines that are the idea: [`omission::open_loop`] beside [`omission::closed_loop`], and in
//! the generator the sending half of [`load::run`], which never looks at an answer. Sources: Dean
//! and Barroso, "The Tail at Scale", 2013; Tene, "How NOT to Measure Latency", 2013; Hyndman and
//! Fan, "Sample Quantiles in Statistical Packages", 1996. Left out: arrivals at random times in the
//! generator (its schedule is even, so that a server can be compared with itself), several
//! connections, and other machines.

pub mod batches;
pub mod fan_out;
pub mod highway;
pub mod load;
pub mod omission;
pub mod percentiles;
pub mod queue;
pub mod report;
pub mod sides;
pub mod story;
