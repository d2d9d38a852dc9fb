//! What holds for every exercise. An exercise's folder calls [`prove`] in its tests, and thereby
//! proves all of it.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use crate::old_judge::harmless;
use crate::old_program::{Patience, hint, replay, report, show, show_hint};
use crate::{Diagnosis, Exercise, Judgement, Mistake, Screen, Verdict, diagnose, judge};

/// On however busy a machine.
const PATIENCE: Patience =
    Patience { judge: Duration::from_secs(60), diagnosis: Duration::from_secs(60) };

/// Proves an exercise sound, given its pristine and its right solution.
pub(crate) fn prove<E: Exercise>(stub: E::Solution, reference: E::Solution) {
    the_stub_is_not_started_and_the_reference_passes::<E>(stub, reference);
    every_mistake_is_known_and_shown::<E>();
    every_case_has_a_code_of_its_own::<E>();
    the_cases_come_in_their_order::<E>();
    hints_begin_with_a_question_and_end_with_a_pass::<E>(stub, reference);
    there_are_six_mistakes::<E>();
    the_cases_left_out_have_words::<E>();
}

fn the_stub_is_not_started_and_the_reference_passes<E: Exercise>(
    stub: E::Solution,
    reference: E::Solution,
) {
    let (verdict, screen) = screen_of::<E>(stub);
    assert_eq!(verdict, Verdict::NotStarted, "{screen}");
    let (verdict, screen) = screen_of::<E>(reference);
    assert_eq!(verdict, Verdict::Pass, "{screen}");
    assert_fits(&screen, 80);
}

fn every_mistake_is_known_and_shown<E: Exercise>() {
    for mistake in E::mistakes() {
        let judgement = judge::<E>(mistake.solution);
        let Judgement::Wrong { case, .. } = &judgement else {
            panic!("{} is not caught", mistake.name);
        };
        let part = E::part(case);
        let diagnosis = diagnose::<E>(mistake.solution, part);
        it_is_named(mistake, part, &diagnosis);
        its_counterexample_is_the_first::<E>(mistake, case);
        its_failure_is_shown_and_replayed(mistake, &judgement, &diagnosis);
        it_has_its_hint(mistake, &diagnosis);
        its_words_are_few(mistake);
    }
}

/// That a diagnosis is one name, for each mistake, also says that no two of them coincide on all
/// the cases compared: a mistake is in one part, and told from the others there.
fn it_is_named<E: Exercise>(mistake: &Mistake<E::Solution>, part: usize, diagnosis: &Diagnosis<E>) {
    let names: Vec<&str> = diagnosis.mistakes.iter().map(|one| one.name).collect();
    assert_eq!(names, [mistake.name]);
    assert_eq!(diagnosis.cases, harmless::<E>(part).count());
}

/// No case that fails comes before the one that is shown.
fn its_counterexample_is_the_first<E: Exercise>(
    Mistake { name, solution, .. }: &Mistake<E::Solution>,
    shown: &E::Case,
) {
    let fails = |case: &E::Case| {
        let seen = E::observe(*solution, case).expect("a mistake is no stub");
        E::broken_rule(case, &seen).is_some()
    };
    let failing = E::cases().filter(|case| !E::is_dangerous(case) && fails(case));
    let first = failing.map(|case| E::measure(&case)).min();
    assert_eq!(Some(E::measure(shown)), first, "{name}");
}

fn its_failure_is_shown_and_replayed<E: Exercise>(
    Mistake { name, solution, .. }: &Mistake<E::Solution>,
    judgement: &Judgement<E>,
    diagnosis: &Diagnosis<E>,
) {
    let (_, screen) = written(80, |screen| show(judgement, Some(diagnosis), screen));
    assert_fits(&screen, 80);
    let looks = format!("like \"{name}\"");
    assert!(screen.contains(&looks), "{looks} is missing:\n{screen}");

    let command = format!("cargo run -- replay {}:", E::NAME);
    let (_, code) = screen.split_once(&command).expect("the screen says how to replay it");
    let (code, _) = code.split_once('\n').expect("the code ends its line");
    let again = E::parse(code).expect("the code on the screen is a code");
    let (verdict, again) = replay_of::<E>(*solution, again);
    assert_eq!(verdict, Verdict::Wrong);
    assert_fits(&again, 80);
    assert_eq!(drawing(&again), drawing(&screen), "{name}");

    let (_, narrow) = written(40, |screen| show(judgement, Some(diagnosis), screen));
    assert_fits(&narrow, 40);
}

fn it_has_its_hint<E: Exercise>(mistake: &Mistake<E::Solution>, diagnosis: &Diagnosis<E>) {
    let name = mistake.name;
    let (_, screen) = written(80, |screen| show_hint(Verdict::Wrong, Some(diagnosis), screen));
    assert_fits(&screen, 80);
    assert!(screen.contains(&format!("for \"{name}\"")), "{screen}");
    assert!(screen.lines().count() > 2, "no hint for {name}");
}

