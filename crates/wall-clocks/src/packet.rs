//! The packet of NTP, the Network Time Protocol: 48 bytes (RFC 5905, section 7.3).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |LI | VN  |Mode |    Stratum    |     Poll      |   Precision   |
//! |                          Root Delay                           |
//! |                        Root Dispersion                        |
//! |                         Reference ID                          |
//! |                   Reference Timestamp (64)                    |
//! |                     Origin Timestamp (64)                     |
//! |                    Receive Timestamp (64)                     |
//! |                    Transmit Timestamp (64)                    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
//!
//! No bytes make [`Packet::parse`] panic. What may follow the 48 bytes, extensions and a message
//! authentication code, is left out: `parse` ignores it, and a reply has none.

use std::array;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The length of a packet without extensions.
pub const LENGTH: usize = 48;

/// The mode of a request.
pub const CLIENT: u8 = 3;

/// The mode of a reply.
pub const SERVER: u8 = 4;

/// The leap indicator of a server whose clock is not set.
pub const UNSYNCHRONISED: u8 = 3;

/// Where each field stands.
mod field {
    /// The leap indicator in the two upper bits, then three of the version, three of the mode.
    pub(super) const FLAGS: usize = 0;
    pub(super) const STRATUM: usize = 1;
    pub(super) const POLL: usize = 2;
    pub(super) const PRECISION: usize = 3;
    pub(super) const ROOT_DELAY: usize = 4;
    pub(super) const ROOT_DISPERSION: usize = 8;
    pub(super) const REFERENCE_ID: usize = 12;
    pub(super) const REFERENCE: usize = 16;
    pub(super) const ORIGIN: usize = 24;
    pub(super) const RECEIVE: usize = 32;
    pub(super) const TRANSMIT: usize = 40;
}

/// A packet by its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packet {
    /// 0 to 2: whether a leap second comes; 3: the clock is not set.
    pub leap: u8,
    /// The version, 1 to 4.
    pub version: u8,
    /// Who speaks: [`CLIENT`], [`SERVER`], and others.
    pub mode: u8,
    /// 1: a server with a clock of its own, such as a GPS receiver; 2: one that asks such a server,
    /// and so on up to 15. 16: not set. 0: not set, or the server refuses, and the reference id
    /// says why.
    pub stratum: u8,
    /// How often the client asks: every 2^poll seconds.
    pub poll: i8,
    /// How finely the clock counts: in 2^precision seconds.
    pub precision: i8,
    /// The round trip to the clock of stratum 1.
    pub root_delay: Short,
    /// How far the server may be off beyond half of that.
    pub root_dispersion: Short,
    /// Whom the server asks; four letters where the stratum is 0 or 1.
    pub reference_id: [u8; 4],
    /// When the server's clock was last set.
    pub reference: NtpTime,
    /// The transmit timestamp of the request. It shows the client that this replies to that.
    pub origin: NtpTime,
    /// t2, by the server's clock.
    pub receive: NtpTime,
    /// t1 in a request, by the client's clock; t3 in a reply, by the server's.
    pub transmit: NtpTime,
}

impl Packet {
    /// Reads a packet; `None` if it has fewer than 48 bytes.
    pub fn parse(bytes: &[u8]) -> Option<Packet> {
        let bytes: &[u8; LENGTH] = bytes.first_chunk()?;
        let time = |at| NtpTime(u64::from_be_bytes(part(bytes, at)));
        let short = |at| Short(u32::from_be_bytes(part(bytes, at)));
        let flags = bytes[field::FLAGS];
        Some(Packet {
            leap: flags >> 6,
            version: flags >> 3 & 7,
            mode: flags & 7,
            stratum: bytes[field::STRATUM],
            poll: bytes[field::POLL] as i8,
            precision: bytes[field::PRECISION] as i8,
            root_delay: short(field::ROOT_DELAY),
            root_dispersion: short(field::ROOT_DISPERSION),
            reference_id: part(bytes, field::REFERENCE_ID),
            reference: time(field::REFERENCE),
            origin: time(field::ORIGIN),
            receive: time(field::RECEIVE),
            transmit: time(field::TRANSMIT),
        })
    }

