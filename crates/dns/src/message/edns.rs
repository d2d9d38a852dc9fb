//! EDNS, version 0 (RFC 6891): what both sides of an exchange can do, in a record of its own.
//!
//! ```text
//!   0      1       3       5                  6         7        9          11
//!   | root | OPT   | size  | upper status bits| version | flags  | length 0 |
//! ```

use super::{HEADER, UDP_SIZE};

/// The type of the record.
pub(super) const OPT: u16 = 41;

/// The flag that asks for signatures. It is copied into the answer (RFC 3225, section 3).
const DNSSEC_OK: u16 = 0x8000;

/// What the sender of a message can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edns {
    /// The largest datagram that it takes.
    pub size: u16,
    /// The upper bits of a status above 15.
    pub status: u8,
    /// The version of EDNS.
    pub version: u8,
    /// Whether it asks for signatures.
    pub dnssec_ok: bool,
}

impl Edns {
    /// What our own messages say.
    pub const OURS: Edns = Edns { size: UDP_SIZE, status: 0, version: 0, dnssec_ok: false };

    /// Reads the class and the TTL of an OPT record.
    pub(super) fn from_fields(class: u16, ttl: u32) -> Edns {
        let [status, version, ..] = ttl.to_be_bytes();
        Edns { size: class, status, version, dnssec_ok: ttl as u16 & DNSSEC_OK != 0 }
    }

    /// Adds the record to a message that has none.
    ///
    /// # Panics
    /// If `message` has no header.
    pub fn append_to(&self, message: &mut Vec<u8>) {
        let flags = if self.dnssec_ok { DNSSEC_OK } else { 0 };
        message.push(0);
        message.extend(OPT.to_be_bytes());
        message.extend(self.size.to_be_bytes());
        message.extend([self.status, self.version]);
        message.extend(flags.to_be_bytes());
        message.extend([0, 0]);
        let additional = u16::from_be_bytes([message[HEADER - 2], message[HEADER - 1]]);
        message[HEADER - 2..HEADER].copy_from_slice(&(additional + 1).to_be_bytes());
    }
}

/// The bytes that the record takes.
pub(crate) const EDNS_SIZE: usize = 11;
