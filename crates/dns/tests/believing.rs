//! What the resolver makes of answers that are edited on their way.

use std::net::Ipv4Addr;
use std::time::Duration;

use dns::caching::{self, look_up};
use dns::message::{Over, Packet, parse};
use dns::name::Name;
use dns::network::{Network, NetworkError};
use dns::record::{Data, Kind, Record, Soa};
use dns::resolver::{Failure, Limits, MAX_EXCHANGES, ResolveError, Resolver};
use dns::tree::Tree;
use dns::walk;
use simple_dns::{PacketFlag, RCODE};

use crate::resolving::{resolver, zones};

/// A network of 127.0.0.1 alone, which answers as `reply` edits the answer.
struct Scripted<F>(F);

impl<F: FnMut(&mut Packet<'_>, Ipv4Addr, Over)> Network for Scripted<F> {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn exchange(
        &mut self,
        server: Ipv4Addr,
        message: &[u8],
        over: Over,
        timeout: Duration,
        is_answer: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Vec<u8>, NetworkError> {
        let mut packet = parse(message).unwrap().into_reply();
        (self.0)(&mut packet, server, over);
        let bytes = packet.build_bytes_vec().unwrap();
        if is_answer(&bytes) { Ok(bytes) } else { Err(NetworkError::TimedOut(timeout)) }
    }
}

/// A resolver whose servers answer as `reply` says.
fn scripted<F: FnMut(&mut Packet<'_>, Ipv4Addr, Over)>(reply: F) -> Resolver<Scripted<F>> {
    Resolver::new(Scripted(reply), Ipv4Addr::LOCALHOST, Limits::default(), walk::draw_ids(1))
}

#[test]
fn what_is_truncated_over_tcp_too_is_not_taken_for_all() {
    let one = Record { name: caching::name("a"), ttl: 9, data: Data::A(Ipv4Addr::LOCALHOST) };
    let mut resolver = scripted(|reply, _, _| {
        reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER | PacketFlag::TRUNCATION);
        reply.answers.push(one.to_wire().into_owned());
    });
    let error = resolver.resolve(&caching::name("a"), Kind::A).unwrap_err();
    assert_eq!(error, ResolveError::NoServer { zone: Name::root(), last: Failure::NotAnAnswer });
    let over: Vec<_> = resolver.exchanges.iter().map(|asked| asked.over).collect();
    assert_eq!(over, [Over::Udp, Over::Tcp]);
}

#[test]
fn no_such_name_needs_authority_and_the_question() {
    let absent = |edit: fn(&mut Packet<'_>)| {
        let mut resolver = scripted(move |reply, _, _| {
            *reply.rcode_mut() = RCODE::NameError;
            edit(reply);
        });
        resolver.resolve(&caching::name("a"), Kind::A).unwrap_err().to_string()
    };
    let with_authority = absent(|reply| reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER));
    assert_eq!(with_authority, "a does not exist (NXDOMAIN)");
    assert!(absent(|_| {}).ends_with("it answers NXDOMAIN"));
    let without_question = absent(|reply| {
        reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
        reply.questions.clear();
    });
    assert!(without_question.ends_with("no answer within 800 ms"), "{without_question}");
}

#[test]
fn glue_is_kept_no_longer_than_its_own_ttl() {
    let mut resolver = resolver();
    let edit = [("ns.com.     A", "ns.com.  5  A")];
    let root = Tree::of_the_lesson().root;
    resolver.network.servers.get_mut(&root).unwrap().authority =
        Tree::changed("root.zone", &edit).servers[&root].clone();
    for (second, asked) in [(0, [".", "com"].as_slice()), (4, &["com"]), (6, &[".", "com"])] {
        let found = look_up(&mut resolver, Duration::from_secs(second), &format!("n{second}.com"));
        assert_eq!(zones(&found), asked, "after {second} s");
    }
}

fn asked_for(reply: &Packet<'_>) -> Name {
    Name::from_wire(&reply.questions[0].qname)
}

/// Makes the reply a referral to these servers, with the addresses that are given.
fn refer<S: AsRef<str>>(reply: &mut Packet<'_>, zone: &str, servers: &[(S, Option<[u8; 4]>)]) {
    let record = |owner: &str, data| {
        Record { name: caching::name(owner), ttl: 60, data }.to_wire().into_owned()
    };
    for (server, address) in servers {
        let server = server.as_ref();
        reply.name_servers.push(record(zone, Data::Ns(caching::name(server))));
        let glue = address.map(|address| record(server, Data::A(address.into())));
        reply.additional_records.extend(glue);
    }
}

