//! Bytes that are wrong, for servers and for the resolver, by the hundred thousand.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use common::random::Rng;
use dns::authority::Authority;
use dns::cache::MAX_ENTRIES;
use dns::fault::Fault;
use dns::message::{self, Edns, HEADER, Over, Question, UDP_SIZE, parse};
use dns::network::{Network, NetworkError, Virtual};
use dns::record::Kind;
use dns::resolver::{Limits, MAX_EXCHANGES, Resolver};
use dns::server::NameServer;
use dns::tree::Tree;
use dns::{caching, walk};
use lesson_tests::Result;
use simple_dns::SimpleDnsError;

use crate::{example_com, question};

/// One of these messages, made wrong.
fn one_of(rng: &mut Rng, messages: &[Vec<u8>]) -> Vec<u8> {
    let message = &messages[rng.below(messages.len() as u64) as usize];
    mutate(rng, message)
}

/// A message made wrong in up to three of many ways.
fn mutate(rng: &mut Rng, message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    let at = |rng: &mut Rng, bytes: &[u8]| rng.below(bytes.len().max(1) as u64) as usize;
    for _ in 0..=rng.below(3) {
        if bytes.is_empty() {
            break;
        }
        let place = at(rng, &bytes);
        match rng.below(8) {
            0 => bytes[place] = rng.below(256) as u8,
            1 => bytes[place] ^= 1 << rng.below(8),
            2 => bytes.truncate(place),
            3 => bytes.insert(place, rng.below(256) as u8),
            // Counts that lie.
            4 if bytes.len() > HEADER => {
                bytes[4 + 2 * rng.below(4) as usize] = rng.below(256) as u8;
            }
            // A pointer, to anywhere.
            5 if place + 1 < bytes.len() => {
                bytes[place] = 0xc0 | rng.below(64) as u8;
                bytes[place + 1] = rng.below(bytes.len() as u64) as u8;
            }
            6 => bytes.extend_from_within(place..),
            _ => bytes.push(0xff),
        }
    }
    bytes
}

fn random(rng: &mut Rng) -> Vec<u8> {
    (0..rng.below(600)).map(|_| rng.below(256) as u8).collect()
}

/// Requests of each kind, to be made wrong.
fn requests() -> Vec<Vec<u8>> {
    let mut requests: Vec<Vec<u8>> = ["web", "www", "nope", "office", "long", "ring1"]
        .iter()
        .flat_map(|name| Kind::ALL.map(|kind| (name, kind)))
        .map(|(name, kind)| question(&format!("{name}.example.com"), kind).encode(7, true))
        .collect();
    // A name that is a chain of pointers, each to the one before.
    let mut chain = requests[0][..HEADER].to_vec();
    chain[11] = 40;
    chain.extend([0, 0, 1, 0, 1]);
    let mut last = HEADER as u16;
    for _ in 0..500 {
        let place = chain.len() as u16;
        chain.extend((0xc000 | last).to_be_bytes());
        last = place;
    }
    // A name that points at itself.
    let mut itself = requests[0][..HEADER].to_vec();
    itself.extend([0xc0, HEADER as u8, 0, 1, 0, 1]);
    requests.extend([chain, itself]);
    requests
}

/// An answer has the id and the flag of a response, and is no longer than it may be.
fn assert_answer_is_sound(request: &[u8], answer: &[u8]) {
    assert_eq!(message::id(answer), message::id(request));
    assert!(message::is_response(answer) && !message::is_response(request));
    assert!(answer.len() <= usize::from(UDP_SIZE), "{}", answer.len());
    let is_read = match parse(answer) {
        // The question is repeated as it was asked, and simple-dns does not know all numbers.
        Err(SimpleDnsError::InvalidQType(_) | SimpleDnsError::InvalidQClass(_)) => true,
        Err(SimpleDnsError::InvalidClass(_)) => true,
        read => read.is_ok(),
    };
    assert!(is_read, "{request:02x?} is answered by {answer:02x?}");
}