    /// The packet as it is sent.
    pub fn to_bytes(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(field::FLAGS, &[(self.leap & 3) << 6 | (self.version & 7) << 3 | self.mode & 7]);
        put(field::STRATUM, &[self.stratum]);
        put(field::POLL, &self.poll.to_be_bytes());
        put(field::PRECISION, &self.precision.to_be_bytes());
        put(field::ROOT_DELAY, &self.root_delay.0.to_be_bytes());
        put(field::ROOT_DISPERSION, &self.root_dispersion.0.to_be_bytes());
        put(field::REFERENCE_ID, &self.reference_id);
        put(field::REFERENCE, &self.reference.0.to_be_bytes());
        put(field::ORIGIN, &self.origin.0.to_be_bytes());
        put(field::RECEIVE, &self.receive.0.to_be_bytes());
        put(field::TRANSMIT, &self.transmit.0.to_be_bytes());
        bytes
    }
}

/// The field at this place, whose type says how long it is.
fn part<const N: usize>(bytes: &[u8; LENGTH], at: usize) -> [u8; N] {
    array::from_fn(|index| bytes[at + index])
}

/// A moment: the seconds since 1900, modulo 2^32, and a fraction of 2^32.
///
/// The seconds begin anew in February 2036, and then every 136 years: each round is an era. A
/// moment alone does not say of which era it is. The difference of two does, if they are less than
/// 68 years apart: it is computed modulo 2^64, and its sign says which one is later (RFC 5905,
/// section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NtpTime(pub u64);

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;

/// The seconds from 1900 to 1970, of which 17 years were leap years.
const FROM_1900_TO_1970: i128 = (70 * 365 + 17) * 86_400;

impl NtpTime {
    /// The moment `nanos` nanoseconds after 1970; before it, if that is negative.
    pub fn from_unix(nanos: i128) -> NtpTime {
        let since_1900 = nanos + FROM_1900_TO_1970 * SECOND;
        let (seconds, nanos) = (since_1900.div_euclid(SECOND), since_1900.rem_euclid(SECOND));
        // Those above 32 bits are the era, which is not sent.
        NtpTime((seconds as u64) << 32 | ((nanos << 32) / SECOND) as u64)
    }

    /// The nanoseconds from `earlier` to here; negative if it was later.
    pub fn since(self, earlier: NtpTime) -> i64 {
        let difference = self.0.wrapping_sub(earlier.0) as i64;
        // 2^31 seconds fit into 64 bits of nanoseconds. Half a unit more rounds.
        ((i128::from(difference) * SECOND + (1 << 31)) >> 32) as i64
    }
}

