//! How people get it wrong: each misunderstanding as the clock that it leads to.
//!
//! All but what it touches is as in a right clock, so that each is known by its own answers.

use super::Clock;
use crate::Mistake;

pub(super) const ALL: &[Mistake<super::NewClock>] = &[
    Mistake {
        name: "receive ignores the stamp",
        misunderstanding: "It takes a receipt for an event like any other, but a receipt has a \
                           second cause, the sending, and only the stamp tells how late that was.",
        hint: "In receive, go on from the larger of self.time and stamp.",
        solution: || clock(Rule { receive: |time, _| tick(time), ..RIGHT }),
    },
    Mistake {
        name: "no + 1 on receipt",
        misunderstanding: "It takes the larger number for the stamp of the receipt, but that is \
                           the stamp of one of its causes already.",
        hint: "In receive, add 1 to the larger of the two numbers.",
        solution: || clock(Rule { receive: |time, stamp| set(time, (*time).max(stamp)), ..RIGHT }),
    },
    Mistake {
        name: "no maximum",
        misunderstanding: "It goes on from the stamp whatever it is, but a stamp may be smaller \
                           than what this node has reached, and then the clock goes back.",
        hint: "In receive, go on from the larger of self.time and stamp, not from stamp.",
        solution: || clock(Rule { receive: |time, stamp| set(time, after(stamp)), ..RIGHT }),
    },
    Mistake {
        name: "takes over the stamp",
        misunderstanding: "It sets the clock to the stamp, as one sets a watch by another, but a \
                           receipt comes after its sending, and after all that its own node did.",
        hint: "In receive, take the larger of self.time and stamp, and add 1.",
        solution: || clock(Rule { receive: |time, stamp| set(time, stamp), ..RIGHT }),
    },
    Mistake {
        name: "adds the two numbers",
        misunderstanding: "It adds the stamp to its own number, but a stamp is the length of the \
                           longest chain of events that ends there, and the two chains that meet \
                           in a receipt do not follow each other.",
        hint: "In receive, replace the sum of self.time and stamp by the larger of them.",
        solution: || {
            clock(Rule { receive: |time, stamp| set(time, after(*time + stamp)), ..RIGHT })
        },
    },
    Mistake {
        name: "+ 1 only when behind",
        misunderstanding: "It takes a stamp that is not larger than its clock for one that says \
                           nothing new, but the receipt is an event of its own and needs a stamp \
                           of its own.",
        hint: "In receive, add 1 in any case; only what it is added to depends on which number is \
               larger.",
        solution: || {
            clock(Rule {
                receive: |time, stamp| match stamp > *time {
                    true => set(time, after(stamp)),
                    false => *time,
                },
                ..RIGHT
            })
        },
    },
    Mistake {
        name: "+ 1 to the stamp alone",
        misunderstanding: "It takes the larger of its own number and the stamp plus 1, but where \
                           its own is the larger the receipt gets no number of its own.",
        hint: "In receive, take the larger of self.time and stamp first, and add 1 to that.",
        solution: || {
            clock(Rule { receive: |time, stamp| set(time, (*time).max(after(stamp))), ..RIGHT })
        },
    },
    Mistake {
        name: "+ 1 to its own number alone",
        misunderstanding: "It ticks and then takes the larger, but where the stamp is the larger \
                           the receipt gets the same number as the sending.",
        hint: "In receive, take the larger of self.time and stamp first, and tick after that.",
        solution: || {
            clock(Rule { receive: |time, stamp| set(time, after(*time).max(stamp)), ..RIGHT })
        },
    },
    Mistake {
        name: "receive ticks twice",
        misunderstanding: "It counts the arrival and its effect on the clock as two events, but \
                           the receipt is one.",
        hint: "In receive, add 1 once, after taking the larger of the two numbers.",
        solution: || {
            clock(Rule {
                receive: |time, stamp| set(time, after(after(*time).max(stamp))),
                ..RIGHT
            })
        },
    },
    Mistake {
        name: "receive sets no clock",
        misunderstanding: "It works out the stamp of the receipt and leaves the clock as it was, \
                           but what its node does next happens after the receipt.",
        hint: "In receive, assign the result to self.time before you return it.",
        solution: || clock(Rule { receive: |time, stamp| after((*time).max(stamp)), ..RIGHT }),
    },
    Mistake {
        name: "the + 1 of a receipt is not kept",
        misunderstanding: "It returns one more than the larger number and stays at the larger \
                           itself, but then what its node does next gets the stamp of the receipt \
                           once more.",
        hint: "In receive, assign the result to self.time, the + 1 included, and return self.time.",
        solution: || {
            clock(Rule { receive: |time, stamp| after(set(time, (*time).max(stamp))), ..RIGHT })
        },
    },
    Mistake {
        name: "a receipt is stamped before the clock ticks",
        misunderstanding: "It returns the larger number and adds 1 for the time after, but the \
                           stamp of the receipt itself has to be above both its causes.",
        hint: "In receive, add 1 first and return self.time then.",
        solution: || {
            clock(Rule {
                receive: |time, stamp| {
                    set(time, (*time).max(stamp));
                    before_ticking(time)
                },
                ..RIGHT
            })
        },
    },
    Mistake {
        name: "send does not tick",
        misunderstanding: "It takes sending for no event, but a message is sent after all that its \
                           sender did before, and needs a stamp that says so.",
        hint: "In send_timestamp, add 1 to self.time and return it, as in tick.",
        solution: || clock(Rule { send: |time| *time, ..RIGHT }),
    },
    Mistake {
        name: "a message is stamped before the clock ticks",
        misunderstanding: "It sends the number that the clock had before the sending, but that is \
                           the stamp of an event before it.",
        hint: "In send_timestamp, add 1 first and return self.time then.",
        solution: || clock(Rule { send: before_ticking, ..RIGHT }),
    },
    Mistake {
        name: "send sets no clock",
        misunderstanding: "It stamps the message with one more and leaves the clock as it was, but \
                           what its node does next happens after the sending.",
        hint: "In send_timestamp, add 1 to self.time itself and return it, as in tick.",
        solution: || clock(Rule { send: |time| after(*time), ..RIGHT }),
    },
    Mistake {
        name: "send ticks twice",
        misunderstanding: "It counts the sending and the message as two events, but to send is \
                           one, and the stamp that travels is its own.",
        hint: "In send_timestamp, add 1 once, as in tick.",
        solution: || clock(Rule { send: |time| set(time, after(after(*time))), ..RIGHT }),
    },
    Mistake {
        name: "the clock starts at 1",
        misunderstanding: "It has counted an event before the first one, but where nothing has \
                           happened yet the clock is at 0.",
        hint: "In new, start self.time at 0.",
        solution: || starting_at(1, RIGHT),
    },
    Mistake {
        name: "stamps before ticking",
        misunderstanding: "It gives every event the number that the clock had before it, but the \
                           clock starts at 0, where nothing has happened yet: the first event is \
                           1.",
        hint: "In all three methods, change self.time first and return it then.",
        solution: || {
            clock(Rule {
                tick: before_ticking,
                send: before_ticking,
                receive: |time, stamp| {
                    set(time, (*time).max(stamp));
                    before_ticking(time)
                },
            })
        },
    },
    Mistake {
        name: "a local event does not tick",
        misunderstanding: "It ticks for messages alone, since no other node hears of the rest, but \
                           whatever the node does may be the cause of what it sends later.",
        hint: "In tick, add 1 to self.time and return it.",
        solution: || clock(Rule { tick: |time| *time, ..RIGHT }),
    },
    Mistake {
        name: "a message is no event",
        misunderstanding: "It ticks only for what a node does by itself, but to send and to \
                           receive are events as well, each with a stamp above what it follows.",
        hint: "Let send_timestamp and receive add 1 as tick does.",
        solution: || {
            clock(Rule {
                send: |time| *time,
                receive: |time, stamp| set(time, (*time).max(stamp)),
                ..RIGHT
            })
        },
    },
];

