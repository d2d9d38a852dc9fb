//! The resolver: what it asks, what it keeps, what it believes.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use dns::cache::{Cache, Known, MAX_ENTRIES};
use dns::caching::{self, LookUp, NS1, NS2, distant_tree, look_up};
use dns::fault::{ATTACKER, Fault};
use dns::message::parse;
use dns::network::{Network, Virtual};
use dns::record::{Data, Kind, Record};
use dns::resolver::{Failure, Limits, ResolveError, Resolver, Said, is_answer};
use dns::spoof::{self, Attack};
use dns::tree::Tree;
use dns::{aliases, outages, walk};

use crate::question;

pub(crate) fn resolver() -> Resolver<Virtual> {
    caching::resolver(distant_tree())
}

fn milliseconds(time: Duration) -> u128 {
    time.as_millis()
}

pub(crate) fn zones(found: &LookUp) -> Vec<String> {
    found.asked.iter().map(ToString::to_string).collect()
}

#[test]
fn a_walk_goes_from_the_root_down() {
    let walk = walk::walk(&caching::name("web.example.com"), Kind::A).unwrap();
    let zones: Vec<_> = walk.exchanges.iter().map(|asked| asked.zone.to_string()).collect();
    assert_eq!(zones, [".", "com", "example.com"]);
    let answer = walk.answer.unwrap();
    assert_eq!(answer.records[0].data, Data::A([192, 0, 2, 80].into()));
    assert!(answer.aliases.is_empty());
}

#[test]
fn what_is_known_is_not_asked_and_the_rest_begins_low() {
    let seen = caching::hits_and_misses();
    let asked: Vec<_> =
        seen.iter().map(|seen| (zones(seen).len(), milliseconds(seen.took))).collect();
    assert_eq!(asked, [(3, 90), (0, 0), (1, 40), (0, 0), (1, 40)]);
    assert_eq!(caching::old_for(), Duration::from_secs(300));
}

#[test]
fn the_remaining_ttl_goes_down_and_reaches_no_caller_as_more() {
    let mut resolver = resolver();
    look_up(&mut resolver, Duration::ZERO, "web.example.com");
    for (at, ttl) in [(1, 299), (100, 200), (299, 1)] {
        resolver.network.wait_until(Duration::from_secs(at));
        let answer = resolver.resolve(&caching::name("web.example.com"), Kind::A).unwrap();
        assert_eq!((answer.records[0].ttl, resolver.exchanges.len()), (ttl, 0));
    }
}

#[test]
fn negative_answers_are_kept_by_the_soa_record() {
    let mut resolver = resolver();
    for (name, error) in [
        ("nope.example.com", ResolveError::NoSuchName(caching::name("nope.example.com"))),
        ("office.example.com", ResolveError::NoData(caching::name("office.example.com"), Kind::A)),
    ] {
        let start = resolver.network.now() + Duration::from_secs(1);
        for (after, asks) in [(0, true), (59, false), (61, true)] {
            resolver.network.wait_until(start + Duration::from_secs(after));
            let answer = resolver.resolve(&caching::name(name), Kind::A);
            assert_eq!(answer, Err(error.clone()));
            assert_eq!(!resolver.exchanges.is_empty(), asks, "{name} after {after} s");
        }
    }
    // No such name: of no type. No such record: of this type alone.
    let asks = |resolver: &mut Resolver<Virtual>, name: &str| {
        let _ = resolver.resolve(&caching::name(name), Kind::Txt);
        !resolver.exchanges.is_empty()
    };
    look_up(&mut resolver, Duration::from_secs(500), "nope.example.com");
    look_up(&mut resolver, Duration::from_secs(500), "office.example.com");
    assert!(!asks(&mut resolver, "nope.example.com") && asks(&mut resolver, "office.example.com"));
}

#[test]
fn a_change_is_seen_when_the_ttl_is_over() {
    let seen = caching::changes();
    let answers: Vec<_> = seen.iter().map(|seen| &*seen.answer).collect();
    let (old, new, none) = (caching::OLD, caching::NEW, "no such name");
    assert_eq!(answers, [old, none, old, none, "198.51.100.9", old, new]);
}

