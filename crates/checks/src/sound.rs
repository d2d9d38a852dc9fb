//! What holds for every exercise: its tests call [`assert_sound`].

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use verdict::Record;

use crate::exercise::{Bugs, Exercise, Mistake};
use crate::judge::{Cases, Diagnosis, Judgement, attempt, diagnose, judge, pairs};
use crate::program::{Task, Timeouts, run};
use crate::report::{self, broken_rule};
use crate::{Panic, Screen, Stopped, Verdict};

/// On however busy a machine.
const TIMEOUTS: Timeouts =
    Timeouts { judge: Duration::from_secs(100), diagnosis: Duration::from_secs(100) };

/// Asserts all that an exercise promises, given its pristine solution.
pub(crate) fn assert_sound<E: Exercise>(stub: E::Solution) {
    let cases = Cases::<E>::all();
    the_stub_is_not_started_and_the_right_ones_pass::<E>(stub);
    every_replay_string_finds_its_case(&cases);
    let few = few_of(&cases);
    every_mistake_is_caught_named_and_shown(&few);
    two_mistakes_at_once_are_named_or_left_unnamed(&few);
    there_are_six_to_sixteen_mistakes::<E>();
}

/// The first cases, some of the others, and the first failure of each mistake: what these tell
/// apart, all tell apart.
fn few_of<E: Exercise>(cases: &Cases<E>) -> Cases<E> {
    const FIRST: usize = 200;
    // Cases repeat what they vary in twos, threes and fives.
    let mut apart = (cases.0.len() / FIRST).max(1)..;
    let apart = apart.find(|apart| [2, 3, 5].iter().all(|by| apart % by != 0)).expect("a prime");
    let mut places: BTreeSet<usize> = (0..cases.0.len().min(FIRST)).collect();
    places.extend((0..cases.0.len()).step_by(apart));
    for mistake in E::MISTAKES.iter().copied().flatten() {
        let solution = E::with_bugs(Bugs::one(mistake.bug));
        let place = judge(&solution, cases, |_| {}).place();
        places.insert(place.unwrap_or_else(|| panic!("{} is not wrong", mistake.name)));
    }
    Cases(places.into_iter().map(|place| cases.0[place].clone()).collect())
}

fn the_stub_is_not_started_and_the_right_ones_pass<E: Exercise>(stub: E::Solution) {
    let functions = format!("0 of {} written", E::ABOUT.functions);
    let (verdict, screen) = check::<E>(stub.clone(), 80);
    assert_eq!(verdict, Verdict::NotStarted, "{screen}");
    assert!(screen.contains(&functions), "{screen}");
    assert!(work::<E>(stub, Task::Hint, 80).1.contains("HINT   1 of 3"));
    for right in [E::reference(), E::with_bugs(Bugs::NONE)] {
        let (verdict, screen) = check::<E>(right, 80);
        assert_eq!(verdict, Verdict::Pass, "{screen}");
        assert!(screen.contains("   PASS   on all ") && screen.contains(" solution "), "{screen}");
        assert_fits(&screen, 80);
    }
}

fn every_replay_string_finds_its_case<E: Exercise>(cases: &Cases<E>) {
    let strings: Vec<String> = (0..cases.0.len()).map(|place| cases.replay_string(place)).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    for text in &strings {
        assert!(!text.is_empty() && text.chars().all(plain), "{text}");
    }
    assert_eq!(strings.iter().collect::<BTreeSet<_>>().len(), strings.len(), "two are the same");
    for place in [0, strings.len() / 2, strings.len() - 1] {
        let (_, case) = cases.find(&strings[place]).expect("a case's own string is one");
        assert_eq!(E::describe(&case), E::describe(&cases.0[place].0));
    }
    for bad in ["", "0", "é", "99999999", "-1", "a.b.c.d.e.f.g.h!"] {
        assert!(cases.find(bad).is_err(), "{bad}");
    }
}

