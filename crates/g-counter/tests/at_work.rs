//! The counter as a web service would use it: page views, counted by several servers.

use common::crdt::{CounterError, GCounter};
use lesson_tests::Result;

struct Views {
    counter: GCounter,
}

impl Views {
    fn viewed(&mut self) -> Result<(), CounterError> {
        self.counter.increment(1).map(drop)
    }

    fn body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self.counter.entries()) // posted to each peer, once a second
    }

    fn receive(&mut self, body: &str) -> Result<()> {
        let entries: Vec<u64> = serde_json::from_str(body)?;
        Ok(self.counter.merge(&entries)?) // lost, late or duplicated: the next body makes up for it
    }

    fn shown(&self) -> u128 {
        self.counter.value()
    }
}

#[test]
fn a_body_makes_up_for_lost_ones() -> Result<()> {
    let [mut one, mut other] =
        [0, 1].map(|number| GCounter::new(number, 2).map(|counter| Views { counter }));
    let (one, other) = (one.as_mut().unwrap(), other.as_mut().unwrap());
    one.viewed()?;
    let late = one.body()?;
    one.viewed()?;
    other.viewed()?;
    other.receive(&one.body()?)?;
    assert_eq!(other.shown(), 3);
    other.receive(&late)?;
    other.receive(&one.body()?)?;
    assert_eq!(other.shown(), 3, "one that is late, and a duplicate");
    assert!(other.receive("[1]").is_err() && other.receive("views").is_err());
    Ok(())
}
