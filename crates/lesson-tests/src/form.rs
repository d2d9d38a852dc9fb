//! The form of a lesson's page: its parts in their order, what is open and what is folded, and how
//! long it says that it takes.
//!
//! The reader meets the page first, then the terminal. So the page does not print the terminal
//! again: one step at most stands open on it, and what answers a question is folded away
//! (`<details>`) until the reader has tried.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use regex::Regex;

use crate::markdown::{fences, headings};
use crate::shell;

/// The parts of a page in their order, and whether only a lesson with an exercise has it.
const PARTS: [(&str, bool); 9] = [
    ("Predict", false),
    ("Run", false),
    ("What you saw", false),
    ("Why", false),
    ("Break it", false),
    ("Exercise", true),
    ("In production", false),
    ("In one glance", false),
    ("Sources", false),
];

/// Words that a reader takes in per minute, of this kind of text.
const WORDS_A_MINUTE: usize = 180;

/// Times are stated in steps of so many minutes.
const STEP: usize = 5;

/// Steps of the transcript that may stand open on a page.
const OPEN_STEPS: usize = 1;

/// Questions to recall what a page said.
const RECALL: usize = 3;

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"(?m)^Reading and running (\d+) minutes, breaking it (\d+)(, the exercise \d+)?\. ";
    pattern(&format!("{time}Before it: \\S"))
});
static ITEM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\d+\. "));
static NUMBER_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^ *(\d+\.|[-*]) \d+[.)] .*$"));
static TASK_MINUTES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\d+\. \((\d+) minutes?\b"));

/// What a page has to agree with.
pub(crate) struct Around<'a> {
    pub(crate) root: &'a Path,
    /// The folder of the page, from the root.
    pub(crate) folder: &'a Path,
    pub(crate) has_exercise: bool,
    /// The script that pairs the lesson's sides.
    pub(crate) script: Option<&'a Path>,
    pub(crate) transcript: &'a str,
}

/// The page with its minutes for reading raised to what its words take, and those of the run.
pub(crate) fn with_minutes(page: &str, transcript: &str) -> String {
    let needed = reading_minutes(page, transcript);
    let raise = |captures: &regex::Captures<'_>| {
        let stated: usize = captures[1].parse().unwrap_or(0);
        captures[0].replacen(&captures[1], &stated.max(needed).to_string(), 1)
    };
    TIME.replace(page, raise).into_owned()
}

/// How the page differs from the form, a sentence each.
pub(crate) fn complaints(page: &str, around: &Around<'_>) -> Result<Vec<String>> {
    let mut complaints = parts(page, around.has_exercise);
    let Folds { open, folded, mut wrong } = folds(page);
    complaints.append(&mut wrong);
    complaints.extend(times(page, &open, around));
    complaints.extend(open_fences(&open, around.script));
    complaints.extend(answers(&open, &folded));
    complaints.extend(NUMBER_FIRST.find_iter(page).map(|item| {
        format!("`{}` is shown as a list in a list: write a colon after the number", item.as_str())
    }));
    complaints.extend(next(page, around)?);
    Ok(complaints)
}

fn parts(page: &str, has_exercise: bool) -> Vec<String> {
    let wanted = PARTS.iter().filter(|(_, exercise)| has_exercise || !exercise);
    let wanted: Vec<&str> = wanted.map(|(part, _)| *part).collect();
    let found = headings(page).into_iter().filter(|heading| heading.level == 2);
    let found: Vec<&str> = found.map(|heading| heading.text).collect();
    match found == wanted {
        true => Vec::new(),
        false => vec![format!("its parts (`##`) are {wanted:?}, in this order; it has {found:?}")],
    }
}

/// A page in two: what is seen at once, and what has to be unfolded.
struct Folds {
    open: String,
    folded: String,
    wrong: Vec<String>,
}

fn folds(page: &str) -> Folds {
    let mut folds = Folds { open: String::new(), folded: String::new(), wrong: Vec::new() };
    let mut is_folded = false;
    let lines: Vec<&str> = page.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let follows = |text: &str| lines.get(at + 1).is_some_and(|next| next.starts_with(text));
        let is_alone = lines.get(at + 1).is_some_and(|next| next.is_empty());
        let is_right = match *line {
            "<details>" => !is_folded && follows("<summary>"),
            "</details>" => is_folded && lines[at - 1].is_empty(),
            // Markdown after a summary is only read as such after an empty line.
            line if line.starts_with("<summary>") => {
                is_folded && line.ends_with("</summary>") && is_alone
            }
            _ => true,
        };
        if !is_right {
            folds.wrong.push(format!(
                "line {}: a fold is `<details>`, below it `<summary>…</summary>`, an empty line, \
                 the text, an empty line, `</details>`; folds do not nest",
                at + 1
            ));
        }
        is_folded |= *line == "<details>";
        let text = if is_folded { &mut folds.folded } else { &mut folds.open };
        text.push_str(line);
        text.push('\n');
        is_folded &= *line != "</details>";
    }
    if is_folded {
        folds.wrong.push("its last `<details>` has no `</details>`".to_owned());
    }
    folds
}

