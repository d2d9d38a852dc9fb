//! A node that shows what it has heard.

use std::convert::Infallible;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use worlds::node::{Client, Node, Outbox};

/// Keeps what others say to it, and its records.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Board {
    heard: Vec<(usize, Said)>,
    kept: Vec<u64>,
    /// Who waits for the timer, and what is kept then.
    waiting: Option<(Client, Option<u64>)>,
    nevers: u64,
    has_started: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Timer {
    Wanted,
    Cancelled,
}

/// How many numbers it keeps.
pub(crate) const MAX_KEPT: usize = 10;

/// A board that keeps this writes it down again whenever it starts.
pub(crate) const WRITES_AT_START: u64 = u64::MAX;

pub(crate) type Said = u64;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Tell a node these, in this order.
    Say { to: usize, from: Said, through: Said },
    /// What was heard?
    Heard,
    /// How many were heard? As the only number that is kept.
    HeardCount,
    /// Keep it, with the last of others.
    Keep { number: u64 },
    /// Keep it, and tell a node.
    KeepAndSay { number: u64, to: usize },
    /// What is kept?
    Kept,
    /// Answer after this time.
    Later { ms: u64 },
    /// Keep it after this time.
    KeepLater { number: u64, ms: u64 },
    /// Tell a node, and then keep it.
    SayAndKeep { number: u64, to: usize },
    /// Has it started? 1 if so, as the only number that is kept.
    Started,
    /// Set a timer, and think better of it.
    Cancel,
    /// Never answer.
    Never,
    /// How many were never answered? As the only number that is kept.
    Nevers,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Reply {
    Done,
    HeardOk { heard: Vec<(usize, Said)> },
    KeptOk { kept: Vec<u64> },
}

impl Board {
    pub(crate) fn made(_: usize, _: usize, records: &[u64]) -> Result<Board, Infallible> {
        let mut board = Board::default();
        records.iter().for_each(|number| board.keep(*number));
        Ok(board)
    }

    fn keep(&mut self, number: u64) {
        self.kept.push(number);
        if self.kept.len() > MAX_KEPT {
            self.kept.remove(0);
        }
    }
}

impl Node for Board {
    type Message = Said;
    type Timer = Timer;
    type Record = u64;
    type Request = Request;
    type Reply = Reply;

    fn start(&mut self, out: &mut Outbox<Self>) {
        self.has_started = true;
        if self.kept.contains(&WRITES_AT_START) {
            out.append(WRITES_AT_START);
        }
    }

    fn receive(&mut self, from: usize, said: Said, _: &mut Outbox<Self>) {
        self.heard.push((from, said));
    }

    fn wake(&mut self, timer: Timer, out: &mut Outbox<Self>) {
        assert_eq!(timer, Timer::Wanted, "the other is cancelled");
        if let Some((client, number)) = self.waiting.take() {
            if let Some(number) = number {
                self.keep(number);
                out.append(number);
            }
            out.answer(client, Reply::Done);
        }
    }

    fn ask(&mut self, client: Client, request: Request, out: &mut Outbox<Self>) {
        match request {
            Request::Say { to, from, through } => {
                (from..=through).for_each(|said| out.send(to, said));
                out.answer(client, Reply::Done);
            }
            Request::Heard => {
                let heard = self.heard.clone();
                out.answer(client, Reply::HeardOk { heard });
            }
            Request::HeardCount => {
                let kept = vec![self.heard.len() as u64];
                out.answer(client, Reply::KeptOk { kept });
            }
            Request::Keep { number } => {
                self.keep(number);
                out.append(number);
                out.answer(client, Reply::Done);
            }
            Request::KeepAndSay { number, to } => {
                self.keep(number);
                out.append(number);
                out.send(to, number);
                out.answer(client, Reply::Done);
            }
            Request::SayAndKeep { number, to } => {
                out.send(to, number);
                self.keep(number);
                out.append(number);
                out.answer(client, Reply::Done);
            }
            Request::Started => {
                let kept = vec![u64::from(self.has_started)];
                out.answer(client, Reply::KeptOk { kept });
            }
            Request::Kept => {
                let kept = self.kept.clone();
                out.answer(client, Reply::KeptOk { kept });
            }
            Request::Later { ms } => {
                self.waiting = Some((client, None));
                out.set_timer(Timer::Wanted, Duration::from_millis(ms));
            }
            Request::KeepLater { number, ms } => {
                self.waiting = Some((client, Some(number)));
                out.set_timer(Timer::Wanted, Duration::from_millis(ms));
            }
            Request::Cancel => {
                out.set_timer(Timer::Cancelled, Duration::ZERO);
                out.cancel_timer(Timer::Cancelled);
                out.answer(client, Reply::Done);
            }
            Request::Never => self.nevers += 1,
            Request::Nevers => {
                let kept = vec![self.nevers];
                out.answer(client, Reply::KeptOk { kept });
            }
        }
    }

    fn snapshot(&self) -> Option<Vec<u64>> {
        Some(self.kept.clone())
    }
}
