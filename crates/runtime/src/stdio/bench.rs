//! What a line does: it makes the node, or is handed to it, or is refused. Reads no clock: the time
//! is passed in.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lines::{Line, MAX_LINE};
use super::running::Running;
use super::wire::{Envelope, Init, Said, misdirected};
use crate::body::{Code, Refusal, malformed};
use worlds::node::Node;

/// The largest number of nodes that are taken. What a node keeps may grow with the square of it.
pub const MAX_NODES: usize = 1000;

/// A node, before and after it knows who it is.
pub(super) struct Bench<N: Node, F> {
    make: F,
    running: Option<Running<N>>,
    said: Said,
}

impl<N, F> Bench<N, F>
where
    N: Node,
    N::Message: Serialize + DeserializeOwned,
    N::Request: DeserializeOwned,
    N::Reply: Serialize,
    F: Fn(usize, usize, &[N::Record]) -> N,
{
    pub(super) fn new(make: F) -> Bench<N, F> {
        Bench { make, running: None, said: Said::default() }
    }

    /// When the next timer runs out.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.running.as_ref()?.next_timer()
    }

    /// What there is to say since the last time.
    pub(super) fn take_said(&mut self) -> Said {
        std::mem::take(&mut self.said)
    }

    /// A line has come, at this time since the start. Blank ones do nothing: a person may type
    /// them.
    pub(super) fn take_line(&mut self, line: Line, now: Duration) {
        let wrong = match line {
            Line::Whole(line) if line.trim_ascii().is_empty() => return,
            Line::Whole(line) => match Envelope::read(&line) {
                Ok(envelope) => return self.take(&envelope, now),
                Err(why) => why,
            },
            Line::TooLong(bytes) => format!("{bytes} bytes, and {MAX_LINE} is the limit"),
        };
        self.said.log(format_args!("a line is ignored: {wrong}"));
    }

    /// Wakes the node for each timer that has run out by this time.
    pub(super) fn wake(&mut self, now: Duration) {
        if let Some(running) = &mut self.running {
            running.wake(now, &mut self.said);
        }
    }

    fn take(&mut self, envelope: &Envelope<'_>, now: Duration) {
        let taken = match &mut self.running {
            Some(running) => running.take(envelope, now, &mut self.said),
            None => self.begin(envelope, now),
        };
        if let Err(refusal) = taken {
            self.refuse(envelope, refusal);
        }
    }

    /// Answers the client what is wrong, or logs it if no client waits for an answer. No node waits
    /// for one.
    fn refuse(&mut self, envelope: &Envelope<'_>, refusal: Refusal) {
        let (src, running) = (&envelope.src, self.running.as_ref());
        let is_node = running.is_some_and(|running| running.number_of(src).is_some());
        // Before `init` the only name there is, is the one by which we were called.
        let name = running.map_or(&*envelope.dest, Running::name);
        match envelope.asker().filter(|_| !is_node) {
            Some(asker) => self.said.refuse(name, &asker, refusal),
            None => {
                let (_, why) = refusal;
                let log = format_args!("a message from {src:?} is ignored: {why}");
                self.said.log(log);
            }
        }
    }

    /// The first message that counts is `init`.
    fn begin(&mut self, envelope: &Envelope<'_>, now: Duration) -> Result<(), Refusal> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename = "init_ok")]
        struct InitOk {}

        let not_yet = || (Code::TemporarilyUnavailable, NOT_YET.to_owned());
        let asker = envelope.asker().ok_or_else(not_yet)?;
        if envelope.kind()? != "init" {
            return Err(not_yet());
        }
        let (number, names) = checked(envelope.body().map_err(malformed)?)?;
        let (name, nodes) = (&names[number], names.len());
        if envelope.dest != *name {
            return Err(misdirected(name, &envelope.dest));
        }
        self.said.answer(name, &asker, &InitOk {});
        let log = format_args!("{name:?} is node {number} of {nodes}, counted from 0");
        self.said.log(log);
        let node = (self.make)(number, nodes, &[]);
        let running = self.running.insert(Running::new(node, number, names));
        running.start(now, &mut self.said);
        Ok(())
    }
}

const NOT_YET: &str = "this node has not had its `init` yet";

