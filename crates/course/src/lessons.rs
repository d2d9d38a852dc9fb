//! The lessons that exist, as their pages describe them.

use std::cmp::Reverse;
use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::BadArgument;

/// One lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// Its place in the order.
    pub number: u32,
    /// Its name, and its crate's.
    pub name: String,
    /// What it answers.
    pub question: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Its folder, from the root of the course.
    pub folder: PathBuf,
    /// Whether it has an exercise.
    pub has_exercise: bool,
}

impl Lesson {
    /// The part of the course that it belongs to.
    pub fn part(&self) -> &'static str {
        match self.number {
            ..=11 => "A  One wire",
            12..=19 => "B  Many machines",
            20.. => "C  Systems that last",
        }
    }

    /// Its page, from the root of the course.
    pub fn page(&self) -> PathBuf {
        self.folder.join("README.md")
    }

    /// The file that the reader writes, if it has an exercise, from the root of the course.
    pub fn exercise(&self) -> PathBuf {
        self.folder.join("exercise.rs")
    }

    /// What the exercise's judge is made of, from the root of the course: among it the file as the
    /// reader gets it (`stub.rs`), a right one (`reference.rs`) and the `hints.txt`.
    pub fn judge(&self) -> PathBuf {
        Path::new("crates/checks/src").join(self.name.replace('-', "_"))
    }

    /// Takes a lesson from its page: the title, the question in bold, and the minutes.
    fn parse(page: &str, folder: PathBuf) -> anyhow::Result<Lesson> {
        let title = page.lines().find_map(|line| line.strip_prefix("# "));
        let title = title.and_then(|title| title.split_once(' '));
        let (number, name) = title.context("no line like `# 06 echo`")?;
        let question = page.lines().find_map(bold).context("no line like `**The question?**`")?;
        let minutes = page
            .lines()
            .find_map(minutes)
            .context("no line like `Reading and running 20 minutes, …`")?;
        Ok(Lesson {
            number: number.parse().with_context(|| format!("`{number}` is not a number"))?,
            name: name.trim().to_owned(),
            question: question.to_owned(),
            minutes,
            folder,
            has_exercise: false,
        })
    }
}

fn bold(line: &str) -> Option<&str> {
    line.strip_prefix("**")?.trim_end().strip_suffix("**")
}

/// Reading, breaking and the exercise together.
fn minutes(line: &str) -> Option<u32> {
    let (times, _) = line.strip_prefix("Reading and running ")?.split_once(". ")?;
    let numbers = times.split([' ', ',']).filter_map(|word| word.parse::<u32>().ok());
    Some(numbers.sum())
}

/// Reads the pages in `lessons/`, in the order of their numbers.
///
/// # Errors
/// If a page cannot be read, or lacks what the map shows.
pub fn read(root: &Path) -> anyhow::Result<Vec<Lesson>> {
    let folder = root.join("lessons");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut lessons = Vec::new();
    for entry in entries {
        let folder = Path::new("lessons").join(entry?.file_name());
        let path = folder.join("README.md");
        let page = match fs::read_to_string(root.join(&path)) {
            // A folder without a page is not a lesson yet, and a file is none.
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => continue,
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let lesson = Lesson::parse(&page, folder);
        let mut lesson =
            lesson.with_context(|| format!("{} is not a lesson's page", path.display()))?;
        lesson.has_exercise = root.join(lesson.judge()).is_dir();
        lessons.push(lesson);
    }
    lessons.sort_by(|one, other| (one.number, &one.name).cmp(&(other.number, &other.name)));
    Ok(lessons)
}

/// The lesson with this name or number: `echo`, `06`, `6`, `06-echo`, or by the path of its folder
/// or of a file in that.
///
/// # Errors
/// If there is none, with the nearest that there is.
pub fn find<'a>(lessons: &'a [Lesson], called: &str) -> Result<&'a Lesson, BadArgument> {
    let path = Path::new(called);
    let is_called = |lesson: &&Lesson| {
        let Lesson { number, name, folder, .. } = lesson;
        called == name
            || called.parse() == Ok(*number)
            || folder.file_name().is_some_and(|folder| folder == called)
            || path.starts_with(folder)
    };
    lessons.iter().find(is_called).ok_or_else(|| {
        let nearest = nearest(lessons, called);
        let nearest = nearest.map_or(String::new(), |name| format!("; did you mean {name}?"));
        BadArgument::new(format!("there is no lesson \"{called}\"{nearest}"), LIST)
    })
}

/// The lessons that these words mean: each a lesson, as for [`find`], or a range of numbers, as in
/// `01-05`.
///
/// # Errors
/// If a word means none.
pub fn find_all<'a>(
    lessons: &'a [Lesson],
    called: &[String],
) -> Result<Vec<&'a Lesson>, BadArgument> {
    let mut found = Vec::new();
    for called in called {
        let Some(range) = range(called) else {
            found.push(find(lessons, called)?);
            continue;
        };
        let before = found.len();
        found.extend(lessons.iter().filter(|lesson| range.contains(&lesson.number)));
        if found.len() == before {
            return Err(BadArgument::new(format!("no lesson has a number in {called}"), LIST));
        }
    }
    Ok(found)
}

