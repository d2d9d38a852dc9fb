//! What a server answers: RFC 1034 section 4.3.2, RFC 2308, RFC 6891.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::time::Duration;

use common::transport::{Deadline, free_addrs};
use dns::authority::Authority;
use dns::fault::Fault;
use dns::message::{self, Edns, HEADER, Over, TCP_SIZE, parse, records};
use dns::network::{NetworkError, Places, exchange};
use dns::record::{Data, Kind};
use dns::resolver::is_answer;
use dns::server::NameServer;
use dns::tree::Tree;
use dns::zone::Zone;
use lesson_tests::Result;
use simple_dns::{PacketFlag, RCODE};

use crate::{example_com, question};

/// An answer in few words: its status, whether it has authority, and its sections.
fn answered(authority: &Authority, name: &str, kind: Kind) -> String {
    let request = question(name, kind).encode(7, true);
    let bytes = authority.respond(&request, Over::Udp).unwrap();
    let packet = parse(&bytes).unwrap();
    assert!(is_answer(&bytes, 7, &question(name, kind)));
    assert!(packet.has_flags(PacketFlag::RECURSION_DESIRED), "it is copied");
    assert!(!packet.has_flags(PacketFlag::RECURSION_AVAILABLE), "nothing is asked elsewhere");
    let section = |section: &[simple_dns::ResourceRecord<'_>]| {
        let shown = records(section).into_iter().map(|record| match record.data {
            Data::Soa(_) => format!("{} SOA ttl {}", record.name, record.ttl),
            _ => format!("{} {} {}", record.name, record.kind(), record.data),
        });
        shown.collect::<Vec<_>>().join(", ")
    };
    let aa = packet.has_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    format!(
        "{}{} [{}] [{}] [{}]",
        message::status(packet.rcode()),
        if aa { " aa" } else { "" },
        section(&packet.answers),
        section(&packet.name_servers),
        section(&packet.additional_records)
    )
}

#[test]
fn each_kind_of_answer_is_as_the_rfcs_have_it() {
    let tree = Tree::of_the_lesson();
    let negative = "[example.com SOA ttl 60] []";
    let ask = |name, kind| answered(&example_com(), name, kind);
    assert_eq!(ask("web.example.com", Kind::A), "NOERROR aa [web.example.com A 192.0.2.80] [] []");
    let www = "NOERROR aa [www.example.com CNAME web.example.com, web.example.com AAAA \
               2001:db8::80] [] []";
    assert_eq!(ask("www.example.com", Kind::Aaaa), www);
    let alias = "NOERROR aa [www.example.com CNAME web.example.com] [] []";
    assert_eq!(ask("www.example.com", Kind::Cname), alias);
    let outside = "NOERROR aa [store.example.com CNAME www.shop.com] [] []";
    assert_eq!(ask("store.example.com", Kind::A), outside);
    assert_eq!(ask("example.com", Kind::Soa), "NOERROR aa [example.com SOA ttl 300] [] []");
    assert_eq!(ask("nope.example.com", Kind::A), format!("NXDOMAIN aa [] {negative}"));
    assert_eq!(ask("x.web.example.com", Kind::A), format!("NXDOMAIN aa [] {negative}"));
    assert_eq!(ask("api.example.com", Kind::Txt), format!("NOERROR aa [] {negative}"));
    // A name between two others exists.
    assert_eq!(ask("office.example.com", Kind::A), format!("NOERROR aa [] {negative}"));
    assert_eq!(ask("www.shop.com", Kind::A), "REFUSED [] [] []");
    assert_eq!(ask("com", Kind::A), "REFUSED [] [] []");

    let com = &tree.servers[&[127, 1, 0, 2].into()];
    let glued = "NOERROR [] [example.com NS ns1.example.com, example.com NS ns2.example.com] \
                 [ns1.example.com A 127.1.0.4, ns2.example.com A 127.1.0.5]";
    for (name, kind) in [("web.example.com", Kind::A), ("example.com", Kind::Ns)] {
        assert_eq!(answered(com, name, kind), glued);
    }
    // Its address lies below the cut: it is glue, and not an answer.
    assert_eq!(answered(com, "ns1.example.com", Kind::A), glued);
    let no_glue = "NOERROR [] [shop.com NS ns.hosting.net] []";
    assert_eq!(answered(com, "www.shop.com", Kind::A), no_glue);

    // Of two zones on one server, the lower one answers.
    let both = &tree.servers[&[127, 1, 0, 6].into()];
    assert_eq!(answered(both, "ns.hosting.net", Kind::Ns).split(' ').next(), Some("NOERROR"));
    let parent = Authority(tree.servers.values().flat_map(|server| server.0.clone()).collect());
    assert!(answered(&parent, "web.example.com", Kind::A).contains("192.0.2.80"));
}

