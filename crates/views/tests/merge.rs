//! Merged traces, against cases that were computed by hand.

use std::fs;
use std::path::PathBuf;

use trace::{Contradiction, Event, Kind, Trace};
use views::files::{self, Cut};
use views::merge::{MergeError, merge};

fn trace(nodes: &[&str], events: impl IntoIterator<Item = Event>) -> Trace {
    let mut trace = Trace::new(nodes.iter().copied());
    for event in events {
        let pushed = trace.push(event);
        pushed.expect("a test trace is consistent");
    }
    trace
}

/// The events of a trace, each as its node and its message or label.
fn summary(trace: &Trace) -> String {
    let event = |event: &Event| {
        let node = &trace.nodes()[event.node];
        format!("{node}:{}", event.message().unwrap_or(&event.label))
    };
    let events: Vec<_> = trace.events().iter().map(event).collect();
    events.join(" ")
}

const AB: [&str; 2] = ["a", "b"];

#[test]
fn a_sending_precedes_its_receipt_and_few_messages_cross() {
    // a has sent both before it receives from b, and b has a local event before it receives.
    let a = trace(&AB, [Event::send(0, 1, "m1"), Event::send(0, 1, "m2"), Event::receive(0, "m3")]);
    let b = trace(
        &AB,
        [
            Event::local(1).label("x"),
            Event::receive(1, "m1"),
            Event::send(1, 0, "m3"),
            Event::receive(1, "m2"),
        ],
    );
    let expected = "b:x a:m1 b:m1 a:m2 b:m3 a:m3 b:m2";
    assert_eq!(summary(&merge(vec![a.clone(), b.clone()]).unwrap()), expected);
    assert_eq!(
        merge(vec![a.clone(), b.clone()]),
        merge(vec![b, a]),
        "both name the services in one order"
    );
}

#[test]
fn the_order_between_services_of_one_trace_may_change() {
    // In the first, y is listed before x; b's sending has to come between them.
    let two = trace(
        &["x", "y", "z"],
        [Event::receive(0, "m1"), Event::send(1, 2, "m2"), Event::local(0).label("late")],
    );
    let one = trace(&["x", "y", "z"], [Event::receive(2, "m2"), Event::send(2, 0, "m1")]);
    let merged = merge(vec![two, one]).unwrap();
    assert_eq!(summary(&merged), "y:m2 z:m2 z:m1 x:m1 x:late");
}

#[test]
fn services_are_united_by_name_and_vectors_follow_them() {
    let b = trace(
        &["b", "a"],
        [Event::receive(0, "m1").vector([1, 1]).lamport(2), Event::send(0, 1, "m2").vector([2, 1])],
    );
    let a = trace(&["a"], [Event::local(0).vector([1]).label("A")]);
    let c = trace(&["c", "b"], [Event::local(0).vector([7, 2])]);
    let merged = merge(vec![b, a, c]).unwrap();
    assert_eq!(merged.nodes(), ["b", "a", "c"]);
    assert_eq!(
        merged.events(),
        [
            Event::receive(0, "m1").vector([1, 1, 0]).lamport(2),
            Event::send(0, 1, "m2").vector([2, 1, 0]),
            Event::local(1).vector([0, 1, 0]).label("A"),
            Event::local(2).vector([2, 0, 7]),
        ]
    );
}

#[test]
fn duplicated_lost_outside_and_own_messages_are_merged() {
    let mut a = trace(
        &AB,
        [
            Event::send(0, 1, "m1"),
            Event::send(0, 1, "m2"),
            Event::send(0, 0, "m3"),
            Event::receive(0, "m3"),
        ],
    );
    a.lose("m2").unwrap();
    let b = trace(
        &AB,
        [Event::receive(1, "m1"), Event::receive(1, "unknown"), Event::receive(1, "m1")],
    );
    // The duplicate of m1 is not waited for: c would be first otherwise.
    let c = trace(&["c"], [Event::local(0).label("z")]);
    let merged = merge(vec![b, a, c]).unwrap();
    let expected = "a:m1 b:m1 b:unknown b:m1 a:m2 c:z a:m3 a:m3";
    assert_eq!(summary(&merged), expected);
    assert_eq!(merged.in_flight().count(), 0);
}

#[test]
fn no_trace_and_one_trace_merge_to_themselves() {
    assert_eq!(merge(Vec::new()), Ok(Trace::new([""; 0])));
    let one = trace(&AB, [Event::send(0, 1, "m1"), Event::receive(1, "m1")]);
    assert_eq!(merge(vec![one.clone()]), Ok(one));
}