/// The node's number, and the names of all.
fn checked(Init { node_id, node_ids }: Init) -> Result<(usize, Vec<String>), Refusal> {
    let nodes = node_ids.len();
    if nodes > MAX_NODES {
        let why = format!("{nodes} nodes, and {MAX_NODES} is the limit");
        return Err(malformed(why));
    }
    let mut sorted: Vec<_> = node_ids.iter().collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(malformed(format!("two nodes are called {:?}", pair[0])));
    }
    match node_ids.iter().position(|name| *name == node_id) {
        Some(number) => Ok((number, node_ids)),
        None => Err(malformed(format!("{node_id:?} is none of `node_ids`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use worlds::node::{Client, Outbox};

    /// Sets and cancels its timers on request, and sends which of them ran out.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Alarms;

    #[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Request {
        Set { timer: char, after: u64 },
        Cancel { timer: char },
    }

    impl Node for Alarms {
        type Message = Vec<(char, u64)>;
        type Timer = char;
        type Record = ();
        type Request = Request;
        type Reply = ();

        fn receive(&mut self, _: usize, _: Vec<(char, u64)>, _: &mut Outbox<Self>) {}

        fn wake(&mut self, timer: char, out: &mut Outbox<Self>) {
            out.send(1, vec![(timer, out.now().as_secs())]);
            match timer {
                'x' => out.cancel_timer('y'),
                'z' => out.set_timer('z', Duration::ZERO),
                _ => {}
            }
        }

        fn ask(&mut self, _: Client, request: Request, out: &mut Outbox<Self>) {
            match request {
                Request::Set { timer, after } => {
                    out.set_timer(timer, Duration::from_secs(after));
                }
                Request::Cancel { timer } => out.cancel_timer(timer),
            }
        }
    }

    /// Which timers run out, and when, where each is set (or, with no time, cancelled) at a time in
    /// seconds.
    fn runs_out(done: &[(u64, char, Option<u64>)], until: u64) -> String {
        let mut bench = Bench::new(|_, _, _: &[()]| Alarms);
        let line = |bench: &mut Bench<Alarms, _>, body: &str, now| {
            let line = format!(r#"{{"src":"c1","dest":"n1","body":{{"msg_id":1,{body}}}}}"#);
            bench.take_line(Line::Whole(line.into_bytes()), Duration::from_secs(now));
        };
        let init = r#""type":"init","node_id":"n1","node_ids":["n1","n2"]"#;
        line(&mut bench, init, 0);
        bench.take_said();
        for (now, timer, after) in done {
            let body = match after {
                Some(after) => format!(r#""type":"set","timer":"{timer}","after":{after}"#),
                None => format!(r#""type":"cancel","timer":"{timer}""#),
            };
            line(&mut bench, &body, *now);
        }
        bench.wake(Duration::from_secs(until));
        let said = String::from_utf8(bench.take_said().lines).unwrap();
        let bodies = said.lines().map(|line| line.split(r#""body":"#).nth(1).unwrap());
        bodies.map(|body| body.trim_end_matches('}')).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn timers_run_out_by_time_and_then_in_the_order_of_setting() {
        let set = [(0, 'a', Some(3)), (0, 'b', Some(1)), (1, 'c', Some(0)), (2, 'd', Some(9))];
        assert_eq!(runs_out(&set, 5), r#"[["b",5]] [["c",5]] [["a",5]]"#);
        assert_eq!(runs_out(&set, 0), "");
        assert_eq!(runs_out(&set, 1), r#"[["b",1]] [["c",1]]"#);
    }

    #[test]
    fn a_timer_that_is_set_again_moves_and_a_cancelled_one_is_gone() {
        let moved = [(0, 'a', Some(1)), (0, 'b', Some(2)), (0, 'a', Some(3))];
        assert_eq!(runs_out(&moved, 5), r#"[["b",5]] [["a",5]]"#);
        let cancelled = [(0, 'a', Some(1)), (0, 'b', Some(2)), (0, 'a', None), (0, 'q', None)];
        assert_eq!(runs_out(&cancelled, 5), r#"[["b",5]]"#);
    }

    #[test]
    fn one_that_runs_out_may_cancel_others_that_are_due_and_cannot_keep_lines_out() {
        let cancels = [(0, 'x', Some(1)), (0, 'y', Some(2)), (0, 'w', Some(9))];
        assert_eq!(runs_out(&cancels, 5), r#"[["x",5]]"#);
        let again_at_once = [(0, 'z', Some(1))];
        assert_eq!(runs_out(&again_at_once, 5), r#"[["z",5]]"#);
    }

    #[test]
    fn the_next_timer_is_the_earliest_and_a_time_that_no_clock_reaches_is_the_last() {
        let mut running = Running::new(Alarms, 0, vec!["n1".to_owned(), "n2".to_owned()]);
        assert_eq!(running.next_timer(), None);
        let body = format!(r#"{{"type":"set","msg_id":1,"timer":"a","after":{}}}"#, u64::MAX);
        let envelope = format!(r#"{{"src":"c1","dest":"n1","body":{body}}}"#);
        let envelope = Envelope::read(envelope.as_bytes()).unwrap();
        let taken = running.take(&envelope, Duration::MAX, &mut Said::default());
        assert_eq!((taken, running.next_timer()), (Ok(()), Some(Duration::MAX)));
    }
}
