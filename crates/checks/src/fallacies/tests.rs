use super::bugs::Bug;
use super::*;
use crate::Verdict;
use crate::judge::Cases;
use crate::sound::{assert_sound, check, screen_of};

#[test]
fn it_is_sound() {
    assert_sound::<Fallacies>(Arc::new(stub::fetch_all));
}

#[test]
fn the_screen_shows_each_step_and_the_first_wrong_one() {
    let screen = screen_of::<Fallacies>(Fallacies::with_bugs(Bugs::one(Bug::StartsAgain)));
    let expected = "\
fallacies   WRONG   first failure: 4 ids, 1 fault; every case before it passes

  ids     1 2 3 4
  lost    call 2 (request)
  server  stays at A

  0 ms    look up           the server is at A
  10 ms   call A            1 2 3: answered
  66 ms   call A            4: no answer, the request is lost
  266 ms  wait              100 ms
  366 ms  look up           the server is at A
          want              call A for 4
          got               call A for 1 2 3          ◀ first wrong step

  rule    Batches are asked for in the order of the list, each until it is
          answered, and none again after that. A retry asks for the batch that
          failed, whole and unchanged.
  looks   like \"starts again from the first batch\": the same answers in all
          2,079 cases compared.
          It fetches the whole list anew after a failure, but the prices that
          have arrived are still right.
  next    cargo run -- hint fallacies
          cargo run -- replay fallacies:ids4.-q
          runs this one case, with your code as it is then
";
    assert_eq!(screen, expected);
}

#[test]
fn the_right_steps_are_those_of_the_stub() {
    let give_up = "look up; call A for 1; wait 100 ms; look up; call A for 1; wait 200 ms; look \
                   up; call A for 1; wait 400 ms; look up; call A for 1 = Err(GaveUp)";
    let cases = Cases::<Fallacies>::all();
    for (text, right) in [
        ("ids0", " = Ok([])"),
        ("ids4", "look up; call A for 1 2 3; call A for 4 = Ok([111, 122, 133, 144])"),
        ("ids1.pqpq", give_up),
        (
            "ids4.qp",
            "look up; call A for 1 2 3; wait 100 ms; look up; call A for 1 2 3; wait 200 ms; look \
             up; call A for 1 2 3; call A for 4 = Ok([111, 122, 133, 144])",
        ),
        (
            "ids4.B80.C316",
            "look up; call A for 1 2 3; call A for 4; wait 100 ms; look up; call C for 4 = \
             Ok([111, 122, 133, 144])",
        ),
    ] {
        let (_, case) = cases.find(text).expect("it is a case");
        let Answer { result, steps } = Fallacies::expected(&case);
        let steps: Vec<String> = steps.iter().map(|step| draw::words(&step.action)).collect();
        assert_eq!(format!("{} = {result:?}", steps.join("; ")), right, "{text}");
    }
}

#[test]
fn a_call_is_lost_refused_or_sent_to_an_old_address() {
    let losses = vec![None, Some(cases::Lost::Request), None, None];
    let mut network = Network::new(&Case { ids: vec![1], losses, moves: vec![300, 600] });
    let address = network.look_up();
    assert_eq!(network.call(address, &[7, u32::MAX, 7]), Ok(vec![177, 89, 177]));
    assert_eq!(network.call(address, &[1]), Err(CallError::NoAnswer));
    // The request arrives before the server moves, in 28 ms.
    network.wait(5);
    assert_eq!(network.call(address, &[1; 4]), Err(CallError::TooMany));
    assert_eq!(network.call(address, &[1]), Err(CallError::NoAnswer));
    assert_eq!(network.look_up(), Address(1));
    network.wait(u64::MAX);
    assert_eq!(network.look_up(), Address(2));
    let at: Vec<u64> = network.steps.iter().map(|step| step.at).collect();
    assert_eq!(at, [0, 10, 66, 266, 271, 327, 527, 537, u64::MAX]);
}

/// A right solution of another form: its waits are in slices, and it has one loop.
fn sliced(network: &mut Network, ids: &[u32]) -> Result<Vec<u32>, GaveUp> {
    let (mut prices, mut address, mut failed) = (Vec::new(), None, 0);
    while prices.len() < ids.len() {
        network.wait(0);
        let address = address.get_or_insert_with(|| network.look_up());
        let batch = ids[prices.len()..].chunks(BATCH).next().expect("some are left");
        match network.call(*address, batch) {
            Ok(found) => (prices.extend(found), failed = 0).0,
            Err(_) if failed + 1 == ATTEMPTS => return Err(GaveUp),
            Err(_) => {
                failed += 1;
                (0..1 << failed).for_each(|_| network.wait(FIRST_WAIT / 2));
                *address = network.look_up();
            }
        }
    }
    Ok(prices)
}

#[test]
fn waits_in_slices_are_right() {
    let (verdict, screen) = check::<Fallacies>(Arc::new(sliced), 80);
    assert_eq!(verdict, Verdict::Pass, "{screen}");
}

#[test]
fn a_rule_blames_no_more_than_was_seen() {
    type Fetch = fn(&mut Network, &[u32]) -> Result<Vec<u32>, GaveUp>;
    let solutions: [(Fetch, [&str; 2]); 9] = [
        (
            |network, ids| {
                let address = network.look_up();
                network.call(address, ids).map_err(|_| GaveUp)
            },
            ["got               look up", "An empty list"],
        ),
        (
            |network, ids| {
                let mut ids = ids.to_vec();
                ids.dedup();
                reference::fetch_all(network, &ids)
            },
            ["got               call A for 5", "An id that is in the list twice"],
        ),
        (
            |network, ids| {
                network.wait(ids.len() as u64);
                reference::fetch_all(network, ids)
            },
            ["got               wait 1 ms", "has a reason"],
        ),
        (
            |network, ids| {
                let whole = ids.chunks_exact(BATCH).flatten().copied().collect::<Vec<_>>();
                reference::fetch_all(network, &whole)
            },
            ["got               returns Ok of no prices", "Each id of the list has a price"],
        ),
        (
            |network, ids| match ids {
                [] => Ok(vec![]),
                _ => loop {
                    let address = network.look_up();
                    network.call(address, &[]).map_err(|_| GaveUp)?;
                },
            },
            ["got               does not terminate", "Some faults do not pass"],
        ),
        (
            |network, ids| {
                let prices = reference::fetch_all(network, ids);
                prices.map(|mut prices| {
                    prices.sort_unstable();
                    prices
                })
            },
            ["got               returns Ok of 111 122 133", "one for each id"],
        ),
        (
            |network, ids| {
                let prices = reference::fetch_all(network, ids);
                prices.map(|prices| match prices.len() {
                    40 => [&prices[..39], &[0]].concat(),
                    _ => prices,
                })
            },
            ["got               returns 0 as price 40", "one for each id"],
        ),
        (
            |network, ids| {
                let result = reference::fetch_all(network, ids);
                if result.is_err() {
                    network.wait(800);
                }
                result
            },
            ["got               wait 800 ms", "the client gives up"],
        ),
        (
            |network, ids| Ok(reference::fetch_all(network, ids).unwrap()),
            ["got               a panic", "it does not panic"],
        ),
    ];
    for (solution, words) in solutions {
        let screen = screen_of::<Fallacies>(Arc::new(solution));
        assert!(words.iter().all(|words| screen.contains(words)), "{words:?}:\n{screen}");
    }
}