fn every_mistake_is_caught_named_and_shown<E: Exercise>(cases: &Cases<E>) {
    for mistake in E::MISTAKES.iter().copied().flatten() {
        let solution = E::with_bugs(Bugs::one(mistake.bug));
        let Judgement::Wrong { place, attempt, missing, .. } = judge(&solution, cases, |_| {})
        else {
            panic!("{} is not wrong", mistake.name);
        };
        let diagnosis = diagnosed(cases, place, &solution);
        assert_eq!(names(&diagnosis), [mistake.name]);
        nothing_else_is_called_that(cases, place, &solution, mistake);
        its_words_are_few(mistake.misunderstanding);
        let rule = broken_rule(&cases.0[place].0, &attempt);
        its_words_are_few(rule.text);
        its_words_are_few(rule.hint);
        let shown = Judgement::Wrong { place, attempt, missing, diagnosis };
        it_is_shown_and_replayed(cases, place, &shown, &solution);
    }
}

/// A name is a claim about every case compared: with one more answer changed, on whichever case,
/// the mistake is not named any more.
fn nothing_else_is_called_that<E: Exercise>(
    cases: &Cases<E>,
    failing: usize,
    solution: &E::Solution,
    mistake: &Mistake<E::Bug>,
) {
    let part = E::part(&cases.0[failing].0);
    let compared: Vec<usize> = (0..cases.0.len())
        .filter(|&place| {
            let case = &cases.0[place].0;
            E::part(case) == part
                && E::is_compared(case)
                && !attempt::<E>(solution, case).has_overflowed()
        })
        .collect();
    for changed in [compared[0], compared[compared.len() / 3]] {
        let diagnosis = diagnose(cases, failing, |place| {
            let mut seen = attempt::<E>(solution, &cases.0[place].0);
            if place == changed {
                seen.end = another(&seen.end);
            }
            seen
        });
        let names = diagnosis.mistakes.iter().map(|one| one.name);
        assert!(!names.into_iter().eq([mistake.name]), "{} at case {changed}", mistake.name);
    }
}

/// An end that is not like this one.
fn another<A>(end: &Result<A, Stopped>) -> Result<A, Stopped> {
    match end {
        Err(Stopped::Panicked(_)) => Err(Stopped::DidNotTerminate),
        _ => Err(Stopped::Panicked(Panic { message: String::new(), place: String::new() })),
    }
}

fn diagnosed<E: Exercise>(
    cases: &Cases<E>,
    failing: usize,
    solution: &E::Solution,
) -> Diagnosis<E> {
    diagnose(cases, failing, |place| attempt::<E>(solution, &cases.0[place].0))
}

fn names<E: Exercise>(diagnosis: &Diagnosis<E>) -> Vec<&'static str> {
    diagnosis.mistakes.iter().map(|mistake| mistake.name).collect()
}

/// Two at once are mostly named; where they are not, one hides the other, or two other mistakes
/// give the same answers. Every fifth pair is tried, which takes some seconds already.
fn two_mistakes_at_once_are_named_or_left_unnamed<E: Exercise>(cases: &Cases<E>) {
    let (mut wrong, mut named) = (0, 0);
    for [one, other] in pairs::<E>().step_by(5) {
        let solution = E::with_bugs(Bugs::two([one.bug, other.bug]));
        let Judgement::Wrong { place, .. } = judge(&solution, cases, |_| {}) else { continue };
        wrong += 1;
        let names = names(&diagnosed(cases, place, &solution));
        named += usize::from(!names.is_empty());
        assert!(names.len() < 2 || names.iter().all(|name| [one.name, other.name].contains(name)));
    }
    assert!(named * 10 >= wrong * 8, "{}: {named} of {wrong} pairs are named", E::ABOUT.name);
}

