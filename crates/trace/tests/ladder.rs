//! The ladder, as a reader sees it.

use proptest::prelude::*;
use trace::{Event, Trace};

fn trace(nodes: &[&str], events: impl IntoIterator<Item = Event>) -> Trace {
    let mut trace = Trace::new(nodes.iter().copied());
    for event in events {
        trace.push(event).expect("a test trace is consistent");
    }
    trace
}

fn ladder(trace: &Trace, width: usize, expected: &str) {
    let drawn = trace.ladder(width);
    let expected = expected.trim_start_matches('\n');
    assert_eq!(drawn, expected, "it is\n{drawn}");
}

fn with_everything() -> Trace {
    let mut trace = trace(
        &["n0", "n1", "n2"],
        [
            Event::local(0).vector([1, 0, 0]).label("A"),
            Event::send(0, 1, "m1").vector([2, 0, 0]),
            Event::receive(1, "m1").vector([2, 1, 0]).label("B"),
            Event::local(2).vector([0, 0, 1]).label("C"),
            Event::send(1, 2, "m2").vector([2, 2, 0]),
            Event::send(0, 2, "m3").vector([3, 0, 0]),
            Event::receive(2, "m3").vector([3, 0, 2]),
            Event::send(0, 2, "m4").vector([4, 0, 0]),
            Event::receive(2, "m2").vector([3, 2, 3]).label("D"),
        ],
    );
    trace.lose("m4").expect("it was sent");
    trace
}

#[test]
fn late_and_lost_messages_are_marked() {
    ladder(
        &with_everything(),
        60,
        "
n0                      n1                      n2
│                       │                       │
● [1,0,0] A             │                       │
│                       │                       │
● [2,0,0] ─────────────▶● [2,1,0] B             │
│                       │                       │
│                       │                       ● [0,0,1] C
│                       │                       │
│                       ● [2,2,0] ──▶ m2 late   │
│                       │                       │
● [3,0,0] ──────────────│──────────────────────▶● [3,0,2]
│                       │                       │
● [4,0,0] ──✗ m4 lost   │                       │
│                       │                       │
│                       │            m2 late ──▶● [3,2,3] D
",
    );
}

#[test]
fn on_a_narrow_screen_texts_are_below_their_events() {
    ladder(
        &with_everything(),
        40,
        "
n0            n1            n2
│             │             │
●             │             │
│ [1,0,0] A   │             │
● ───────────▶●             │
│ [2,0,0]     │ [2,1,0] B   │
│             │             ●
│             │             │ [0,0,1] C
│             ● ──▶ m2 late │
│             │ [2,2,0]     │
● ────────────│────────────▶●
│ [3,0,0]     │             │ [3,0,2]
● ──✗ m4 lost │             │
│ [4,0,0]     │             │
│             │  m2 late ──▶●
│             │             │ [3,2,3] D
",
    );
}

#[test]
fn where_columns_do_not_fit_it_is_a_list() {
    ladder(
        &with_everything(),
        38,
        "
n0  [1,0,0]  A
n0  [2,0,0]  sends m1 to n1
n1  [2,1,0]  B  receives m1
n2  [0,0,1]  C
n1  [2,2,0]  sends m2 to n2
n0  [3,0,0]  sends m3 to n2
n2  [3,0,2]  receives m3
n0  [4,0,0]  sends m4 to n2, lost
n2  [3,2,3]  D  receives m2
",
    );
}

#[test]
fn five_nodes_with_vectors_fit_80_columns() {
    let five = trace(
        &["n0", "n1", "n2", "n3", "n4"],
        [
            Event::local(1).vector([0, 1, 0, 0, 0]).label("order paid"),
            Event::send(0, 1, "m1").vector([1, 0, 0, 0, 0]),
            Event::receive(1, "m1").vector([1, 2, 0, 0, 0]),
            Event::send(4, 0, "m2").vector([0, 0, 0, 0, 1]),
            Event::receive(0, "m2").vector([2, 0, 0, 0, 1]).label("shipped"),
        ],
    );
    ladder(
        &five,
        80,
        "
n0              n1              n2              n3              n4
│               │               │               │               │
│               ● [0,1,0,0,0]   │               │               │
│               │ order paid    │               │               │
● [1,0,0,0,0] ─▶● [1,2,0,0,0]   │               │               │
│               │               │               │               │
● [2,0,0,0,1] ◀─│───────────────│───────────────│───────────────● [0,0,0,0,1]
│ shipped       │               │               │               │
",
    );
}

