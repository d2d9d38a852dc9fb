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
    let run = trace(&["a", "b"], [Event::send(0, 1, "m"), Event::receive(1, "m")]);
    let svg = views::svg(&run);
    let document = Document::parse(&svg).unwrap();
    let circles = all(&document, "circle");
    let [from, to] = [&circles[0], &circles[1]].map(|it| [number(it, "cx"), number(it, "cy")]);
    let paths = all(&document, "path");
    let arrow = paths.iter().find(|path| path.attribute("class") == Some("message"));
    let [start, end] = line(arrow.unwrap());
    assert_eq!(start, from);
    let to_go = (end[0] - to[0]).hypot(end[1] - to[1]);
    assert!(end[0] < to[0] && (4.5..5.5).contains(&to_go), "{end:?} for {to:?}");
}

/// The ends of a straight line: of an arrow, or of the first stroke of a message that was lost.
fn line(path: &Node<'_, '_>) -> [[f64; 2]; 2] {
    let way = path.attribute("d").expect("a path has a way");
    let way = way.replace(['M', 'L'], " ");
    let mut numbers = way.split_whitespace().map(|number| {
        let number = number.parse();
        number.expect("a straight line has nothing but numbers")
    });
    let mut point = || [(); 2].map(|()| numbers.next().expect("it has two ends"));
    [point(), point()]
}

#[test]
fn no_arrow_strikes_through_the_text_of_its_own_event() {
    let mut run = trace(
        &["left", "middle", "right"],
        [
            Event::send(0, 1, "m1").label("sends to the right"),
            Event::receive(1, "m1").label("receives from the left"),
            Event::send(1, 0, "m2").label("sends to the left"),
            Event::receive(0, "m2").label("receives from the right"),
            Event::send(1, 2, "m3").label("is lost to the right"),
            Event::send(1, 0, "m4").label("is lost to the left"),
            Event::send(1, 2, "m5").label("is in flight"),
            Event::receive(1, "m9").label("receives"),
            Event::send(2, 0, "m6").label("sends far"),
            Event::receive(0, "m6").label("receives from far"),
        ],
    );
    for lost in ["m3", "m4"] {
        run.lose(lost).unwrap();
    }
    let svg = views::svg(&run);
    let document = Document::parse(&svg).unwrap();
    let areas: Vec<_> = all(&document, "text").iter().map(area).collect();
    let paths = all(&document, "path").into_iter().filter(|path| {
        let class = path.attribute("class").unwrap_or_default();
        class.starts_with("message")
    });
    let messages: Vec<_> = paths.collect();
    assert_eq!(messages.len(), 7);
    for path in messages {
        let [start, end] = line(&path);
        for step in 0..=1_000 {
            let share = f64::from(step) / 1_000.0;
            let [x, y] = [0, 1].map(|axis| start[axis] + share * (end[axis] - start[axis]));
            let is_struck = |area: &&[f64; 4]| overlap(**area, [x, x, y, y]);
            assert_eq!(areas.iter().find(is_struck), None, "at {x} {y}");
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
    fn nothing_in_a_trace_becomes_markup_and_no_texts_overlap(trace in any_trace()) {
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
    }
}
