//! `watch`: checks an exercise whenever its file is saved.
//!
//! Two threads report what happens, saves and the keys that the reader presses; this one checks. A
//! save while a check runs also ends that check, since its file is an old one.

use std::mem;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use course::BadArgument;
use course::check::Outcome;
use course::lessons::Lesson;
use course::saves::Saves;
use verdict::Verdict;

use crate::commands::{Course, INTERRUPTED, show};
use crate::keys::{KEYS, Keyboard};

/// What ends the waiting.
enum Event {
    /// The file of the exercise at this place.
    Saved(usize),
    Key(u8),
    /// A signal, or the end of input.
    Quit,
}

/// Checks the exercise of that name or number first, or else the next one, and then whichever is
/// saved. After a pass the next one is watched.
pub(crate) fn watch(course: &mut Course, called: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut current = match called {
        Some(called) => course.exercise(called)?,
        None => course.open_exercise()?,
    };
    if !course.narrator.is_interactive() {
        let once = format!("cargo run -- check {} checks once", current.name);
        return Err(BadArgument::new("watch needs a terminal", once).into());
    }
    let lessons = course.exercises();
    let height = course.narrator.height();
    course.narrator.scroll();
    // However this ends, the terminal is what it was.
    let keyboard = Keyboard::open().context("cannot read single keys")?;
    let events = listen(course, &lessons, &keyboard)?;
    check(course, &mut current)?;
    let mut checked = now();
    let mut asks_to_reset = false;
    loop {
        let event = wait(course, &events, checked, asks_to_reset)?;
        let is_asked = mem::take(&mut asks_to_reset);
        match event {
            Event::Saved(at) => {
                current = lessons[at].clone();
                check(course, &mut current)?;
                checked = now();
            }
            // The file that is new is checked as one that was saved.
            Event::Key(b'y') if is_asked => course.reset_lesson(&current)?,
            Event::Key(b'\n' | b'\r') if !is_asked => {
                check(course, &mut current)?;
                checked = now();
            }
            Event::Key(b'h') => hint(course, &current, None)?,
            Event::Key(level @ b'1'..=b'3') => hint(course, &current, Some(level - b'0'))?,
            Event::Key(b'l') => course.show(Some(height))?,
            Event::Key(b'r') => {
                let file = current.exercise().display().to_string();
                course.narrator.say(&format!(
                    "Make {file} what it was in the beginning, and keep yours beside it? y resets \
                     it, another key does not."
                ))?;
                asks_to_reset = true;
            }
            Event::Key(b'q') | Event::Quit => return Ok(ExitCode::SUCCESS),
            Event::Key(_) => {}
        }
    }
}

fn listen(
    course: &Course,
    lessons: &[Lesson],
    keyboard: &Keyboard,
) -> anyhow::Result<Receiver<Event>> {
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
    keyboard.listen(move |key| {
        if matches!(key, None | Some(b'q')) {
            INTERRUPTED.store(true, Ordering::Relaxed);
        }
        typed.send(key.map_or(Event::Quit, Event::Key)).is_ok()
    });
    ctrlc::set_handler(move || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        // Where the receiver is gone, the watch has ended.
        let _ = report.send(Event::Quit);
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(events)
}

/// Checks an exercise; where it passes, the next one is there afterwards.
fn check(course: &mut Course, lesson: &mut Lesson) -> anyhow::Result<()> {
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
    if checked.outcome == Outcome::Judged(Verdict::Pass) {
        show(course.after_pass().as_bytes())?;
        if let Some(next) = course.next_exercise() {
            let file = next.exercise().display().to_string();
            show(format!("  write   {file}: watched from now on\n").as_bytes())?;
            *lesson = next;
        }
    }
    Ok(())
}

fn hint(course: &mut Course, lesson: &Lesson, level: Option<u8>) -> anyhow::Result<()> {
    INTERRUPTED.store(false, Ordering::Relaxed);
    show(&course.hint_for(lesson, level)?)?;
    show(b"\n")?;
    Ok(())
}

/// Waits for an event, and shows meanwhile the keys and how old the result is; or asks for a yes.
fn wait(
    course: &mut Course,
    events: &Receiver<Event>,
    checked: Instant,
    asks: bool,
) -> anyhow::Result<Event> {
    loop {
        let (age, until_another) = age(now().duration_since(checked));
        let keys = format!("{KEYS}   checked {age} ");
        course.narrator.status(if asks { "y or n? " } else { &keys })?;
        match events.recv_timeout(until_another) {
            Err(RecvTimeoutError::Timeout) => {}
            event => {
                course.narrator.status("")?;
                return event.context("the keyboard is no longer read");
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long ago something was is a question to the real clock"
)]
fn now() -> Instant {
    Instant::now()
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