/// What a clock does at each kind of event. It is handed its number.
pub(super) struct Rule {
    pub(super) tick: fn(&mut u64) -> u64,
    pub(super) send: fn(&mut u64) -> u64,
    pub(super) receive: fn(&mut u64, u64) -> u64,
}

pub(super) const RIGHT: Rule =
    Rule { tick, send: tick, receive: |time, stamp| set(time, after((*time).max(stamp))) };

struct ByRule {
    time: u64,
    rule: Rule,
}

pub(super) fn clock(rule: Rule) -> Box<dyn Clock> {
    starting_at(0, rule)
}

fn starting_at(time: u64, rule: Rule) -> Box<dyn Clock> {
    Box::new(ByRule { time, rule })
}

impl Clock for ByRule {
    fn new() -> ByRule {
        let (time, rule) = (0, RIGHT);
        ByRule { time, rule }
    }

    fn tick(&mut self) -> u64 {
        (self.rule.tick)(&mut self.time)
    }

    fn send_timestamp(&mut self) -> u64 {
        (self.rule.send)(&mut self.time)
    }

    fn receive(&mut self, stamp: u64) -> u64 {
        (self.rule.receive)(&mut self.time, stamp)
    }
}

fn tick(time: &mut u64) -> u64 {
    set(time, after(*time))
}

fn before_ticking(time: &mut u64) -> u64 {
    let stamp = *time;
    tick(time);
    stamp
}

fn set(time: &mut u64, to: u64) -> u64 {
    *time = to;
    to
}

/// A schedule has too few events to come near the end of the numbers.
fn after(stamp: u64) -> u64 {
    stamp + 1
}
