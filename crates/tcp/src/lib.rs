//! How is a reliable stream made from that?
//!
//! The network loses, copies, delays and damages packets, and says nothing. TCP makes of it a
//! stream of bytes that arrive in their order, each once, or an error. It takes three ideas: every
//! byte has a number; what is not acknowledged is sent again; and a sender limits what is in
//! flight, by what the receiver has room for and by what the network seems to carry.
//!
//! | module | experiment |
//! |---|---|
//! | [`handshake`] | three messages, and a model of an endpoint that opens on the first |
//! | [`ports`] | two connections of one machine told apart |
//! | [`resend`] | a loss found by a timeout, and one found by what arrives after it |
//! | [`reassembly`] | reordered and duplicated segments, put right by their numbers |
//! | [`windows`] | a receiver that does not read stops its sender |
//! | [`congestion`] | a sender finds out what a link carries; two come to share it |
//! | [`corruption`] | flipped bits, with the checksum verified and without |
//! | [`limits`] | a peer that is gone, a cut, a firewall that forgets |
//! | [`sides`] | a server for the `curl` and `nc` of the reader's own kernel |
//!
//! Both ends are real TCPs, smoltcp's, on the links of [`internet`]; [`pair`] is the client and the
//! server that most experiments use. The lines that are the idea are in smoltcp; the exercise
//! writes some of them anew. Sources: RFC 9293 (TCP), RFC 5681 (congestion control), RFC 6298 (the
//! retransmission timeout). Left out: selective acknowledgements, which smoltcp's sender ignores,
//! path MTU discovery, and congestion control newer than Reno.

pub mod congestion;
pub mod corruption;
pub mod handshake;
pub mod limits;
pub mod pair;
pub mod ports;
pub mod reassembly;
pub mod resend;
pub mod sides;
pub mod story;
pub mod windows;