#[test]
fn crossing_duplicated_and_outside_messages_are_drawn() {
    let mut odd = trace(
        &["a", "b"],
        [
            Event::send(0, 1, "m1"),
            Event::send(1, 0, "m2"),
            Event::receive(1, "m1"),
            Event::receive(0, "m2"),
            Event::receive(1, "m1"),
            Event::receive(0, "m9"),
            Event::send(1, 0, "m3"),
            Event::send(1, 0, "m4"),
            Event::receive(0, "m4"),
            Event::receive(0, "m4"),
        ],
    );
    odd.lose("m3").expect("it was sent");
    // m1 and m2 cross: neither receipt follows its sending at once.
    ladder(
        &odd,
        80,
        "
a                         b
│                         │
● ──▶ m1                  │
│                         │
│                   m2 ◀──●
│                         │
│                   m1 ──▶●
│                         │
● ◀── m2                  │
│                         │
│             m1 again ──▶●
│                         │
● ◀── m9 from outside     │
│                         │
│              m3 lost ✗──●
│                         │
● ◀─ m4 ──────────────────●
│                         │
● ◀── m4 again            │
",
    );
}

#[test]
fn what_has_not_arrived_is_in_flight() {
    let in_flight = trace(&["a", "b"], [Event::send(0, 1, "m1"), Event::send(1, 0, "m2")]);
    ladder(
        &in_flight,
        80,
        "
a                         b
│                         │
● ──▶ m1 in flight        │
│                         │
│         m2 in flight ◀──●
",
    );
}

#[test]
fn rows_are_in_the_order_of_the_trace() {
    let broadcast = trace(
        &["a", "b", "c"],
        [
            Event::send(0, 1, "m1"),
            Event::send(0, 2, "m2"),
            Event::receive(2, "m2"),
            Event::local(1),
            Event::receive(1, "m1"),
        ],
    );
    ladder(
        &broadcast,
        30,
        "
a             b             c
│             │             │
● ──▶ m1      │             │
│             │             │
● ────────────│────────────▶●
│             │             │
│             ●             │
│             │             │
│       m1 ──▶●             │
",
    );
}

#[test]
fn an_empty_trace_can_be_drawn() {
    assert_eq!(trace(&[], []).ladder(80), "");
    ladder(&trace(&["alone"], []), 80, "\nalone\n│\n");
    ladder(&trace(&["alone"], [Event::local(0)]), 80, "\nalone\n│\n●\n");
}

