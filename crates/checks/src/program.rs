//! What each exercise's program does.
//!
//! Two threads: one runs the reader's code, this one waits for it. A thread that does not return
//! cannot be stopped; it ends with the program.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use verdict::{CANNOT_WRITE, Record, Screen, Verdict};

use crate::exercise::Exercise;
use crate::judge::{Cases, Diagnosis, Judgement, attempt, attempt_to_show, diagnose, judge};
use crate::{Stopped, report};

/// Bad arguments, a bad replay string among them.
const USAGE: u8 = 2;

/// How long the reader's code may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// On all cases together, or on one that is replayed.
    pub(crate) judge: Duration,
    /// Once more, to compare it with the known mistakes.
    pub(crate) diagnosis: Duration,
}

/// A judge takes some tens of milliseconds, and so does a diagnosis.
const TIMEOUTS: Timeouts =
    Timeouts { judge: Duration::from_secs(10), diagnosis: Duration::from_secs(3) };

/// Of a thread that runs the reader's code: as much as the main thread's on most systems.
const STACK: usize = 8 * 1024 * 1024;

/// What is asked of the program.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Judge the solution.
    Check,
    /// Say what helps with it.
    Hint,
    /// Show it on the case of this replay string.
    Replay(String),
    /// Draw the case at this place, and run nothing.
    Draw(usize),
}

/// The whole program of an exercise. Its first argument is the file of the verdict; with none, or
/// with `-`, the screen is printed. Then follows `hint`; or `replay` and a replay string, or a
/// case's place, as in `@17`; or `draw` and such a place, as in `17`.
///
/// It exits with the [`Verdict`]'s code, or with 2 for arguments that it does not know.
pub(crate) fn main<E: Exercise>(solution: E::Solution) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let file = arguments.first().filter(|&file| file != "-").map(Path::new);
    let task: Vec<_> = arguments.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let task = match &task.iter().map(AsRef::as_ref).collect::<Vec<&str>>()[..] {
        [] => Task::Check,
        ["hint"] => Task::Hint,
        ["replay", text] => Task::Replay((*text).to_owned()),
        // What is not a number is the place of no case.
        ["draw", place] => Task::Draw(place.parse().unwrap_or(usize::MAX)),
        _ => return fail(USAGE, "expected: [FILE [hint | replay STRING | draw PLACE]]"),
    };
    let record = match Record::new(file) {
        Ok(record) => Arc::new(record),
        Err(error) => return fail(CANNOT_WRITE, &format!("cannot write the verdict: {error}")),
    };
    let mut screen = Vec::new();
    let mut on = Screen::new(&mut screen, Screen::columns());
    let done = run::<E>(solution, task, TIMEOUTS, &record, &mut on);
    let (verdict, case) = match done.expect("a Vec takes everything") {
        Ok(done) => done,
        Err(why) => {
            // Where the file cannot be written, its reader finds no verdict in it either.
            let _ = record.refuse(&why);
            return fail(USAGE, &why);
        }
    };
    match record.close(verdict, case, &screen) {
        Ok(()) => ExitCode::from(verdict.exit_code()),
        Err(error) => fail(CANNOT_WRITE, &format!("cannot write the verdict: {error}")),
    }
}

fn fail(code: u8, error: &str) -> ExitCode {
    // Where even this cannot be written, the exit code says it.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code)
}

/// A verdict, and the place of the case that is shown; or what is wrong with a replay string.
pub(crate) type Done = Result<(Verdict, Option<usize>), String>;

/// Does the task, and writes its screen.
pub(crate) fn run<E: Exercise>(
    solution: E::Solution,
    task: Task,
    timeouts: Timeouts,
    record: &Arc<Record>,
    screen: &mut Screen<'_>,
) -> io::Result<Done> {
    match task {
        Task::Replay(text) => replay::<E>(solution, &text, timeouts, record, screen),
        Task::Draw(place) => {
            report::draw(&Cases::<E>::all(), place, screen)?;
            Ok(Ok((Verdict::Wrong, Some(place))))
        }
        Task::Check | Task::Hint => {
            let cases = Arc::new(Cases::<E>::all());
            let judgement = examine(solution, &cases, timeouts, record);
            match task {
                Task::Hint => report::hint(&cases, &judgement, screen)?,
                _ => report::check(&cases, &judgement, screen)?,
            }
            Ok(Ok((judgement.verdict(), judgement.place())))
        }
    }
}