#[test]
fn traces_of_different_runs_are_refused() {
    let of_a = |message: &str| trace(&AB, [Event::send(0, 1, message)]);
    let in_two = merge(vec![of_a("m1"), trace(&AB, []), of_a("m2")]);
    let service = "a".to_owned();
    let traces = [0, 2];
    assert_eq!(in_two, Err(MergeError::InTwo { service, traces }));

    let by_b = trace(&AB, [Event::send(1, 0, "m1")]);
    let message = "m1".to_owned();
    let traces = [0, 1];
    let sent_twice = merge(vec![of_a("m1"), by_b]);
    assert_eq!(sent_twice, Err(MergeError::SentTwice { message, traces }));

    let at_c = trace(&["c"], [Event::receive(0, "m1")]);
    let misdelivered = merge(vec![of_a("m1"), at_c]);
    assert!(matches!(
        misdelivered,
        Err(MergeError::Contradiction(Contradiction::Misdelivered { .. }))
    ));
}

#[test]
fn a_circle_is_refused_and_named() {
    let nodes = ["d", "a", "b", "c"];
    let waits = |node: usize, receives: &str, sends: &[&str]| {
        let sends =
            sends.iter().map(|message| Kind::Send { message: (*message).to_owned(), to: None });
        let mut trace = trace(&nodes, [Event::receive(node, receives)]);
        for kind in sends {
            let event = Event { kind, ..Event::local(node) };
            trace.push(event).unwrap();
        }
        trace
    };
    // d, which is named first, waits for the circle of a, b and c, and is not part of it.
    let d = waits(0, "m4", &[]);
    let a = waits(1, "m3", &["m1"]);
    let b = waits(2, "m1", &["m2"]);
    let c = waits(3, "m2", &["m3", "m4"]);
    let error = merge(vec![d, a, b, c]).unwrap_err();
    let expected = ["m1", "m2", "m3"].map(str::to_owned);
    let MergeError::Circle(mut circle) = error.clone() else {
        panic!("{error}");
    };
    // Each is received before the next is sent.
    let start = circle.iter().position(|name| name == "m1").unwrap();
    circle.rotate_left(start);
    assert_eq!(circle, expected);
}

#[test]
fn traces_over_the_limits_are_refused() {
    let many = |services: std::ops::Range<usize>| Trace::new(services.map(|name| name.to_string()));
    assert!(merge(vec![many(0..200), many(56..256)]).is_ok());
    let error = merge(vec![many(0..200), many(57..257)]);
    assert_eq!(error, Err(MergeError::TooManyServices(257)));

    let events = |node: usize, count: usize| trace(&AB, (0..count).map(|_| Event::local(node)));
    assert!(merge(vec![events(0, 50_000), events(1, 50_000)]).is_ok());
    let error = merge(vec![events(0, 50_000), events(1, 50_001)]);
    assert_eq!(error, Err(MergeError::TooManyEvents(100_001)));
}

/// Files of a test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("merge-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the system has room for a folder");
        Folder(path)
    }

    fn file(&self, name: &str, lines: &str) -> PathBuf {
        let path = self.0.join(name);
        let text = format!("{{\"trace\":1,\"services\":[\"a\",\"b\"]}}\n{lines}");
        fs::write(&path, text).expect("the system has room for a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // it is in the temporary folder
    }
}

#[test]
fn files_are_merged_and_an_error_names_its_file() {
    let folder = Folder::new("files");
    let a = folder.file("a", "{\"service\":\"a\",\"sent\":\"m1\"}\n{\"servi");
    let b = folder.file("b", "{\"service\":\"b\",\"received\":\"m1\"}\n");
    let stdin = fs::read(&b).unwrap();
    let dash = PathBuf::from("-");
    let by_stdin = files::read(&[dash.clone(), a.clone()], &stdin[..]).unwrap();
    let together = files::read(&[a.clone(), b.clone()], &b""[..]).unwrap();
    assert_eq!(by_stdin, together);
    assert_eq!(summary(&together.trace), "a:m1 b:m1");
    let file = a.display().to_string();
    assert_eq!(together.cut, [Cut { file, line: 3 }]);

    let bad = folder.file("bad", "{}\n");
    let none = folder.0.join("none");
    for (given, expected) in [
        (vec![a.clone(), none], "cannot open FOLDER/none"),
        (vec![a.clone(), bad], "FOLDER/bad: line 2: it names no service"),
        (vec![dash], "standard input: an empty file is not a trace"),
        (vec![b, a.clone(), a], "FOLDER/a and FOLDER/a: both have events of the service `a`"),
        (vec![folder.0.clone()], "FOLDER: cannot read the trace"),
    ] {
        let error = files::read(&given, &b""[..]).unwrap_err();
        let mut message = error.to_string();
        if let Some(source) = std::error::Error::source(&error) {
            message = format!("{message}: {source}");
        }
        let expected = expected.replace("FOLDER", &folder.0.display().to_string());
        assert!(message.starts_with(&expected), "{message}");
    }
}
