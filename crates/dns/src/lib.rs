//! How does a name become an address?
//!
//! No machine knows all names. The names are a tree, cut into zones, each with an owner and servers
//! of its own. A server knows the names of its zones, and for what lies below a cut the servers
//! that have it. So a resolver that knows the root finds every name, and what it has learned it
//! keeps for as long as the owner said. That is why DNS carries so much with so few servers, and
//! why a change is not seen at once.
//!
//! | module | experiment |
//! |---|---|
//! | [`anatomy`] | a question and its answer, byte by byte; an address works where a name fails |
//! | [`walk`] | from the root down, over real sockets; an answer too long for a datagram |
//! | [`caching`] | hits and misses, negative answers, and a change that is seen late |
//! | [`aliases`] | aliases in a zone, across zones, and in a circle |
//! | [`outages`] | one of two servers fails, in each way |
//! | [`spoof`] | forged answers: which are believed, and how many it takes |
//! | [`sides`] | the servers and the resolver as real processes |
//!
//! | module | part |
//! |---|---|
//! | [`name`], [`record`], [`message`] | names, records, and messages as bytes |
//! | [`zone`], [`authority`], [`server`], [`fault`] | zone files, answers, servers, faults |
//! | [`resolver`], [`cache`], [`network`] | the walk; what is remembered; sockets or virtual time |
//! | [`tree`] | the zones of the lesson, and which server has which |
//!
//! The lines that are the idea stand in [`resolver`] (the walk) and in [`authority`] (the
//! referral). Sources: RFC 1034 and 1035 (DNS), RFC 2181 (clarifications), RFC 2308 (negative
//! answers), RFC 5452 (forged answers), RFC 6891 (EDNS). Left out: signatures (DNSSEC), encrypted
//! transports, zone transfers, servers reached over IPv6, and a server that resolves for others.

pub mod aliases;
pub mod anatomy;
pub mod authority;
pub mod cache;
pub mod caching;
pub mod fault;
pub mod message;
pub mod name;
pub mod network;
pub mod outages;
pub mod record;
pub mod resolver;
pub mod server;
pub mod sides;
pub mod spoof;
pub mod story;
pub mod tree;
pub mod walk;
pub mod zone;
