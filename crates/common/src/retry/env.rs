//! The environment of a call: time, sleep, randomness, and the budget that it shares with others.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Budget;
use crate::random::Rng;

/// What [`with_retry`](super::with_retry) needs from the world.
pub trait Env {
    /// The time since some moment that stays the same; it must not go back.
    fn now(&self) -> Duration;
    /// Lets at least this much time pass.
    fn sleep(&mut self, wait: Duration);
    /// What jitter is drawn from.
    fn rng(&mut self) -> &mut Rng;
    /// The budget that this call shares with others. `None`: retries are not counted.
    fn budget(&self) -> Option<&Budget> {
        None
    }
}

/// The real clock and real sleep, for programs.
#[derive(Debug)]
pub struct Real {
    start: Instant,
    rng: Rng,
    budget: Option<Arc<Budget>>,
}

impl Real {
    /// An environment without a budget.
    pub fn new(rng: Rng) -> Real {
        Real { start: now(), rng, budget: None }
    }

    /// Charges retries to `budget`.
    pub fn with_budget(mut self, budget: Arc<Budget>) -> Real {
        self.budget = Some(budget);
        self
    }
}

impl Env for Real {
    fn now(&self) -> Duration {
        now().saturating_duration_since(self.start)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "no event between two attempts could be waited for: time itself must pass"
    )]
    fn sleep(&mut self, wait: Duration) {
        thread::sleep(wait);
    }

    fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    fn budget(&self) -> Option<&Budget> {
        self.budget.as_deref()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines of programs are measured with the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

/// A clock that moves only by a sleep or [`VirtualClock::advance`], for tests and lessons: a sleep
/// takes no real time.
#[derive(Debug)]
pub struct Virtual {
    clock: VirtualClock,
    rng: Rng,
    budget: Option<Arc<Budget>>,
    slept: Vec<Duration>,
}

impl Virtual {
    /// An environment at time zero, without a budget.
    pub fn new(rng: Rng) -> Virtual {
        Virtual { clock: VirtualClock::default(), rng, budget: None, slept: Vec::new() }
    }

    /// Charges retries to `budget`.
    pub fn with_budget(mut self, budget: Arc<Budget>) -> Virtual {
        self.budget = Some(budget);
        self
    }

    /// A handle on the clock, for an operation that takes time.
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// Every sleep so far, in order.
    pub fn slept(&self) -> &[Duration] {
        &self.slept
    }
}

impl Env for Virtual {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn sleep(&mut self, wait: Duration) {
        self.slept.push(wait);
        self.clock.advance(wait);
    }

    fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    fn budget(&self) -> Option<&Budget> {
        self.budget.as_deref()
    }
}

/// The clock of a [`Virtual`] environment; its clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct VirtualClock(Rc<Cell<Duration>>);

impl VirtualClock {
    /// The time since the moment zero.
    pub fn now(&self) -> Duration {
        self.0.get()
    }

    /// Lets `time` pass.
    pub fn advance(&self, time: Duration) {
        self.0.set(self.0.get().saturating_add(time));
    }
}