/// Judges a solution and, where it is wrong, diagnoses it.
fn examine<E: Exercise>(
    solution: E::Solution,
    cases: &Arc<Cases<E>>,
    timeouts: Timeouts,
    record: &Arc<Record>,
) -> Judgement<E> {
    let (judged, judgement) = mpsc::channel();
    let (diagnosed, diagnosis) = mpsc::channel();
    let (theirs, noted) = (Arc::clone(cases), Arc::clone(record));
    start(move || {
        let judgement = judge(&solution, &theirs, |place| noted.tries(place));
        let wrong = match judgement {
            Judgement::Wrong { place, .. } => Some(place),
            _ => None,
        };
        // Where the time is up, what is sent is not received.
        let _ = judged.send(judgement);
        if let Some(place) = wrong {
            let answer_to = |place: usize| attempt::<E>(&solution, &theirs.0[place].0);
            let _ = diagnosed.send(diagnose(&theirs, place, answer_to));
        }
    });
    // In two halves, to see whether one case takes all the time.
    let half = timeouts.judge / 2;
    let mut halfway = None;
    let judgement = wait(&judgement, half).or_else(|| {
        halfway = Some(record.case());
        wait(&judgement, half)
    });
    let Some(mut judgement) = judgement else {
        let (place, seconds) = (record.case(), timeouts.judge.as_secs_f64());
        return Judgement::TimedOut { place, seconds, is_alone: halfway == Some(place) };
    };
    if judgement.verdict() == Verdict::Wrong {
        // Should the reader's code end the process on a later case, this stands. Where it cannot be
        // written, the whole verdict cannot either, and that is reported.
        let mut screen = Vec::new();
        let written =
            report::check(cases, &judgement, &mut Screen::new(&mut screen, Screen::columns()));
        let _ = written.and_then(|()| record.write(Verdict::Wrong, judgement.place(), &screen));
    }
    if let Judgement::Wrong { diagnosis: looks, .. } = &mut judgement {
        let found = diagnosis.recv_timeout(timeouts.diagnosis);
        *looks = found.unwrap_or_else(|_| Diagnosis::none());
    }
    judgement
}

fn start(code: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name("your code".to_owned()).stack_size(STACK);
    thread.spawn(code).expect("a program that has just begun may have one more thread");
}

/// What is found in time.
///
/// # Panics
/// If the judge itself has panicked.
fn wait<T>(found: &Receiver<T>, time: Duration) -> Option<T> {
    match found.recv_timeout(time) {
        Ok(found) => Some(found),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => panic!("the judge panicked; its words are above"),
    }
}

/// Shows a solution on one case, right or wrong.
fn replay<E: Exercise>(
    solution: E::Solution,
    text: &str,
    timeouts: Timeouts,
    record: &Record,
    screen: &mut Screen<'_>,
) -> io::Result<Done> {
    let (place, case) = match Cases::<E>::all().find(text) {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    if let Some(place) = place {
        record.tries(place);
    }
    let want = E::expected(&case);
    let (send, receive) = mpsc::channel();
    let theirs = case.clone();
    start(move || {
        let _ = send.send(attempt_to_show::<E>(&solution, &theirs));
    });
    let seen = wait(&receive, timeouts.judge);
    let verdict = match &seen {
        None => Verdict::TimedOut,
        Some(seen) if seen.is_right(&want) => Verdict::Pass,
        Some(seen) => match seen.end {
            Err(Stopped::Unsolved(_)) => Verdict::NotStarted,
            _ => Verdict::Wrong,
        },
    };
    report::replay::<E>(&case, &want, seen.as_ref(), verdict, screen)?;
    Ok(Ok((verdict, None)))
}
