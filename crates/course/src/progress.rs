//! What the reader has done, in the file `.progress`.
//!
//! A line a lesson: its name and `done` or `skipped`, or its name, `passed` and a hash of the file
//! that passed. All other lines are kept as they are, whatever they hold: a later version of the
//! course may have written them.
//!
//! The file is [replaced](mod@crate::replace) whole, and read anew before: another terminal may
//! have noted something meanwhile.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::lessons::Lesson;
use crate::replace;

/// How far the reader is with one lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not done, or the exercise passed once and its file is again what a reader gets.
    Open,
    /// The reader says so, or the exercise passed and is unchanged.
    Done,
    /// The exercise passed, and was edited since. It counts as done.
    Changed,
    /// The reader knows it already.
    Skipped,
}

/// The next lesson: the first in their order that is neither done nor skipped. Among lessons that
/// have an exercise it is the one that `check` and the like take.
pub fn next<'a>(lessons: &[(&'a Lesson, Status)]) -> Option<&'a Lesson> {
    lessons.iter().find(|(_, status)| *status == Status::Open).map(|(lesson, _)| *lesson)
}

/// The file's contents.
#[derive(Clone, Debug)]
pub struct Progress {
    path: PathBuf,
    /// As they stand in the file, without their newlines. They need not be text.
    lines: Vec<Vec<u8>>,
}

/// What a line says, if it is one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Done,
    Skipped,
    Passed { hash: u64 },
}

