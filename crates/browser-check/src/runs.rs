//! The traces whose pages are tried.

use trace::{Event, Trace};

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
pub struct Random(pub u64);

impl Random {
    /// The next one below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("it is below a usize")
    }
}

/// A run with one of everything: local events, arrows both ways, messages that are late, lost,
/// duplicated, in flight, from outside and to their sender, and all stamps.
pub fn everything() -> Trace {
    let minute = 1_700_000_000_000;
    let mut trace = pushed(
        &["frontend", "orders", "stock"],
        [
            Event::receive(0, "GET /buy").lamport(1).vector([1, 0, 0]).label("request"),
            Event::send(0, 1, "m1").lamport(2).vector([2, 0, 0]).label("order"),
            Event::receive(1, "m1").lamport(3).vector([2, 1, 0]).label("order comes"),
            Event::local(2).lamport(1).vector([0, 0, 1]).label("stocktaking"),
            Event::send(1, 2, "m2").lamport(4).vector([2, 2, 0]).label("reserve"),
            Event::send(0, 2, "m3").lamport(3).vector([3, 0, 0]).label("peek"),
            Event::receive(2, "m3").lamport(4).vector([3, 0, 2]).label("peek comes"),
            Event::send(0, 2, "m4").lamport(4).vector([4, 0, 0]),
            Event::receive(2, "m2").lamport(5).vector([3, 2, 3]).label("reserve comes"),
            Event::send(2, 1, "m5").lamport(6).vector([3, 2, 4]).label("reserved"),
            Event::receive(1, "m5").lamport(7).vector([3, 3, 4]),
            Event::receive(1, "m5").lamport(8).vector([3, 4, 4]).label("the same again"),
            Event::send(1, 1, "m6").lamport(9).vector([3, 5, 4]).label("note to self"),
            Event::local(0).lamport(5).vector([5, 0, 0]).label("waits"),
            Event::receive(1, "m6").lamport(10).vector([3, 6, 4]),
            Event::send(1, 0, "m7").lamport(11).vector([3, 7, 4]).label("done"),
            Event::receive(0, "m7").lamport(12).vector([6, 7, 4]).label("answer"),
            Event::send(0, 2, "m8").lamport(13).vector([7, 7, 4]).label("thanks"),
        ]
        .into_iter()
        .zip(0..)
        .map(|(event, step)| event.time(minute + 137 * step)),
    );
    trace.lose("m4").expect("it was sent");
    trace
}

/// Texts that are markup, script, quotes, endless, from right to left, emoji, and of invisible
/// characters.
pub fn hostile() -> (Trace, Vec<String>) {
    let mut labels: Vec<String> = [
        "<script>document.title='taken'</script>",
        "</script><script>document.title='taken'</script>",
        "</script x='",
        "<!--<script>",
        "<img src=x onerror=\"document.title='taken'\">",
        "\"'><svg onload=document.title='taken'>",
        "&lt;b&gt; &amp; \\u003cb\\u003e {{script}} ${document.title='taken'} `",
        "]]> \u{2028} \u{2029}",
        "שלום עולם, مرحبا بالعالم",
        "👩‍👩‍👧‍👦 🏳️‍🌈 é 漢字",
        "__proto__",
    ]
    .map(str::to_owned)
    .into();
    labels.push("<b>long</b> ".repeat(10_000 / 12 + 1).trim().to_owned());
    let mut trace = Trace::new(["<b>n0</b>", "__proto__"]);
    for label in &labels {
        push(&mut trace, Event::send(0, 1, label).label(label));
        push(&mut trace, Event::receive(1, label).label(label).lamport(u64::MAX).time(u64::MAX));
    }
    push(&mut trace, Event::local(0).label("turned \u{202e}round\u{0}\u{7}"));
    (trace, labels)
}

/// Events at random nodes, half of which send, and what is sent arrives at random times, if at all;
/// with the stamps of vector clocks.
pub fn random(nodes: usize, events: usize, random: &mut Random) -> Trace {
    let names: Vec<_> = (0..nodes).map(|node| format!("n{node}")).collect();
    let mut trace = Trace::new(&names);
    let mut clocks = vec![vec![0; nodes]; nodes];
    let mut in_flight: Vec<(usize, String, Vec<u64>)> = Vec::new();
    for number in 0..events {
        let arrives = !in_flight.is_empty() && random.below(5) < 2;
        let (node, event) = if arrives {
            let (node, message, stamp) = in_flight.swap_remove(random.below(in_flight.len()));
            for (mine, theirs) in clocks[node].iter_mut().zip(stamp) {
                *mine = theirs.max(*mine);
            }
            (node, Event::receive(node, message))
        } else {
            let node = random.below(nodes);
            match random.below(2) {
                0 => (node, Event::local(node)),
                _ => (node, Event::send(node, random.below(nodes), format!("m{number}"))),
            }
        };
        clocks[node][node] += 1;
        if let trace::Kind::Send { message, to: Some(to) } = &event.kind {
            in_flight.push((*to, message.clone(), clocks[node].clone()));
        }
        push(&mut trace, event.vector(clocks[node].clone()).label(format!("step {number}")));
    }
    trace
}

fn pushed(nodes: &[&str], events: impl IntoIterator<Item = Event>) -> Trace {
    let mut trace = Trace::new(nodes.iter().copied());
    events.into_iter().for_each(|event| push(&mut trace, event));
    trace
}

fn push(trace: &mut Trace, event: Event) {
    trace.push(event).expect("these runs do not contradict themselves");
}