#[test]
fn aliases_are_followed_inside_and_outside_and_never_in_a_circle() {
    let seen = aliases::follow();
    assert_eq!([seen.plain.asked.len(), seen.inside.asked.len()], [3, 3]);
    assert_eq!(seen.outside.answer, "203.0.113.40");
    assert_eq!(seen.outside.asked.len(), 8);
    assert_eq!(seen.circle.answer, "the alias ring1.example.com leads back to itself");
}

#[test]
fn long_chains_and_delegations_in_a_circle_are_errors() {
    let mut chain: String = (0..10).map(|n| format!("c{n} CNAME c{}\n", n + 1)).collect();
    chain += "c10 A 192.0.2.1\napi      A";
    let tree = Tree::changed("example.com.zone", &[("api      A", &chain)]);
    let mut network = distant_tree();
    network.servers.get_mut(&NS1).unwrap().authority = tree.servers[&NS1].clone();
    let mut resolver = caching::resolver(network);
    let long = look_up(&mut resolver, Duration::ZERO, "c0.example.com").answer;
    assert_eq!(long, "more than 8 aliases follow one another, and end at c9.example.com");
    assert_eq!(look_up(&mut resolver, Duration::ZERO, "c2.example.com").answer, "192.0.2.1");
    for name in ["circle.com", "www.circle.com", "loop.net"] {
        let circle = look_up(&mut resolver, Duration::ZERO, name).answer;
        assert!(circle.starts_with("to look up the server ns."), "{circle}");
        assert!(circle.ends_with("the delegation is a circle"), "{circle}");
    }
}

#[test]
fn a_second_server_answers_whatever_is_wrong_with_the_first() {
    let times: Vec<_> = outages::first_server_fails()
        .iter()
        .map(|seen| {
            assert_eq!(seen.answer, "192.0.2.80", "{}", seen.fault);
            (milliseconds(seen.took), milliseconds(seen.next_took), seen.ignored)
        })
        .collect();
    let waits = (840, 40, 1);
    assert_eq!(times, [(40, 40, 0), (840, 40, 0), (80, 40, 0), (80, 40, 0), waits, waits, waits]);
    let (error, took) = outages::both_down();
    assert_eq!(error, "no server of example.com gave an answer: no answer within 800 ms");
    assert_eq!(milliseconds(took), 800 + 800);
}

#[test]
fn a_slow_server_is_waited_for_and_one_too_slow_is_not() {
    for (delay, took) in [(500, 590), (759, 849), (760, 850), (761, 890 + 40)] {
        let mut resolver = resolver();
        let slow = Fault::Slow(Duration::from_millis(delay));
        resolver.network.servers.get_mut(&NS1).unwrap().fault = slow;
        let found = look_up(&mut resolver, Duration::ZERO, "web.example.com");
        let expected = if delay > 760 { 50 + 800 + 40 } else { took };
        assert_eq!((&*found.answer, milliseconds(found.took)), ("192.0.2.80", expected), "{delay}");
    }
}

#[test]
fn a_look_up_ends_by_its_deadline_whatever_hangs() {
    for deadline in [1, 100, 1_000, 5_000] {
        let mut network = distant_tree();
        network.servers.values_mut().for_each(|server| server.fault = Fault::Silent);
        let deadline = Duration::from_millis(deadline);
        let limits = Limits { per_try: Duration::from_millis(300), deadline };
        let root = Tree::of_the_lesson().root;
        let mut resolver = Resolver::new(network, root, limits, walk::draw_ids(1));
        assert!(resolver.resolve(&caching::name("web.example.com"), Kind::A).is_err());
        assert!(resolver.network.now() <= deadline);
    }
}

