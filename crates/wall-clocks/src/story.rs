//! Narrates the experiments: one clock, three clocks, and how a clock is set.

mod order;

use std::time::Duration;

use narration::{Answer, Narrator, Table, exact, number};

use crate::intervals::{self, Set};
use crate::machine::{MILLISECOND, SECOND, SLEW_PPM};
use crate::server::{self, Asked};
use crate::{sample, stamps, writes};

/// The crystals whose drift is shown.
const PPM: [i32; 3] = [1, 20, 50];

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Runs every experiment and narrates it.
///
/// # Errors
/// If the output is closed.
pub fn run(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.title("wall-clocks", "Whose clock do you trust?")?;
    drift(narrator)?;
    step_back(narrator)?;
    last_writer(narrator)?;
    four_timestamps(narrator)?;
    which_sample(narrator)?;
    step_or_slew(narrator)?;
    order::run(narrator)?;
    narrator.remember(
        "A wall clock is right within a bound, at best. Measure intervals with a monotonic clock, \
         and order events by what can have caused them, not by their times.",
        "Which came first, without clocks?",
    )?;
    Ok(())
}

fn drift(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let [ppm, apart] = [20, 2 * 20];
    narrator.step("Too fast, too slow", "virtual time")?;
    narrator.say(
        "A machine's **wall clock** says what time of day it is. It counts the swings of a quartz \
         crystal, and none swings exactly as often as it should. So every clock gains or loses, \
         which is its **drift**. It is stated in **ppm**, parts per million: at 1 ppm a clock is \
         off by one more microsecond (µs) each second. Tens of ppm are usual.",
    )?;
    narrator.predict(
        &format!(
            "A clock is {ppm} ppm fast. By how many milliseconds is it off after an hour, {}?",
            exact(HOUR)
        ),
        Answer::quantity(exact(positive(intervals::drifted(ppm, HOUR)))),
        &format!("{ppm} µs each second. And nothing stops it:"),
    )?;
    let headings = ["drift, ppm", "an hour later, ms", "a day later, s", "30 days later, s"];
    let table = PPM.into_iter().fold(Table::new(headings), |table, ppm| {
        let off = |time| intervals::drifted(ppm, time);
        table.row([number(ppm), ms(off(HOUR)), seconds(off(DAY)), seconds(off(MONTH))])
    });
    narrator.table(&table)?;
    narrator.say(&format!(
        "Two machines, one {ppm} ppm fast and the other {ppm} ppm slow, are {} s apart after 30 \
         days. A second in 30 days would be 0.{} ppm: that is a very good crystal.",
        seconds(intervals::drifted(apart, MONTH)),
        // In hundredths, rounded.
        (100 * 1_000_000 + MONTH.as_secs() / 2) / MONTH.as_secs()
    ))?;
    Ok(())
}

fn step_back(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (takes, ahead) = (Duration::from_secs(2), 5 * SECOND);
    let job = intervals::job(takes, ahead, Set::Step);
    narrator.step("A step back", "virtual time")?;
    narrator.say(&format!(
        "So something has to set the clock, again and again. If it changes the time at once, that \
         is a **step**. Here a job takes {}, on a machine whose clock is {} s fast. Halfway, the \
         clock is set right. The program reads the wall clock before the job and after it, and \
         subtracts.",
        exact(takes),
        seconds(ahead)
    ))?;
    narrator.predict(
        "How many seconds has the job taken, by this subtraction?",
        Answer::quantity(format!("{} s", seconds(job.by_wall()))),
        "The job took 2, and the clock lost 5 of them:",
    )?;
    let table = Table::new(["clock", "before", "after", "the job took, s"])
        .row(["wall".to_owned(), face(job.wall[0]), face(job.wall[1]), seconds(job.by_wall())])
        .row([
            "monotonic".to_owned(),
            exact(job.monotonic[0]),
            exact(job.monotonic[1]),
            number(job.by_monotonic().as_secs()),
        ]);
    narrator.table(&table)?;
    narrator.say(
        "A **monotonic clock** counts from some moment on, mostly from the start of the machine, \
         and is never set. It drifts, too, but it does not go back. So it is the one for \
         intervals: in Rust `Instant`, and not `SystemTime`. It does not know the time of day, and \
         its readings mean nothing on another machine.",
    )?;
    narrator.say(&format!(
        "A program that keeps milliseconds in a u64 without checks gets {} ms here.",
        number((job.by_wall() / MILLISECOND) as u64)
    ))?;
    Ok(())
}