#[test]
fn a_label_cannot_break_the_diagram() {
    let hostile = trace(
        &["n0", "名前"],
        [
            Event::local(0).label("\u{1b}[31mred\nline"),
            Event::local(1).label("x".repeat(10_000)),
            Event::local(0).label("\u{202e}reversed"),
            Event::local(1).label("日本 e\u{301}"),
        ],
    );
    let drawn = hostile.ladder(80);
    assert!(!drawn.contains(['\u{1b}', '\u{202e}']), "{drawn}");
    assert_eq!(drawn.lines().count(), 9, "{drawn}");
    ladder(
        &hostile,
        80,
        "
n0                        名前
│                         │
● \\u{1b}[31mred\\u{a}line  │
│                         │
│                         ● xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
│                         │
● \\u{202e}reversed        │
│                         │
│                         ● 日本 é
"
        .replace('é', "e\u{301}")
        .as_str(),
    );
}

/// A random trace: each pick is a node, what it does, and a message that it might receive.
fn any_trace() -> impl Strategy<Value = Trace> {
    let pick = (any::<prop::sample::Index>(), 0..4_u8, any::<prop::sample::Index>());
    let picks = prop::collection::vec(pick, 0..60);
    (1..7_usize, picks, "[a-zé名\u{1b}]{0,12}").prop_map(|(nodes, picks, label)| {
        let mut trace = Trace::new((0..nodes).map(|node| format!("n{node}")));
        let mut sent: Vec<usize> = Vec::new();
        for (node, what, other) in picks {
            let (from, to) = (node.index(nodes), other.index(nodes));
            let event = match what {
                0 => Event::local(from).label(label.clone()),
                1 | 2 => {
                    sent.push(to);
                    Event::send(from, to, format!("m{}", sent.len()))
                }
                _ => match sent.len() {
                    0 => Event::receive(from, "m0"),
                    count => {
                        let number = other.index(count);
                        Event::receive(sent[number], format!("m{}", number + 1))
                    }
                },
            };
            let event = event.vector(vec![7; nodes]);
            trace.push(event).expect("the event is valid");
        }
        trace
    })
}

/// The nodes of each row, by where the ladder has events.
fn drawn_rows(drawn: &str, nodes: usize) -> Vec<Vec<usize>> {
    let mut lines = drawn.lines();
    let names = lines.next().unwrap_or_default();
    let columns = (0..nodes).map(|node| names.find(&format!("n{node}")).expect("it has a name"));
    let columns: Vec<usize> = columns.collect();
    let nodes_of = |line: &str| {
        // The texts here are of letters that are one column wide.
        let marks = line.chars().enumerate().filter(|(_, char)| *char == '●');
        let column = |at: usize| columns.iter().position(|column| *column == at);
        marks.map(|(at, _)| column(at).expect("an event is on a line")).collect::<Vec<_>>()
    };
    lines.map(nodes_of).filter(|row| !row.is_empty()).collect()
}

proptest! {
    #[test]
    fn rows_follow_the_trace_and_no_arrow_meets_another_event(trace in any_trace()) {
        let (layout, events) = (trace.layout(), trace.events());
        prop_assert!(layout.rows.is_sorted());
        for arrow in &layout.arrows {
            let (first, last) = (layout.rows[arrow.send], layout.rows[arrow.receive]);
            // A level part is in a row of its ends, a track is beside all lines: what could meet
            // it is an event of these rows.
            for row in [first, last] {
                let in_row = (0..events.len()).filter(|place| layout.rows[*place] == row);
                for place in in_row.filter(|place| ![arrow.send, arrow.receive].contains(place)) {
                    let far = events[arrow.receive].node;
                    prop_assert_eq!(events[place].node, far, "an event in the row of {:?}", arrow);
                    prop_assert!(trace.sending(place) == Some(arrow.send), "a copy ends there");
                }
            }
            prop_assert_eq!(first == last, arrow.track.is_none());
            for other in &layout.arrows {
                let rows = layout.rows[other.send]..=layout.rows[other.receive];
                let is_apart = !rows.contains(&first) && !rows.contains(&last)
                    && !(first..=last).contains(rows.start());
                let same = arrow.track.is_some() && arrow.track == other.track;
                prop_assert!(arrow == other || !same || is_apart, "{:?}, {:?}", arrow, other);
            }
            if let Some(track) = arrow.track {
                prop_assert!(track.number < layout.tracks[track.node]);
            }
        }
        let unlabelled = trace.clone().with_labels(vec![String::new(); 60]);
        let drawn = unlabelled.ladder(500);
        let mut expected = vec![Vec::new(); layout.rows.last().map_or(0, |last| last + 1)];
        for (event, row) in trace.events().iter().zip(&layout.rows) {
            expected[*row].push(event.node);
        }
        expected.iter_mut().for_each(|row| row.sort_unstable());
        prop_assert_eq!(drawn_rows(&drawn, trace.nodes().len()), expected, "{}", drawn);
        // No arrow is drawn over a stamp.
        let stamp = trace::vector_text(&vec![7; trace.nodes().len()]);
        prop_assert_eq!(drawn.matches(&stamp).count(), trace.events().len());
    }

    #[test]
    fn a_ladder_has_every_event_once_and_fits((trace, width) in (any_trace(), 0..130_usize)) {
        let drawn = trace.ladder(width);
        let events = drawn.matches('●').count();
        if events > 0 {
            prop_assert_eq!(events, trace.events().len());
            for line in drawn.lines() {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                prop_assert!(columns <= width, "{}\n{}", width, drawn);
            }
        } else if !trace.events().is_empty() {
            prop_assert_eq!(drawn.lines().count(), trace.events().len());
        }
    }
}
