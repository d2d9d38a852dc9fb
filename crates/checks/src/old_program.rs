//! What each exercise's program does.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::old_judge::judge_telling;
use crate::{
    Diagnosis, Exercise, Judgement, Mistake, Record, Screen, Unsolved, Verdict, diagnose, grouped,
    plural,
};

/// Bad arguments, a bad code among them.
const USAGE: u8 = 2;

/// For the work itself: a judge takes some tens of milliseconds, and so does a diagnosis.
const PATIENCE: Patience =
    Patience { judge: Duration::from_secs(10), diagnosis: Duration::from_secs(3) };

/// Of a thread that runs the reader's code: as much as the main thread's on most systems.
const STACK: usize = 8 * 1024 * 1024;

/// How long the reader's code may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// On all cases together, or on one that is replayed.
    pub(crate) judge: Duration,
    /// Once more, to compare it with the known mistakes.
    pub(crate) diagnosis: Duration,
}

/// The whole program of an exercise: judges the solution, or with `replay CODE` shows it at one
/// case, or with `hint` says what helps.
///
/// It ends with the [`Verdict`]'s exit code, or with 2 for arguments that it does not know.
pub fn main<E: Exercise>(solution: E::Solution) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let file = arguments.first().filter(|&file| file != "-").map(Path::new);
    let Ok(record) = Record::new(file) else { return usage("cannot write the verdict") };
    let arguments: Vec<Cow<'_, str>> =
        arguments.iter().skip(1).map(|one| one.to_string_lossy()).collect();
    let arguments: Vec<&str> = arguments.iter().map(Cow::as_ref).collect();
    let mut out = Vec::new();
    let mut screen = Screen::new(&mut out, Screen::columns());
    let verdict = match arguments[..] {
        [] => report::<E>(solution, PATIENCE, &mut screen),
        ["replay", code] => match E::parse(code) {
            Ok(case) => replay::<E>(solution, case, PATIENCE, &mut screen),
            Err(why) => return usage(&format!("no case has the code {code}: {why}")),
        },
        ["hint"] => hint::<E>(solution, PATIENCE, &mut screen),
        _ => return usage("expected no arguments, or: hint, or: replay CODE"),
    };
    match verdict.and_then(|verdict| record.close(verdict, None, &out).map(|()| verdict)) {
        Ok(verdict) => ExitCode::from(verdict.exit_code()),
        // Nobody is left to read a verdict, so none is given.
        Err(_) => ExitCode::FAILURE,
    }
}

fn usage(error: &str) -> ExitCode {
    // Where even this cannot be written, the exit code says it.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(USAGE)
}

/// Judges a solution, and shows what came of it.
///
/// # Errors
/// Those of the screen.
pub(crate) fn report<E: Exercise>(
    solution: E::Solution,
    patience: Patience,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let (judgement, diagnosis) = match examine::<E>(solution, patience)? {
        Ok(examined) => examined,
        Err(passed) => return timed_out::<E>(passed, patience, screen),
    };
    if let Judgement::Wrong { case, .. } = &judgement {
        // What the code prints at this one case stands above the screen.
        let _ = E::observe(solution, case);
    }
    show::<E>(&judgement, diagnosis.as_ref(), screen)?;
    Ok(judgement.verdict())
}

/// What came of a solution and, where it is wrong, what it looks like.
type Examined<E> = (Judgement<E>, Option<Diagnosis<E>>);

/// Judges a solution and, where it is wrong, diagnoses it; or says how many cases are behind one
/// that does not come back from the next. What it prints at all these cases nobody hears.
fn examine<E: Exercise>(
    solution: E::Solution,
    patience: Patience,
) -> io::Result<Result<Examined<E>, usize>> {
    let judged = judge_within::<E>(patience, solution);
    let examined = judged.map(|judgement| {
        let diagnosis = diagnose_within::<E>(patience, solution, &judgement);
        (judgement, diagnosis)
    });
    Ok(examined)
}

