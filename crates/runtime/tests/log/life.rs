//! A process that uses a log, and what has to be found after it.

use common::random::Rng;
use runtime::disk::Disk;
use runtime::log::{Log, LogError};

use super::forgetful::{Choose, Forgetful};
use super::me;
use common::error_chain;

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
    /// They were said to be safe.
    safe: Vec<u64>,
    /// They were appended after those.
    maybe: Vec<u64>,
    /// These may stand for all.
    instead: Option<Vec<u64>>,
    last: u64,
    /// So many digits more have the records that are appended from now on, so that lines begin
    /// anywhere in a sector.
    pub(crate) longer: u32,
}

impl Truth {
    /// The log was opened, and these are in it.
    fn found(&mut self, records: Vec<u64>) -> Result<(), String> {
        let rest = records.strip_prefix(&self.safe[..]);
        let is_right = rest.is_some_and(|rest| self.maybe.starts_with(rest));
        if !is_right && self.instead.as_ref() != Some(&records) {
            return Err(format!("found {records:?}, {self:?}"));
        }
        self.safe = records;
        self.maybe.clear();
        self.instead = None;
        Ok(())
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        1_000 * (10_u64.pow(self.longer) - 1) + self.last
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In the middle of something, or when it had done all.
    Killed,
    /// By itself, since it does not know what is on the disk.
    Unsure,
}

/// A process opens its log, takes the steps, and ends. `Err` says what was not as it must be.
pub(crate) fn live<D: Disk>(
    with: impl Fn(Forgetful) -> D,
    disk: &Forgetful,
    truth: &mut Truth,
    steps: &[Step],
) -> Result<End, String> {
    let opened = Log::open(with(disk.clone()), &me());
    let (mut log, records, _) = match opened {
        Err(_) if disk.has_ended() => return Ok(End::Killed),
        Err(LogError::Failed { .. } | LogError::Unknown { .. }) => return Ok(End::Unsure),
        Err(error) => return Err(error_chain(&error)),
        Ok(opened) => opened,
    };
    truth.found(records)?;
    for step in steps {
        let done = take(*step, &mut log, truth);
        match done {
            _ if disk.has_ended() => return Ok(End::Killed),
            Err(error) if log.is_unsure() => {
                return match error.is_certainly_not_written() || log.sync().is_ok() {
                    true => Err(format!("goes on after {}", error_chain(&error))),
                    false => Ok(End::Unsure),
                };
            }
            Err(error) if !error.is_certainly_not_written() => return Err(error_chain(&error)),
            Err(_) => after_failure(*step, &mut log, truth)?,
            Ok(()) => {}
        }
        if disk.has_ended() {
            return Ok(End::Killed);
        }
    }
    Ok(End::Killed)
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
            truth.safe.append(&mut truth.maybe);
        }
        Step::Replace => {
            let records = vec![truth.next()];
            truth.instead = Some(records.clone());
            log.replace(&records)?;
            truth.safe = records;
            truth.maybe.clear();
            truth.instead = None;
        }
    }
    Ok(())
}

/// The step is certain to have done nothing.
fn after_failure<D: Disk>(step: Step, log: &mut Log<D>, truth: &mut Truth) -> Result<(), String> {
    match step {
        Step::Sync => truth.maybe.clear(),
        Step::Replace => truth.instead = None,
        Step::Append => {}
    }
    match log.reread::<u64>() {
        Ok(records) if records != truth.safe => Err(format!("reread {records:?}, {truth:?}")),
        Err(error) if !error.is_certainly_not_written() => Err(error_chain(&error)),
        _ => Ok(()),
    }
}
