//! What the reader sees of a judgement.

use std::io;

use crate::exercise::{Attempt, Exercise, Rule};
use crate::judge::{Cases, Diagnosis, Judgement};
use crate::{Screen, Stopped, Unsolved, Verdict, grouped, plural};

/// The screen of `check`.
pub(crate) fn check<E: Exercise>(
    cases: &Cases<E>,
    judgement: &Judgement<E>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    match judgement {
        Judgement::Pass => pass::<E>(cases.0.len(), screen)?,
        Judgement::Unfinished { missing, passed } => unfinished::<E>(missing, *passed, screen)?,
        Judgement::KeepsState { place, first, again } => {
            keeps_state(&cases.0[*place].0, first, again, screen)?;
        }
        Judgement::Wrong { place, attempt, missing, diagnosis } => {
            let before = match (place, missing) {
                (0, _) => "the first case of all",
                (_, 0) => "every case before it passes",
                _ => "every case before it passes that calls only what is written",
            };
            let (case, want) = &cases.0[*place];
            let first = format!("first failure: {}; {before}", E::title(case));
            screen.headline(E::ABOUT.name, "WRONG", &first)?;
            E::draw(case, want, Some(attempt), screen)?;
            screen.line("")?;
            screen.labelled("rule", broken_rule(case, attempt).text)?;
            looks_like::<E>(diagnosis, screen)?;
        }
        Judgement::TimedOut { place, seconds, is_alone } => {
            timed_out(cases, *place, *seconds, *is_alone, screen)?;
        }
    }
    match (judgement, judgement.place()) {
        // One call alone would be right again.
        (Judgement::KeepsState { .. } | Judgement::Unfinished { .. }, _) => {
            screen.command("next", &format!("cargo run -- hint {}", E::ABOUT.name))
        }
        (_, Some(place)) => next(cases, place, screen),
        (_, None) => Ok(()),
    }
}

fn pass<E: Exercise>(cases: usize, screen: &mut Screen<'_>) -> io::Result<()> {
    let name = E::ABOUT.name;
    let on = format!("on all {} cases: {}", grouped(cases), E::scope());
    screen.headline(name, "PASS", &on)?;
    screen.labelled("why", E::ABOUT.why)?;
    screen.command("compare", &format!("cargo run -- solution {name}"))?;
    screen.labelled("", "shows how the course writes it, beside your file")
}

fn unfinished<E: Exercise>(
    missing: &[Unsolved],
    passed: usize,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let written = E::ABOUT.functions.saturating_sub(missing.len());
    let word = if passed == 0 && written == 0 { "NOT STARTED" } else { "NOT FINISHED" };
    let functions = format!("{written} of {} written", E::ABOUT.functions);
    screen.headline(E::ABOUT.name, word, &functions)?;
    for Unsolved { what, place } in missing {
        let what = if what.is_empty() { "a todo!() is still there" } else { what };
        screen.labelled("missing", what)?;
        screen.labelled("file", place)?;
    }
    match passed {
        0 => Ok(()),
        _ => screen.labelled("so far", &format!("{} right without it", plural(passed, "case"))),
    }
}

/// The rule that a wrong attempt breaks.
pub(crate) fn broken_rule<E: Exercise>(case: &E::Case, attempt: &Attempt<E>) -> Rule {
    match &attempt.end {
        Ok(got) => E::rule(case, got, &attempt.observation),
        Err(stopped) => E::rule_of_stop(case, stopped, &attempt.observation),
    }
}

fn looks_like<E: Exercise>(diagnosis: &Diagnosis<E>, screen: &mut Screen<'_>) -> io::Result<()> {
    let names: Vec<String> =
        diagnosis.mistakes.iter().map(|mistake| format!("\"{}\"", mistake.name)).collect();
    let like = match names.len() {
        0 => return Ok(()),
        1 => format!("like {}", names[0]),
        _ => format!("like two mistakes: {}", names.join(" and ")),
    };
    let cases = grouped(diagnosis.cases);
    screen
        .labelled("looks", &format!("{like}: the same answers in all {cases} cases compared."))?;
    for mistake in &diagnosis.mistakes {
        screen.labelled("", mistake.misunderstanding)?;
    }
    Ok(())
}

fn keeps_state<E: Exercise>(
    case: &E::Case,
    first: &Attempt<E>,
    again: &Attempt<E>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    screen.headline(E::ABOUT.name, "KEEPS STATE", "the same case got two answers")?;
    screen.all_labelled(&E::describe(case))?;
    screen.line("")?;
    screen.row("", "first", &end::<E>(first))?;
    screen.row("", "again", &end::<E>(again))?;
    screen.line("")?;
    screen.labelled(
        "rule",
        "The same case gets the same answer each time. Here something besides the arguments \
         decides: a static, a thread or a file that outlives a call, the clock, or the order of a \
         HashMap.",
    )
}

