//! What are the bytes, and who can still read them next year?
//!
//! A value that leaves a program becomes a sequence of bytes, and its reader is another program: in
//! another language, of another year, or the target of a hostile writer. What the bytes say for
//! themselves decides whether that works. A format that writes names (JSON) can be read without the
//! type and tolerates added and removed fields; one that writes fields in their order (bincode,
//! postcard) is smaller as a rule, and where the types differ it returns a wrong value without an
//! error; one that writes numbers (Protocol Buffers) is small and made for types that change. And
//! every length in untrusted bytes is a claim.
//!
//! | module | experiment |
//! |---|---|
//! | [`bytes`] | one value in each format, byte by byte, and back |
//! | [`attributes`] | what serde's attributes do, and which formats support them |
//! | [`sizes`] | four sets of data, and which format makes each smallest |
//! | [`numbered`] | fields with numbers, as Protocol Buffers write them |
//! | [`evolution`] | old and new programs read each other's bytes |
//! | [`hostile`] | bytes that are truncated, lie, or are not text: the error and the memory |
//! | [`victims`] | readings that end the process, each in a process of its own |
//! | [`types`] | a reader without the type, as in another language |
//! | [`sides`] | a writer and a reader as real processes |
//!
//! [`format`](mod@format) puts the three formats behind one pair of functions, [`outcome`] judges a
//! reading, [`nesting`] has the deep values and [`memory`] counts allocations. The lines that are
//! the idea stand in [`Outcome::of`](outcome::Outcome::of): a reading is right only if the value is
//! the one that was meant.
//!
//! Sources: RFC 8259 for JSON, the specifications of bincode 1.3 and of postcard's wire format.
//! bincode is here because so much is written with it. Its development has ended
//! (RUSTSEC-2025-0141), and nothing else in the course uses it. Left out: the schema language of
//! Protocol Buffers, formats that need the writer's schema (Avro), those that are read in place
//! (Cap'n Proto, rkyv), and speed, which `crates/bench` measures.

pub mod attributes;
pub mod bytes;
pub mod evolution;
pub mod format;
pub mod hostile;
pub mod memory;
pub mod nesting;
pub mod numbered;
pub mod outcome;
pub mod sides;
pub mod sizes;
pub mod story;
pub mod types;
pub mod victims;
