//! How do you say "Hello" with a flickering lamp?
//!
//! Two hills, a lamp, and nothing else in common: no memory, no clock. Whatever the two want to
//! share, they have to send, and what is sent can be missed. Four problems have to be solved before
//! one word arrives: what the signs mean, where a sign and a message begin and end, whether what
//! arrived is what was sent, and for whom it is. Every network solves the same four, several times,
//! one layer above the other.
//!
//! | module | experiment |
//! |---|---|
//! | [`lamp`] | letters as light and dark, and a watcher with a clock of its own |
//! | [`letters`] | a start for each letter, so that the clock may be wrong; a parity bit |
//! | [`errors`] | which changes parity notices, and which a CRC: every one tried |
//! | [`frame`] | a message with its address, its length and its CRC |
//! | [`layers`] | one GET as Ethernet, IP, TCP and HTTP wrap it; and by lamp |
//! | [`sides`] | a lamp to play with |
//!
//! The lines that are the idea are [`Watcher::next_letter`](lamp::Watcher::next_letter), which
//! begins to count anew with each letter, and [`frame::frame`]. Sources: the form of the letters is
//! that of serial lines (start, eight bits, parity, stop); frames of that kind run in Modbus RTU
//! (Modbus over Serial Line 1.02, section 2.5.1); layers are those of RFC 1122. Left out: how light
//! becomes a bit (thresholds, noise), codes that repair what they notice, and two senders at once.

pub mod errors;
pub mod frame;
pub mod lamp;
pub mod layers;
pub mod letters;
pub mod sides;
pub mod story;
