//! A gigabyte in packets, and what the headers cost.

/// The headers that each packet of a TCP connection has: IP's and TCP's, without options.
pub const HEADERS: u64 = 20 + 20;

/// The largest payload of TCP in a packet of 1,500 bytes.
pub const USUAL: u64 = 1_460;

/// What is sent.
pub const GIGABYTE: u64 = 1_000_000_000;

/// What it takes to send a gigabyte in packets of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Payload of each packet, in bytes.
    pub payload: u64,
    /// How many packets.
    pub packets: u64,
    /// Bytes of headers, in all of them.
    pub headers: u64,
}

impl Cost {
    /// Of a gigabyte in packets of `payload` bytes, at least 1.
    pub fn of(payload: u64) -> Cost {
        let packets = GIGABYTE.div_ceil(payload);
        Cost { payload, packets, headers: packets * HEADERS }
    }

    /// How many in a thousand of all bytes are headers, rounded.
    pub fn per_thousand(&self) -> u64 {
        let all = GIGABYTE + self.headers;
        (self.headers * 1000 + all / 2) / all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gigabyte_is_hundreds_of_thousands_of_packets() {
        let usual = Cost::of(USUAL);
        assert_eq!((usual.packets, usual.headers, usual.per_thousand()), (684_932, 27_397_280, 27));
        assert_eq!(Cost::of(1).per_thousand(), 976);
    }
}
