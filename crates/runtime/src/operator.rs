//! The lines for the operator of the process.

use common::log_limit::LogLimit;

use crate::body::clipped;

/// Passes lines on, up to a number in each second: peers can cause them without end. A line that
/// is too long is cut, since it may quote what a peer has sent.
pub(crate) struct Operator {
    limit: LogLimit,
    log: Box<dyn Fn(String) + Send + Sync>,
}

impl Operator {
    pub(crate) fn new(log: impl Fn(String) + Send + Sync + 'static) -> Operator {
        Operator { limit: LogLimit::default(), log: Box::new(log) }
    }

    pub(crate) fn log(&self, line: impl Into<String>) {
        self.limit.write(clipped(line.into()), &self.log);
    }
}
