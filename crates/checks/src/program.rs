//! What each exercise's program does.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::{
    Diagnosis, Exercise, Judgement, Mistake, Screen, Unsolved, Verdict, diagnose, grouped, judge,
    plural, seal,
};

/// Bad arguments, a bad code among them.
const USAGE: u8 = 2;

/// For a diagnosis, which takes some tens of milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// The whole program of an exercise: judges the solution, or with `replay CODE` shows it at one case, or with `hint` says
/// what helps.
///
/// It ends with the [`Verdict`]'s exit code, or with 2 for arguments that it does not know.
pub fn main<E: Exercise>(solution: E::Solution) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let arguments: Vec<Cow<'_, str>> = arguments.iter().map(|one| one.to_string_lossy()).collect();
    let arguments: Vec<&str> = arguments.iter().map(Cow::as_ref).collect();
    let mut out = io::stdout();
    let mut screen = Screen::new(&mut out, Screen::columns());
    let verdict = match arguments[..] {
        [] => report::<E>(solution, PATIENCE, &mut screen),
        ["replay", code] => match E::parse(code) {
            Ok(case) => replay::<E>(solution, &case, &mut screen),
            Err(why) => return usage(&format!("no case has the code {code}: {why}")),
        },
        ["hint"] => hint::<E>(solution, &mut screen),
        _ => return usage("expected no arguments, or: hint, or: replay CODE"),
    };
    match verdict.and_then(|verdict| seal::put(verdict, &mut out).map(|()| verdict)) {
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

/// Judges a solution, and shows what came of it. The `patience` is for the diagnosis.
///
/// # Errors
/// Those of the screen.
pub(crate) fn report<E: Exercise>(
    solution: E::Solution,
    patience: Duration,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let judgement = judge::<E>(solution);
    match &judgement {
        Judgement::Pass { cases } => {
            let on = format!("on all {} cases: {}", grouped(*cases), E::scope());
            screen.headline(E::NAME, "PASS", &on)?;
            screen.labelled("why", E::WHY)?;
        }
        Judgement::NotStarted { missing, passed } => not_started::<E>(missing, *passed, screen)?,
        Judgement::Wrong {
            case,
            seen,
            rule,
            passed,
        } => {
            // What the reader's code prints meanwhile stands above the screen, not in it.
            let diagnosis = diagnose_within::<E>(patience, solution);
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
                likeness(&diagnosis, screen)?;
            }
            let hint = format!("cargo run -- hint {}", E::NAME);
            screen.command("next", &hint)?;
            let replay = format!("cargo run -- replay {}:{}", E::NAME, E::code(case));
            screen.command("", &replay)?;
            screen.labelled(
                "",
                "shows this one case again, with your code as it is then",
            )?;
        }
    }
    Ok(judgement.verdict())
}

/// Diagnoses, unless the solution never comes back from a case after the one that is already known to be wrong.
fn diagnose_within<E: Exercise>(patience: Duration, solution: E::Solution) -> Option<Diagnosis<E>> {
    let (done, diagnosed) = mpsc::channel();
    thread::spawn(move || done.send(diagnose::<E>(solution)));
    diagnosed.recv_timeout(patience).ok()
}

fn not_started<E: Exercise>(
    Unsolved { what, place }: &Unsolved,
    passed: usize,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    screen.headline(
        E::NAME,
        "NOT STARTED",
        &format!("still to be written: {what}"),
    )?;
    screen.labelled("file", place)?;
    match passed {
        0 => Ok(()),
        _ => screen.labelled(
            "so far",
            &format!("{} right without it", plural(passed, "case")),
        ),
    }
}

/// Says which known mistakes the solution cannot be told from.
fn likeness<E: Exercise>(diagnosis: &Diagnosis<E>, screen: &mut Screen<'_>) -> io::Result<()> {
    let cases = grouped(diagnosis.cases);
    for mistake in &diagnosis.mistakes {
        let Mistake {
            name,
            misunderstanding,
            ..
        } = mistake;
        let like = format!(
            "like \"{name}\": your answers equal this mistake's on all {cases} cases compared."
        );
        screen.labelled("looks", &like)?;
        screen.labelled("", misunderstanding)?;
    }
    Ok(())
}

/// Says what helps with the solution as it is: with a known mistake what to do about it, else one of the three hints.
///
/// # Errors
/// Those of the screen.
pub(crate) fn hint<E: Exercise>(
    solution: E::Solution,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let judgement = judge::<E>(solution);
    match &judgement {
        Judgement::Pass { .. } => {
            screen.headline(E::NAME, "PASS", "nothing is left to be found")?
        }
        Judgement::NotStarted { .. } => screen.hint(E::NAME, &E::HINTS, 1)?,
        Judgement::Wrong { .. } => {
            let diagnosis = diagnose_within::<E>(PATIENCE, solution);
            let mistakes = diagnosis.map_or_else(Vec::new, |diagnosis| diagnosis.mistakes);
            for mistake in &mistakes {
                screen.headline(E::NAME, "HINT", &format!("for \"{}\"", mistake.name))?;
                screen.labelled("", mistake.hint)?;
            }
            if mistakes.is_empty() {
                screen.hint(E::NAME, &E::HINTS, 2)?;
            }
        }
    }
    Ok(judgement.verdict())
}

/// Shows a solution at one case, right or wrong.
///
/// # Errors
/// Those of the screen.
pub(crate) fn replay<E: Exercise>(
    solution: E::Solution,
    case: &E::Case,
    screen: &mut Screen<'_>,
) -> io::Result<Verdict> {
    let seen = match E::observe(solution, case) {
        Ok(seen) => seen,
        Err(missing) => {
            not_started::<E>(&missing, 0, screen)?;
            return Ok(Verdict::NotStarted);
        }
    };
    let rule = E::broken_rule(case, &seen);
    let outcome = if rule.is_some() { "wrong" } else { "right" };
    screen.headline(E::NAME, "REPLAY", &format!("{}: {outcome}", E::size(case)))?;
    E::draw(case, &seen, screen)?;
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
