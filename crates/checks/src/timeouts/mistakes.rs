//! How people get it wrong: each misunderstanding as the code that it leads to.
//!
//! All but what it touches is as in a right solution, so that each is known by its own answers.

use std::io::ErrorKind;

use super::{Call, Net, Outcome};
use crate::Mistake;

pub(super) const ALL: &[Mistake<Call>] = &[
    Mistake {
        name: "a timeout for each read",
        misunderstanding: "It gives every read all the time that was left after connecting, but a \
                           server that drips starts that anew with each piece, and none of these \
                           waits is ever too long.",
        hint: "Set the read timeout before each read, to what is left until the deadline then.",
        solution: timeout_for_each_read,
    },
    Mistake {
        name: "the clock starts at the connection",
        misunderstanding: "It begins to count when it is connected, but the deadline is a moment, \
                           and connecting has used some of the time until then.",
        hint: "Compute what is left from `deadline` and `net.now()`, and from nothing that you \
               noted before.",
        solution: clock_starts_at_the_connection,
    },
    Mistake {
        name: "each wait has all the time",
        misunderstanding: "It takes the time that there was in the beginning for every wait, but \
                           connecting and each read draw on one account.",
        hint: "Compute `deadline.saturating_sub(net.now())` anew before each wait.",
        solution: each_wait_has_all_the_time,
    },
    Mistake {
        name: "looks at the clock between the reads alone",
        misunderstanding: "It asks before each read whether the deadline has passed, but the read \
                           itself may then wait beyond it.",
        hint: "Set the read timeout before each read, to what is left until the deadline then.",
        solution: looks_between_the_reads,
    },
    Mistake {
        name: "the deadline is a duration",
        misunderstanding: "It waits for as many milliseconds as the deadline says, but that is a \
                           moment of the clock, which did not begin at 0.",
        hint: "What is left is `deadline.saturating_sub(net.now())`.",
        solution: deadline_is_a_duration,
    },
    Mistake {
        name: "no timeout to connect",
        misunderstanding: "It lets connecting take as long as it does, but a server that does not \
                           answer holds it until the system gives up, after two minutes.",
        hint: "Give `connect` what is left until the deadline: `Some(left)`.",
        solution: no_timeout_to_connect,
    },
    Mistake {
        name: "no timeout to read",
        misunderstanding: "It lets a read take as long as it does, but the default is for ever, \
                           and a server that has lost power says nothing at all.",
        hint: "Set the read timeout before each read, to what is left until the deadline then.",
        solution: no_timeout_to_read,
    },
    Mistake {
        name: "the time left is below nothing",
        misunderstanding: "It takes the deadline for a moment to come, but it may have passed \
                           before the call, and the subtraction panics.",
        hint: "Use `deadline.saturating_sub(net.now())`.",
        solution: time_left_below_nothing,
    },
    Mistake {
        name: "a reset is not executed",
        misunderstanding: "It takes a reset for the news that nothing was done, but it says that \
                           the connection was thrown away, which may be after the work.",
        hint: "After `connect` went well, every error is `Outcome::Unknown`.",
        solution: reset_is_not_executed,
    },
    Mistake {
        name: "a timeout is not executed",
        misunderstanding: "It takes silence for the news that nothing was done, but the server may \
                           be slow, or its reply may be lost: a payment would be made twice.",
        hint: "After `connect` went well, every error is `Outcome::Unknown`.",
        solution: timeout_is_not_executed,
    },
    Mistake {
        name: "an end without a reply is not executed",
        misunderstanding: "It takes a connection that closes without a reply for work that was not \
                           done, but a server that crashes after the work looks the same.",
        hint: "After `connect` went well, a read of 0 bytes before the newline is \
               `Outcome::Unknown`.",
        solution: end_is_not_executed,
    },
    Mistake {
        name: "an error is not executed",
        misunderstanding: "It takes every error of a read for the news that nothing was done, but \
                           a timeout and a reset say only that no more will be read, and the work \
                           may have been done before.",
        hint: "After `connect` went well, every error is `Outcome::Unknown`, as an early end is.",
        solution: error_is_not_executed,
    },
    Mistake {
        name: "every failure is not executed",
        misunderstanding: "It takes a call without a reply for one that was not executed, but from \
                           the connection on the request may have arrived, and been executed.",
        hint: "Keep NotExecuted for the errors of `connect`; after that a failure is \
               `Outcome::Unknown`.",
        solution: every_failure_is_not_executed,
    },
    Mistake {
        name: "nothing came, so nothing was done",
        misunderstanding: "It concludes from a reply of no bytes that the request was not \
                           executed, but the reply comes after the work, and may be all that is \
                           missing.",
        hint: "Whether bytes of the reply came does not matter: once connected, a failure is \
               `Outcome::Unknown`.",
        solution: nothing_came,
    },
    Mistake {
        name: "every failure is unknown",
        misunderstanding: "It calls everything unknown but a reply, but before there was a \
                           connection nothing was sent, and asking again would be safe.",
        hint: "Where `connect` fails, the answer is `Outcome::NotExecuted`.",
        solution: every_failure_is_unknown,
    },
    Mistake {
        name: "a connect that waits in vain is unknown",
        misunderstanding: "It lets a refusal alone prove that nothing was done, but whoever was \
                           never connected has not sent a request either.",
        hint: "Every error of `connect` is `Outcome::NotExecuted`, TimedOut included.",
        solution: connect_in_vain_is_unknown,
    },
    Mistake {
        name: "one read is the reply",
        misunderstanding: "It takes what one read returns for the whole reply, but a read takes \
                           what is there, and the newline may be still to come.",
        hint: "Read on until the reply ends with a newline.",
        solution: one_read_is_the_reply,
    },
    Mistake {
        name: "loses bytes already read",
        misunderstanding: "It keeps only what the last read returned, but each read overwrites the \
                           buffer, and the bytes from before were part of the reply.",
        hint: "Append what each read returns to one reply: \
               `reply.extend_from_slice(&buffer[..count])`.",
        solution: loses_bytes,
    },
    Mistake {
        name: "a piece of a reply is a reply",
        misunderstanding: "It takes whatever came before a failure for the reply, but without its \
                           newline more was to come, and that might have said anything.",
        hint: "Only what ends with a newline is Executed; before that, a failure is \
               `Outcome::Unknown`.",
        solution: piece_is_a_reply,
    },
    Mistake {
        name: "the end makes a reply whole",
        misunderstanding: "It takes the end of the stream for the end of the reply, but a server \
                           that crashes in the middle ends the stream as well.",
        hint: "Where a read returns 0 before the newline, the answer is `Outcome::Unknown`.",
        solution: end_makes_it_whole,
    },
    Mistake {
        name: "waits for the end of the stream",
        misunderstanding: "It reads on behind the newline until the server closes, but a server \
                           may keep the connection open for hours, and a reply that is there is \
                           called unknown.",
        hint: "Answer as soon as the reply ends with a newline.",
        solution: waits_for_the_end,
    },
    Mistake {
        name: "reads on after the end",
        misunderstanding: "It takes a read of 0 bytes for nothing new, but it is the end of the \
                           stream: each further read returns 0 at once, and time does not pass.",
        hint: "Where a read returns 0, stop: the answer is `Outcome::Unknown`.",
        solution: reads_on_after_the_end,
    },
];

