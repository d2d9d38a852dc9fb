//! The judge on an exercise of two functions that are tried on the numbers up to 99.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::exercise::{About, Bugs, Exercise, Mistake, Rule, mistakes};
use crate::program::{Task, Timeouts};
use crate::sound::{check, screen_of, work, work_within};
use crate::{Verdict, did_not_terminate, unsolved};

/// Double a number, and the next one of an even number.
struct Toy;

mistakes! {
    Squares, "squares": "It squares, but twice is plus itself.";
    OffByOne, "off by one": "It adds one, but 0 doubled is 0.";
    NoNext, "no next": "It stays, but the next one is one more.";
}

type Solution = Arc<dyn Fn(usize, u64) -> u64 + Send + Sync>;

impl Exercise for Toy {
    const ABOUT: About = About {
        name: "toy",
        functions: 2,
        hints: "What is twice?\n\nAddition.\n\nnumber + number",
        why: "Twice is plus itself.",
    };
    const MISTAKES: &'static [&'static [Mistake<Bug>]] = MISTAKES;

    type Solution = Solution;
    type Case = (usize, u64);
    type Answer = u64;
    type Observation = ();
    type Bug = Bug;

    fn cases() -> impl Iterator<Item = (usize, u64)> {
        (0..100).flat_map(|number| [(0, number), (1, number)])
    }

    fn scope() -> String {
        "the numbers below 100".to_owned()
    }

    fn call(solution: &Solution, case: &(usize, u64), (): &mut ()) -> u64 {
        solution(case.0, case.1)
    }

    fn expected(case: &(usize, u64)) -> u64 {
        if case.0 == 0 { case.1 * 2 } else { case.1 + 1 }
    }

    fn rule(case: &(usize, u64), _: &u64, (): &()) -> Rule {
        match case.0 {
            0 => Rule::new("Twice is plus itself.", "Add it to itself."),
            _ => Rule::new("The next one is one more.", "Add 1."),
        }
    }

    fn with_bugs(bugs: Bugs<Bug>) -> Solution {
        Arc::new(move |function, number| match function {
            0 if bugs.has(Bug::Squares) => number * number + u64::from(bugs.has(Bug::OffByOne)),
            0 => number * 2 + u64::from(bugs.has(Bug::OffByOne)),
            _ => number + u64::from(!bugs.has(Bug::NoNext)),
        })
    }

    fn reference() -> Solution {
        Toy::with_bugs(Bugs::NONE)
    }

    fn title(case: &(usize, u64)) -> String {
        format!("function {}, {}", case.0, case.1)
    }

    fn describe(case: &(usize, u64)) -> Vec<(&'static str, String)> {
        vec![("number", case.1.to_string())]
    }

    fn words(answer: &u64) -> String {
        answer.to_string()
    }

    fn part(case: &(usize, u64)) -> usize {
        case.0
    }
}

/// `scripts/mutants` changes the references, and runs this alone.
#[test]
fn references_pass() {
    fn passes<E: Exercise>() {
        let timeouts = Timeouts { judge: Duration::from_secs(10), diagnosis: Duration::ZERO };
        let (verdict, screen) = work_within::<E>(E::reference(), Task::Check, timeouts, 80);
        assert_eq!(verdict, Verdict::Pass, "{screen}");
    }
    passes::<crate::signals::Signals>();
    passes::<crate::packets::Packets>();
    passes::<crate::tcp::Tcp>();
    passes::<crate::udp::Udp>();
    passes::<crate::dns::Dns>();
    passes::<crate::echo::Echo>();
    passes::<crate::timeouts::Timeouts>();
    passes::<crate::retry::Retry>();
    passes::<crate::http_client::HttpClient>();
    passes::<crate::mutex_deadlock::MutexDeadlock>();
    passes::<crate::serialization::Serialization>();
    passes::<crate::fallacies::Fallacies>();
    passes::<crate::latency::Latency>();
    passes::<crate::wall_clocks::WallClocks>();
    passes::<crate::lamport::Lamport>();
    passes::<crate::vector_clocks::VectorClocks>();
    passes::<crate::g_counter::Counter>();
    passes::<crate::durable_counter::DurableCounter>();
    passes::<crate::lock::Lock>();
}

fn right(function: usize, number: u64) -> u64 {
    Toy::expected(&(function, number))
}

#[test]
fn one_mistake_is_named_and_so_are_two_of_one_function() {
    let names = |solution: Solution| {
        let screen = screen_of::<Toy>(solution);
        let (_, looks) = screen.split_once("looks   like ").expect("it is named");
        looks.split_once(": the same").expect("cases are compared").0.to_owned()
    };
    assert_eq!(names(Toy::with_bugs(Bugs::one(Bug::Squares))), "\"squares\"");
    let two = Toy::with_bugs(Bugs::two([Bug::Squares, Bug::OffByOne]));
    // The failing case is 0, which squared is right: the other mistake comes first.
    assert_eq!(names(two), "two mistakes: \"off by one\" and \"squares\"");
    // In different functions each is diagnosed by its own cases.
    let two = Toy::with_bugs(Bugs::two([Bug::OffByOne, Bug::NoNext]));
    assert_eq!(names(two), "\"off by one\"");
}

