//! The map of the course, as text.

use crate::lessons::Lesson;
use crate::progress::{Status, next};

/// A question needs at least this many columns beside the lesson's name, or else it goes below.
const MIN_QUESTION: usize = 24;

/// Before a lesson's number, and before a question that is below it.
const INDENT: usize = 2;
const BELOW: usize = INDENT + 4;

/// The end of a lesson's line, `   20  ✓` or ` skipped`, and the part of it behind the minutes.
const END: usize = 8;
const MARK: usize = 3;

/// The columns of a part's name.
const PART: usize = 21;

/// Where a command stands beside a file, and its columns.
const COMMAND: usize = 49;
const COMMANDS: usize = 28;

/// Rows that a prompt takes below the map.
const PROMPT: usize = 2;

/// A lesson, and how far the reader is with it.
pub type Entry<'a> = (&'a Lesson, Status);

/// Draws the map for [`Narrator::picture`](narration::Narrator::picture): title, lessons by part
/// with their marks, and what comes next. Where that and a prompt take more than `height` rows, a
/// part without the next lesson is one line.
pub fn draw(lessons: &[Entry<'_>], width: usize, height: Option<usize>) -> String {
    let mut rows = rows(lessons, width, |_| true);
    if height.is_some_and(|height| rows.len() + PROMPT > height) {
        let open = next(lessons).map(Lesson::part);
        rows = self::rows(lessons, width, |part| Some(part) == open);
    }
    rows.iter().flat_map(|row| [row.trim_end(), "\n"]).collect()
}

fn rows(lessons: &[Entry<'_>], width: usize, is_open: impl Fn(&str) -> bool) -> Vec<String> {
    let next = next(lessons);
    let mut rows = title(lessons, width);
    let shown = lessons.iter().filter(|(lesson, _)| is_open(lesson.part()));
    // Columns of the longest name.
    let name = shown.map(|(lesson, _)| lesson.name.len()).max().unwrap_or(0);
    let mut heading = "minutes";
    for part in lessons.chunk_by(|(one, _), (other, _)| one.part() == other.part()) {
        let (first, last) = (part[0].0, part[part.len() - 1].0);
        let range = match part {
            [_] => format!("{:02}", first.number),
            _ => format!("{:02} to {:02}", first.number, last.number),
        };
        let label = format!("{:PART$}{range}", first.part());
        let is_open = is_open(first.part());
        let row = match is_open {
            true => right(&label, heading, width),
            false => format!("{label}   {}", count(part)),
        };
        rows.push(row.replacen(first.part(), &bold(first.part()), 1));
        if is_open {
            heading = "";
            let lines = |(lesson, status): &Entry<'_>| {
                let is_next = next == Some(lesson);
                lesson_rows(lesson, &end(lesson, *status, is_next), name, width)
            };
            rows.extend(part.iter().flat_map(lines));
        }
    }
    rows.extend([String::new(), legend(lessons)]);
    rows.extend(what_next(next, width));
    rows
}

fn title(lessons: &[Entry<'_>], width: usize) -> Vec<String> {
    let count = count(lessons);
    let room = width.saturating_sub(count.len() + MARK + 2);
    let title = textwrap::wrap("Foundations of distributed systems, by running them", room.max(1));
    let mut rows: Vec<_> = title.iter().map(|line| bold(line)).collect();
    // The marks of bold are no columns.
    rows[0] = right(&rows[0], &count, width + bold("").len());
    let motto = "Every claim is a program. Guess, run it, break it, fix it.";
    rows.extend(textwrap::wrap(motto, width).into_iter().map(String::from));
    rows.push(String::new());
    rows
}

/// How many lessons are done or skipped.
fn count(lessons: &[Entry<'_>]) -> String {
    let open = lessons.iter().filter(|(_, status)| *status == Status::Open).count();
    format!("{} of {}", lessons.len() - open, lessons.len())
}

/// A row whose end stands above the minutes.
fn right(start: &str, end: &str, width: usize) -> String {
    let room = width.saturating_sub(start.len() + MARK);
    format!("{start}{end:>room$}")
}

fn end(lesson: &Lesson, status: Status, is_next: bool) -> String {
    let mark = match status {
        Status::Skipped => return format!("{:>END$}", "skipped"),
        Status::Done => "✓",
        Status::Changed => "~",
        Status::Open if is_next => "●",
        Status::Open => "",
    };
    format!("{:>5}  {mark}", lesson.minutes)
}

fn lesson_rows(lesson: &Lesson, end: &str, name: usize, width: usize) -> Vec<String> {
    let head = format!("{:INDENT$}{:02}  {:name$}  ", "", lesson.number, lesson.name);
    let beside = width.saturating_sub(head.len() + END);
    let (indent, room) = match beside {
        MIN_QUESTION.. => (head.len(), beside),
        _ => (BELOW, width.saturating_sub(BELOW)),
    };
    let mut question = textwrap::wrap(&lesson.question, room.max(1)).into_iter();
    let first = if indent == BELOW { None } else { question.next() };
    let head = head + &first.unwrap_or_default();
    let column = width.saturating_sub(END);
    let mut rows = vec![format!("{head:column$}{end}")];
    rows.extend(question.map(|more| format!("{:indent$}{more}", "")));
    rows
}

fn legend(lessons: &[Entry<'_>]) -> String {
    let changed = lessons.iter().any(|(_, status)| *status == Status::Changed);
    let changed = if changed { "   ~ edited since it passed" } else { "" };
    format!("  ✓ done   ● next{changed}")
}

/// What to run, read, write and check next; the commands beside the files where both fit.
fn what_next(next: Option<&Lesson>, width: usize) -> Vec<String> {
    let Some(lesson) = next else {
        return vec!["  All are done. Any of them again: cargo run -- run NAME".to_owned()];
    };
    // The page comes first: it asks for guesses before the lesson answers them.
    let mut files = vec![format!("  read    {}", lesson.page().display())];
    let mut commands = vec!["  next    cargo run -- next"];
    if lesson.has_exercise {
        files.push(format!("  write   {}", lesson.exercise().display()));
        commands.push("  check   cargo run -- check");
    }
    let rows = files.iter().zip(commands);
    if files.iter().all(|file| file.len() + 2 <= COMMAND) && COMMAND + COMMANDS <= width {
        return rows.map(|(file, command)| format!("{file:COMMAND$}{command}")).collect();
    }
    rows.flat_map(|(file, command)| [file.clone(), command.to_owned()]).collect()
}

/// As the narrator marks it.
fn bold(text: &str) -> String {
    format!("**{text}**")
}

#[cfg(test)]
mod tests {
    use textwrap::core::display_width;

    use super::*;
    use crate::lessons::tests::lesson;

    fn lessons() -> Vec<Lesson> {
        vec![
            lesson(6, "echo", "How do two programs talk, and what is one message?", 20),
            lesson(7, "timeouts", "No answer came. What happened?", 125),
            lesson(9, "http-client", "What does a web API exchange really look like?", 30),
            lesson(15, "lamport", "Which came first, without clocks?", 30),
        ]
    }

    /// The course as it is to become.
    fn course() -> Vec<Lesson> {
        [
            ("signals", "How do you say \"Hello\" with a flickering lamp?"),
            ("packets", "What does the network promise? (Nothing.)"),
            ("tcp", "How is a reliable stream made from that?"),
            ("udp", "When would you rather not have it?"),
            ("dns", "How does a name become an address?"),
            ("echo", "How do two programs talk, and what is one message?"),
            ("timeouts", "No answer came. What happened?"),
            ("retry", "Should you try again? When, and how often?"),
            ("http-client", "What does a web API exchange really look like?"),
            ("mutex-deadlock", "What goes wrong with two threads and one variable?"),
            ("serialization", "What are the bytes, and who can still read them next year?"),
            ("fallacies", "Which eight beliefs break distributed programs?"),
            ("latency", "How fast is it, and for whom?"),
            ("wall-clocks", "Whose clock do you trust?"),
            ("lamport", "Which came first, without clocks?"),
            ("vector-clocks", "Did one cause the other, or neither?"),
            ("conflicts", "Two replicas took a write. Which one stands?"),
            ("causal-log", "How do you read the logs of five services?"),
            ("g-counter", "How can replicas count together with no one in charge?"),
            ("lock", "How do nodes share a lock with no one in charge?"),
            ("durable-counter", "It said \"counted\". Is that still true after kill -9?"),
            ("engines", "What does a real engine add, and what does it cost?"),
        ]
        .into_iter()
        .zip(1..)
        .map(|((name, question), number)| lesson(number, name, question, 90))
        .collect()
    }

    /// The map as a screen without colour shows it.
    fn drawn(lessons: &[Lesson], status: &[Status], width: usize, height: Option<usize>) -> String {
        let lessons: Vec<_> = lessons.iter().zip(status.iter().copied()).collect();
        draw(&lessons, width, height).replace("**", "")
    }

    use Status::{Changed, Done, Open, Skipped};

    #[test]
    fn it_shows_what_is_done_and_what_comes_next() {
        let expected = "\
Foundations of distributed systems, by running them                    2 of 4
Every claim is a program. Guess, run it, break it, fix it.

A  One wire          06 to 09                                         minutes
  06  echo         How do two programs talk, and what is one message?      20  ✓
  07  timeouts     No answer came. What happened?                         125  ●
  09  http-client  What does a web API exchange really look like?        skipped
B  Many machines     15
  15  lamport      Which came first, without clocks?                       30

  ✓ done   ● next
  read    lessons/07-timeouts/README.md            next    cargo run -- next
  write   lessons/07-timeouts/exercise.rs          check   cargo run -- check
";
        assert_eq!(drawn(&lessons(), &[Done, Open, Skipped, Open], 80, None), expected);
    }

    #[test]
    fn a_part_is_bold_and_so_is_the_title() {
        let lessons = lessons();
        let lessons: Vec<_> = lessons.iter().map(|lesson| (lesson, Open)).collect();
        let map = draw(&lessons, 80, None);
        assert!(map.starts_with("**Foundations of distributed systems, by running them**  "));
        assert!(map.contains("\n**A  One wire**  "), "{map}");
    }

    #[test]
    fn a_file_that_was_edited_since_shows_and_counts_as_done() {
        let map = drawn(&lessons(), &[Changed, Done, Done, Open], 80, None);
        assert!(map.contains(" 20  ~\n"), "{map}");
        assert!(map.contains("~ edited since it passed"), "{map}");
        assert!(map.contains("lessons/15-lamport/README.md"), "{map}");
        assert!(map.contains(" 3 of 4\n"), "{map}");
    }

    #[test]
    fn when_all_is_done_it_says_so() {
        let map = drawn(&lessons(), &[Done, Changed, Skipped, Done], 80, None);
        assert!(map.ends_with("All are done. Any of them again: cargo run -- run NAME\n"), "{map}");
    }

    /// With a prompt below, the first line is still there.
    #[test]
    fn twenty_two_lessons_fit_80_columns_and_24_rows() {
        let course = course();
        for next in 0..=course.len() {
            for before in [Done, Skipped] {
                let mut status = vec![before; next];
                status.resize(course.len(), Open);
                let map = drawn(&course, &status, 80, Some(24));
                let rows = map.lines().count() + PROMPT;
                assert!(rows <= 24, "{rows} rows:\n{map}");
                assert!(map.lines().all(|line| display_width(line) <= 80), "{map}");
            }
        }
        let map = drawn(&course, &[Open; 22], 80, Some(24));
        assert!(map.contains("\nB  Many machines     12 to 19   0 of 8\n"), "{map}");
        assert!(map.contains("\nC  Systems that last 20 to 22   0 of 3\n"), "{map}");
        assert!(map.contains("\n  11  serialization "), "{map}");
        let all = drawn(&course, &[Open; 22], 80, Some(60));
        assert_eq!(all, drawn(&course, &[Open; 22], 80, None));
        assert!(all.contains("\n  22  engines "), "{all}");
    }

    #[test]
    fn it_fits_into_narrow_screens() {
        for width in 40..=80 {
            let map = drawn(&lessons(), &[Done, Changed, Open, Skipped], width, None);
            for line in map.lines() {
                assert!(display_width(line) <= width.max(60), "{width}: {line}");
            }
        }
        let expected = "\
Foundations of distributed     1 of 4
systems, by running them
Every claim is a program. Guess, run it,
break it, fix it.

A  One wire          06 to 09 minutes
  06  echo                         20  ✓
      How do two programs talk, and what
      is one message?
";
        let map = drawn(&lessons(), &[Done, Open, Open, Open], 40, None);
        assert!(map.starts_with(expected), "{map}");
        let expected = "
  read    lessons/07-timeouts/README.md
  next    cargo run -- next
  write   lessons/07-timeouts/exercise.rs
  check   cargo run -- check
";
        assert!(map.ends_with(expected), "{map}");
    }
}
