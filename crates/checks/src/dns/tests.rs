use super::world::Conduct;
use super::*;
use crate::sound::{assert_sound, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Dns>(solution::<stub::Resolver>());
}

#[test]
fn the_screen_shows_the_tree_and_the_questions() {
    let screen = screen_of::<Dns>(Dns::with_bugs(Bugs::one(bugs::Bug::AliasFlattened)));
    let expected = "\
dns   WRONG   first failure: 2 look-ups, 3 zones; every case before it passes

  zones   the root: 10.0.0.1 good
          com: 10.0.1.1 good; TTL 60
          example.com: 10.0.2.1 good; TTL 40
  names   old.example.com: an alias of example.com, TTL 10
          example.com: 198.51.100.n in look-up n, TTL 20

  1       look up           old.example.com at second 100
          ask 10.0.0.1      referral to com, TTL 60
          ask 10.0.1.1      referral to example.com, TTL 40
          ask 10.0.2.1      old.example.com is an alias of example.com, TTL 10;
                            example.com is 198.51.100.1, TTL 20
          return            Ok(198.51.100.1)
  2       look up           old.example.com at second 110
          want              ask 10.0.2.1 for old.example.com
          got               return Ok(198.51.100.1)   ◀ first wrong step

  rule    What came with a TTL of `t` at second `s` is used before second `s +
          t`. From then on it is as if it had never been heard.
  looks   like \"caches the address under the alias\": the same answers in all
          2,487 cases compared.
          It caches the address under the first name, for as long as the address
          holds, but the alias has a TTL of its own and may end earlier.
  next    cargo run -- hint dns
          cargo run -- replay dns:944
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn hostile_resolvers_are_shown_as_what_they_do() {
    type Function = fn(&[Ipv4Addr], &mut Network, &str) -> Result<Ipv4Addr, ResolveError>;
    let ask_nobody: Function = |_, network, _| {
        network.ask(Ipv4Addr::UNSPECIFIED, 7, &"\x1b\n".repeat(50_000));
        Err(ResolveError::NoAnswer)
    };
    let ask_for_ever: Function = |roots, network, name| loop {
        network.ask(roots[0], 7, name);
    };
    let spin: Function = |_, network, _| loop {
        network.now();
    };
    for (resolve, words) in [
        (ask_nobody, "\\n\" .., 100,000\n          ◀ first wrong step"),
        (ask_for_ever, "got               ask 10.0.0.1 for www.example.com "),
        (spin, "got               does not terminate"),
        (|_, _, _| Ok(Ipv4Addr::BROADCAST), "got               return Ok(255.255.255.255) "),
        (|_, _, _| panic!("not now"), "got               a panic"),
    ] {
        let screen = screen_of::<Dns>(Arc::new(move |roots| {
            Box::new(move |network, name| resolve(&roots, network, name))
        }));
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
}

/// The steps of a case: the ends of the servers' addresses, and the names without their zone.
fn steps(case: &Case) -> String {
    let words = Dns::expected(case).iter().map(Step::words).collect::<Vec<_>>().join(", ");
    words.replace("ask 10.0.", "").replace(" for ", " ").replace(".example.com", "")
}

#[test]
fn the_right_steps_are_those_of_the_contract() {
    let www = "www.example.com";
    for (look_ups, right) in [
        (vec![(0, www)], "0.1 www, 1.1 www, 2.1 www, return Ok(192.0.2.1)"),
        (vec![(0, www), (19, www)], "return Ok(192.0.2.1), return Ok(192.0.2.1)"),
        (vec![(0, www), (20, www)], "Ok(192.0.2.1), 2.1 www, return Ok(192.0.2.2)"),
        (vec![(0, www), (40, www)], "Ok(192.0.2.1), 1.1 www, 2.1 www, return Ok(192.0.2.2)"),
        (vec![(0, "gone.example.com"), (0, "none.example.com")], ", 2.1 none, return Err(NoSuch"),
        (vec![(0, "new.example.com"), (14, "new.example.com")], "), return Err(NoSuchName)"),
        (vec![(0, "new.example.com"), (15, "new.example.com")], "), 2.1 new, return Ok("),
        (vec![(0, "old.example.com")], "2.1 old, return Ok(198.51.100.1)"),
        (vec![(0, "old.example.com"), (0, "example.com")], "100.1), return Ok(198.51.100.1)"),
        (vec![(0, "old.example.com"), (10, "old.example.com")], "2.1 old, return Ok(198.51.100.2)"),
        (
            vec![(0, "shop.example.com")],
            "2.1 shop, 0.1 www.example.org, 3.1 www.example.org, 4.1 www.example.org, return",
        ),
    ] {
        let got = steps(&cases::tree(&cases::BRANCHES, &look_ups));
        assert!(got.contains(right), "{look_ups:?}: {got}");
    }
}

#[test]
fn no_look_up_reaches_the_limit_of_questions_or_of_the_clock() {
    for case in cases::all() {
        let steps = Dns::expected(&case);
        let look_ups = steps.split(|step| matches!(step, Step::Return(_)));
        assert!(look_ups.map(<[Step]>::len).max() <= Some(18), "{case:?}");
        assert!(case.time(case.look_ups.len()) <= u64::MAX - (1 << 32), "{case:?}");
    }
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    let www = "www.example.com";
    let ask = |server: [u8; 4]| Step::Ask(server.into(), www.to_owned());
    let ok = |address: [u8; 4]| Step::Return(Ok(address.into()));
    let err = |error| Step::Return(Err(error));
    let good = cases::tree(&cases::BRANCH, &[(0, www), (20, www), (0, www), (40, www)]);
    let bad = |conduct| {
        let mut case = cases::tree(&cases::BRANCH, &[(0, www)]);
        case.zones[0].servers = vec![[conduct; 2], [Conduct::Good; 2]];
        case
    };
    // Right are three questions, a return, a question, a return, a return, two questions.
    for (case, at, got, words) in [
        (&good, 0, ok([1, 2, 3, 4]), "What is not in the cache is asked for"),
        (&good, 0, ask([10, 0, 1, 1]), "What is not in the cache is asked for"),
        (&good, 1, ask([10, 0, 0, 1]), "A referral says whom to ask next"),
        (&good, 3, ask([10, 0, 2, 1]), "The result is the address"),
        (&good, 2, Step::Ask([10, 0, 2, 1].into(), "com".to_owned()), "A referral says whom"),
        (&good, 3, Step::Ask([10, 0, 2, 1].into(), "com".to_owned()), "The target of an alias"),
        (&good, 3, err(ResolveError::TooManyAliases), "A look-up follows up to"),
        (&good, 4, ask([10, 0, 0, 1]), "What is not in the cache is asked for"),
        (&good, 4, ok([192, 0, 2, 1]), "is used before second"),
        (&good, 4, err(ResolveError::NoAnswer), "That no server answered is not cached"),
        (&good, 5, ok([192, 0, 2, 1]), "The result is the address"),
        (&good, 6, ask([10, 0, 2, 1]), "What is cached is used as it is"),
        (&good, 7, ask([10, 0, 2, 1]), "is used before second"),
        (&bad(Conduct::WrongId), 1, ok([10, 6, 6, 6]), "A reply counts only if it is to"),
        (&bad(Conduct::WrongId), 1, err(ResolveError::NoAnswer), "A zone has several servers"),
        (&bad(Conduct::LookAlike), 1, ask([10, 6, 6, 6]), "A referral leads further down"),
        (&bad(Conduct::Silent), 1, ask([10, 0, 0, 1]), "A zone has several servers"),
    ] {
        let mut steps = Dns::expected(case);
        steps.truncate(at);
        steps.push(got);
        let rule = Dns::rule(case, &steps, &Network::default());
        assert!(rule.text.contains(words), "{at}: {}", rule.text);
    }
}