/// What stopped the reading before the reply was whole.
enum Broken {
    End,
    Failed(ErrorKind),
}

fn left(net: &Net, deadline: u64) -> u64 {
    deadline.saturating_sub(net.now())
}

/// A right connect.
fn connect(net: &mut Net, deadline: u64) -> Result<(), ErrorKind> {
    net.connect(Some(left(net, deadline)))
}

/// Reads until the newline; `timeout` is asked before each read.
fn read(
    net: &mut Net,
    timeout: impl Fn(&Net) -> Option<u64>,
) -> Result<Vec<u8>, (Broken, Vec<u8>)> {
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    while !reply.ends_with(b"\n") {
        net.set_read_timeout(timeout(net));
        match net.read(&mut buffer) {
            Ok(0) => return Err((Broken::End, reply)),
            Ok(count) => reply.extend_from_slice(&buffer[..count]),
            Err(kind) => return Err((Broken::Failed(kind), reply)),
        }
    }
    Ok(reply)
}

/// Right but for the timeouts: one to connect, and one for each read.
fn with_timeouts(
    net: &mut Net,
    connect: Option<u64>,
    timeout: impl Fn(&Net) -> Option<u64>,
) -> Outcome {
    if net.connect(connect).is_err() {
        return Outcome::NotExecuted;
    }
    read(net, timeout).map_or(Outcome::Unknown, Outcome::Executed)
}

/// Right but for what it makes of a reading that broke off, after these bytes.
fn with_classes(
    net: &mut Net,
    deadline: u64,
    class: impl Fn(Broken, Vec<u8>) -> Outcome,
) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    match read(net, |net| Some(left(net, deadline))) {
        Ok(reply) => Outcome::Executed(reply),
        Err((broken, received)) => class(broken, received),
    }
}

fn timeout_for_each_read(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    let timeout = left(net, deadline);
    read(net, |_| Some(timeout)).map_or(Outcome::Unknown, Outcome::Executed)
}

fn clock_starts_at_the_connection(net: &mut Net, deadline: u64) -> Outcome {
    let budget = left(net, deadline);
    if net.connect(Some(budget)).is_err() {
        return Outcome::NotExecuted;
    }
    let deadline = net.now() + budget;
    read(net, |net| Some(left(net, deadline))).map_or(Outcome::Unknown, Outcome::Executed)
}

fn each_wait_has_all_the_time(net: &mut Net, deadline: u64) -> Outcome {
    let budget = Some(left(net, deadline));
    with_timeouts(net, budget, |_| budget)
}