impl Progress {
    /// Reads the file of the course at `root`. Where there is none, nothing is done yet.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn read(root: &Path) -> anyhow::Result<Progress> {
        let mut progress = Progress { path: root.join(".progress"), lines: Vec::new() };
        progress.refresh()?;
        Ok(progress)
    }

    /// Reads the file again.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn refresh(&mut self) -> anyhow::Result<()> {
        let bytes = match replace::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            read => read.with_context(|| format!("cannot read {}", self.path.display()))?,
        };
        let lines = bytes.split_inclusive(|&byte| byte == b'\n');
        self.lines = lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line).to_vec()).collect();
        Ok(())
    }

    /// How far the reader is with `lesson`.
    pub fn status(&self, root: &Path, lesson: &Lesson) -> Status {
        match self.entry(&lesson.name) {
            None => Status::Open,
            Some(Entry::Done) => Status::Done,
            Some(Entry::Skipped) => Status::Skipped,
            Some(Entry::Passed { hash }) => match replace::read(&root.join(lesson.exercise())) {
                Ok(file) if fnv1a(&file) == hash => Status::Done,
                Ok(file) if is_stub(&file, root, lesson) => Status::Open,
                _ => Status::Changed,
            },
        }
    }

    /// Notes that the reader calls a lesson done.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn done(&mut self, lesson: &str) -> anyhow::Result<()> {
        self.set(lesson, Some("done"))
    }

    /// Notes that the reader knows a lesson already.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn skip(&mut self, lesson: &str) -> anyhow::Result<()> {
        self.set(lesson, Some("skipped"))
    }

    /// Forgets what was noted of a lesson.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn reopen(&mut self, lesson: &str) -> anyhow::Result<()> {
        self.set(lesson, None)
    }

    /// Notes that `file` passed a lesson's exercise.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn passed(&mut self, lesson: &str, file: &[u8]) -> anyhow::Result<()> {
        self.set(lesson, Some(&format!("passed {:016x}", fnv1a(file))))
    }

    /// What the last line about a lesson says.
    fn entry(&self, lesson: &str) -> Option<Entry> {
        let about = |line: &Vec<u8>| {
            parse(line).filter(|(name, _)| *name == lesson).map(|(_, entry)| entry)
        };
        self.lines.iter().rev().find_map(about)
    }

    fn set(&mut self, lesson: &str, entry: Option<&str>) -> anyhow::Result<()> {
        self.refresh()?;
        let is_about = |line: &Vec<u8>| parse(line).is_some_and(|(name, _)| name == lesson);
        if entry.is_none() && !self.lines.iter().any(is_about) {
            return Ok(());
        }
        self.lines.retain(|line| !is_about(line));
        self.lines.extend(entry.map(|entry| format!("{lesson} {entry}").into_bytes()));
        let bytes: Vec<u8> =
            self.lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        replace::replace(&self.path, &bytes)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn is_stub(file: &[u8], root: &Path, lesson: &Lesson) -> bool {
    fs::read(root.join(lesson.judge()).join("stub.rs")).is_ok_and(|stub| stub == file)
}

fn parse(line: &[u8]) -> Option<(&str, Entry)> {
    let line = str::from_utf8(line).ok()?;
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words[..] {
        [lesson, "done"] => Some((lesson, Entry::Done)),
        [lesson, "skipped"] => Some((lesson, Entry::Skipped)),
        [lesson, "passed", hash] => {
            let hash = u64::from_str_radix(hash, 16).ok()?;
            Some((lesson, Entry::Passed { hash }))
        }
        _ => None,
    }
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>. It notices an edit, not an
/// attack, and unlike the standard library's hashes it is the same in every version.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::lessons::tests::lesson;

    /// The folder of a course.
    struct Root(TempDir);

    impl Root {
        fn new() -> Root {
            let root = Root(tempfile::tempdir().expect("a temporary folder can be made"));
            fs::create_dir_all(root.path("lessons/06-echo")).expect("the folder is ours");
            root
        }

        fn with(progress: &[u8]) -> Root {
            let root = Root::new();
            fs::write(root.path(".progress"), progress).expect("the folder is ours");
            root
        }

        fn path(&self, inside: &str) -> PathBuf {
            self.0.path().join(inside)
        }

        fn progress(&self) -> Progress {
            Progress::read(self.0.path()).expect("a file that can be read, or none")
        }

        fn status(&self, name: &str) -> Status {
            let echo = lesson(6, name, "Why?", 20);
            self.progress().status(self.0.path(), &echo)
        }

        fn file(&self) -> Vec<u8> {
            fs::read(self.path(".progress")).expect("it was written")
        }
    }

    /// It has no end, as a pipe may have none.
    #[cfg(unix)]
    #[test]
    fn a_device_in_place_of_the_file_is_refused() {
        let root = Root::new();
        std::os::unix::fs::symlink("/dev/zero", root.path(".progress")).unwrap();
        let error = format!("{:#}", Progress::read(root.0.path()).err().unwrap());
        assert!(error.contains(".progress: it is not a regular file"), "{error}");
    }

    #[test]
    fn a_lesson_that_is_noted_is_found_again() {
        let root = Root::new();
        assert_eq!(root.status("echo"), Status::Open);
        root.progress().done("timeouts").unwrap();
        fs::write(root.path("lessons/06-echo/exercise.rs"), "solved").unwrap();
        root.progress().passed("echo", b"solved").unwrap();

        assert_eq!(root.status("timeouts"), Status::Done);
        assert_eq!(root.status("echo"), Status::Done);
        assert_eq!(root.file(), b"timeouts done\necho passed 5aad99f321274c3c\n");
        let names: Vec<_> =
            fs::read_dir(root.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "nothing is left beside: {names:?}");
    }

    #[test]
    fn an_edit_after_the_pass_shows_and_so_does_a_file_that_is_gone() {
        let root = Root::new();
        let exercise = root.path("lessons/06-echo/exercise.rs");
        fs::write(&exercise, "solved").unwrap();
        root.progress().passed("echo", b"solved").unwrap();
        fs::write(&exercise, "solved ").unwrap();
        assert_eq!(root.status("echo"), Status::Changed);
        fs::remove_file(&exercise).unwrap();
        assert_eq!(root.status("echo"), Status::Changed);
        fs::write(&exercise, "solved").unwrap();
        assert_eq!(root.status("echo"), Status::Done);
    }

    #[test]
    fn a_file_that_is_the_stub_again_makes_its_lesson_open() {
        let root = Root::new();
        fs::create_dir_all(root.path("crates/checks/src/echo")).unwrap();
        fs::write(root.path("crates/checks/src/echo/stub.rs"), "stub").unwrap();
        root.progress().passed("echo", b"solved").unwrap();
        fs::write(root.path("lessons/06-echo/exercise.rs"), "stub").unwrap();
        assert_eq!(root.status("echo"), Status::Open);
        fs::write(root.path("lessons/06-echo/exercise.rs"), "stub and more").unwrap();
        assert_eq!(root.status("echo"), Status::Changed);
    }

    #[test]
    fn the_next_lesson_is_the_first_that_is_neither_done_nor_skipped() {
        use Status::{Changed, Done, Open, Skipped};

        let lessons: Vec<Lesson> = (6..10).map(|number| lesson(number, "x", "Why?", 20)).collect();
        let next_of = |status: [Status; 4]| {
            let lessons: Vec<_> = lessons.iter().zip(status).collect();
            next(&lessons).map(|next| next.number)
        };
        assert_eq!(next_of([Open, Open, Open, Open]), Some(6));
        assert_eq!(next_of([Done, Changed, Skipped, Open]), Some(9));
        assert_eq!(next_of([Skipped, Open, Done, Open]), Some(7));
        assert_eq!(next_of([Done, Changed, Skipped, Done]), None);
    }

    #[test]
    fn a_skipped_lesson_is_open_again_or_done() {
        let root = Root::with(b"# mine\n");
        root.progress().skip("echo").unwrap();
        assert_eq!(root.file(), b"# mine\necho skipped\n");
        assert_eq!(root.status("echo"), Status::Skipped);
        root.progress().done("echo").unwrap();
        assert_eq!(root.status("echo"), Status::Done);
        root.progress().reopen("echo").unwrap();
        assert_eq!((root.file(), root.status("echo")), (b"# mine\n".to_vec(), Status::Open));
    }

    #[test]
    fn what_another_terminal_notes_meanwhile_is_kept() {
        let root = Root::new();
        let (mut one, mut other) = (root.progress(), root.progress());
        one.done("echo").unwrap();
        other.done("retry").unwrap();
        assert_eq!(root.file(), b"echo done\nretry done\n");
    }

    #[test]
    fn lines_that_are_not_ours_are_kept() {
        let foreign = b"# mine\n\necho hinted 3\n\xff\xfe\necho passed xyz\necho\n";
        let root = Root::with(foreign);
        assert_eq!(root.status("echo"), Status::Open);
        root.progress().done("echo").unwrap();
        assert_eq!(root.file(), [&foreign[..], b"echo done\n"].concat());
    }

    #[test]
    fn a_lesson_has_one_line_and_the_last_of_several_counts() {
        let root = Root::with(b"echo passed 1\nretry done\necho done");
        assert_eq!(root.status("echo"), Status::Done);
        root.progress().passed("echo", b"").unwrap();
        assert_eq!(root.file(), b"retry done\necho passed cbf29ce484222325\n");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_and_not_an_empty_one() {
        let root = Root::new();
        fs::create_dir(root.path(".progress")).unwrap();
        let error = Progress::read(root.0.path()).unwrap_err().to_string();
        assert!(error.contains(".progress"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_refused_and_not_waited_for() {
        let root = Root::new();
        let exercise = root.path("lessons/06-echo/exercise.rs");
        root.progress().passed("echo", b"").unwrap();
        let made = std::process::Command::new("mkfifo").arg(&exercise).status();
        assert!(made.unwrap().success());
        let (done, read) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(root.status("echo")));
        let status = read.recv_timeout(std::time::Duration::from_secs(20));
        assert_eq!(status, Ok(Status::Changed));
    }

    /// From the list of test vectors on the algorithm's page.
    #[test]
    fn the_hash_is_fnv1a() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