/// The nanoseconds from 1970 to a moment; negative if it was before.
pub fn unix_nanos(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

/// A duration of up to 18 hours: 16 bits of seconds, and a fraction of 2^16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Short(pub u32);

impl Short {
    /// The duration, rounded up, or the longest there is.
    pub fn at_least(time: Duration) -> Short {
        let units = (time.as_nanos() << 16).div_ceil(SECOND as u128);
        Short(u32::try_from(units).unwrap_or(u32::MAX))
    }

    /// The same duration.
    pub fn duration(self) -> Duration {
        Duration::from_nanos((u64::from(self.0) * SECOND as u64) >> 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A request and its reply as ntpdig and chronyd sent them would be as good: each field has
    /// bytes of its own.
    #[test]
    fn each_field_stands_where_the_rfc_has_it() {
        let bytes: Vec<u8> = (0..48).collect();
        let packet = Packet::parse(&[&[0b01_100_011], &bytes[1..]].concat()).unwrap();
        assert_eq!((packet.leap, packet.version, packet.mode), (1, 4, CLIENT));
        assert_eq!((packet.stratum, packet.poll, packet.precision), (1, 2, 3));
        assert_eq!(packet.root_delay, Short(0x04_05_06_07));
        assert_eq!(packet.root_dispersion, Short(0x08_09_0a_0b));
        assert_eq!(packet.reference_id, [12, 13, 14, 15]);
        assert_eq!(packet.reference, NtpTime(0x10_11_12_13_14_15_16_17));
        assert_eq!(packet.origin, NtpTime(0x18_19_1a_1b_1c_1d_1e_1f));
        assert_eq!(packet.receive, NtpTime(0x20_21_22_23_24_25_26_27));
        assert_eq!(packet.transmit, NtpTime(0x28_29_2a_2b_2c_2d_2e_2f));
        assert_eq!(Packet::parse(&bytes[1..]), None);
    }

    #[test]
    fn moments_are_counted_from_1900_in_rounds_of_2_to_the_32_seconds() {
        for (unix, seconds) in [
            (0, 2_208_988_800),
            (-1, 2_208_988_799),
            (-2_208_988_800, 0),
            // 2036-02-07 06:28:15 and the second after it.
            (2_085_978_495, u64::from(u32::MAX)),
            (2_085_978_496, 0),
            // 2106-02-07 06:28:16, where 32 bits of seconds since 1970 end.
            (1 << 32, 2_208_988_800),
        ] {
            assert_eq!(NtpTime::from_unix(unix * SECOND), NtpTime(seconds << 32), "{unix}");
        }
        assert_eq!(NtpTime::from_unix(SECOND / 2).0 as u32, 1 << 31);
        assert_eq!(unix_nanos(UNIX_EPOCH - Duration::from_nanos(3)), -3);
        assert_eq!(unix_nanos(UNIX_EPOCH + Duration::from_secs(2)), 2 * SECOND);
    }

    #[test]
    fn a_difference_is_rounded_to_the_nearest_nanosecond() {
        // A nanosecond is 4.3 units.
        for (units, nanos) in [(2, 0), (3, 1), (6, 1), (7, 2)] {
            assert_eq!(NtpTime(units).since(NtpTime(0)), nanos, "{units}");
            assert_eq!(NtpTime(0).since(NtpTime(units)), -nanos, "{units}");
        }
        assert_eq!(NtpTime(1 << 63).since(NtpTime(0)), -(1 << 31) * SECOND as i64);
    }

    #[test]
    fn a_short_holds_eighteen_hours() {
        assert_eq!(Short::at_least(Duration::from_millis(1_500)), Short(0x0001_8000));
        assert_eq!(Short::at_least(Duration::from_nanos(1)), Short(1));
        assert_eq!(Short::at_least(Duration::MAX / 4), Short(u32::MAX));
        assert_eq!(Short(0x0001_8000).duration(), Duration::from_millis(1_500));
        assert_eq!(Short(u32::MAX).duration().as_secs(), 65_535);
    }

    proptest! {
        // Readers break this on purpose, and the failures they find are not to be kept.
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_difference_is_right_across_an_era(
            // From 1700 to 2300, and up to 68 years apart.
            unix in -8_000_000_000_000_000_000..10_000_000_000_000_000_000_i128,
            apart in -2_147_000_000_000_000_000..2_147_000_000_000_000_000_i64,
        ) {
            let one = NtpTime::from_unix(unix);
            let other = NtpTime::from_unix(unix + i128::from(apart));
            // A fraction is a quarter of a nanosecond.
            prop_assert!(other.since(one).abs_diff(apart) <= 1, "{}", other.since(one));
        }

        #[test]
        fn bytes_are_read_as_they_were_written(bytes in prop::array::uniform32(any::<u8>())) {
            let bytes = [&bytes[..], &bytes[..16]].concat();
            prop_assert_eq!(&Packet::parse(&bytes).unwrap().to_bytes()[..], &bytes[..]);
        }
    }
}
