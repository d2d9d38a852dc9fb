//! It said "counted". Is that still true after kill -9?
//!
//! A replica of lesson 19 counts and merges. As a service it makes a promise each time that it
//! answers, and has to keep it when its process is killed, when its machine loses power, when its
//! disk returns other bits, and when a client that has heard nothing asks again. The idea: **a
//! record is durable before what depends on it leaves**; many records share one sync; and the
//! request's id is in the record. What a disk cannot promise, that it is the newest, the peers
//! know.
//!
//! T. S. Pillai and others, "All File Systems Are Not Created Equal", OSDI 2014; A. Rebello and
//! others, "Can Applications Recover from fsync Failures?", USENIX ATC 2020; P. Helland and others,
//! "Group Commit Timers and High Volume Transaction Systems", 1987.
//!
//! | module | experiment |
//! |---|---|
//! | [`counted`] | in memory, written, synced: what a kill and a loss of power leave |
//! | [`recovery`] | a log that is cut at every byte, and of which every bit is flipped |
//! | [`group`] | adds a second, with a sync for each add and with shared ones |
//! | [`twice`] | an add that is asked for twice, at the same replica and at another |
//! | [`lost`] | the three ways to lose all the same |
//! | [`replica`] | the counter as a node, for every world |
//! | [`service`] | a replica and its log, one turn at a time |
//! | [`sides`], [`client`] | the replica as a real process, and its client |
//! | [`cluster`], [`crash`] | several processes on this machine, killed again and again |
//!
//! The lines that are the idea stand in [`replica`], where an add appends before it answers, and in
//! [`service::Service::turn`]. The log itself is [`runtime::log`]. Left out: replicas that come and
//! go; increments that are counted once at whichever replica the client asks; and authentication of
//! clients and replicas.

pub mod client;
pub mod cluster;
pub mod counted;
pub mod crash;
pub mod group;
pub mod lost;
pub mod recovery;
pub mod replica;
pub mod service;
pub mod sides;
pub mod story;
pub mod twice;
