//! The handshake, and why it takes three messages.

use std::collections::BTreeSet;
use std::time::Duration;

use internet::{Fault, Link, TcpConfig, TopologyError, What, packet};

use crate::pair::Pair;

/// A segment of a handshake, with the numbers that are on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Who sends it.
    pub from: String,
    /// `SYN`, `SYN, ACK` or `ACK`.
    pub flags: &'static str,
    /// Its sequence number.
    pub seq: u32,
    /// The number of the byte that it expects next.
    pub ack: Option<u32>,
}

/// The first three segments of a connection.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn handshake() -> Result<Vec<Greeting>, TopologyError> {
    let mut pair = Pair::new(b"", Link::default(), TcpConfig::default(), &[])?;
    pair.run_until(Duration::from_secs(1));
    let greetings = pair.net.record().notes.iter().filter(|note| note.what == What::Sent);
    let greetings = greetings.filter_map(|note| {
        let tcp = packet::tcp(&note.packet.bytes)?;
        let flags = match (tcp.syn(), tcp.ack()) {
            (true, false) => "SYN",
            (true, true) => "SYN, ACK",
            _ => "ACK",
        };
        let number = |seq: internet::smoltcp::wire::TcpSeqNumber| seq.0 as u32;
        let from = pair.net.name(note.from).to_owned();
        let ack = tcp.ack().then(|| number(tcp.ack_number()));
        Some(Greeting { from, flags, seq: number(tcp.seq_number()), ack })
    });
    Ok(greetings.collect())
}

/// What became of a copy of a SYN that arrived when its connection was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldSyn {
    /// How the server answered it, and the client that.
    pub answers: Vec<String>,
    /// How many connections the server's program was given in all.
    pub accepted: usize,
}

/// A link keeps a copy of a SYN for 100 seconds. By then the connection has come and gone. Both
/// ends are the real stack.
///
/// # Errors
/// If the topology is invalid: it is not.
pub fn old_syn() -> Result<OldSyn, TopologyError> {
    let late = Duration::from_secs(100);
    let faults = [(1, Fault::Duplicate(late))];
    let mut pair = Pair::new(b"pay 100", Link::default(), TcpConfig::default(), &faults)?;
    pair.run_until(Duration::from_secs(1));
    let first = pair.accepted.expect("the server accepts");
    pair.net.close(pair.tcp);
    pair.net.close(first);
    pair.run_until(Duration::from_secs(90));
    pair.net.remove(pair.tcp);
    pair.net.remove(first);
    pair.accepted = None;
    pair.run_until(Duration::from_secs(110));
    let is_late = |note: &&internet::Note| note.time >= late && note.what == What::Sent;
    let sent = pair.net.record().notes.iter().filter(is_late);
    let answers = sent.filter_map(|note| {
        let tcp = packet::tcp(&note.packet.bytes)?;
        let says = match (tcp.rst(), tcp.syn()) {
            (true, _) => "reset",
            (_, true) => "SYN, ACK",
            _ => "another",
        };
        Some(format!("{}: {says}", pair.net.name(note.from)))
    });
    Ok(OldSyn { answers: answers.collect(), accepted: 1 + usize::from(pair.accepted.is_some()) })
}

// A model, and not the real stack: no TCP opens on the first SYN. It shows what that would do.

/// What the endpoint of the model receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// "I would like to connect."
    Syn,
    /// "I have seen your number", this one.
    Ack(u32),
    /// Data for the program, from one that has seen this number.
    Data(u32, &'static str),
}

/// A server of the model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Whether a SYN alone opens the connection.
    pub opens_on_syn: bool,
    /// Its number for the next connection; each gets another.
    next: u32,
    /// The numbers that it has sent, and that no client has acknowledged.
    offered: BTreeSet<u32>,
    is_open: bool,
    /// What it gave to its program.
    pub delivered: Vec<&'static str>,
}

impl Model {
    /// Takes a message.
    pub fn receive(&mut self, message: Message) {
        match message {
            Message::Syn => {
                self.next += 1;
                self.offered.insert(self.next);
                self.is_open |= self.opens_on_syn;
            }
            Message::Ack(number) => self.is_open |= self.offered.remove(&number),
            Message::Data(number, data) => {
                if self.is_open && (self.opens_on_syn || number == self.next) {
                    self.delivered.push(data);
                }
            }
        }
    }

    /// The client is gone.
    pub fn close(&mut self) {
        self.is_open = false;
        self.offered.clear();
    }
}

/// Has a client pay once, and then delivers old copies of all that it sent. Returns how often the
/// model's program was asked to pay.
pub fn payments(opens_on_syn: bool) -> usize {
    let mut server = Model { opens_on_syn, ..Model::default() };
    let sent = [Message::Syn, Message::Ack(1), Message::Data(1, "pay 100")];
    for message in sent {
        server.receive(message);
    }
    server.close();
    for old_copy in sent {
        server.receive(old_copy);
    }
    server.delivered.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_acknowledges_the_others_number_and_one_more() -> Result<(), TopologyError> {
        let greetings = handshake()?;
        let flags: Vec<_> = greetings.iter().map(|each| (&*each.from, each.flags)).collect();
        assert_eq!(flags, [("client", "SYN"), ("server", "SYN, ACK"), ("client", "ACK")]);
        let next = |place: usize| Some(greetings[place].seq.wrapping_add(1));
        assert_eq!(
            [greetings[0].ack, greetings[1].ack, greetings[2].ack],
            [None, next(0), next(1)]
        );
        Ok(())
    }

    #[test]
    fn the_real_client_resets_what_it_did_not_ask_for() -> Result<(), TopologyError> {
        let old = old_syn()?;
        assert_eq!(old.answers, ["server: SYN, ACK", "client: reset"]);
        assert_eq!(old.accepted, 1);
        Ok(())
    }

    #[test]
    fn old_copies_pay_again_where_a_syn_alone_opens() {
        assert_eq!((payments(true), payments(false)), (2, 1));
    }
}
