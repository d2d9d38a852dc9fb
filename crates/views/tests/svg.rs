//! The SVG, as XML and as a diagram.

use crate::any::any_trace;
use proptest::prelude::*;
use roxmltree::{Document, Node};
use trace::{Event, Trace};
use unicode_width::UnicodeWidthStr;

fn trace(nodes: &[&str], events: impl IntoIterator<Item = Event>) -> Trace {
    let mut trace = Trace::new(nodes.iter().copied());
    for event in events {
        let pushed = trace.push(event);
        pushed.expect("a test trace is consistent");
    }
    trace
}

/// Elements of one name.
fn all<'a, 'input>(document: &'a Document<'input>, name: &str) -> Vec<Node<'a, 'input>> {
    let elements = document.descendants();
    elements.filter(|element| element.has_tag_name(("http://www.w3.org/2000/svg", name))).collect()
}

fn number(element: &Node<'_, '_>, name: &str) -> f64 {
    let value = element.attribute(name).expect("it has this attribute");
    value.parse().expect("it is a number")
}

/// All that is written in an element.
fn words(element: &Node<'_, '_>) -> String {
    let texts = element.descendants().filter(|node| node.is_text());
    texts.filter_map(|node| node.text()).collect()
}

/// What a text covers: left, right, top, bottom. A letter of a monospaced font of 12 units is 7.44
/// wide at most, and goes from 11 above the baseline to 3 below it.
fn area(text: &Node<'_, '_>) -> [f64; 4] {
    let (x, y, words) = (number(text, "x"), number(text, "y"), words(text));
    let is_plain = words.replace('…', ".").is_ascii();
    let width = match is_plain {
        true => words.width() as f64 * 7.44,
        false => number(text, "textLength"),
    };
    [x, x + width, y - 11.0, y + 3.0]
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3]
}

#[test]
fn it_is_self_contained_with_every_event_and_message() {
    let mut run = trace(
        &["n0", "n1"],
        [
            Event::send(0, 1, "m1").vector([1, 0]).label("ask"),
            Event::receive(1, "m1").vector([1, 1]),
            Event::receive(1, "m1"),
            Event::send(1, 0, "m2").lamport(7).time(1_700_000_000_000),
            Event::send(1, 0, "m3"),
            Event::receive(0, "m9"),
            Event::send(0, 0, "m4"),
            Event::receive(0, "m4"),
        ],
    );
    run.lose("m2").unwrap();
    let svg = views::svg(&run);
    assert_eq!(svg, views::svg(&run));
    let document = Document::parse(&svg).unwrap();
    let texts: Vec<_> = all(&document, "text").iter().map(words).collect();
    let expected = [
        "n0",
        "n1",
        "[1,0] ask",
        "[1,1]",
        "m1 again",
        "7 m2 lost",
        "m3 in flight",
        "m9 from outside",
    ];
    assert_eq!(texts, expected);
    assert_eq!(all(&document, "circle").len(), 8);
    let paths = all(&document, "path");
    let messages = paths.iter().filter(|path| {
        let class = path.attribute("class").unwrap_or_default();
        class.starts_with("message")
    });
    assert_eq!(messages.count(), 6, "m1 is drawn twice");
    for title in [
        "n0: [1,0], ask, sends m1 to n1",
        "n1: 7, sends m2 to n0, at 1700000000000 ms by its clock",
    ] {
        assert!(svg.contains(&format!("<title>{title}</title>")), "{title}");
    }
    let only_address = svg.replacen("http://www.w3.org/2000/svg", "", 1);
    for outside in ["http", "href", "@import", "<script", "url(h", "src"] {
        assert!(!only_address.contains(outside), "{outside}");
    }
    assert!(svg.contains("prefers-color-scheme:dark"));
}

#[test]
fn a_message_goes_from_its_event_to_its_event() {
    let run = trace(
        &["a", "b"],
        [Event::send(0, 1, "m"), Event::send(1, 0, "n"), Event::receive(1, "m")],
    );
    let svg = views::svg(&run);
    let document = Document::parse(&svg).unwrap();
    let circles = all(&document, "circle");
    let [from, _, to] = [0, 1, 2].map(|it| ["cx", "cy"].map(|name| number(&circles[it], name)));
    let [arrow, ..] = &messages(&document)[..] else { panic!("there is a message") };
    let [start, .., end] = &corners(arrow)[..] else { panic!("it has two ends") };
    assert_eq!((start[0] - from[0], start[1]), (5.0, from[1]));
    assert_eq!((end[0] - to[0], end[1]), (-5.0, to[1]));
}

/// The messages as they are drawn.
fn messages<'a, 'input>(document: &'a Document<'input>) -> Vec<Node<'a, 'input>> {
    let is_message =
        |path: &Node<'_, '_>| path.attribute("class").unwrap_or_default().starts_with("message");
    all(document, "path").into_iter().filter(is_message).collect()
}