/// Shows a judgement, and what the solution looks like.
///
/// # Errors
/// Those of the screen.
pub(crate) fn show<E: Exercise>(
    judgement: &Judgement<E>,
    diagnosis: Option<&Diagnosis<E>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    match judgement {
        Judgement::Pass { cases } => {
            let on = format!("on all {} cases: {}", grouped(*cases), E::scope());
            screen.headline(E::NAME, "PASS", &on)?;
            screen.labelled("why", E::WHY)?;
        }
        Judgement::NotStarted { missing, passed } => not_started::<E>(missing, *passed, screen)?,
        Judgement::Wrong { case, seen, rule, passed } => {
            let before = match passed {
                0 => "it is the first case of all".to_owned(),
                _ => format!("every case before it passes: {}", E::ORDER),
            };
            let first = format!("first failure: {}; {before}", E::size(case));
            screen.headline(E::NAME, "WRONG", &first)?;
            E::draw(case, seen, screen)?;
            screen.line("")?;
            screen.labelled("rule", rule)?;
            if let Some(diagnosis) = diagnosis {
                likeness(diagnosis, screen)?;
            }
            let hint = format!("cargo run -- hint {}", E::NAME);
            screen.command("next", &hint)?;
            let replay = format!("cargo run -- replay {}:{}", E::NAME, E::code(case));
            screen.command("", &replay)?;
            screen.labelled("", "shows this one case again, with your code as it is then")?;
        }
    }
    Ok(())
}

/// Judges, or says how many cases are behind a solution that does not come back from the next.
fn judge_within<E: Exercise>(
    patience: Patience,
    solution: E::Solution,
) -> Result<Judgement<E>, usize> {
    let passed = Arc::new(AtomicUsize::new(0));
    let at = Arc::clone(&passed);
    within(patience.judge, move || judge_telling::<E>(solution, &at))
        .ok_or_else(|| passed.load(Ordering::Relaxed))
}

/// Diagnoses a wrong solution, unless it never comes back from a case after the one that is already
/// known to be wrong.
fn diagnose_within<E: Exercise>(
    patience: Patience,
    solution: E::Solution,
    judgement: &Judgement<E>,
) -> Option<Diagnosis<E>> {
    let Judgement::Wrong { case, .. } = judgement else {
        return None;
    };
    let part = E::part(case);
    within(patience.diagnosis, move || diagnose::<E>(solution, part))
}

/// What `code` returns, if it does so in time. A thread that does not cannot be stopped, and ends
/// with the program.
fn within<T: Send + 'static>(
    time: Duration,
    code: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, returned) = mpsc::channel();
    thread::Builder::new()
        .name("your code".to_owned())
        .stack_size(STACK)
        .spawn(move || done.send(code()))
        .expect("a program that has just begun may have one more thread");
    match returned.recv_timeout(time) {
        Ok(value) => Some(value),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => panic!("the judge panicked; its words are above"),
    }
}

/// Says which case a solution did not come back from.
fn timed_out<E: Exercise>(
    passed: usize,
    patience: Patience,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let case = E::cases().nth(passed).expect("it was tried");
    let seconds = patience.judge.as_secs_f64();
    let text = format!(
        "after {seconds} s your code has not come back from this case: {}; every case before it \
         passes",
        E::size(&case)
    );
    screen.headline(E::NAME, "TIMED OUT", &text)?;
    let hint = format!("cargo run -- hint {}", E::NAME);
    screen.command("next", &hint)?;
    let replay = format!("cargo run -- replay {}:{}", E::NAME, E::code(&case));
    screen.command("", &replay)?;
    screen.labelled("", "shows what your code prints at this one case")?;
    Ok(Verdict::TimedOut)
}

fn not_started<E: Exercise>(
    Unsolved { what, place }: &Unsolved,
    passed: usize,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let word = if passed == 0 { "NOT STARTED" } else { "NOT FINISHED" };
    let missing = match &what[..] {
        "" => "a todo!() is still there".to_owned(),
        what => format!("still to be written: {what}"),
    };
    screen.headline(E::NAME, word, &missing)?;
    screen.labelled("file", place)?;
    match passed {
        0 => Ok(()),
        _ => screen.labelled("so far", &format!("{} right without it", plural(passed, "case"))),
    }
}

