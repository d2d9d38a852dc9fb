//! A process that uses a log, and what has to be found after it.

use common::error_chain;
use common::random::Rng;
use runtime::disk::{Disk, Memory};
use runtime::log::{Log, LogError};

use super::choose::Choose;
use super::me;

/// What a process does with its log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Append,
    Sync,
    Replace,
}

impl Step {
    pub(crate) fn any(rng: &mut Rng) -> Step {
        use Step::{Append, Replace, Sync};
        [Append, Append, Append, Append, Sync, Sync, Sync, Replace][rng.choose(8)]
    }
}

/// What is known about the records, from outside.
#[derive(Clone, Default, Debug)]
pub(crate) struct Truth {
    /// They were acknowledged.
    synced: Vec<u64>,
    /// They were appended after those.
    maybe: Vec<u64>,
    /// These may stand for all.
    instead: Option<Vec<u64>>,
    last: u64,
    /// How many digits more the records have that are appended from now on, so that lines begin
    /// anywhere in a page.
    pub(crate) longer: u32,
}

impl Truth {
    /// The log was opened, and these are in it.
    fn found(&mut self, records: Vec<u64>) -> Result<(), String> {
        let rest = records.strip_prefix(&self.synced[..]);
        let is_right = rest.is_some_and(|rest| self.maybe.starts_with(rest));
        if !is_right && self.instead.as_ref() != Some(&records) {
            return Err(format!("found {records:?}, {self:?}"));
        }
        self.synced = records;
        self.maybe.clear();
        self.instead = None;
        Ok(())
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        1_000 * (10_u64.pow(self.longer) - 1) + self.last
    }
}

/// A process opens its log, takes the steps until one fails, and ends. `Err` says what was not as
/// it must be.
pub(crate) fn live<D: Disk>(
    with: impl Fn(Memory) -> D,
    disk: &Memory,
    truth: &mut Truth,
    steps: &[Step],
) -> Result<(), String> {
    let (mut log, records, _) = match Log::open(with(disk.clone()), &me()) {
        Err(LogError::Failed { .. }) => return Ok(()),
        opened => opened.map_err(|error| error_chain(&error))?,
    };
    truth.found(records)?;
    for step in steps {
        match take(*step, &mut log, truth) {
            Ok(()) => {}
            Err(LogError::Failed { .. }) => return ends(&mut log),
            Err(error) => return Err(error_chain(&error)),
        }
    }
    Ok(())
}

fn take<D: Disk>(step: Step, log: &mut Log<D>, truth: &mut Truth) -> Result<(), LogError> {
    match step {
        Step::Append => {
            let record = truth.next();
            truth.maybe.push(record);
            log.append(&record);
        }
        Step::Sync => {
            log.sync()?;
            truth.synced.append(&mut truth.maybe);
        }
        Step::Replace => {
            let records = vec![truth.next()];
            truth.instead = Some(records.clone());
            log.replace(&records)?;
            truth.synced = records;
            truth.maybe.clear();
            truth.instead = None;
        }
    }
    Ok(())
}

fn ends<D: Disk>(log: &mut Log<D>) -> Result<(), String> {
    log.append(&0_u64);
    match (log.sync(), log.replace(&[0_u64])) {
        (Err(LogError::Stopped { .. }), Err(LogError::Stopped { .. })) => Ok(()),
        goes_on => Err(format!("goes on after an error: {goes_on:?}")),
    }
}