fn times(page: &str, open: &str, around: &Around<'_>) -> Vec<String> {
    let Some(stated) = TIME.captures(page) else {
        return vec![
            "a line says `Reading and running 35 minutes, breaking it 20, the exercise 25. Before \
             it: …`"
                .to_owned(),
        ];
    };
    let minutes = |group: usize| stated[group].parse().unwrap_or(0);
    let mut complaints = Vec::new();
    if stated.get(3).is_some() != around.has_exercise {
        complaints.push("it says how long the exercise takes, where it has one".to_owned());
    }
    let reading = reading_minutes(page, around.transcript);
    if minutes(1) < reading {
        complaints.push(format!(
            "its open words and those of the run, at {WORDS_A_MINUTE} a minute, and a minute for \
             each question and command take {reading} minutes; it says {}",
            minutes(1)
        ));
    }
    let tasks = part(open, "Break it");
    let each: Vec<usize> =
        TASK_MINUTES.captures_iter(tasks).filter_map(|task| task[1].parse().ok()).collect();
    if each.len() != ITEM.find_iter(tasks).count() || each.is_empty() {
        complaints.push(
            "each task of \"Break it\" says how long it takes: `1. (5 minutes) …`".to_owned(),
        );
    }
    let breaking = each.iter().sum::<usize>();
    if minutes(2) < breaking {
        complaints.push(format!(
            "the tasks of \"Break it\" take {breaking} minutes together; it says {}",
            minutes(2)
        ));
    }
    complaints
}

/// The open words of the page and the words of the run, which the page need not show again; and a
/// minute for each question that the run asks, and for each command to type.
fn reading_minutes(page: &str, transcript: &str) -> usize {
    let (mut shown, mut commands) = (0, 0);
    let open = folds(page).open;
    let before_tasks = open.split("\n## Break it\n").next().unwrap_or_default();
    for fence in fences(before_tasks) {
        if fence.directive.is_some_and(|(name, _)| name == "transcript") {
            shown += words(&fence.body);
        }
        if fence.language == "sh" {
            commands += shell::block(&fence.body).len();
        }
    }
    let words = words(&open).saturating_sub(shown) + words(transcript);
    let questions = transcript.lines().filter(|line| line.starts_with("    ? ")).count();
    (words.div_ceil(WORDS_A_MINUTE) + questions + commands).next_multiple_of(STEP)
}

/// What has a letter or a digit in it.
fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// Open output, and whether the script is named where a rendered page shows it.
fn open_fences(open: &str, script: Option<&Path>) -> Vec<String> {
    let mut complaints = Vec::new();
    let (mut steps, mut is_named) = (0, script.is_none());
    for fence in fences(open) {
        match fence.directive {
            Some(("transcript", _)) => steps += 1,
            Some(("script", name)) => complaints.push(format!(
                "what {name} prints is folded: it stands between `<details>` and `</details>`"
            )),
            _ => {}
        }
        if fence.language == "sh" {
            let commands = shell::block(&fence.body);
            let mut programs = commands.iter().filter_map(|words| words.first());
            is_named |= programs.any(|program| script.is_some_and(|it| it == Path::new(program)));
        }
    }
    if steps > OPEN_STEPS {
        complaints.push(format!(
            "{steps} steps of the run stand open; {OPEN_STEPS} at most, the one to remember"
        ));
    }
    if let Some(script) = script.filter(|_| !is_named) {
        complaints.push(format!("no `sh` fence has the command `{}`", script.display()));
    }
    complaints
}

/// Each question has its answer, and each answer is folded.
fn answers(open: &str, folded: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let recall = ITEM.find_iter(part(open, "In one glance")).count();
    if recall < RECALL {
        complaints.push(format!("\"In one glance\" ends with {RECALL} questions to recall"));
    }
    let asked = ITEM.find_iter(part(open, "Predict")).count();
    for (summary, questions) in [
        ("The answers to Predict", asked),
        ("What you should have seen", ITEM.find_iter(part(open, "Break it")).count()),
        ("Answers", recall),
    ] {
        let fold = folded.split("<summary>").find(|fold| fold.starts_with(summary));
        let answered = fold.map_or(0, |fold| ITEM.find_iter(fold).count());
        if answered < questions {
            complaints.push(format!(
                "the fold \"{summary}\" has {answered} answers to {questions} questions"
            ));
        }
    }
    complaints
}

/// The last line leads to the next lesson that exists.
fn next(page: &str, around: &Around<'_>) -> Result<Vec<String>> {
    let last = page.lines().last().unwrap_or_default();
    let own = around.folder.file_name().unwrap_or_default();
    let mut next = None;
    for entry in fs::read_dir(around.root.join("lessons"))? {
        let name = entry?.file_name();
        let is_lesson = around.root.join("lessons").join(&name).join("README.md").exists();
        if is_lesson && *name > *own && next.as_ref().is_none_or(|next| name < *next) {
            next = Some(name);
        }
    }
    let Some(next) = next.map(|name| name.to_string_lossy().into_owned()) else {
        let is_there = last.starts_with("Next: ");
        let complaint = "no lesson follows, but the last line names one";
        return Ok(if is_there { vec![complaint.to_owned()] } else { Vec::new() });
    };
    let path = around.root.join("lessons").join(&next).join("README.md");
    let following = fs::read_to_string(&path)?;
    let question = following.lines().find_map(|line| line.strip_prefix("**")?.strip_suffix("**"));
    let question = question.with_context(|| format!("{} asks nothing", path.display()))?;
    let name = next.replacen('-', " ", 1);
    let line = format!("Next: [{name}](../{next}/README.md). {question}");
    let mut complaints = Vec::new();
    if last != line {
        complaints.push(format!("its last line is `{line}`"));
    }
    let screen = around.transcript.split_whitespace().collect::<Vec<_>>().join(" ");
    if !screen.ends_with(&format!(" Next: {question}")) {
        complaints.push(format!("the run ends with `Next: {question}`"));
    }
    Ok(complaints)
}

/// The text of a part, up to the next one.
fn part<'a>(page: &'a str, name: &str) -> &'a str {
    let heading = format!("\n## {name}\n");
    let after = page.split_once(&heading).map_or("", |(_, after)| after);
    after.split("\n## ").next().unwrap_or_default()
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, which the tests below compile")
}
