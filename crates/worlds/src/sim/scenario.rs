//! What a world is like, and what goes wrong in it when.

use std::time::Duration;

use common::random::Rng;
use serde::{Deserialize, Serialize};

/// A network, its nodes' disks and clocks, and the faults that strike them: a value that can be
/// serialized, so that a run can be repeated.
///
/// ```
/// use std::time::Duration;
/// use worlds::sim::{Fault, Scenario};
///
/// let mut scenario = Scenario::new(3, 7);
/// scenario.link.lost = 100; // of a thousand
/// scenario.faults = vec![
///     (Duration::from_secs(1), Fault::Split(vec![0])),
///     (Duration::from_secs(2), Fault::Heal),
/// ];
/// scenario.check()?;
///
/// scenario.faults.push((Duration::from_secs(3), Fault::Restart(1)));
/// let error = scenario.check().unwrap_err();
/// assert_eq!(error.to_string(), "fault 3: node 1 cannot be restarted, since it runs");
/// # Ok::<(), worlds::sim::ScenarioError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// How many nodes there are.
    pub nodes: usize,
    /// What everything is drawn from.
    pub seed: u64,
    /// How messages travel.
    pub link: Link,
    /// How long a disk takes to sync records. What was appended meanwhile is synced together, next.
    pub sync: Duration,
    /// The nodes' clocks, from node 0 on. Those that are not listed are exact.
    pub clocks: Vec<Clock>,
    /// What goes wrong, in the order of time.
    pub faults: Vec<(Duration, Fault)>,
    /// When it ends.
    pub until: Duration,
    /// How many handlers may be called before the run is given up, as a node that is never idle
    /// does not terminate.
    pub max_steps: u64,
}

/// How messages travel from any node to any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// How long a message takes. Where that differs, messages overtake each other.
    pub delay: Delay,
    /// How many of a thousand messages are lost.
    pub lost: u16,
    /// How many of a thousand are duplicated, each copy with a delay of its own.
    pub duplicated: u16,
}

/// How long something takes, drawn anew each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delay {
    /// Always this long.
    Fixed(Duration),
    /// Anything from the first to the second, each equally likely.
    Between(Duration, Duration),
    /// One of these, each equally likely: a measured distribution, or one with a long tail.
    OneOf(Vec<Duration>),
}

/// How a node's clock runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// What it shows when the run begins.
    pub offset: Duration,
    /// How much too fast it is, in millionths; too slow if negative.
    pub drift_ppm: i32,
}

/// Something that goes wrong, or right again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// From now on no message gets from these nodes to those. What is in flight still arrives.
    Cut {
        /// Whose messages are dropped.
        from: Vec<usize>,
        /// On their way to whom.
        to: Vec<usize>,
    },
    /// From now on no message gets between these nodes and the others, either way.
    Split(Vec<usize>),
    /// All cuts and splits are over.
    Heal,
    /// A node stops. Its memory is lost, and so are the unsynced records, but for a prefix of them
    /// that chance decides.
    Crash(usize),
    /// A node that has crashed restarts from its records.
    Restart(usize),
}

/// Why a scenario is refused. Faults are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// A fault names a node that does not exist.
    #[error("fault {fault}: there is no node {node}: there are {nodes}, counted from 0")]
    NoSuchNode {
        /// Which fault.
        fault: usize,
        /// The node.
        node: usize,
        /// How many there are.
        nodes: usize,
    },
    /// A node would be cut off from itself.
    #[error("fault {fault}: node {node} cannot be cut off from itself")]
    FromItself {
        /// Which fault.
        fault: usize,
        /// The node.
        node: usize,
    },
    /// A split that leaves one side empty.
    #[error("fault {fault}: a split needs a node on either side")]
    OneSided {
        /// Which fault.
        fault: usize,
    },
    /// A node that is down would crash.
    #[error("fault {fault}: node {node} cannot crash, since it is down")]
    IsDown {
        /// Which fault.
        fault: usize,
        /// The node.
        node: usize,
    },
    /// A node that runs would be restarted.
    #[error("fault {fault}: node {node} cannot be restarted, since it runs")]
    Runs {
        /// Which fault.
        fault: usize,
        /// The node.
        node: usize,
    },
    /// A fault is listed after a later one.
    #[error("fault {fault}: its time is before that of the fault ahead of it")]
    OutOfOrder {
        /// Which fault.
        fault: usize,
    },
    /// A share of more than a thousand in a thousand.
    #[error("{share} of a thousand messages are {what}, which is more than all")]
    MoreThanAll {
        /// What happens to them.
        what: &'static str,
        /// How many of a thousand.
        share: u16,
    },
    /// A delay that ends before it begins, or has no values to draw from.
    #[error("a delay has no values to draw from")]
    NoDelay,
    /// More clocks than nodes.
    #[error("{clocks} clocks for {nodes} nodes")]
    TooManyClocks {
        /// How many clocks.
        clocks: usize,
        /// How many nodes.
        nodes: usize,
    },
    /// A clock that stands still or goes backwards.
    #[error("a clock that is {0} millionths too slow does not advance")]
    Stands(i32),
}