#[test]
fn aliases_that_lead_to_no_name_or_in_a_circle_end() {
    let text = "$ORIGIN a.\n$TTL 9\n@ SOA n a 1 2 3 4 5\n NS n\nn A 127.0.0.1\nx CNAME y\nring \
                CNAME ring\nout CNAME below.cut\ncut NS n\n";
    let authority = Authority(vec![Zone::parse("z", text).unwrap()]);
    let gone = answered(&authority, "x.a", Kind::A);
    assert_eq!(gone, "NXDOMAIN aa [x.a CNAME y.a] [a SOA ttl 5] []");
    assert!(answered(&authority, "ring.a", Kind::A).starts_with("NOERROR aa [ring.a CNAME ring.a"));
    let out = answered(&authority, "out.a", Kind::A);
    assert_eq!(out, "NOERROR aa [out.a CNAME below.cut.a] [] []");
}

#[test]
fn an_answer_that_does_not_fit_is_truncated_and_whole_over_tcp() {
    let authority = example_com();
    let long = question("long.example.com", Kind::Txt).encode(1, false);
    let cut = authority.respond(&long, Over::Udp).unwrap();
    assert!(message::is_truncated(&cut) && parse(&cut).unwrap().answers.is_empty());
    let whole = authority.respond(&long, Over::Tcp).unwrap();
    assert!(!message::is_truncated(&whole) && parse(&whole).unwrap().answers.len() == 16);

    // Every size that a request can announce; below 512 it counts as 512.
    let texts = |count: usize| {
        format!("x TXT \"{}\"\n", "t".repeat(100))
            + &(1..count).map(|number| format!(" TXT \"{number:0100}\"\n")).collect::<String>()
    };
    let top = "$ORIGIN a.\n$TTL 9\n@ SOA n a 1 2 3 4 5\n NS n\nn A 127.0.0.1\n";
    for (count, length) in [(4, 484), (9, 1_049)] {
        let zone = Zone::parse("z", &format!("{top}{}", texts(count))).unwrap();
        let authority = Authority(vec![zone]);
        let bare = question("x.a", Kind::Txt).encode(1, false);
        let bare = [&bare[..10], &[0, 0], &bare[12..bare.len() - 11]].concat();
        for size in [0, 511, 512, length - 1, length, 1_232, 65_535] {
            let mut request = bare.clone();
            Edns { size, ..Edns::OURS }.append_to(&mut request);
            let answer = authority.respond(&request, Over::Udp).unwrap();
            let fits = size.clamp(512, 1_232) >= length;
            assert_eq!(message::is_truncated(&answer), !fits, "{count} {size} {}", answer.len());
            assert_eq!(answer.len() == usize::from(length), fits, "{}", answer.len());
        }
        let plain = authority.respond(&bare, Over::Udp).unwrap();
        assert_eq!(message::is_truncated(&plain), length - 11 > 512);
        assert_eq!(parse(&plain).unwrap().opt(), None, "it did not take part in EDNS");
    }
}

#[test]
fn what_is_too_long_even_for_tcp_is_a_failure() {
    let texts: String = (0..400).map(|n| format!(" TXT \"{n:0200}\"\n")).collect();
    let text = format!("$ORIGIN a.\n$TTL 9\n@ SOA n a 1 2 3 4 5\n NS n\nn A 127.0.0.1\n{texts}");
    let authority = Authority(vec![Zone::parse("z", &text).unwrap()]);
    let request = question("n.a", Kind::Txt).encode(1, false);
    let answer = authority.respond(&request, Over::Tcp).unwrap();
    assert!(answer.len() <= TCP_SIZE);
    assert_eq!(parse(&answer).unwrap().rcode(), RCODE::ServerFailure);
}

/// The status of the answer to these bytes, the upper bits of EDNS included.
fn status(request: &[u8]) -> u16 {
    let answer = example_com().respond(request, Over::Udp).unwrap();
    assert!(message::is_response(&answer));
    assert_eq!(answer[2] & 0x79, request[2] & 0x79, "the kind of request, and RD, are copied");
    let upper = match answer.len() - HEADER {
        0 => 0,
        _ if answer[11] == 0 => 0,
        _ => u16::from(answer[answer.len() - 6]),
    };
    upper << 4 | u16::from(answer[3] & 0xf)
}