fn range(called: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = called.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

const LIST: &str = "cargo run -- list shows them all";

/// The name that takes the fewest typing errors to get to `typed`, if it is not another word
/// altogether.
fn nearest<'a>(lessons: &'a [Lesson], typed: &str) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let likeness = |name: &str| (strsim::jaro_winkler(name, &typed) * 1000.0) as u32;
    let names = lessons.iter().map(|lesson| (likeness(&lesson.name), &lesson.name));
    let (likeness, name) = names.min_by_key(|(likeness, _)| Reverse(*likeness))?;
    (likeness > 600).then_some(name)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn lesson(number: u32, name: &str, question: &str, minutes: u32) -> Lesson {
        let page = format!(
            "# {number:02} {name}\n\n**{question}**\n\nReading and running {minutes} minutes. \
             Before it: nothing.\n"
        );
        let folder = PathBuf::from(format!("lessons/{number:02}-{name}"));
        let has_exercise = name != "causal-log";
        Lesson { has_exercise, ..Lesson::parse(&page, folder).unwrap() }
    }

    fn lessons() -> Vec<Lesson> {
        ["echo", "timeouts", "retry", "http-client", "mutex-deadlock"]
            .into_iter()
            .zip(6..)
            .map(|(name, number)| lesson(number, name, "Why?", 20))
            .collect()
    }

    #[test]
    fn a_page_says_what_the_map_shows() {
        let page = "# 06 echo\n\n**How do two programs talk?**\n\nReading and running 20 \
                    minutes. Before it: basic Rust.\n\n## Predict\n\n**Takes** 7 minutes\n";
        let lesson = Lesson::parse(page, "lessons/06-echo".into()).unwrap();
        assert_eq!((lesson.number, lesson.minutes), (6, 20));
        assert_eq!(lesson.name, "echo");
        assert_eq!(lesson.question, "How do two programs talk?");
        let times =
            "Reading and running 35 minutes, breaking it 20, the exercise 25. Before it: 6.";
        assert_eq!(minutes(times), Some(80));
    }

    #[test]
    fn a_part_ends_where_the_next_begins() {
        let parts = [1, 11, 12, 19, 20, 22].map(|number| lesson(number, "x", "Why?", 20).part());
        let [a, b, c] = ["A  One wire", "B  Many machines", "C  Systems that last"];
        assert_eq!(parts, [a, a, b, b, c, c]);
    }

    #[test]
    fn a_page_that_lacks_a_line_is_named_with_that_line() {
        let lacks = |page| Lesson::parse(page, PathBuf::new()).unwrap_err().to_string();
        assert_eq!(lacks(""), "no line like `# 06 echo`");
        assert_eq!(lacks("# 06 echo\n"), "no line like `**The question?**`");
        assert_eq!(
            lacks("# 06 echo\n**Why?**\nTakes 20 minutes\n"),
            "no line like `Reading and running 20 minutes, …`"
        );
        assert_eq!(
            lacks("# six echo\n**Why?**\nReading and running 20 minutes. \n"),
            "`six` is not a number"
        );
    }

    #[test]
    fn a_lesson_is_found_by_name_number_and_folder() {
        let lessons = lessons();
        for called in
            ["retry", "8", "08", "08-retry", "lessons/08-retry/", "lessons/08-retry/exercise.rs"]
        {
            assert_eq!(find(&lessons, called).unwrap().name, "retry");
        }
    }

    #[test]
    fn a_mistyped_name_is_answered_with_the_nearest() {
        let lessons = lessons();
        let error = |called| find(&lessons, called).unwrap_err().to_string();
        for (typed, meant) in [
            ("ehco", "echo"),
            ("Echo", "echo"),
            ("timeout", "timeouts"),
            ("http", "http-client"),
            ("mutex", "mutex-deadlock"),
            ("rety", "retry"),
        ] {
            let expected = format!("there is no lesson \"{typed}\"; did you mean {meant}?");
            assert_eq!(error(typed), expected);
        }
        assert_eq!(error("99"), "there is no lesson \"99\"");
        assert_eq!(error("qqq"), "there is no lesson \"qqq\"");
    }

    #[test]
    fn a_range_of_numbers_is_every_lesson_in_it() {
        let lessons = lessons();
        let names = |called: &[&str]| {
            let called: Vec<String> = called.iter().map(|&called| called.to_owned()).collect();
            let found = find_all(&lessons, &called);
            found.map(|found| found.into_iter().map(|lesson| &lesson.name[..]).collect::<Vec<_>>())
        };
        assert_eq!(names(&["01-07"]), Ok(vec!["echo", "timeouts"]));
        assert_eq!(names(&["9-9", "06-echo", "8"]), Ok(vec!["http-client", "echo", "retry"]));
        for none in ["01-05", "8-7", "11-99"] {
            let error = names(&[none]).unwrap_err();
            assert_eq!(error.what, format!("no lesson has a number in {none}"));
        }
        assert_eq!(names(&["6-", "07"]).unwrap_err().what, "there is no lesson \"6-\"");
    }
}
