//! `watch`: checks an exercise whenever its file is saved.
//!
//! Two threads report what happens, saves and what the reader types; this one checks. A save while
//! a check runs also ends that check, since its file is an old one.

use std::io;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use course::BadArgument;
use course::check::Outcome;
use course::lessons::Lesson;
use course::saves::Saves;
use verdict::Verdict;

use crate::commands::{Course, INTERRUPTED, show};

/// What ends the waiting.
enum Event {
    /// The file of the exercise at this place.
    Saved(usize),
    /// A line, without its end.
    Typed(String),
    /// Ctrl-C, or the end of input.
    Quit,
}

/// Checks `lesson` first, or else the next one, and then whichever is saved.
pub(crate) fn watch(course: &mut Course, lesson: Option<Lesson>) -> anyhow::Result<ExitCode> {
    let mut current =
        lesson.or_else(|| course.next_exercise()).context("no lesson has an exercise")?;
    if !course.narrator.is_interactive() {
        let name = &current.name;
        let instead = format!("watch needs a terminal; cargo run -- check {name} checks once");
        return Err(BadArgument(instead).into());
    }
    let lessons = course.exercises();
    let events = listen(course, &lessons)?;
    check(course, &current)?;
    loop {
        match wait(course, &events)? {
            Event::Saved(at) => {
                current = lessons[at].clone();
                check(course, &current)?;
            }
            Event::Typed(line) => match line.trim() {
                "" => check(course, &current)?,
                "h" => hint(course, &current)?,
                "q" => return Ok(ExitCode::SUCCESS),
                other => course.narrator.say(&format!(
                    "\"{other}\" is not a command; there are h, q, and Enter alone, which \
                     checks again."
                ))?,
            },
            Event::Quit => {
                show(b"\n")?;
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}

fn listen(course: &Course, lessons: &[Lesson]) -> anyhow::Result<Receiver<Event>> {
    let (report, events) = mpsc::channel();
    let saves = Saves::of(lessons.iter().map(|lesson| course.path(lesson)));
    let saved = report.clone();
    thread::spawn(move || {
        saves.watch(|at| {
            // In this order: a check that begins after the report is of the new file.
            INTERRUPTED.store(true, Ordering::Relaxed);
            saved.send(Event::Saved(at)).is_ok()
        });
    });
    let typed = report.clone();
    thread::spawn(move || listen_to_keyboard(&typed));
    ctrlc::set_handler(move || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        // Where the receiver is gone, the watch has ended.
        let _ = report.send(Event::Quit);
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(events)
}

fn listen_to_keyboard(report: &Sender<Event>) {
    for line in io::stdin().lines() {
        // Input that is not text is not a command either.
        let line = line.unwrap_or_else(|_| "?".to_owned());
        if report.send(Event::Typed(line)).is_err() {
            return;
        }
    }
    let _ = report.send(Event::Quit);
}

fn check(course: &mut Course, lesson: &Lesson) -> anyhow::Result<()> {
    INTERRUPTED.store(false, Ordering::Relaxed);
    course.narrator.say(&format!("Checking {}.", lesson.exercise().display()))?;
    let checked = match course.judge(lesson) {
        Ok(checked) => checked,
        Err(error) => {
            // What is in its way may be gone at the next save.
            narration::log(format!("error: {error:#}"));
            return Ok(());
        }
    };
    // What was interrupted is followed by what did that.
    if checked.outcome == Outcome::Interrupted {
        return Ok(());
    }
    show(b"\n")?;
    show(&checked.screen)?;
    if checked.outcome == Outcome::Judged(Verdict::Pass)
        && let Some(next) = course.next_exercise().filter(|next| next != lesson)
    {
        show(format!("  next    {}\n", next.exercise().display()).as_bytes())?;
    }
    show(b"\n")?;
    Ok(())
}

fn hint(course: &mut Course, lesson: &Lesson) -> anyhow::Result<()> {
    INTERRUPTED.store(false, Ordering::Relaxed);
    show(&course.hint_for(lesson, None)?)?;
    show(b"\n")?;
    Ok(())
}

/// Waits for an event, and shows meanwhile how old the result is.
#[expect(
    clippy::disallowed_methods,
    reason = "how long ago something was is a question to the real clock"
)]
fn wait(course: &mut Course, events: &Receiver<Event>) -> anyhow::Result<Event> {
    let checked = Instant::now();
    loop {
        let (age, until_another) = age(checked.elapsed());
        course.narrator.announce(&format!(
            "checked {age}; save to check again, h Enter for a hint, q Enter to quit "
        ))?;
        match events.recv_timeout(until_another) {
            Err(RecvTimeoutError::Timeout) => {}
            event => return event.context("the keyboard is no longer read"),
        }
    }
}

/// How long ago, in words, and how long these words hold.
fn age(elapsed: Duration) -> (String, Duration) {
    let seconds = elapsed.as_secs();
    let (words, unit) = match seconds {
        0..10 => ("just now".to_owned(), 10),
        10..60 => (format!("{} s ago", seconds / 10 * 10), 10),
        60..3600 => (format!("{} min ago", seconds / 60), 60),
        _ => (format!("{} h ago", seconds / 3600), 3600),
    };
    let next = (seconds / unit + 1) * unit;
    (words, Duration::from_secs(next).saturating_sub(elapsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_shown_as_exactly_as_its_unit() {
        let words = |seconds| age(Duration::from_secs(seconds)).0;
        assert_eq!(
            [0, 9, 10, 59, 60, 3599, 7200].map(words),
            ["just now", "just now", "10 s ago", "50 s ago", "1 min ago", "59 min ago", "2 h ago"]
        );
        assert_eq!(age(Duration::from_millis(69_500)).1, Duration::from_millis(50_500));
    }
}