fn last_writer(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let writes = writes::three();
    narrator.step("The last writer", "virtual time")?;
    narrator.say(
        "Three machines change one email address. Each puts the time of its own wall clock on its \
         write: a stamp. A store gets all three, and keeps the one with the largest stamp. That \
         rule is called **last writer wins**. This is what really happens:",
    )?;
    let table = Table::new(["machine", "its clock is", "it writes at", "what it writes"]);
    narrator.table(&writes.iter().fold(table, |table, write| {
        let clock = match write.ahead / MILLISECOND {
            0 => "right".to_owned(),
            ahead @ 1.. => format!("{ahead} ms fast"),
            behind => format!("{} ms slow", -behind),
        };
        let happened = face(write.happened);
        table.row([write.machine.to_string(), clock, happened, write.value.to_owned()])
    }))?;
    let winner = writes::winner(&writes).map_or(' ', |write| write.machine);
    narrator.predict(
        "Which machine's write does the store keep: A, B or C?",
        Answer::one_of(
            &["a | machine a | ann@old", "b | machine b | ann@new", "c | machine c | ann@newest"],
            winner.to_string(),
        ),
        match winner == writes[0].machine {
            true => "It was the first of the three. C's, the last one, should have stayed:",
            false => "These are the stamps:",
        },
    )?;
    let table = Table::new(["machine", "its stamp", "what it writes", "the store"]);
    narrator.table(&writes.iter().fold(table, |table, write| {
        let (machine, stamp) = (write.machine.to_string(), face(write.stamp));
        match write.machine == winner {
            true => table.marked_row([machine, stamp, write.value.into(), "keeps it".into()]),
            false => table.row([machine, stamp, write.value.into(), "drops it".into()]),
        }
    }))?;
    narrator.say(&format!(
        "B wrote {} ms after A, and A's clock is {} ms fast. Each client was told that its write \
         succeeded. There is no error, and no trace of what was lost.",
        ms(writes[1].happened - writes[0].happened),
        ms(writes[0].ahead)
    ))?;
    Ok(())
}

/// One exchange as the next steps show it: to the client it is ten o'clock when it begins.
fn asked() -> anyhow::Result<Asked> {
    let begins = crate::machine::TEN + positive(server::AHEAD);
    Ok(server::ask(begins, [10, 30])?)
}

fn four_timestamps(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let asked = asked()?;
    let Asked { timestamps: [t1, t2, t3, t4], sample, .. } = asked;
    narrator.step("Four timestamps", "virtual time")?;
    narrator.say(
        "A client asks a server for the time, as **NTP** does, the Network Time Protocol, which \
         sets most clocks. The request leaves at t1 and the reply arrives at t4, both by the \
         client's clock. By the server's, the request arrives at t2 and the reply leaves at t3:",
    )?;
    let labels = asked.timestamps.into_iter().zip(1..);
    let labels = labels.map(|(time, nth)| format!("t{nth} {}", face(time)));
    narrator.picture(&stamps::trace(labels)?.ladder(narrator.width()))?;
    narrator.predict(
        "How many ms were the request and the reply on their way, together?",
        Answer::quantity(format!("{} ms", ms(sample.delay as i64))),
        &format!(
            "The client waited {} ms, and the server had the request for {} of them. So the delay \
             is (t4 - t1) - (t3 - t2).",
            ms(t4 - t1),
            ms(t3 - t2)
        ),
    )?;
    narrator.say(&format!(
        "If each way took half of that, the server's clock is ahead of the client's by ((t2 - t1) \
         + (t3 - t4)) / 2 = ({} + {}) / 2 = {} ms. This is the **offset**. But the client does not \
         know whether they did.",
        ms(t2 - t1),
        ms(t3 - t4),
        ms(sample.offset)
    ))?;
    narrator.predict(
        &format!("By how many ms can {} be wrong, at most?", ms(sample.offset)),
        Answer::quantity(format!("{} ms", ms(sample.bound() as i64))),
        "One way may have taken nothing and the other all: half of the delay, too much or too \
         little, is the **error bound**. Each of these cases has the four timestamps above:",
    )?;
    narrator.table(&alike(&asked))?;
    narrator.say("The marked one is what happened. The client cannot find out.")?;
    Ok(())
}

/// The cases that have the same timestamps: no way takes less than nothing, or more than all.
fn alike(asked: &Asked) -> Table {
    let sample = asked.sample;
    let headings = ["request, ms", "reply, ms", "server really ahead, ms", "offset wrong by, ms"];
    let cases = server::alike(asked, &[0, 10, 20, 30, 40]);
    cases.into_iter().fold(Table::new(headings), |table, (out, ahead)| {
        let back = sample.delay as i64 / MILLISECOND - out as i64;
        let row = [number(out), number(back), ms(ahead), ms(sample.offset - ahead)];
        match u128::from(out) == asked.path.out.as_millis() {
            true => table.marked_row(row),
            false => table.row(row),
        }
    })
}

