//! The map of the course, as text.

use crate::lessons::Lesson;
use crate::progress::Status;

/// A question needs at least this many columns beside the lesson's name, or else it goes below.
const MIN_QUESTION: usize = 24;

/// Before a lesson's number, and before a question that is below it.
const INDENT: usize = 5;
const BELOW: usize = INDENT + 4;

/// The minutes and the mark at the end of a lesson's line: `  20  ✓`.
const END: usize = 7;

/// Draws the map for [`Narrator::picture`](narration::Narrator::picture): title, lessons by part
/// with their marks, and what comes next.
pub fn draw(lessons: &[(&Lesson, Status)], width: usize) -> String {
    let next = next(lessons);
    let title = textwrap::wrap("Foundations of distributed systems, by running them", width);
    let mut lines: Vec<_> = title.iter().map(|line| bold(line).into()).collect();
    lines.extend(textwrap::wrap(
        "Every claim is a program. Guess, run it, break it, fix it.",
        width,
    ));
    lines.push("".into());
    let layout = Layout::of(lessons, width);
    let mut part = "";
    for (lesson, status) in lessons {
        if lesson.part() != part {
            let heading = if part.is_empty() { "minutes" } else { "" };
            part = lesson.part();
            lines.push(layout.part(part, heading).into());
        }
        let is_next = next == Some(lesson);
        lines.extend(layout.lesson(lesson, mark(*status, is_next)).into_iter().map(Into::into));
    }
    lines.push("".into());
    lines.push(legend(lessons).into());
    lines.push("".into());
    lines.extend(what_next(next).into_iter().map(Into::into));
    lines.iter().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// The first lesson that is not done.
pub fn next<'a>(lessons: &[(&'a Lesson, Status)]) -> Option<&'a Lesson> {
    let mut open = lessons.iter().filter(|(_, status)| *status == Status::Open);
    open.next().map(|(lesson, _)| *lesson)
}

fn mark(status: Status, is_next: bool) -> &'static str {
    match status {
        Status::Done => "✓",
        Status::Changed => "~",
        Status::Open if is_next => "●",
        Status::Open => "",
    }
}

fn legend(lessons: &[(&Lesson, Status)]) -> String {
    let changed = lessons.iter().any(|(_, status)| *status == Status::Changed);
    let changed = if changed { "   ~ edited since it passed" } else { "" };
    format!("  ✓ done   ● next{changed}")
}

fn what_next(next: Option<&Lesson>) -> Vec<String> {
    let Some(lesson) = next else {
        return vec!["  All are done. Any of them again: cargo run -- run NAME".to_owned()];
    };
    let read = format!("  read    {}", lesson.page().display());
    let mut lines = vec!["  next    cargo run -- next".to_owned(), read];
    if lesson.has_exercise {
        lines.push(format!("  write   {}", lesson.exercise().display()));
        lines.push(format!("  check   cargo run -- check {}", lesson.name));
    }
    lines
}

/// As the narrator marks it.
fn bold(text: &str) -> String {
    format!("**{text}**")
}

/// Where the columns are.
struct Layout {
    width: usize,
    /// Columns of the longest name.
    name: usize,
}

impl Layout {
    fn of(lessons: &[(&Lesson, Status)], width: usize) -> Layout {
        let names = lessons.iter().map(|(lesson, _)| lesson.name.len());
        let name = names.max().unwrap_or(0);
        Layout { width, name }
    }

    /// A part's name, and what its column of minutes is called.
    fn part(&self, part: &str, heading: &str) -> String {
        let room = " ".repeat(self.width.saturating_sub(12 + part.len()));
        format!("  {}{room}{heading:>7}   ", bold(part))
    }

    fn lesson(&self, lesson: &Lesson, mark: &str) -> Vec<String> {
        let head = format!("{:INDENT$}{:02}  {:3$}  ", "", lesson.number, lesson.name, self.name);
        let beside = self.width.saturating_sub(head.len() + END);
        let (indent, room) = match beside {
            MIN_QUESTION.. => (head.len(), beside),
            _ => (BELOW, self.width.saturating_sub(BELOW)),
        };
        let mut question = textwrap::wrap(&lesson.question, room.max(1)).into_iter();
        let first = if indent == BELOW { None } else { question.next() };
        let head = head + &first.unwrap_or_default();
        let end = self.width.saturating_sub(END);
        let mut lines = vec![format!("{head:end$}  {:2}  {mark}", lesson.minutes)];
        lines.extend(question.map(|more| format!("{:indent$}{more}", "")));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::tests::lesson;

    fn lessons() -> [Lesson; 4] {
        [
            lesson(6, "echo", "How do two programs talk, and what is one message?", 20),
            lesson(7, "timeouts", "No answer came. What happened?", 25),
            lesson(9, "http-client", "What does a web API exchange really look like?", 30),
            lesson(15, "lamport", "Which came first, without clocks?", 30),
        ]
    }

    /// The map as a screen without colour shows it.
    fn drawn(status: [Status; 4], width: usize) -> String {
        let lessons = lessons();
        let lessons: Vec<_> = lessons.iter().zip(status).collect();
        let map = draw(&lessons, width);
        assert!(map.contains("  **A  One wire**  "), "{map}");
        map.replace("**", "")
    }

    use Status::{Changed, Done, Open};

    #[test]
    fn it_shows_what_is_done_and_what_comes_next() {
        let expected = "\
Foundations of distributed systems, by running them
Every claim is a program. Guess, run it, break it, fix it.

  A  One wire                                                         minutes
     06  echo         How do two programs talk, and what is one message?   20  ✓
     07  timeouts     No answer came. What happened?                       25  ●
     09  http-client  What does a web API exchange really look like?       30
  B  Many machines
     15  lamport      Which came first, without clocks?                    30

  ✓ done   ● next

  next    cargo run -- next
  read    lessons/07-timeouts/README.md
  write   lessons/07-timeouts/exercise.rs
  check   cargo run -- check timeouts
";
        assert_eq!(drawn([Done, Open, Open, Open], 80), expected);
    }

    #[test]
    fn a_file_that_was_edited_since_shows_and_counts_as_done() {
        let map = drawn([Changed, Done, Done, Open], 80);
        assert!(map.contains(" 20  ~\n"), "{map}");
        assert!(map.contains("~ edited since it passed"), "{map}");
        assert!(map.contains("lessons/15-lamport/README.md"), "{map}");
    }

    #[test]
    fn an_exercise_is_named_with_how_to_check_it() {
        let map = drawn([Open; 4], 80);
        assert!(map.contains("  check   cargo run -- check echo\n"), "{map}");
    }

    #[test]
    fn when_all_is_done_it_says_so() {
        let map = drawn([Done; 4], 80);
        assert!(map.ends_with("All are done. Any of them again: cargo run -- run NAME\n"), "{map}");
    }

    #[test]
    fn it_fits_into_narrow_screens() {
        for width in 40..=80 {
            let map = drawn([Done, Changed, Open, Open], width);
            for line in map.lines() {
                assert!(line.chars().count() <= width.max(60), "{width}: {line}");
            }
        }
        let map = drawn([Done, Open, Open, Open], 40);
        assert!(
            map.contains(
                "     06  echo                      20  ✓\n         How do two programs talk, and\n"
            ),
            "{map}"
        );
    }
}