fn it_is_shown_and_replayed<E: Exercise>(
    cases: &Cases<E>,
    place: usize,
    shown: &Judgement<E>,
    solution: &E::Solution,
) {
    let screens = [80, 50, 40].map(|columns| {
        let (_, screen) = written(columns, |screen| report::check(cases, shown, screen));
        assert_fits(&screen, columns);
        screen
    });
    let text = cases.replay_string(place);
    for words in ["looks   like \"", &format!("cargo run -- replay {}:{text}\n", E::ABOUT.name)] {
        assert!(screens[0].contains(words), "{words} is missing:\n{}", screens[0]);
    }
    let (_, case) = cases.find(&text).expect("a case's own string is one");
    let want = E::expected(&case);
    let seen = attempt::<E>(solution, &case);
    let (_, again) = written(80, |screen| {
        report::replay::<E>(&case, &want, Some(&seen), Verdict::Wrong, screen)
    });
    assert_eq!(drawing(&again), drawing(&screens[0]));
    let timed_out = Judgement::<E>::TimedOut { place, seconds: 10.0, is_alone: false };
    let others = [
        written(80, |screen| report::hint(cases, shown, screen)),
        written(80, |screen| report::check(cases, &timed_out, screen)),
    ];
    for (_, screen) in others {
        assert_fits(&screen, 80);
    }
}

fn drawing(screen: &str) -> &str {
    let (_, below_the_headline) = screen.split_once("\n\n").expect("a headline");
    let (drawing, _) = below_the_headline.split_once("\n\n  rule").expect("a rule");
    drawing
}

fn its_words_are_few(text: &str) {
    let (_, screen) = written(70, |screen| screen.paragraph("", text, 0));
    assert!(screen.lines().count() <= 4, "over four lines: {text}");
}

fn there_are_six_to_sixteen_mistakes<E: Exercise>() {
    let count = E::MISTAKES.iter().copied().flatten().count();
    assert!((6..=16).contains(&count), "{} has {count}", E::ABOUT.name);
}

/// What the reader sees of a solution that is wrong.
pub(crate) fn screen_of<E: Exercise>(solution: E::Solution) -> String {
    let (verdict, screen) = check::<E>(solution, 80);
    assert!(matches!(verdict, Verdict::Wrong | Verdict::KeepsState), "{screen}");
    assert_fits(&screen, 80);
    screen
}

/// The verdict on a solution, and its screen.
pub(crate) fn check<E: Exercise>(solution: E::Solution, columns: usize) -> (Verdict, String) {
    work::<E>(solution, Task::Check, columns)
}

/// The verdict and the screen of a task.
pub(crate) fn work<E: Exercise>(
    solution: E::Solution,
    task: Task,
    columns: usize,
) -> (Verdict, String) {
    work_within::<E>(solution, task, TIMEOUTS, columns)
}

/// The same, where the reader's code may take this long.
pub(crate) fn work_within<E: Exercise>(
    solution: E::Solution,
    task: Task,
    timeouts: Timeouts,
    columns: usize,
) -> (Verdict, String) {
    let record = Arc::new(Record::new(None).expect("no file is opened"));
    let (done, screen) =
        written(columns, |screen| run::<E>(solution, task, timeouts, &record, screen));
    let (verdict, _) = done.expect("the replay string is one");
    (verdict, screen)
}

/// What `write` returns, and the screen that it writes.
pub(crate) fn written<T>(
    columns: usize,
    write: impl FnOnce(&mut Screen<'_>) -> io::Result<T>,
) -> (T, String) {
    let mut out = Vec::new();
    let written = write(&mut Screen::utf8(&mut out, columns)).expect("a Vec takes everything");
    (written, String::from_utf8(out).expect("screens are text"))
}

/// A command stays on one line, to be pasted, even where that is wider than the terminal, and so
/// does a path.
pub(crate) fn assert_fits(screen: &str, columns: usize) {
    assert!(!screen.contains("\n\n\n"), "two blank lines:\n{screen}");
    for line in screen.lines() {
        let whole = line.contains("cargo run") || line.contains(".rs:");
        let columns = if whole { 80 } else { columns };
        assert!(line.chars().count() <= columns, "too wide: {line}");
        assert!(!line.contains('\x1b'), "an escape code: {line}");
    }
}