fn end<E: Exercise>(attempt: &Attempt<E>) -> String {
    match &attempt.end {
        Ok(answer) => E::words(answer),
        Err(stopped) => stopped.words().to_owned(),
    }
}

fn timed_out<E: Exercise>(
    cases: &Cases<E>,
    place: usize,
    seconds: f64,
    is_alone: bool,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let (case, want) = &cases.0[place];
    let (all, title) = (grouped(cases.0.len()), E::title(case));
    let text = match is_alone {
        true => format!("after {seconds} s your code has not returned from this case: {title}"),
        false => format!(
            "all cases together take longer than {seconds} s; it was at case {} of {all}: {title}",
            grouped(place + 1)
        ),
    };
    screen.headline(E::ABOUT.name, "TIMED OUT", &text)?;
    E::draw(case, want, None, screen)?;
    screen.line("")
}

/// What the reader can do next.
fn next<E: Exercise>(cases: &Cases<E>, place: usize, screen: &mut Screen<'_>) -> io::Result<()> {
    let name = E::ABOUT.name;
    screen.command("next", &format!("cargo run -- hint {name}"))?;
    let replay = format!("cargo run -- replay {name}:{}", cases.replay_string(place));
    screen.command("", &replay)?;
    screen.labelled("", "runs this one case, with your code as it is then")
}

/// Shows a case, which no code is run on, and what to do next.
pub(crate) fn draw<E: Exercise>(
    cases: &Cases<E>,
    place: usize,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    if let Some((case, want)) = cases.0.get(place) {
        E::draw(case, want, None, screen)?;
        screen.line("")?;
        next(cases, place, screen)?;
    }
    Ok(())
}

/// The screen of `hint`: what helps with the solution as it is.
pub(crate) fn hint<E: Exercise>(
    cases: &Cases<E>,
    judgement: &Judgement<E>,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let name = E::ABOUT.name;
    let (about, hint) = match judgement {
        Judgement::Pass => {
            return screen.headline(name, "PASS", "nothing is left to be found");
        }
        Judgement::Unfinished { .. } => {
            return screen.hint(name, E::ABOUT.hints, 1);
        }
        Judgement::KeepsState { .. } => (
            "for code that keeps state",
            "Look for a static, a thread_local, a cell or a file that outlives a call, for the \
             clock, and for a HashMap whose order counts. What a function needs to know comes with \
             its arguments, or stands in the value that it is called on.",
        ),
        Judgement::TimedOut { is_alone: true, .. } => {
            ("for the case that takes too long", Stopped::DidNotTerminate.rule().hint)
        }
        Judgement::TimedOut { is_alone: false, .. } => (
            "for the time that it takes",
            "No single case took the first half of the time. Look for a loop that counts up to a \
             number from the arguments, where one step of arithmetic gets there; or the case that \
             is shown does not end.",
        ),
        Judgement::Wrong { place, attempt, .. } => {
            ("for the first failure", broken_rule(&cases.0[*place].0, attempt).hint)
        }
    };
    screen.headline(name, "HINT", about)?;
    if let Judgement::Wrong { diagnosis, .. } = judgement {
        looks_like::<E>(diagnosis, screen)?;
    }
    screen.labelled("hint", hint)?;
    screen.command("more", &format!("cargo run -- hint {name} 1"))?;
    screen.labelled("", "begins the three hints on the exercise as a whole")
}

/// The screen of `replay`.
pub(crate) fn replay<E: Exercise>(
    case: &E::Case,
    want: &E::Answer,
    seen: Option<&Attempt<E>>,
    verdict: Verdict,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let outcome = match verdict {
        Verdict::Pass => "right",
        Verdict::TimedOut => "your code has not returned in time",
        Verdict::NotStarted => "something is still to be written",
        Verdict::Wrong | Verdict::KeepsState => "wrong",
    };
    screen.headline(E::ABOUT.name, "REPLAY", &format!("{}: {outcome}", E::title(case)))?;
    let is_unsolved = |seen: &&Attempt<E>| matches!(seen.end, Err(Stopped::Unsolved(_)));
    E::draw(case, want, seen.filter(|seen| !is_unsolved(seen)), screen)?;
    screen.line("")?;
    match seen {
        Some(seen) if verdict == Verdict::Wrong => {
            screen.labelled("rule", broken_rule(case, seen).text)?;
            screen.command("next", &format!("cargo run -- hint {}", E::ABOUT.name))
        }
        _ => {
            screen.command("next", &format!("cargo run -- check {}", E::ABOUT.name))?;
            screen.labelled("", "tries all cases")
        }
    }
}
