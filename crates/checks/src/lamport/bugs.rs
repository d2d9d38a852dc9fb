//! How people get it wrong, and one clock that has the bugs that it is asked to have.

use super::Clock;
use crate::exercise::{Bugs, mistakes};

mistakes! {
    IgnoresStamp, "receive ignores the stamp":
        "It takes a receipt for an event like any other, but a receipt has a second cause, the \
         sending.";
    | NoPlusOne, "no + 1 on receipt":
        "It takes the larger number for the stamp of the receipt, but that is the stamp of one of \
         its causes already.";
    | NoMaximum, "no maximum":
        "It goes on from the stamp whatever it is, but where that is smaller than its own number \
         the clock goes back.";
    | Adds, "adds the two numbers":
        "It adds the stamp to its own number, but the two chains of events that meet in a receipt \
         do not follow each other: the longer one counts.";
    | OnlyWhenBehind, "+ 1 only when behind":
        "It ignores a stamp that is not larger than its clock, but the receipt needs a stamp of \
         its own.";
    | PlusOneToStamp, "+ 1 to the stamp alone":
        "It takes the larger of its own number and the stamp plus 1, but where its own is the \
         larger the receipt gets no number of its own.";
    | PlusOneToOwn, "+ 1 to its own number alone":
        "It ticks and then takes the larger, but where the stamp is the larger the receipt gets \
         the same number as the sending.";
    | ReceiveTicksTwice, "receive ticks twice":
        "It counts the arrival and its effect on the clock, but the receipt is one event.";
    ReceiptNotKept, "receive sets no clock":
        "It computes the stamp of the receipt and leaves the clock as it was, but what its node \
         does next happens after the receipt.";
    | SendDoesNotTick, "send does not tick":
        "It does not count sending as an event, but a message is sent after all that its sender \
         did.";
    | SendBeforeTick, "a message is stamped before the clock ticks":
        "It sends the number from before the sending, but that is an earlier event's stamp.";
    | SendNotKept, "send sets no clock":
        "It stamps the message with one more and leaves the clock as it was, but what its node \
         does next happens after the sending.";
    | SendTicksTwice, "send ticks twice":
        "It counts the sending and the message, but to send is one event.";
    LocalDoesNotTick, "a local event does not tick":
        "It ticks for messages alone, but whatever the node does may be the cause of what it sends \
         later.";
    StampsBeforeTicking, "stamps before ticking":
        "It gives every event the number from before it, but the clock starts at 0, and the first \
         event is 1.";
    StartsAtOne, "the clock starts at 1":
        "It has counted an event before the first, but where nothing has happened the clock is at \
         0.";
}

pub(super) struct Buggy {
    bugs: Bugs<Bug>,
    time: u64,
}

impl Buggy {
    pub(super) fn starting(bugs: Bugs<Bug>) -> Buggy {
        Buggy { bugs, time: u64::from(bugs.has(Bug::StartsAtOne)) }
    }

    /// One event that is not a receipt: what it returns, and what it leaves.
    fn event(&mut self, ticks: u64, is_stamped_before: bool, is_kept: bool) -> u64 {
        let last = self.time;
        let next = last + ticks;
        self.time = if is_kept { next } else { last };
        if is_stamped_before { last } else { next }
    }
}

impl Clock for Buggy {
    fn new() -> Buggy {
        Buggy::starting(Bugs::NONE)
    }

    fn tick(&mut self) -> u64 {
        let before = self.bugs.has(Bug::StampsBeforeTicking);
        self.event(u64::from(!self.bugs.has(Bug::LocalDoesNotTick)), before, true)
    }

    fn send_timestamp(&mut self) -> u64 {
        let bugs = self.bugs;
        let before = bugs.has(Bug::StampsBeforeTicking) || bugs.has(Bug::SendBeforeTick);
        let ticks = match () {
            () if bugs.has(Bug::SendDoesNotTick) => 0,
            () if bugs.has(Bug::SendTicksTwice) => 2,
            () => 1,
        };
        self.event(ticks, before, !bugs.has(Bug::SendNotKept))
    }

    fn receive(&mut self, stamp: u64) -> u64 {
        let (own, bugs) = (self.time, self.bugs);
        let next = match () {
            () if bugs.has(Bug::IgnoresStamp) => own + 1,
            () if bugs.has(Bug::NoPlusOne) => own.max(stamp),
            () if bugs.has(Bug::NoMaximum) => stamp + 1,
            () if bugs.has(Bug::Adds) => own + stamp + 1,
            () if bugs.has(Bug::OnlyWhenBehind) && stamp <= own => own,
            () if bugs.has(Bug::PlusOneToStamp) => own.max(stamp + 1),
            () if bugs.has(Bug::PlusOneToOwn) => (own + 1).max(stamp),
            () if bugs.has(Bug::ReceiveTicksTwice) => (own + 1).max(stamp) + 1,
            () => own.max(stamp) + 1,
        };
        self.time = if bugs.has(Bug::ReceiptNotKept) { own } else { next };
        if bugs.has(Bug::StampsBeforeTicking) { own.max(stamp) } else { next }
    }
}