/// Says which known mistakes the solution cannot be told from.
fn likeness<E: Exercise>(diagnosis: &Diagnosis<E>, screen: &mut Screen<'_>) -> io::Result<()> {
    let cases = grouped(diagnosis.cases);
    let but = E::NOT_COMPARED.map_or(String::new(), |cases| format!(", not {cases}"));
    for mistake in &diagnosis.mistakes {
        let Mistake { name, misunderstanding, .. } = mistake;
        let like = format!(
            "like \"{name}\": your answers equal this mistake's on all {cases} cases compared{but}."
        );
        screen.labelled("looks", &like)?;
        screen.labelled("", misunderstanding)?;
    }
    Ok(())
}

/// Says what helps with the solution as it is: with a known mistake what to do about it, else one
/// of the three hints.
///
/// # Errors
/// Those of the screen.
pub(crate) fn hint<E: Exercise>(
    solution: E::Solution,
    patience: Patience,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let Ok((judgement, diagnosis)) = examine::<E>(solution, patience)? else {
        screen.hint(E::NAME, &E::HINTS, 1)?;
        return Ok(Verdict::TimedOut);
    };
    show_hint::<E>(judgement.verdict(), diagnosis.as_ref(), screen)?;
    Ok(judgement.verdict())
}

/// Shows the hints for what the solution looks like, or else the one for its verdict.
///
/// # Errors
/// Those of the screen.
pub(crate) fn show_hint<E: Exercise>(
    verdict: Verdict,
    diagnosis: Option<&Diagnosis<E>>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let mistakes = diagnosis.map_or(&[][..], |diagnosis| &diagnosis.mistakes);
    for mistake in mistakes {
        screen.headline(E::NAME, "HINT", &format!("for \"{}\"", mistake.name))?;
        screen.labelled("", mistake.hint)?;
        let more = format!("cargo run -- hint {} 1", E::NAME);
        screen.command("more", &more)?;
    }
    match verdict {
        Verdict::Pass => screen.headline(E::NAME, "PASS", "nothing is left to be found"),
        Verdict::Wrong if !mistakes.is_empty() => Ok(()),
        Verdict::Wrong => screen.hint(E::NAME, &E::HINTS, 2),
        _ => screen.hint(E::NAME, &E::HINTS, 1),
    }
}

/// Shows a solution at one case, right or wrong.
///
/// # Errors
/// Those of the screen.
pub(crate) fn replay<E: Exercise>(
    solution: E::Solution,
    case: E::Case,
    patience: Patience,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let size = E::size(&case);
    let observed = within(patience.judge, move || {
        let seen = E::observe(solution, &case);
        (case, seen)
    });
    let Some((case, observed)) = observed else {
        let seconds = patience.judge.as_secs_f64();
        let text = format!("{size}: after {seconds} s your code has not come back");
        screen.headline(E::NAME, "TIMED OUT", &text)?;
        return Ok(Verdict::TimedOut);
    };
    let seen = match observed {
        Ok(seen) => seen,
        Err(missing) => {
            not_started::<E>(&missing, 0, screen)?;
            return Ok(Verdict::NotStarted);
        }
    };
    let rule = E::broken_rule(&case, &seen);
    let outcome = if rule.is_some() { "wrong" } else { "right" };
    screen.headline(E::NAME, "REPLAY", &format!("{size}: {outcome}"))?;
    E::draw(&case, &seen, screen)?;
    screen.line("")?;
    let Some(rule) = rule else {
        let next = format!("cargo run -- check {}", E::NAME);
        screen.command("next", &next)?;
        screen.labelled("", "tries all cases")?;
        return Ok(Verdict::Pass);
    };
    screen.labelled("rule", rule)?;
    Ok(Verdict::Wrong)
}