fn looks_between_the_reads(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    net.set_read_timeout(Some(left(net, deadline)));
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    while !reply.ends_with(b"\n") {
        if net.now() >= deadline {
            return Outcome::Unknown;
        }
        match net.read(&mut buffer) {
            Ok(0) | Err(_) => return Outcome::Unknown,
            Ok(count) => reply.extend_from_slice(&buffer[..count]),
        }
    }
    Outcome::Executed(reply)
}

fn deadline_is_a_duration(net: &mut Net, deadline: u64) -> Outcome {
    with_timeouts(net, Some(deadline), |_| Some(deadline))
}

fn no_timeout_to_connect(net: &mut Net, deadline: u64) -> Outcome {
    with_timeouts(net, None, |net| Some(left(net, deadline)))
}

fn no_timeout_to_read(net: &mut Net, deadline: u64) -> Outcome {
    let timeout = left(net, deadline);
    with_timeouts(net, Some(timeout), |_| None)
}

fn time_left_below_nothing(net: &mut Net, deadline: u64) -> Outcome {
    let timeout = deadline - net.now();
    with_timeouts(net, Some(timeout), |net| Some(deadline - net.now()))
}

fn reset_is_not_executed(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |broken, _| match broken {
        Broken::Failed(ErrorKind::ConnectionReset) => Outcome::NotExecuted,
        Broken::Failed(_) | Broken::End => Outcome::Unknown,
    })
}

fn timeout_is_not_executed(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |broken, _| match broken {
        Broken::Failed(ErrorKind::WouldBlock) => Outcome::NotExecuted,
        Broken::Failed(_) | Broken::End => Outcome::Unknown,
    })
}

fn end_is_not_executed(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |broken, received| match broken {
        Broken::End if received.is_empty() => Outcome::NotExecuted,
        Broken::End | Broken::Failed(_) => Outcome::Unknown,
    })
}

fn error_is_not_executed(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |broken, _| match broken {
        Broken::Failed(_) => Outcome::NotExecuted,
        Broken::End => Outcome::Unknown,
    })
}

fn every_failure_is_not_executed(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |_, _| Outcome::NotExecuted)
}

fn nothing_came(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |_, received| match received[..] {
        [] => Outcome::NotExecuted,
        _ => Outcome::Unknown,
    })
}

fn every_failure_is_unknown(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::Unknown;
    }
    read(net, |net| Some(left(net, deadline))).map_or(Outcome::Unknown, Outcome::Executed)
}

fn connect_in_vain_is_unknown(net: &mut Net, deadline: u64) -> Outcome {
    match connect(net, deadline) {
        Err(ErrorKind::ConnectionRefused) => Outcome::NotExecuted,
        Err(_) => Outcome::Unknown,
        Ok(()) => {
            read(net, |net| Some(left(net, deadline))).map_or(Outcome::Unknown, Outcome::Executed)
        }
    }
}

fn one_read_is_the_reply(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    net.set_read_timeout(Some(left(net, deadline)));
    let mut buffer = [0; 64];
    match net.read(&mut buffer) {
        Ok(0) | Err(_) => Outcome::Unknown,
        Ok(count) => Outcome::Executed(buffer[..count].to_vec()),
    }
}

fn loses_bytes(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    let mut buffer = [0; 64];
    loop {
        net.set_read_timeout(Some(left(net, deadline)));
        match net.read(&mut buffer) {
            Ok(0) | Err(_) => return Outcome::Unknown,
            Ok(count) if buffer[..count].ends_with(b"\n") => {
                return Outcome::Executed(buffer[..count].to_vec());
            }
            Ok(_) => {}
        }
    }
}

fn piece_is_a_reply(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |_, received| match received[..] {
        [] => Outcome::Unknown,
        _ => Outcome::Executed(received),
    })
}

fn end_makes_it_whole(net: &mut Net, deadline: u64) -> Outcome {
    with_classes(net, deadline, |broken, received| match broken {
        Broken::End => Outcome::Executed(received),
        Broken::Failed(_) => Outcome::Unknown,
    })
}

fn waits_for_the_end(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    loop {
        net.set_read_timeout(Some(left(net, deadline)));
        match net.read(&mut buffer) {
            Ok(0) if reply.ends_with(b"\n") => return Outcome::Executed(reply),
            Ok(0) | Err(_) => return Outcome::Unknown,
            Ok(count) => reply.extend_from_slice(&buffer[..count]),
        }
    }
}

fn reads_on_after_the_end(net: &mut Net, deadline: u64) -> Outcome {
    if connect(net, deadline).is_err() {
        return Outcome::NotExecuted;
    }
    let mut reply = Vec::new();
    let mut buffer = [0; 64];
    while !reply.ends_with(b"\n") {
        net.set_read_timeout(Some(left(net, deadline)));
        match net.read(&mut buffer) {
            Ok(count) => reply.extend_from_slice(&buffer[..count]),
            Err(_) => return Outcome::Unknown,
        }
    }
    Outcome::Executed(reply)
}
