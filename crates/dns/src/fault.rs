//! What can be wrong with a server.

use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Packet, PacketFlag, RCODE, ResourceRecord};

/// What is wrong with a server. Each is done to an answer that was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It does not answer.
    Silent,
    /// It answers so much later.
    Slow(Duration),
    /// It answers that it failed.
    ServFail,
    /// Its answer has another id.
    WrongId,
    /// Its answer is to another question.
    OtherQuestion,
    /// What it sends is not a message.
    Garbage,
    /// It does not have the zone any more, and says nothing of the name.
    Lame,
    /// It adds records of names that are not its own.
    OtherZone,
}

/// The name, and the address, that a server adds to its answers where it has no say.
pub const VICTIM: &str = "www.shop.com";
/// See [`VICTIM`].
pub const ATTACKER: std::net::Ipv4Addr = std::net::Ipv4Addr::new(203, 0, 113, 66);

impl Fault {
    /// How much later the answer comes.
    pub fn delay(self) -> Duration {
        match self {
            Fault::Slow(delay) => delay,
            _ => Duration::ZERO,
        }
    }

    /// What the server sends in place of this answer, if anything.
    pub fn alter(self, mut answer: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Fault::None | Fault::Slow(_) => Some(answer),
            Fault::Silent => None,
            Fault::WrongId => {
                answer[1] ^= 1;
                Some(answer)
            }
            Fault::Garbage => {
                // All but the flag of a response: a server that took it for a request would answer.
                answer[3..].iter_mut().for_each(|byte| *byte = !*byte);
                Some(answer)
            }
            Fault::ServFail | Fault::OtherQuestion | Fault::Lame | Fault::OtherZone => {
                let mut packet = Packet::parse(&answer).ok()?;
                self.edit(&mut packet);
                packet.build_bytes_vec().ok()
            }
        }
    }

    fn edit(self, packet: &mut Packet<'_>) {
        match self {
            Fault::OtherQuestion => {
                let other = simple_dns::Name::new_unchecked("other.example");
                packet.questions.iter_mut().for_each(|question| question.qname = other.clone());
            }
            Fault::OtherZone => {
                let victim = simple_dns::Name::new_unchecked(VICTIM);
                let address = RData::A(ATTACKER.into());
                let forged = ResourceRecord::new(victim, CLASS::IN, 86_400, address);
                packet.answers.push(forged.clone());
                packet.additional_records.push(forged);
            }
            _ => {
                packet.answers.clear();
                packet.name_servers.clear();
                packet.additional_records.clear();
                packet.remove_flags(PacketFlag::AUTHORITATIVE_ANSWER);
                if self == Fault::ServFail {
                    *packet.rcode_mut() = RCODE::ServerFailure;
                }
            }
        }
    }
}

impl std::str::FromStr for Fault {
    type Err = String;

    /// A fault by its name on the command line.
    fn from_str(text: &str) -> Result<Fault, String> {
        Ok(match text {
            "silent" => Fault::Silent,
            "slow" => Fault::Slow(Duration::from_millis(500)),
            "servfail" => Fault::ServFail,
            "wrong-id" => Fault::WrongId,
            "other-question" => Fault::OtherQuestion,
            "garbage" => Fault::Garbage,
            "lame" => Fault::Lame,
            "other-zone" => Fault::OtherZone,
            _ => {
                return Err("a fault is one of silent, slow, servfail, wrong-id, other-question, \
                            garbage, lame, other-zone"
                    .to_owned());
            }
        })
    }
}