impl Scenario {
    /// A world in which nothing goes wrong: messages take from 1 to 10 ms, disks 1 ms, and it ends
    /// after 10 s.
    pub fn new(nodes: usize, seed: u64) -> Scenario {
        let millis = Duration::from_millis;
        Scenario {
            nodes,
            seed,
            link: Link { delay: Delay::Between(millis(1), millis(10)), lost: 0, duplicated: 0 },
            sync: millis(1),
            clocks: Vec::new(),
            faults: Vec::new(),
            until: Duration::from_secs(10),
            max_steps: 10_000_000,
        }
    }

    /// Whether it is valid.
    ///
    /// # Errors
    /// A [`ScenarioError`] names the first thing that contradicts another.
    pub fn check(&self) -> Result<(), ScenarioError> {
        self.link.check()?;
        let (clocks, nodes) = (self.clocks.len(), self.nodes);
        if clocks > nodes {
            return Err(ScenarioError::TooManyClocks { clocks, nodes });
        }
        if let Some(clock) = self.clocks.iter().find(|clock| clock.drift_ppm <= -MILLION) {
            return Err(ScenarioError::Stands(-clock.drift_ppm));
        }
        self.check_faults()
    }

    fn check_faults(&self) -> Result<(), ScenarioError> {
        let mut runs = vec![true; self.nodes];
        let mut last = Duration::ZERO;
        for (fault, (at, what)) in (1..).zip(&self.faults) {
            if *at < last {
                return Err(ScenarioError::OutOfOrder { fault });
            }
            last = *at;
            if let Some(&node) = what.names().iter().find(|node| **node >= self.nodes) {
                let nodes = self.nodes;
                return Err(ScenarioError::NoSuchNode { fault, node, nodes });
            }
            match what {
                Fault::Cut { from, to } => {
                    if let Some(&node) = from.iter().find(|node| to.contains(node)) {
                        return Err(ScenarioError::FromItself { fault, node });
                    }
                }
                Fault::Split(side) => {
                    let others = (0..self.nodes).filter(|node| !side.contains(node)).count();
                    if side.is_empty() || others == 0 {
                        return Err(ScenarioError::OneSided { fault });
                    }
                }
                Fault::Heal => {}
                &Fault::Crash(node) if !runs[node] => {
                    return Err(ScenarioError::IsDown { fault, node });
                }
                &Fault::Restart(node) if runs[node] => {
                    return Err(ScenarioError::Runs { fault, node });
                }
                &Fault::Crash(node) => runs[node] = false,
                &Fault::Restart(node) => runs[node] = true,
            }
        }
        Ok(())
    }
}

impl Link {
    fn check(&self) -> Result<(), ScenarioError> {
        for (what, share) in [("lost", self.lost), ("duplicated", self.duplicated)] {
            if share > 1000 {
                return Err(ScenarioError::MoreThanAll { what, share });
            }
        }
        match &self.delay {
            Delay::Between(from, to) if from > to => Err(ScenarioError::NoDelay),
            Delay::OneOf(delays) if delays.is_empty() => Err(ScenarioError::NoDelay),
            _ => Ok(()),
        }
    }
}

impl Delay {
    /// Draws one.
    pub(super) fn draw(&self, rng: &mut Rng) -> Duration {
        match self {
            Delay::Fixed(delay) => *delay,
            Delay::Between(from, to) => Duration::from_nanos(rng.within(nanos(*from)..=nanos(*to))),
            Delay::OneOf(delays) => delays[rng.below(delays.len() as u64) as usize],
        }
    }
}

/// One million, the unit of drift.
const MILLION: i32 = 1_000_000;

impl Clock {
    /// What the clock shows this long after the beginning.
    pub(super) fn shows(&self, time: Duration) -> Duration {
        if self.drift_ppm == 0 {
            return self.offset + time;
        }
        let rate = i128::from(MILLION + self.drift_ppm);
        self.offset + from_nanos(time.as_nanos() as i128 * rate / i128::from(MILLION))
    }

    /// How long it takes until the clock has advanced by this much.
    pub(super) fn takes(&self, shown: Duration) -> Duration {
        if self.drift_ppm == 0 {
            return shown;
        }
        let rate = i128::from(MILLION + self.drift_ppm);
        from_nanos(shown.as_nanos() as i128 * i128::from(MILLION) / rate)
    }
}

impl Fault {
    /// The nodes that it names.
    fn names(&self) -> Vec<usize> {
        match self {
            Fault::Cut { from, to } => [&from[..], &to[..]].concat(),
            Fault::Split(side) => side.clone(),
            Fault::Heal => Vec::new(),
            Fault::Crash(node) | Fault::Restart(node) => vec![*node],
        }
    }
}

/// The longest time that 64 bits of nanoseconds hold is 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn from_nanos(nanos: i128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