#[test]
fn ids_differ_from_request_to_request() {
    let drawn = Rc::new(Cell::new(0));
    let count = Rc::clone(&drawn);
    let ids = move || {
        count.set(count.get() + 1);
        count.get()
    };
    let root = Tree::of_the_lesson().root;
    let mut resolver = Resolver::new(distant_tree(), root, Limits::default(), ids);
    look_up(&mut resolver, Duration::ZERO, "store.example.com");
    assert_eq!(usize::from(drawn.get()), resolver.exchanges.len());
}

#[test]
fn only_the_right_id_and_question_count() {
    let asked = question("web.example.com", Kind::A);
    let answer = spoof::forge(&asked, 7);
    assert!(is_answer(&answer, 7, &asked));
    assert!(!is_answer(&answer, 8, &asked), "another id");
    assert!(!is_answer(&asked.encode(7, false), 7, &asked), "a request is not an answer");
    for other in [question("api.example.com", Kind::A), question("web.example.com", Kind::Txt)] {
        assert!(!is_answer(&spoof::forge(&other, 7), 7, &asked));
    }
    for length in 0..answer.len() {
        assert!(!is_answer(&answer[..length], 7, &asked), "cut after {length} bytes");
    }
    // A server that could not read the request returns its header alone.
    let alone = [0, 7, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(is_answer(&alone, 7, &asked) && !is_answer(&alone, 8, &asked));
}

#[test]
fn a_guess_is_believed_and_a_hundred_misses_are_not() {
    let (missed, hit) = (spoof::race(false), spoof::race(true));
    assert_eq!((missed.ignored, &*missed.found.answer), (100, "192.0.2.80"));
    assert_eq!((missed.later.answer, hit.ignored), ("192.0.2.80".to_owned(), 99));
    let attacker = ATTACKER.to_string();
    assert_eq!([hit.found.answer, hit.later.answer], [attacker.clone(), attacker]);
}

#[test]
fn a_server_is_believed_for_its_own_zone_alone() {
    let [alias, victim] = spoof::out_of_zone();
    assert_eq!([&*alias.answer, &victim.answer], ["203.0.113.40"; 2]);
    assert_eq!(zones(&alias).last().map(String::as_str), Some("shop.com"));
    // A server below cannot take over the zone above, nor one beside it.
    for zone in [".", "com", "net"] {
        let record = |name: &str, data| Record { name: caching::name(name), ttl: 9, data };
        let evil = record(zone, Data::Ns(caching::name("ns1.example.com")));
        let mut resolver = resolver();
        let request = question("web.example.com", Kind::A).encode(1, false);
        let mut forged = parse(&request).unwrap().into_reply();
        forged.name_servers.push(evil.to_wire());
        let bytes = forged.build_bytes_vec().unwrap();
        resolver.network.servers.get_mut(&NS1).unwrap().forged =
            (0..=u16::MAX).map(|id| [&id.to_be_bytes(), &bytes[2..]].concat()).collect();
        look_up(&mut resolver, Duration::ZERO, "web.example.com");
        let last = resolver.exchanges.iter().rfind(|asked| asked.address == NS1).unwrap();
        assert_eq!(last.said, Said::Failed(Failure::Lame(caching::name("example.com"))));
        assert_eq!(resolver.exchanges.last().unwrap().address, NS2);
    }
}

#[test]
fn formula_and_simulation_agree() {
    for (possibilities, forged, attacks) in
        [(1 << 16, 100, 2_001), (1 << 16, 1, 101), (1 << 20, 100, 501), (1 << 16, 10_000, 2_001)]
    {
        let attack = Attack { possibilities, forged };
        let (formula, simulated) = (attack.even_chance(), attack.simulate(attacks, 7));
        let difference = formula.abs_diff(simulated);
        assert!(difference <= 1 + formula / 5, "{attack:?}: {formula} and {simulated}");
    }
}

#[test]
fn the_even_chance_is_exact_where_it_is_known() {
    let even = |possibilities, forged| Attack { possibilities, forged }.even_chance();
    assert_eq!([even(2, 1), even(2, 2), even(1, 1), even(4, 1)], [1, 1, 1, 3]);
    // ln 2 is 0.693147.
    assert_eq!(even(1 << 16, 1), 45_426);
    assert_eq!(even(1 << 16, 100), 454);
    assert_eq!(even(65_536 * 28_232, 100), 12_824_695);
}

#[test]
fn the_cache_returns_nothing_that_has_ended() {
    let mut cache = Cache::default();
    let asked = question("a", Kind::A);
    let data = Data::A(Ipv4Addr::LOCALHOST);
    let records = vec![Record { name: caching::name("a"), ttl: 2, data }];
    let known = Known::Records(records);
    let at = Duration::from_millis;
    cache.put(&asked, &known, 0, at(0));
    assert_eq!(cache.sizes(), [0; 3], "a TTL of 0 is not kept");
    cache.put(&asked, &known, 2, at(500));
    assert!(cache.get(&asked, at(2_499)).is_some() && cache.get(&asked, at(2_500)).is_none());
    // A TTL of years is kept for a day.
    cache.put(&asked, &known, u32::MAX, at(0));
    assert!(
        cache.get(&asked, at(86_399_999)).is_some() && cache.get(&asked, at(86_400_000)).is_none()
    );
    cache.put(&asked, &Known::NoSuchName, u32::MAX, at(0));
    assert!(cache.get(&question("a", Kind::Txt), at(10_799_999)).is_some());
    assert!(cache.get(&question("a", Kind::Txt), at(10_800_000)).is_none());
}

#[test]
fn what_ends_first_makes_room() {
    let mut cache = Cache::default();
    let asked = |number: usize| question(&format!("n{number}"), Kind::A);
    let now = Duration::ZERO;
    for number in 0..MAX_ENTRIES {
        cache.put(&asked(number), &Known::NoData, if number == 7 { 10 } else { 100 }, now);
    }
    // What is there already takes no room.
    cache.put(&asked(8), &Known::NoData, 100, now);
    assert!(cache.get(&asked(7), now).is_some());
    cache.put(&asked(MAX_ENTRIES), &Known::NoData, 100, now);
    assert!(cache.get(&asked(7), now).is_none());
    assert!([6, 8, MAX_ENTRIES].iter().all(|place| cache.get(&asked(*place), now).is_some()));
    assert_eq!(cache.sizes(), [MAX_ENTRIES, 0, 0]);
    // All that has ended is dropped at once.
    cache.put(&asked(MAX_ENTRIES + 1), &Known::NoData, 100, Duration::from_secs(100));
    assert_eq!(cache.sizes(), [1, 0, 0]);
}

#[test]
fn an_alias_is_the_answer_where_the_alias_is_asked_for() {
    let asked = [
        ("www", Kind::A, "192.0.2.80"),
        ("www", Kind::Cname, "web.example.com"),
        ("web", Kind::Cname, "web.example.com exists, and has no CNAME record"),
        ("web", Kind::A, "192.0.2.80"),
    ];
    // In both orders, and from the cache.
    for order in [[0, 1, 2, 3, 0, 1, 2, 3], [3, 2, 1, 0, 3, 2, 1, 0]] {
        let mut resolver = resolver();
        for (number, place) in order.into_iter().enumerate() {
            let (name, kind, expected): (_, _, &str) = asked[place];
            let name = caching::name(&format!("{name}.example.com"));
            let found = match resolver.resolve(&name, kind) {
                Ok(answer) => answer.records[0].data.to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected, "{name} {kind}");
            assert!(number < asked.len() || resolver.exchanges.is_empty(), "{name} is known");
        }
    }
}

#[test]
fn a_name_that_was_added_is_no_longer_absent() {
    let mut cache = Cache::default();
    let (asked, now) = (question("a", Kind::A), Duration::ZERO);
    cache.put(&asked, &Known::NoSuchName, 60, now);
    cache.put(&asked, &Known::NoData, 30, now);
    assert_eq!(cache.get(&asked, now), Some(Known::NoData));
}