fn its_words_are_few<S>(mistake: &Mistake<S>) {
    for text in [mistake.misunderstanding, mistake.hint] {
        let (_, screen) = written(70, |screen| screen.paragraph("", text, 0));
        assert!(screen.lines().count() <= 3, "over three lines: {text}");
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), text);
    }
}

fn drawing(screen: &str) -> &str {
    let (_, below_the_headline) = screen.split_once("\n\n").expect("a headline");
    let (drawing, _) = below_the_headline.split_once("\n\n  rule").expect("a rule");
    drawing
}

fn every_case_has_a_code_of_its_own<E: Exercise>() {
    let mut codes = BTreeSet::new();
    for case in E::cases() {
        let code = E::code(&case);
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        assert!(code.chars().all(plain), "{code}");
        let parsed = E::parse(&code).expect("a case's own code is a code");
        assert_eq!(E::code(&parsed), code);
        assert!(codes.insert(code));
    }
}

fn the_cases_come_in_their_order<E: Exercise>() {
    let measures: Vec<E::Measure> = E::cases().map(|case| E::measure(&case)).collect();
    assert!(measures.is_sorted(), "{}", E::ORDER);
}

fn hints_begin_with_a_question_and_end_with_a_pass<E: Exercise>(
    stub: E::Solution,
    reference: E::Solution,
) {
    let (_, first) = written(80, |screen| hint::<E>(stub, PATIENCE, screen));
    assert!(first.contains("HINT   1 of 3"), "{first}");
    assert!(first.contains(&format!("hint {} 2", E::NAME)), "{first}");
    let (_, none) = written(80, |screen| hint::<E>(reference, PATIENCE, screen));
    assert!(none.contains("PASS"), "{none}");
}

fn there_are_six_mistakes<E: Exercise>() {
    assert!(E::mistakes().len() >= 6, "{} has at least six", E::NAME);
}

fn the_cases_left_out_have_words<E: Exercise>() {
    let all = E::cases().count();
    let first = E::cases().next().expect("there are cases");
    let are_left_out = harmless::<E>(E::part(&first)).count() < all;
    assert_eq!(E::NOT_COMPARED.is_some(), are_left_out, "{}", E::NAME);
}

/// The solution that makes the mistake of this name.
pub(crate) fn mistake<E: Exercise>(name: &str) -> E::Solution {
    let known = E::mistakes().iter().find(|mistake| mistake.name == name);
    known.expect("it is on the exercise's list").solution
}

/// What the reader sees who makes the mistake of this name.
pub(crate) fn screen_of_mistake<E: Exercise>(name: &str) -> String {
    let (verdict, screen) = screen_of::<E>(mistake::<E>(name));
    assert_eq!(verdict, Verdict::Wrong, "{name}:\n{screen}");
    screen
}

/// That a solution is wrong and like no known mistake, and that the screen says all of this within
/// its bounds.
pub(crate) fn assert_wrong<E: Exercise>(solution: E::Solution, says: &[&str]) {
    let (verdict, screen) = screen_of::<E>(solution);
    assert_eq!(verdict, Verdict::Wrong, "{screen}");
    for words in says {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
    assert!(!screen.contains("looks"), "{screen}");
    assert!(screen.lines().count() < 60, "too long:\n{screen}");
    assert_fits(&screen, 80);
}

/// What the reader sees.
pub(crate) fn screen_of<E: Exercise>(solution: E::Solution) -> (Verdict, String) {
    screen_within::<E>(PATIENCE, solution)
}

/// What the reader sees if their code may take so long.
pub(crate) fn screen_within<E: Exercise>(
    patience: Patience,
    solution: E::Solution,
) -> (Verdict, String) {
    written(80, |screen| report::<E>(solution, patience, screen))
}

fn replay_of<E: Exercise>(solution: E::Solution, case: E::Case) -> (Verdict, String) {
    written(80, |screen| replay::<E>(solution, case, PATIENCE, screen))
}

fn written<T>(columns: usize, write: impl FnOnce(&mut Screen<'_>) -> io::Result<T>) -> (T, String) {
    let mut out = Vec::new();
    let written = write(&mut Screen::utf8(&mut out, columns)).expect("a Vec takes everything");
    (written, String::from_utf8(out).expect("screens are text"))
}

/// A command stays on one line, to be pasted, even where that is wider than the terminal, and so
/// does a path.
pub(crate) fn assert_fits(screen: &str, columns: usize) {
    for line in screen.lines() {
        let columns =
            if line.contains("cargo run") || line.contains(".rs:") { 80 } else { columns };
        assert!(line.chars().count() <= columns, "too wide: {line}");
        assert!(!line.contains('\x1b'), "an escape code: {line}");
    }
}
