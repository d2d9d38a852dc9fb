//! The explorer, against independent counts.

use std::collections::BTreeSet;
use std::ops::ControlFlow::{self, Break, Continue};

use explore::messages::{self, Messages};
use explore::schedule::{MAX_ACTIONS, ParseError};
use explore::threads::{Next, Threads};
use explore::{Model, Schedule, explore, replay};

fn count<M: Model>(model: &M, longest: usize) -> usize {
    let mut count = 0;
    let all = explore(model, longest, |_, _| {
        count += 1;
        Continue::<()>(())
    });
    assert_eq!(all, Continue(()));
    count
}

/// The same count, from the number of messages in flight alone.
fn plain_count(
    nodes: usize,
    per_message: usize,
    copies: usize,
    in_flight: usize,
    remaining: usize,
) -> usize {
    if remaining == 0 {
        return 1;
    }
    let with = |in_flight| plain_count(nodes, per_message, copies, in_flight, remaining - 1);
    let mut count = 1 + nodes * with(in_flight) + nodes * (nodes - 1) * with(in_flight + 1);
    if in_flight > 0 {
        count += in_flight * (per_message * with(in_flight - 1) + copies * with(in_flight));
    }
    count
}

#[test]
fn message_schedules_are_as_many_as_computed() {
    for nodes in 1..=3 {
        for longest in 0..=4 {
            let plain = Messages::between(nodes);
            for (model, per_message, copies) in [
                (plain, 1, 0),
                (plain.losing(), 2, 0),
                (plain.duplicating(), 1, 1),
                (plain.losing().duplicating(), 2, 1),
            ] {
                let expected = plain_count(nodes, per_message, copies, 0, longest);
                assert_eq!(count(&model, longest), expected, "{model:?}, {longest}");
            }
        }
    }
}

#[test]
fn three_nodes_and_up_to_five_events_have_118_221_schedules() {
    assert_eq!(count(&Messages::between(3), 5), 1 + 118_221);
}

#[test]
fn schedules_are_visited_once_by_length_and_replay() {
    let model = Messages::between(3).losing().duplicating();
    let (mut seen, mut longest) = (BTreeSet::new(), 0);
    let all: ControlFlow<()> = explore(&model, 4, |schedule, state| {
        assert!(schedule.len() >= longest, "{schedule} is visited too late");
        longest = schedule.len();
        let text = schedule.to_string();
        let parsed: messages::Schedule = text.parse().unwrap();
        assert_eq!(parsed, *schedule);
        assert_eq!(replay(&model, &parsed).as_ref(), Ok(state));
        assert!(
            text.chars().all(|char| char.is_ascii_alphanumeric() || ".-:".contains(char)),
            "a shell interprets {text}"
        );
        assert!(seen.insert(text), "{schedule} is a duplicate");
        Continue(())
    });
    assert_eq!(all, Continue(()));
    assert_eq!(longest, 4);
}

#[test]
fn invalid_schedule_strings_are_refused_with_their_place() {
    for (text, place) in [
        ("", 1),
        (".", 1),
        ("a.", 2),
        ("a.abc", 2),
        ("A", 1),
        ("a.b.1y", 3),
        ("01", 1),
        ("99999999999999999999999", 1),
        ("a-b", 1),
        ("a b", 1),
        ("é", 1),
        ("-.-", 1),
    ] {
        let error = text.parse::<messages::Schedule>().unwrap_err();
        assert!(
            matches!(error, ParseError::NotAnAction { place: found, .. } if found == place),
            "{text:?}: {error}"
        );
    }
    let long = "x".repeat(1_000_000).parse::<messages::Schedule>().unwrap_err();
    let text = format!("action 1 of the schedule is not an action: `{}…`", "x".repeat(20));
    assert_eq!(long.to_string(), text);
    let short = "x".repeat(20).parse::<messages::Schedule>().unwrap_err();
    assert!(short.to_string().ends_with("x`"), "{short}");
    let many = vec!["a"; MAX_ACTIONS + 1].join(".").parse::<messages::Schedule>();
    assert_eq!(many, Err(ParseError::TooLong { length: MAX_ACTIONS + 1 }));
}

#[test]
fn an_impossible_schedule_is_refused_with_the_reason() {
    let refusal = |model: &Messages, text: &str| {
        let schedule: messages::Schedule = text.parse().unwrap();
        replay(model, &schedule).unwrap_err().to_string()
    };
    let two = Messages::between(2);
    for (text, refused) in [
        ("aa", "action 1, `aa`, is impossible there: a node does not send to itself"),
        ("ab.2", "action 2, `2`, is impossible there: message 2 is not sent yet"),
        ("ab.1.1", "action 3, `1`, is impossible there: message 1 is no longer in flight"),
        ("c", "action 1, `c`, is impossible there; possible: a b ab ba"),
        ("ab.1x", "action 2, `1x`, is impossible there; possible: a b ab ba 1"),
    ] {
        assert_eq!(refusal(&two, text), refused);
    }
    let twice = refusal(&two.duplicating(), "ab.1c.1c.1.1");
    assert_eq!(twice, "action 5, `1`, is impossible there: message 1 is no longer in flight");
    let early = refusal(&two.losing(), "1x.ab");
    assert_eq!(early, "action 1, `1x`, is impossible there: message 1 is not sent yet");
}

/// Memory of two threads that add 1 to `shared`: each has a register of its own.
#[derive(Clone, Debug, Default)]
struct Memory {
    shared: u64,
    register: [u64; 2],
}