#[test]
fn what_is_not_a_query_of_one_question_is_refused_by_its_reason() {
    let good = question("web.example.com", Kind::A).encode(7, false);
    assert_eq!(status(&good), 0);
    let with = |at: usize, byte: u8| {
        let mut request = good.clone();
        request[at] = byte;
        request
    };
    let name_end = HEADER + 17;
    assert_eq!(status(&with(5, 0)), 1, "no question");
    assert_eq!(status(&with(5, 2)), 1, "two questions");
    assert_eq!(status(&with(12, 0xc0)), 1, "a name that points");
    assert_eq!(status(&with(12, 64)), 1, "a label of 64 bytes");
    assert_eq!(status(&good[..HEADER]), 1, "cut short");
    assert_eq!(status(&[&[0, 0, 0x79], &[0; HEADER - 3][..]].concat()), 4, "of an unknown kind");
    assert_eq!(status(&with(2, 4 << 3)), 4, "NOTIFY");
    assert_eq!(status(&with(2, 5 << 3)), 4, "UPDATE");
    assert_eq!(status(&with(name_end + 1, 255)), 4, "ANY");
    assert_eq!(status(&with(name_end + 1, 252)), 4, "a whole zone");
    assert_eq!(status(&with(name_end, 255)), 0, "an unknown type has no records");
    assert_eq!(status(&with(name_end + 3, 3)), 5, "the class CHAOS");
    assert_eq!(status(&with(3, 0x40)), 0, "a reserved bit is ignored");
    let version = good.len() - 5;
    assert_eq!(status(&with(version, 1)), 16, "EDNS, version 1");
    let mut twice = good.clone();
    Edns::OURS.append_to(&mut twice);
    assert_eq!(status(&twice), 1, "EDNS twice");
    let flags = good.len() - 4;
    for dnssec_ok in [0, 0x80] {
        let answer = example_com().respond(&with(flags, dnssec_ok), Over::Udp).unwrap();
        assert_eq!(answer[answer.len() - 4], dnssec_ok, "the flag DO is copied");
    }
}

#[test]
fn a_response_and_what_has_no_header_are_not_answered() {
    let mut response = question("web.example.com", Kind::A).encode(7, false);
    response[2] |= 0x80;
    assert_eq!(example_com().respond(&response, Over::Udp), None);
    for length in 0..HEADER {
        assert_eq!(example_com().respond(&vec![0; length], Over::Udp), None);
    }
}

#[test]
fn a_name_has_255_bytes_at_most() {
    for (last, expected) in [(61, 5), (62, 1)] {
        let labels = [63, 63, 63, last].map(|length| [vec![length], vec![b'a'; length.into()]]);
        let header = &question("a", Kind::A).encode(7, false)[..HEADER - 1];
        let request = [header, &[0], &labels.concat().concat(), &[0, 0, 1, 0, 1]].concat();
        assert_eq!(status(&request), expected, "FORMERR, or REFUSED as the name of another zone");
    }
}

#[test]
fn a_record_of_edns_is_one_of_its_type_in_the_last_section() {
    const OPT: u8 = 41;
    let edns = question("web.example.com", Kind::A).encode(7, false);
    for (count, kind, takes_part) in [(7, OPT, 0), (9, OPT, 0), (11, OPT, 1), (11, 1, 0)] {
        let mut request = edns.clone();
        request[11] = 0;
        request[count] = 1;
        let at = request.len() - 9;
        request[at] = kind;
        let answer = example_com().respond(&request, Over::Udp).unwrap();
        assert_eq!(answer[11], takes_part, "type {kind}, counted at {count}");
    }
    // Behind one record in each section, whose names are written in full and with a pointer.
    let mut request = edns.clone();
    (request[7], request[9]) = (1, 1);
    let record = [0, 1, 0, 1, 0, 0, 0, 0, 0, 0];
    let records = [&[1, b'a', 0][..], &record, &[0xc0, HEADER as u8], &record].concat();
    let place = request.len() - 11;
    request.splice(place..place, records);
    assert_eq!(example_com().respond(&request, Over::Udp).unwrap()[11], 1);
}