#[test]
fn a_server_that_failed_is_asked_last_with_glue_or_without() {
    // Of two servers the first is dead. Without glue the root has their addresses.
    let servers = [("ns1.b", [127, 0, 0, 2]), ("ns2.b", [127, 0, 0, 3])];
    for glue in [true, false] {
        let mut resolver = scripted(move |reply, server, _| {
            let asked = asked_for(reply);
            let of_server = servers.iter().find(|(server, _)| asked == caching::name(server));
            match (server.octets()[3], of_server) {
                (2, _) => *reply.rcode_mut() = RCODE::ServerFailure,
                (1, None) => {
                    let servers = servers.map(|(name, address)| (name, glue.then_some(address)));
                    refer(reply, "a", &servers);
                }
                (_, of_server) => {
                    reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
                    reply.answers.extend(of_server.map(|(_, address)| {
                        let data = Data::A((*address).into());
                        Record { name: asked, ttl: 60, data }.to_wire().into_owned()
                    }));
                }
            }
        });
        let mut asked = |text: &str| -> Vec<u8> {
            let answer = resolver.resolve(&caching::name(text), Kind::A);
            assert!(matches!(answer, Err(ResolveError::NoData(..))), "{answer:?}");
            let of_zone = resolver.exchanges.iter().filter(|asked| asked.zone.to_string() == "a");
            of_zone.map(|asked| asked.address.octets()[3]).collect()
        };
        assert_eq!([asked("x.a"), asked("y.a")], [vec![2, 3], vec![3]], "glue: {glue}");
    }
}

#[test]
fn a_server_whose_name_does_not_exist_is_passed_over() {
    let x = caching::name("x.a");
    let answer = |servers: &'static [(&str, Option<[u8; 4]>)]| {
        let mut resolver = scripted(move |reply, server, _| {
            if server == Ipv4Addr::LOCALHOST && asked_for(reply).is_within(&caching::name("a")) {
                return refer(reply, "a", servers);
            }
            reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
            if server == Ipv4Addr::LOCALHOST {
                *reply.rcode_mut() = RCODE::NameError;
            }
        });
        resolver.resolve(&caching::name("x.a"), Kind::A).unwrap_err()
    };
    let two = answer(&[("ns.gone", None), ("ns.b", Some([127, 0, 0, 2]))]);
    assert_eq!(two, ResolveError::NoData(x, Kind::A));
    let expected = "no server of a gave an answer: the address of ns.gone was not found: ns.gone \
                    does not exist (NXDOMAIN)";
    assert_eq!(answer(&[("ns.gone", None)]).to_string(), expected);
}

/// Each referral names eight servers without addresses, all of them new (an NXNS attack).
#[test]
fn a_fan_out_of_servers_ends_with_the_requests() {
    let mut made = 0;
    let mut resolver = scripted(move |reply, _, _| {
        made += 1;
        let zone = asked_for(reply).to_string();
        let servers: Vec<_> = (0..8).map(|n| (format!("ns.made-{made}-{n}"), None)).collect();
        refer(reply, zone.rsplit('.').next().unwrap(), &servers);
    });
    let error = resolver.resolve(&caching::name("x.a"), Kind::A).unwrap_err();
    assert_eq!((error, resolver.exchanges.len()), (ResolveError::TooManyExchanges, MAX_EXCHANGES));
}

fn soa(zone: &str) -> Record {
    let (server, mailbox) = (caching::name("ns"), caching::name("admin"));
    let soa = Soa { server, mailbox, serial: 1, copies: [1; 3], negative_ttl: 60 };
    Record { name: caching::name(zone), ttl: 60, data: Data::Soa(soa) }
}

#[test]
fn only_a_zone_below_that_has_the_name_is_a_referral() {
    // The zone itself, one beside the name, and a record that names no server.
    let not_below = [(".", None), ("b", None), ("a", Some(soa("a").data))];
    for (owner, data) in not_below {
        let data = data.unwrap_or(Data::Ns(caching::name("ns.b")));
        let record = Record { name: caching::name(owner), ttl: 60, data };
        let mut resolver = scripted(move |reply, _, _| {
            reply.name_servers.push(record.to_wire().into_owned());
        });
        let error = resolver.resolve(&caching::name("x.a"), Kind::A).unwrap_err();
        let last = Failure::Lame(Name::root());
        assert_eq!(error, ResolveError::NoServer { zone: Name::root(), last }, "{owner}");
    }
}

#[test]
fn no_data_is_kept_by_the_soa_record_of_its_own_zone_alone() {
    for (zone, is_kept) in [("a", true), (".", true), ("b", false)] {
        let name = caching::name;
        let record = soa(zone);
        let mut resolver = scripted(move |reply, _, _| {
            reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
            reply.name_servers.push(record.to_wire().into_owned());
        });
        for is_known in [false, is_kept] {
            assert!(resolver.resolve(&name("x.a"), Kind::A).is_err());
            assert_eq!(resolver.exchanges.is_empty(), is_known, "{zone}");
        }
    }
}

#[test]
fn of_a_referral_eight_servers_with_four_addresses_are_asked() {
    let mut resolver = scripted(|reply, server, _| {
        if server != Ipv4Addr::LOCALHOST {
            return *reply.rcode_mut() = RCODE::ServerFailure;
        }
        let glue = |server: u8| {
            (0..6).map(move |place| (format!("ns{server}.a"), Some([127, 0, 1 + server, place])))
        };
        // Each name six times, with another address.
        let servers: Vec<_> = (0..10).flat_map(glue).collect();
        refer(reply, "a", &servers);
        reply.name_servers = reply.name_servers.iter().step_by(6).cloned().collect();
    });
    assert!(resolver.resolve(&caching::name("x.a"), Kind::A).is_err());
    assert_eq!(resolver.exchanges.len(), 1 + 8 * 4);
}
