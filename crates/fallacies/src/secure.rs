//! "The network is secure": a payment, and a machine on its way.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use hmac_sha256::HMAC;
use internet::smoltcp::wire::{Ipv4Packet, UdpPacket};
use internet::{Fault, TopologyError};

use crate::world::{SERVER, Service, World, desk};

/// What the client wants.
pub const PAYMENT: &str = "pay 100 to ann";

/// What both ends know, and no machine between them. A real key is drawn at random.
const KEY: &[u8] = b"known at both ends, and nowhere else";

/// The bytes of a tag.
const TAG: usize = 32;

/// What stands with the payment, so that the bank can check it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing but what UDP adds: a checksum, which the bank's system verifies.
    Checksum,
    /// A tag: HMAC-SHA-256 of the message with a key that both ends know.
    Tag,
    /// A number, which grows with each payment, and a tag of both.
    NumberAndTag,
}

/// What happens on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing: the desk.
    Desk,
    /// A machine changes the payee, and computes the checksum anew.
    Changed,
    /// A machine records the packet, and sends it once more.
    Replayed,
}

/// A bank: whom it paid how much.
pub struct Bank {
    check: Check,
    /// The largest number of a payment that was accepted.
    newest: u64,
    paid: BTreeMap<String, u32>,
}

impl Bank {
    fn new(check: Check) -> Bank {
        Bank { check, newest: 0, paid: BTreeMap::new() }
    }

    /// The payment in a message, if it is to be made.
    pub fn accepts<'m>(&mut self, message: &'m [u8]) -> Option<&'m [u8]> {
        if self.check == Check::Checksum {
            return Some(message);
        }
        let (tagged, tag) = message.split_last_chunk::<TAG>()?;
        // Compares in constant time: how long it takes must not show how many bytes are right.
        if !HMAC::verify(tagged, KEY, tag) {
            return None;
        }
        if self.check == Check::Tag {
            return Some(tagged);
        }
        let (number, payment) = tagged.split_first_chunk()?;
        let number = u64::from_be_bytes(*number);
        let is_new = number > self.newest;
        self.newest = self.newest.max(number);
        is_new.then_some(payment)
    }
}

impl Service for Bank {
    fn reply(&mut self, _: Duration, _: Ipv4Addr, message: &[u8]) -> Option<Vec<u8>> {
        let payment = str::from_utf8(self.accepts(message)?).ok()?;
        let (amount, payee) = payment.strip_prefix("pay ")?.split_once(" to ")?;
        let amount: u32 = amount.parse().ok()?;
        let total = self.paid.entry(payee.to_owned()).or_default();
        *total = total.checked_add(amount)?;
        None
    }
}

/// The first payment of a client, as it leaves.
fn message(check: Check) -> Vec<u8> {
    let tagged = match check {
        Check::Checksum => return PAYMENT.as_bytes().to_vec(),
        Check::Tag => PAYMENT.as_bytes().to_vec(),
        Check::NumberAndTag => [&1_u64.to_be_bytes(), PAYMENT.as_bytes()].concat(),
    };
    let tag = HMAC::mac(&tagged, KEY);
    [tagged, tag.to_vec()].concat()
}

/// Sends [`PAYMENT`] to the bank, and returns whom it paid how much.
///
/// # Errors
/// None: the link is valid.
pub fn pay(check: Check, way: Way) -> Result<BTreeMap<String, u32>, TopologyError> {
    let mut world = World::new(1, desk(), &[SERVER], Bank::new(check))?;
    match way {
        Way::Desk => {}
        Way::Changed => world.fault(Fault::Alter(change_payee))?,
        Way::Replayed => world.fault(Fault::Duplicate(Duration::from_millis(500)))?,
    }
    world.send(SERVER, &message(check));
    world.run_until(Duration::from_secs(1));
    Ok(world.service.paid)
}

/// What the machine on the way does with a packet. It has no key.
fn change_payee(packet: &mut [u8]) {
    let (from, to) = (b"to ann", b"to eve");
    if let Some(at) = packet.windows(from.len()).position(|bytes| bytes == from) {
        packet[at..at + to.len()].copy_from_slice(to);
    }
    let mut ip = Ipv4Packet::new_unchecked(packet);
    let (src, dst) = (ip.src_addr().into(), ip.dst_addr().into());
    UdpPacket::new_unchecked(ip.payload_mut()).fill_checksum(&src, &dst);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(check: Check, way: Way) -> Vec<(String, u32)> {
        pay(check, way).expect("a valid link").into_iter().collect()
    }

    #[test]
    fn what_each_check_stops() {
        let to = |payee: &str, amount| vec![(payee.to_owned(), amount)];
        for (check, changed, replayed) in [
            (Check::Checksum, to("eve", 100), to("ann", 200)),
            (Check::Tag, Vec::new(), to("ann", 200)),
            (Check::NumberAndTag, Vec::new(), to("ann", 100)),
        ] {
            assert_eq!(paid(check, Way::Desk), to("ann", 100), "{check:?}");
            assert_eq!(paid(check, Way::Changed), changed, "{check:?}");
            assert_eq!(paid(check, Way::Replayed), replayed, "{check:?}");
        }
    }

    #[test]
    fn a_tag_covers_every_bit_of_number_and_payment() {
        let whole = message(Check::NumberAndTag);
        assert!(Bank::new(Check::NumberAndTag).accepts(&whole).is_some());
        for bit in 0..8 * whole.len() {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Bank::new(Check::NumberAndTag).accepts(&changed), None, "bit {bit}");
        }
        for length in 0..whole.len() {
            assert_eq!(Bank::new(Check::NumberAndTag).accepts(&whole[..length]), None);
        }
    }

    #[test]
    fn what_is_not_a_payment_pays_no_one() {
        let mut bank = Bank::new(Check::Checksum);
        for message in ["", "pay", "pay to ann", "pay -1 to ann", "pay 4294967296 to ann", "\u{0}"]
        {
            assert_eq!(bank.reply(Duration::ZERO, SERVER, message.as_bytes()), None);
        }
        assert_eq!(bank.reply(Duration::ZERO, SERVER, &[0xff; 40]), None);
        assert_eq!(bank.paid.values().sum::<u32>(), 0);
    }
}