#[test]
fn one_other_answer_takes_the_name_away() {
    for changed in [0, 57, 99] {
        let squares = Toy::with_bugs(Bugs::one(Bug::Squares));
        let but_one: Solution = Arc::new(move |function, number| {
            let answer = squares(function, number);
            if (function, number) == (0, changed) { answer + 1 } else { answer }
        });
        assert!(!screen_of::<Toy>(but_one).contains("looks"));
    }
}

#[test]
fn state_is_found_by_asking_again() {
    // After the first call, at a later one, and only where the cases come in another order.
    let counts = |f: fn(u64, u64) -> u64| -> Solution {
        let last = AtomicU64::new(u64::MAX);
        Arc::new(move |function, number| {
            let before = last.swap(number, Ordering::Relaxed);
            right(function, number) + f(before, number)
        })
    };
    for f in [
        |before, _| u64::from(before == u64::MAX),
        |before, number| u64::from(before > number && before < u64::MAX),
        |before, number| u64::from(number == 3 && before == 2),
    ] as [fn(u64, u64) -> u64; 3]
    {
        let (verdict, screen) = check::<Toy>(counts(f), 80);
        assert_eq!(verdict, Verdict::KeepsState, "{screen}");
        assert!(screen.contains("\n          again   "), "{screen}");
        assert!(!screen.contains("looks"), "{screen}");
    }
}

#[test]
fn functions_that_are_left_are_counted() {
    let half: Solution = Arc::new(|function, number| match function {
        0 => right(0, number),
        _ => unsolved!("the next one", number),
    });
    let (verdict, screen) = check::<Toy>(half, 80);
    assert_eq!(verdict, Verdict::NotStarted);
    assert!(screen.starts_with("toy   NOT FINISHED   1 of 2 written\n"), "{screen}");
    assert!(screen.contains("  missing the next one\n"), "{screen}");
    assert!(screen.contains("  so far  100 cases right without it\n"), "{screen}");
    // What is written is judged all the same.
    let wrong: Solution = Arc::new(|function, number| match function {
        0 => right(0, number) + u64::from(number == 7),
        _ => unsolved!("the next one", number),
    });
    let (verdict, screen) = check::<Toy>(wrong, 80);
    assert_eq!(verdict, Verdict::Wrong, "{screen}");
}

#[test]
fn a_solution_that_does_not_return_is_shown_where_it_does_not() {
    let timeouts =
        Timeouts { judge: Duration::from_millis(200), diagnosis: Duration::from_millis(200) };
    let hangs: Solution = Arc::new(|function, number| match (function, number) {
        (0, 5) => loop {
            thread::park();
        },
        _ => right(function, number),
    });
    let (verdict, screen) = work_within::<Toy>(hangs, Task::Check, timeouts, 80);
    assert_eq!(verdict, Verdict::TimedOut);
    assert!(screen.contains("has not returned from this case:\n"), "{screen}");
    assert!(screen.contains("  number  5\n\n          want              10\n"), "{screen}");
    assert!(screen.contains("replay toy:11\n"), "{screen}");
}

#[test]
fn a_wrong_case_is_shown_even_where_a_later_one_does_not_return() {
    let timeouts =
        Timeouts { judge: Duration::from_secs(100), diagnosis: Duration::from_millis(100) };
    let hangs: Solution = Arc::new(|function, number| match (function, number) {
        (0, 5) => 0,
        (0, 6) => loop {
            thread::park();
        },
        _ => right(function, number),
    });
    let (verdict, screen) = work_within::<Toy>(hangs, Task::Check, timeouts, 80);
    assert_eq!(verdict, Verdict::Wrong);
    assert!(screen.contains("replay toy:11\n"), "{screen}");
    assert!(!screen.contains("looks"), "{screen}");
}

#[test]
fn a_case_is_drawn_without_the_code_and_replayed_by_its_place() {
    let panics: Solution = Arc::new(|_, _| panic!("it is not called"));
    let (_, screen) = work::<Toy>(panics, Task::Draw(10), 80);
    assert!(screen.starts_with("  number  5\n\n          want              10\n"), "{screen}");
    assert!(screen.contains("replay toy:11\n"), "{screen}");
    let (verdict, screen) = work::<Toy>(Toy::reference(), Task::Replay("@10".to_owned()), 80);
    assert_eq!(verdict, Verdict::Pass);
    assert!(screen.starts_with("toy   REPLAY   function 0, 5: right\n"), "{screen}");
    assert_eq!(work::<Toy>(Toy::reference(), Task::Draw(200), 80).1, "");
}

#[test]
fn a_hint_is_that_of_the_rule_that_is_broken() {
    let hint = |solution: Solution| work::<Toy>(solution, Task::Hint, 80).1;
    let unnamed: Solution = Arc::new(|function, number| right(function, number) / 2);
    assert!(hint(unnamed).contains("  hint    Add 1.\n"));
    let named = hint(Toy::with_bugs(Bugs::one(Bug::Squares)));
    assert!(named.contains("  looks   like \"squares\": "), "{named}");
    assert!(named.contains("  hint    Add it to itself.\n"), "{named}");
    assert!(hint(Toy::reference()).contains("PASS"));
    let endless: Solution = Arc::new(|_, _| did_not_terminate());
    assert!(hint(endless).contains("which value ends it?"));
}
