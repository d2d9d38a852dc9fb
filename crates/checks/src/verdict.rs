//! The verdict, and the file by which it travels.
//!
//! The reader's code runs in the judge's process. It may print whatever it likes, from any thread,
//! and end that process in any way. So the verdict and its screen go into a file of the judge's
//! own, which is opened before the reader's code runs; what is printed is the reader's alone. Each
//! case is noted there before it is tried, so that an end of the process still has its case.
//!
//! The file is a line with the place of each case that was tried. The verdict replaces them: a line
//! with `verdict`, the place of the case that is shown and the word, and then the screen.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a judge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right on every case.
    Pass,
    /// Wrong on at least one.
    Wrong,
    /// It gave two answers to one case.
    KeepsState,
    /// Something is still `unsolved!`.
    NotStarted,
    /// It did not return in time.
    TimedOut,
}

impl Verdict {
    const ALL: [Verdict; 5] = [
        Verdict::Pass,
        Verdict::Wrong,
        Verdict::KeepsState,
        Verdict::NotStarted,
        Verdict::TimedOut,
    ];

    /// The code that the program exits with.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Wrong | Verdict::KeepsState => 1,
            Verdict::NotStarted => 3,
            Verdict::TimedOut => 4,
        }
    }

    /// What the screens call it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::Wrong => "WRONG",
            Verdict::KeepsState => "KEEPS STATE",
            Verdict::NotStarted => "NOT STARTED",
            Verdict::TimedOut => "TIMED OUT",
        }
    }
}

/// What the judge has come to, as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The verdict and its screen; `None` where the process ended before.
    pub verdict: Option<(Verdict, Vec<u8>)>,
    /// The place of the case that is shown, or else of the last one that was tried.
    pub case: Option<usize>,
}

impl Report {
    /// Reads the file of a judge.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> io::Result<Report> {
        Ok(Report::parse(&fs::read(path)?))
    }

    fn parse(file: &[u8]) -> Report {
        let mut report = Report::default();
        let mut rest = file;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(&rest[..end]);
            rest = &rest[end + 1..];
            let Some(words) = line.strip_prefix(HEAD) else {
                report.case = line.parse().ok().or(report.case);
                continue;
            };
            let (place, word) = words.split_once(' ').unwrap_or((words, ""));
            report.case = place.parse().ok();
            let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word);
            report.verdict = verdict.map(|verdict| (verdict, rest.to_vec()));
            break;
        }
        report
    }
}

/// How the line of the verdict begins.
const HEAD: &str = "verdict ";

/// The judge's side of the file, shared by its threads; or no file, where the screen is printed.
pub(crate) struct Record {
    file: Mutex<Option<File>>,
    case: AtomicUsize,
}

impl Record {
    pub(crate) fn new(path: Option<&Path>) -> io::Result<Record> {
        let file = path.map(File::create).transpose()?;
        Ok(Record { file: Mutex::new(file), case: AtomicUsize::new(0) })
    }

    /// Notes that the case at this place is tried next.
    pub(crate) fn tries(&self, place: usize) {
        self.case.store(place, Ordering::Relaxed);
        if let Some(file) = &mut *self.lock() {
            // Where the disk is full, the verdict cannot be written either, and that is reported.
            let _ = file.write_all(format!("{place}\n").as_bytes());
        }
    }

    /// The place of the case that is tried.
    pub(crate) fn case(&self) -> usize {
        self.case.load(Ordering::Relaxed)
    }

    /// Writes a verdict that stands unless [`close`](Record::close) replaces it: while a wrong
    /// solution is diagnosed, its code may still end the process.
    pub(crate) fn write(
        &self,
        verdict: Verdict,
        case: Option<usize>,
        screen: &[u8],
    ) -> io::Result<()> {
        let Some(file) = &mut *self.lock() else { return Ok(()) };
        let place = case.map_or_else(|| "-".to_owned(), |place| place.to_string());
        let head = format!("{HEAD}{place} {}\n", verdict.word());
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&[head.as_bytes(), screen].concat())
    }

    /// Writes the verdict. What the reader's code does after that changes nothing.
    pub(crate) fn close(
        &self,
        verdict: Verdict,
        case: Option<usize>,
        screen: &[u8],
    ) -> io::Result<()> {
        self.write(verdict, case, screen)?;
        match self.lock().take() {
            Some(_) => Ok(()),
            None => io::stdout().write_all(screen),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        self.file.lock().expect("no code of the judge's panics with the file in hand")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_last_case_or_the_verdict_and_its_screen() {
        let report = |verdict, case| Report { verdict, case };
        for (file, expected) in [
            ("", report(None, None)),
            ("0\n1\n17\n", report(None, Some(17))),
            ("0\n1\n1", report(None, Some(1))),
            (
                "0\nverdict 5 WRONG\na\nb\n",
                report(Some((Verdict::Wrong, b"a\nb\n".into())), Some(5)),
            ),
            ("verdict - PASS\n", report(Some((Verdict::Pass, Vec::new())), None)),
            ("3\nverdict - PA", report(None, Some(3))),
        ] {
            assert_eq!(Report::parse(file.as_bytes()), expected, "{file}");
        }
    }

    #[test]
    fn what_is_noted_is_read_and_nothing_after_the_verdict() {
        let path = std::env::temp_dir().join(format!("checks-verdict-{}", std::process::id()));
        let record = Record::new(Some(&path)).expect("a temporary file can be made");
        record.tries(3);
        record.tries(12);
        assert_eq!(Report::read(&path).expect("it is there").case, Some(12));
        record.write(Verdict::Wrong, Some(3), b"a longer screen").expect("there is room");
        let first = Report::read(&path).expect("it is there");
        assert_eq!(first.verdict, Some((Verdict::Wrong, b"a longer screen".to_vec())));
        record.close(Verdict::KeepsState, Some(12), b"screen").expect("there is room");
        record.tries(13);
        let report = Report::read(&path).expect("it is there");
        fs::remove_file(&path).expect("it is there");
        let verdict = Some((Verdict::KeepsState, b"screen".to_vec()));
        assert_eq!(report, Report { verdict, case: Some(12) });
    }
}