fn read(memory: &mut Memory, thread: usize) -> Next {
    memory.register[thread] = memory.shared;
    Next::Step
}

fn add(memory: &mut Memory, thread: usize) -> Next {
    memory.register[thread] += 1;
    Next::Step
}

fn write(memory: &mut Memory, thread: usize) -> Next {
    memory.shared = memory.register[thread];
    Next::Step
}

#[test]
fn two_increments_have_20_interleavings_and_18_lose_an_update() {
    let threads =
        Threads::new(Memory::default()).thread(&[read, add, write]).thread(&[read, add, write]);
    let (mut ended, mut lost) = (0, Vec::new());
    let all: ControlFlow<()> = explore(&threads, 6, |schedule, state| {
        if threads.is_done(state) {
            ended += 1;
            if state.memory.shared < 2 {
                lost.push(schedule.to_string());
            }
        }
        Continue(())
    });
    assert_eq!(all, Continue(()));
    assert_eq!((ended, lost.len()), (20, 18));
    assert_eq!(lost[0], "a.a.b.a.b.b");
}

/// The number of interleavings of programs of these lengths: the first step of each, and then the
/// rest.
fn plain_interleavings(lengths: &mut Vec<usize>) -> usize {
    let mut count = 0;
    for thread in 0..lengths.len() {
        if lengths[thread] > 0 {
            lengths[thread] -= 1;
            count += plain_interleavings(lengths);
            lengths[thread] += 1;
        }
    }
    count.max(1)
}

#[test]
fn interleavings_are_as_many_as_computed() {
    let step: fn(&mut (), usize) -> Next = |(), _| Next::Step;
    for lengths in [vec![], vec![4], vec![3, 3], vec![1, 2, 3], vec![2, 2, 2], vec![0, 5, 1]] {
        let threads = lengths
            .iter()
            .fold(Threads::new(()), |threads, length| threads.thread(&vec![step; *length]));
        let mut ended = 0;
        let all: ControlFlow<()> = explore(&threads, 6, |_, state| {
            ended += usize::from(threads.is_done(state));
            Continue(())
        });
        assert_eq!(all, Continue(()));
        assert_eq!(ended, plain_interleavings(&mut lengths.clone()), "{lengths:?}");
    }
}

/// The thread that holds each of two locks.
type Locks = [Option<usize>; 2];

fn lock<const N: usize>(locks: &mut Locks, thread: usize) -> Next {
    match locks[N] {
        None => {
            locks[N] = Some(thread);
            Next::Step
        }
        Some(_) => Next::Blocked,
    }
}

fn unlock<const N: usize>(locks: &mut Locks, thread: usize) -> Next {
    assert_eq!(locks[N].take(), Some(thread));
    Next::Step
}

#[test]
fn opposite_lock_orders_deadlock_in_2_of_6_schedules() {
    let opposite = Threads::new([None; 2])
        .thread(&[lock::<0>, lock::<1>, unlock::<1>, unlock::<0>])
        .thread(&[lock::<1>, lock::<0>, unlock::<0>, unlock::<1>]);
    let same = Threads::new([None; 2])
        .thread(&[lock::<0>, lock::<1>, unlock::<1>, unlock::<0>])
        .thread(&[lock::<0>, lock::<1>, unlock::<1>, unlock::<0>]);
    for (threads, schedules, stuck) in [(opposite, 6, vec!["a.b", "b.a"]), (same, 2, vec![])] {
        let (mut maximal, mut deadlocks) = (0, Vec::new());
        let all: ControlFlow<()> = explore(&threads, 8, |schedule, state| {
            if threads.actions(state).next().is_none() {
                maximal += 1;
                if !threads.is_done(state) {
                    deadlocks.push(schedule.to_string());
                }
            }
            Continue(())
        });
        assert_eq!(all, Continue(()));
        assert_eq!(maximal, schedules);
        assert_eq!(deadlocks, stuck);
    }
}

#[test]
fn exploration_of_a_loop_ends_at_its_length() {
    let spin: fn(&mut u64, usize) -> Next = |count, _| {
        *count += 1;
        Next::Jump(0)
    };
    let threads = Threads::new(0).thread(&[spin]);
    let there = explore(&threads, 10, |schedule, state| match state.memory {
        7 => Break(schedule.len()),
        _ => Continue(()),
    });
    assert_eq!(there, Break(7));
    assert_eq!(count(&threads, 10), 11);
}

#[test]
fn a_schedule_becomes_a_trace_of_the_nodes_it_names() {
    let trace = messages::trace_of("a.ac.ca.2x.1c.1").unwrap();
    assert_eq!(
        trace.ladder(50),
        "
a                       b                       c
│                       │                       │
●                       │                       │
│                       │                       │
● ──▶ m1                │                       │
│                       │                       │
│                       │            m2 lost ✗──●
│                       │                       │
│                       │                 m1 ──▶●
│                       │                       │
│                       │           m1 again ──▶●
"
        .trim_start_matches('\n')
    );
    assert_eq!(messages::trace_of("-").unwrap().events(), []);
    for text in ["1", "ab.ba.3", "ab.1x.1x", "aa", "?"] {
        assert!(messages::trace_of(text).is_err(), "{text}");
    }
}

#[test]
fn an_empty_schedule_has_a_string() {
    let empty: messages::Schedule = "-".parse().unwrap();
    assert_eq!(empty, Schedule::from(vec![]));
    assert_eq!(empty.to_string(), "-");
    assert!(replay(&Messages::between(2), &empty).is_ok());
}