/// The corners of the first line of a path.
fn corners(path: &Node<'_, '_>) -> Vec<[f64; 2]> {
    let way = path.attribute("d").expect("a path has a way");
    let first = way[1..].split('M').next().expect("it has a line");
    let (start, rest) = first.split_at(first.find('H').expect("it goes level"));
    let start: Vec<f64> = start.split(' ').map(|it| it.parse().expect("a number")).collect();
    let mut corners = vec![[start[0], start[1]]];
    let mut at = corners[0];
    let mut rest = rest;
    while let Some(axis) = rest.chars().next() {
        let tail = &rest[1..];
        let end = tail.find(['H', 'V']).unwrap_or(tail.len());
        at[usize::from(axis == 'V')] = tail[..end].parse().expect("a number");
        corners.push(at);
        rest = &tail[end..];
    }
    corners
}

/// Asserts that no message touches a text, or an event in which it does not begin or end.
fn assert_nothing_is_touched(document: &Document<'_>, svg: &str) {
    let texts: Vec<_> = all(document, "text").iter().map(area).collect();
    let events = all(document, "circle").into_iter().map(|circle| {
        let [x, y] = ["cx", "cy"].map(|name| number(&circle, name));
        [x - 4.0, x + 4.0, y - 4.0, y + 4.0]
    });
    let things: Vec<_> = texts.into_iter().chain(events).collect();
    for path in messages(document) {
        let corners = corners(&path);
        for ends in corners.windows(2) {
            let [from, to] = [ends[0], ends[1]];
            let line = [
                from[0].min(to[0]),
                from[0].max(to[0]),
                from[1].min(to[1]) - 0.5,
                from[1].max(to[1]) + 0.5,
            ];
            let touched = things.iter().find(|thing| overlap(**thing, line));
            assert_eq!(touched, None, "by {line:?} of {corners:?} in\n{svg}");
        }
    }
}

#[test]
fn what_is_cut_is_whole_in_the_title() {
    let label = "long ".repeat(2_000);
    let run = trace(&["a"], [Event::local(0).lamport(12).label(&label)]);
    let svg = views::svg(&run);
    let document = Document::parse(&svg).unwrap();
    let shown = words(&all(&document, "text")[1]);
    assert!(shown.starts_with("12 long long") && shown.ends_with('…'), "{shown}");
    let titles = all(&document, "title");
    assert!(titles.iter().any(|title| words(title).contains(label.trim_end())));
}

#[test]
fn wide_vectors_leave_room_for_the_label() {
    let nodes: Vec<String> = (0..12).map(|node| format!("n{node}")).collect();
    let mut run = Trace::new(nodes);
    run.push(Event::local(3).vector(vec![10; 12]).label("paid")).unwrap();
    run.push(Event::local(4).vector(vec![10; 12]).label("order paid")).unwrap();
    let svg = views::svg(&run);
    let document = Document::parse(&svg).unwrap();
    let texts: Vec<_> = all(&document, "text").iter().map(words).collect();
    assert_eq!(texts[12..], ["[10,10,10,10,10,… paid", "[10,10,10,… order paid"]);
}

#[test]
fn from_nothing_to_five_hundred_events_its_size_is_sensible() {
    let size = |nodes: usize, events: usize| {
        let mut run = Trace::new((0..nodes).map(|node| format!("n{node}")));
        for event in 0..events {
            let event = Event::local(event % nodes).label("something");
            run.push(event).expect("the event is valid");
        }
        let svg = views::svg(&run);
        let document = Document::parse(&svg).expect("it is XML");
        let svg = document.root_element();
        [number(&svg, "width"), number(&svg, "height")]
    };
    for ((nodes, events), [width, height]) in [
        ((0, 0), [0.0..100.0, 0.0..150.0]),
        ((1, 2), [100.0..300.0, 100.0..200.0]),
        ((3, 10), [200.0..600.0, 250.0..450.0]),
        ((12, 500), [1_000.0..2_000.0, 13_000.0..16_000.0]),
        ((40, 500), [3_000.0..6_000.0, 13_000.0..16_000.0]),
    ] {
        let [w, h] = size(nodes, events);
        assert!(width.contains(&w) && height.contains(&h), "{nodes} nodes: {w} x {h}");
    }
}

proptest! {
    #[test]
    fn nothing_becomes_markup_and_nothing_overlaps(trace in any_trace()) {
        let svg = views::svg(&trace);
        let document = Document::parse(&svg);
        prop_assert!(document.is_ok(), "{:?}\n{}", document, svg);
        let document = document.expect("that was checked above");
        prop_assert_eq!(all(&document, "circle").len(), trace.events().len());
        let known = [
            "svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "tspan", "g",
            "circle",
        ];
        for element in document.descendants().filter(Node::is_element) {
            prop_assert!(known.contains(&element.tag_name().name()));
        }
        let size = document.root_element();
        let [width, height] = ["width", "height"].map(|name| number(&size, name));
        let areas: Vec<_> = all(&document, "text").iter().map(area).collect();
        for (place, area) in areas.iter().enumerate() {
            prop_assert!(area[0] >= 0.0 && area[1] <= width && area[2] >= 0.0 && area[3] <= height);
            for other in &areas[..place] {
                prop_assert!(!overlap(*area, *other), "{area:?} and {other:?} in\n{svg}");
            }
        }
        assert_nothing_is_touched(&document, &svg);
        let circles = all(&document, "circle");
        let heights: Vec<f64> = circles.iter().map(|circle| number(circle, "cy")).collect();
        prop_assert!(heights.is_sorted(), "rows are in the order of the trace");
    }
}
