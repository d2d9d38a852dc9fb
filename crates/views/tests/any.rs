//! Random traces.

use proptest::prelude::*;
use trace::{Event, Trace};

/// Text with a meaning in XML, in a terminal, in lines, in JSON or in regular expressions.
const TEXTS: [&str; 12] = [
    "",
    "order paid",
    "</text><script>alert('1')</script>",
    "]]> & \"quoted\" <!-- -->",
    "two\nlines\r\u{2028}\u{85}and more",
    "\u{0}\u{1b}[31m\u{ffff}\u{feff}",
    "\u{202e}desrever \u{5d0}\u{5d1}\u{5d2}",
    "{\"n0\":1} {",
    "n0 {\"n0\":7}\nforged",
    "名前 \u{1f469}\u{200d}\u{1f680} \u{fdfd}",
    " \t ",
    "\\u{20}\\",
];

/// A random trace of up to 70 events between up to 12 nodes, with hostile text everywhere.
pub(crate) fn any_trace() -> impl Strategy<Value = Trace> {
    let pick = (0..12_usize, 0..6_u8, any::<prop::sample::Index>(), text());
    let picks = prop::collection::vec(pick, 0..70);
    let names = prop::collection::vec(text(), 1..12);
    (names, picks, 0..4_u8).prop_map(|(names, picks, stamps)| {
        let nodes = names.len();
        let mut trace = Trace::new(names);
        let mut sent: Vec<(String, usize)> = Vec::new();
        for (place, (node, what, other, text)) in picks.into_iter().enumerate() {
            let (from, to) = (node % nodes, other.index(nodes));
            let event = match what {
                0 => Event::local(from),
                1..4 => {
                    // The last '#' sets the place apart, so no two messages are the same.
                    let message = format!("{text}#{place}");
                    sent.push((message.clone(), to));
                    Event::send(from, to, message)
                }
                _ => match sent.len() {
                    0 => Event::receive(from, "unknown"),
                    count => {
                        let (message, to) = &sent[other.index(count)];
                        Event::receive(*to, message)
                    }
                },
            };
            let event = match stamps {
                0 => event,
                1 => event.lamport(u64::MAX).time(place as u64),
                2 => event.vector(vec![place as u64; nodes]),
                _ => event.vector(vec![1; nodes]).lamport(place as u64).time(u64::MAX),
            };
            trace.push(event.label(text)).expect("the event is valid");
        }
        for (message, _) in sent.iter().step_by(3) {
            trace.lose(message).expect("it was sent");
        }
        trace
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&TEXTS).prop_map(str::to_owned),
        "[a-z ]{0,12}",
        any::<String>(),
        "[a-zé名]{0,60}",
    ]
}