#[test]
fn a_server_answers_any_bytes_soundly_or_not_at_all() {
    let authority = example_com();
    let (mut rng, requests) = (Rng::from_seed(1), requests());
    let mut answered = 0;
    for round in 0..100_000 {
        let request = match round % 4 {
            0 => random(&mut rng),
            _ => one_of(&mut rng, &requests),
        };
        if let Some(answer) = authority.respond(&request, Over::Udp) {
            assert_answer_is_sound(&request, &answer);
            answered += 1;
        }
    }
    assert!(answered > 50_000, "{answered}");
}

#[test]
fn a_server_on_a_socket_still_answers_afterwards() -> Result<()> {
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let server = NameServer::start(any, example_com(), Fault::None)?;
    let [attacker, client] =
        [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free"));
    attacker.connect(server.addr())?;
    client.connect(server.addr())?;
    let (mut rng, requests) = (Rng::from_seed(2), requests());
    for round in 0..40 {
        for _ in 0..500 {
            // The system may refuse one that is too long.
            let _ = attacker.send(&one_of(&mut rng, &requests));
        }
        attacker.send(&vec![7; 30_000])?;
        assert!(answers(&client, round)?, "it does not answer any more");
    }
    Ok(())
}

/// Whether a request gets its answer. It is sent again if it was dropped among so many.
fn answers(client: &UdpSocket, id: u16) -> Result<bool> {
    let request = question("web.example.com", Kind::A).encode(id, false);
    client.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut buffer = [0; 4096];
    for _ in 0..200 {
        client.send(&request)?;
        // An answer to an earlier try may come as well.
        while let Ok(length) = client.recv(&mut buffer) {
            if message::id(&buffer[..length]) == Some(id) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A network whose servers answer with the right id and question, and wrong otherwise.
struct Hostile {
    honest: Virtual,
    rng: Rng,
}

impl Network for Hostile {
    fn now(&self) -> Duration {
        self.honest.now()
    }

    fn exchange(
        &mut self,
        server: Ipv4Addr,
        message: &[u8],
        over: Over,
        timeout: Duration,
        is_answer: &mut dyn FnMut(&[u8]) -> bool,
    ) -> std::result::Result<Vec<u8>, NetworkError> {
        // A referral may name any server.
        let servers: Vec<Ipv4Addr> = self.honest.servers.keys().copied().collect();
        let server = match self.rng.below(3) {
            0 => servers[self.rng.below(servers.len() as u64) as usize],
            _ => server,
        };
        let answer = self.honest.exchange(server, message, over, timeout, &mut |_| true)?;
        if self.rng.below(2) == 0 && is_answer(&answer) {
            return Ok(answer);
        }
        let mut wrong = mutate(&mut self.rng, &answer);
        let question_end = (message.len() - 11).min(wrong.len());
        wrong[..2.min(question_end)].copy_from_slice(&message[..2.min(question_end)]);
        if is_answer(&wrong) { Ok(wrong) } else { Err(NetworkError::TimedOut(timeout)) }
    }
}

#[test]
fn a_resolver_ends_whatever_the_servers_answer() {
    let tree = Tree::of_the_lesson();
    let honest = caching::distant_tree();
    let network = Hostile { honest, rng: Rng::from_seed(3) };
    let limits = Limits::default();
    let mut resolver = Resolver::new(network, tree.root, limits, walk::draw_ids(4));
    let names = ["web.example.com", "www.example.com", "store.example.com", "ring1.example.com"]
        .into_iter()
        .chain(["circle.com", "nope.example.com", "office.example.com", "www.shop.com"]);
    let mut found = 0;
    for (round, name) in names.cycle().take(20_000).enumerate() {
        if round % 50 == 0 {
            resolver.cache = Default::default();
        }
        let start = resolver.network.now();
        let answer = resolver.resolve(&name.parse().unwrap(), Kind::ALL[round % 6]);
        found += usize::from(answer.is_ok());
        assert!(resolver.exchanges.len() <= MAX_EXCHANGES);
        assert!(resolver.network.now() - start <= limits.deadline, "{name}");
    }
    assert!(found > 1_000, "{found}");
}

#[test]
fn memory_is_bounded_however_many_names_are_asked_for() {
    let mut resolver = caching::resolver(caching::distant_tree());
    for number in 0..MAX_ENTRIES + 500 {
        let name = format!("n{number}.example.com").parse().unwrap();
        assert!(resolver.resolve(&name, Kind::A).is_err());
    }
    assert!(resolver.cache.sizes().iter().all(|size| *size <= MAX_ENTRIES));
    // What it has asked last is known.
    let last = format!("n{}.example.com", MAX_ENTRIES + 499).parse().unwrap();
    assert!(resolver.resolve(&last, Kind::A).is_err() && resolver.exchanges.is_empty());
}

#[test]
fn any_answer_is_read_or_refused() {
    let authority: Authority = example_com();
    let (mut rng, requests) = (Rng::from_seed(5), requests());
    let answers: Vec<Vec<u8>> =
        requests.iter().filter_map(|request| authority.respond(request, Over::Tcp)).collect();
    let mut read = 0;
    for _ in 0..100_000 {
        let wrong = one_of(&mut rng, &answers);
        if let Ok(packet) = parse(&wrong) {
            message::records(&packet.answers);
            message::records(&packet.name_servers);
            read += 1;
        }
    }
    assert!(read > 10_000, "{read}");
}

#[test]
fn counts_that_lie_take_no_memory() {
    let mut claims = Question { name: "a".parse().unwrap(), kind: Kind::A }.encode(1, false);
    for at in [4, 6, 8, 10] {
        claims[at] = 0xff;
        assert!(parse(&claims).is_err());
    }
    assert!(parse(&[]).is_err() && parse(&[0; 11]).is_err());
    assert!(message::id(&[1]).is_none());
    let edns = Edns { status: 1, version: 2, dnssec_ok: true, ..Edns::OURS };
    let mut bytes = vec![0; HEADER];
    bytes[10..12].copy_from_slice(&[1, 0xff]);
    edns.append_to(&mut bytes);
    assert_eq!(bytes[HEADER..], [0, 0, 41, 0x04, 0xd0, 1, 2, 0x80, 0, 0, 0]);
    assert_eq!(bytes[10..12], [2, 0], "one record more");
}

#[test]
fn long_chains_of_pointers_are_not_followed_for_many_records() {
    // A record with a chain of 8,000 pointers in its data, and 4,000 that begin at its end.
    let mut message = [&[0; HEADER][..], &[0, 0, 1, 0, 1], &[0, 3, 231, 0, 1, 0, 0, 0, 0]].concat();
    message[5] = 1;
    message.extend(16_000_u16.to_be_bytes());
    let mut last = HEADER as u16;
    for _ in 0..8_000 {
        let place = message.len() as u16;
        message.extend((0xc000 | last).to_be_bytes());
        last = place;
    }
    for _ in 0..4_000 {
        message.extend((0xc000 | last).to_be_bytes());
        message.extend([0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    for (count, is_read) in [(9_u16, true), (250, true), (251, false), (4_001, false)] {
        message[6..8].copy_from_slice(&count.to_be_bytes());
        let read = parse(&message).map(|packet| packet.answers.len());
        assert_eq!(read.ok(), is_read.then_some(count.into()));
    }
    // Questions have names as well, and an answer has at most one.
    for (questions, is_read) in [(0, true), (1, true), (2, false)] {
        let mut message = vec![0; HEADER];
        message[5] = questions;
        message.extend([0, 0, 1, 0, 1].repeat(questions.into()));
        assert_eq!(parse(&message).is_ok(), is_read, "{questions}");
    }
}