fn which_sample(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let asked = server::several(5, 3)?;
    let samples: Vec<_> = asked.iter().map(|asked| asked.sample).collect();
    let best = sample::best(&samples);
    narrator.step("Which sample?", "virtual time")?;
    narrator.say(&format!(
        "The client asks five times, a second apart. Each way takes at least {} ms, and now every \
         packet may wait in a queue for up to {} ms more. Each exchange gives a sample:",
        server::WAY,
        server::QUEUE
    ))?;
    let table = Table::new(["sample", "offset, ms", "delay, ms"]);
    narrator.table(&samples.iter().zip(1..).fold(table, |table, (sample, nth)| {
        table.row([number(nth), ms(sample.offset), ms(sample.delay as i64)])
    }))?;
    let trusted = samples.iter().position(|sample| Some(*sample) == best).map(|place| place + 1);
    narrator.predict(
        "Which sample should it trust: 1, 2, 3, 4 or 5?",
        trusted,
        &format!(
            "The one with the shortest round trip has the smallest bound. The server is really {} \
             ms ahead:",
            ms(server::AHEAD)
        ),
    )?;
    let table = Table::new(["sample", "offset, ms", "bound, ms", "really wrong by, ms"]);
    narrator.table(&asked.iter().zip(1..).fold(table, |table, (asked, nth)| {
        let Asked { sample, .. } = asked;
        let row = [number(nth), ms(sample.offset), ms(sample.bound() as i64), ms(asked.error())];
        match Some(nth) == trusted {
            true => table.marked_row(row),
            false => table.row(row),
        }
    }))?;
    narrator.say(
        "Another may be nearer by luck, and the client cannot know which. An average of all mixes \
         in what the queues added.",
    )?;
    Ok(())
}

fn step_or_slew(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    let (ahead, takes) = (100 * MILLISECOND, Duration::from_millis(50));
    narrator.step("Step or slew", "virtual time")?;
    narrator.say(&format!(
        "A clock turns out to be {} ms ahead. A step back would do to it what you saw in step 2. \
         Instead it can **slew**: run a little slower until it is right, by {SLEW_PPM} ppm for \
         example.",
        ms(ahead)
    ))?;
    let slew = intervals::correction(ahead, 0, Set::Slew);
    narrator.predict(
        &format!("How many seconds does it take to lose {} ms so?", ms(ahead)),
        Answer::quantity(format!("{} s", slew.len() - 1)),
        &format!(
            "{SLEW_PPM} µs each second. The clock is set halfway through a job of {}:",
            exact(takes)
        ),
    )?;
    let mut table = Table::new(["the clock is set by", "right after, s", "the job took, ms"]);
    for (name, set) in [("a step", Set::Step), ("slewing", Set::Slew)] {
        let lasts = intervals::correction(ahead, 0, set).len() - 1;
        let job = intervals::job(takes, ahead, set);
        table = table.row([name.to_owned(), number(lasts), ms(job.by_wall())]);
    }
    narrator.table(&table)?;
    narrator.say(
        "While it slews, the clock never goes back, and each interval is wrong by less than a \
         thousandth. But it is known to be wrong all that time.",
    )?;
    Ok(())
}

/// The time of day, to the millisecond.
fn face(wall: i64) -> String {
    let ms = wall.div_euclid(MILLISECOND).rem_euclid(86_400_000);
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1_000)
}

/// Nanoseconds in milliseconds, with a sign where it is negative.
fn ms(nanos: i64) -> String {
    in_units(nanos, MILLISECOND, 6)
}

/// Nanoseconds in seconds.
fn seconds(nanos: i64) -> String {
    in_units(nanos, SECOND, 9)
}

fn in_units(nanos: i64, unit: i64, zeros: usize) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, rest) = (nanos.abs() / unit, nanos.abs() % unit);
    let digits = format!("{}.{rest:0zeros$}", number(whole));
    format!("{sign}{}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A time that is not negative.
fn positive(nanos: i64) -> Duration {
    Duration::from_nanos(nanos.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_their_units() {
        assert_eq!([ms(-3_000_000_000), ms(12_500), ms(0)], ["-3,000", "0.0125", "0"]);
        assert_eq!([seconds(51_840_000_000), seconds(-1)], ["51.84", "-0.000000001"]);
        assert_eq!(face(crate::machine::START), "09:59:59.000");
        assert_eq!(face(-MILLISECOND), "23:59:59.999");
    }
}