#[test]
fn each_status_has_its_name() {
    let named = [(0, "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP")];
    for (number, name) in named.into_iter().chain([(5, "REFUSED"), (16, "BADVERS")]) {
        assert_eq!(message::status(RCODE::from(number)), name);
    }
}

/// One forged request would keep two servers busy: each would answer the other without end.
#[test]
fn what_a_faulty_server_sends_is_never_a_request() {
    let request = question("web.example.com", Kind::A).encode(7, false);
    for fault in ["wrong-id", "other-question", "garbage", "lame", "servfail", "other-zone"] {
        let answer = example_com().respond(&request, Over::Udp).unwrap();
        let sent = fault.parse::<Fault>().unwrap().alter(answer).unwrap();
        assert!(message::is_response(&sent), "{fault}");
        assert_eq!(example_com().respond(&sent, Over::Udp), None, "{fault}");
    }
}

#[test]
fn the_question_is_repeated_as_it_was_asked() {
    let mut request = question("web.example.com", Kind::A).encode(7, false);
    request[HEADER + 1..HEADER + 4].copy_from_slice(b"WeB");
    let answer = example_com().respond(&request, Over::Udp).unwrap();
    assert_eq!(answer[HEADER..HEADER + 21], request[HEADER..HEADER + 21]);
    assert_eq!(parse(&answer).unwrap().answers.len(), 1, "case makes no difference");
}

#[test]
fn real_servers_answer_over_both_transports_and_stop() -> Result<()> {
    let tree = Tree::of_the_lesson();
    let (servers, places) = tree.start_anywhere(tree.root, &BTreeMap::new())?;
    let long = question("long.example.com", Kind::Txt);
    let request = long.encode(9, false);
    let limit = Duration::from_secs(20);
    let ask = |over, server: u8| {
        let place = places.of([127, 1, 0, server].into());
        exchange(place, &request, over, limit, &mut |bytes| is_answer(bytes, 9, &long))
    };
    assert!(message::is_truncated(&ask(Over::Udp, 4)?) && ask(Over::Tcp, 5)?.len() > 1_600);
    let addrs: Vec<_> = servers.iter().map(NameServer::addr).collect();
    drop(servers);
    // A process that another test is starting holds a copy of the sockets for a moment, and another
    // test may take a port that is free again.
    let deadline = Deadline::after(limit);
    for addr in addrs {
        while UdpSocket::bind(addr).is_err() || TcpListener::bind(addr).is_err() {
            assert!(deadline.pause(), "{addr} is still taken");
        }
    }
    Ok(())
}

#[test]
fn a_slow_server_is_slow_over_both_transports_and_stops() -> Result<()> {
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let slow = Fault::Slow(Duration::from_secs(600));
    let server = NameServer::start(any, example_com(), slow)?;
    let request = question("web.example.com", Kind::A).encode(9, false);
    let limit = Duration::from_millis(100);
    for over in [Over::Udp, Over::Tcp] {
        let answer = exchange(server.addr(), &request, over, limit, &mut |_| true);
        assert_eq!(answer, Err(NetworkError::TimedOut(limit)), "{over:?}");
    }
    // It would hang here if it did not look whether it is to stop.
    drop(server);
    Ok(())
}

/// As on systems that have no other loopback address than 127.0.0.1.
#[test]
fn servers_can_differ_by_their_ports_alone() -> Result<()> {
    let tree = Tree::of_the_lesson();
    let (port, places, _servers) = (0..100)
        .find_map(|_| {
            let free = free_addrs(1).expect("a free port");
            let port: u16 = free[0].rsplit(':').next()?.parse().ok()?;
            let places = Places::new(tree.root, port).by_port();
            // One of the ports that follow may be taken.
            Some((port, places, tree.start(places, &BTreeMap::new()).ok()?))
        })
        .expect("six free ports in a row");
    for (server, at) in [(1, port), (2, port + 1), (6, port + 5)] {
        let place = places.of([127, 1, 0, server].into());
        assert_eq!(place, ([127, 0, 0, 1], at).into());
    }
    let network = dns::network::Sockets::new(places);
    let limits = dns::walk::EXPERIMENT_LIMITS;
    let mut resolver =
        dns::resolver::Resolver::new(network, tree.root, limits, dns::walk::draw_ids(1));
    let answer = resolver.resolve(&"store.example.com".parse()?, Kind::A)?;
    assert_eq!(answer.records[0].data.to_string(), "203.0.113.40");
    Ok(())
}
