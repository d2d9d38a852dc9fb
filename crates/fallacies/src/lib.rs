//! Which eight beliefs break distributed programs?
//!
//! Each belief is true between two machines on a desk, and so a program that holds it passes every
//! test there. The idea of this lesson is to run the same program twice: an experiment is a
//! function of its world, a link, a fault, a price, and is called for the desk and for the world.
//! What differs between the two results is what the belief costs.
//!
//! | module | belief | experiment |
//! |---|---|---|
//! | [`reliable`] | the network is reliable | messages that vanish; acknowledged and sent again |
//! | [`latency`] | latency is zero | a hundred calls in turn, and one batch; distances |
//! | [`queue`] | bandwidth is infinite | how long a packet waits as the load nears 1 |
//! | [`secure`] | the network is secure | a payment that is changed, and one that is replayed |
//! | [`topology`] | topology doesn't change | a server that moves |
//! | [`administrators`] | there is one administrator | services in a row; two right changes |
//! | [`bill`] | transport cost is zero | dollars for bytes, and time for encoding |
//! | [`links`] | the network is homogeneous | one request over five links |
//!
//! [`world`] has a client, its servers and the link between them; [`fetch`](mod@fetch) an answer
//! over TCP; [`orders`] the same list in two formats. The lines that are the idea: every experiment
//! that takes a [`Link`](internet::Link), and [`Bank::accepts`](secure::Bank::accepts).
//!
//! Sources: the list is explained in A. Rotem-Gal-Oz, Fallacies of Distributed Computing Explained,
//! 2006; the tag is HMAC (RFC 2104). Left out: what cures each belief in full, which other lessons
//! have.

pub mod administrators;
pub mod bill;
pub mod fetch;
pub mod latency;
pub mod links;
pub mod orders;
pub mod queue;
pub mod reliable;
pub mod secure;
pub mod story;
pub mod topology;
pub mod world;
