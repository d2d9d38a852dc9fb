//! The file by which a verdict travels.
//!
//! The reader's code runs in the judge's process. It may print whatever it likes, from any thread,
//! and end that process in any way. So the verdict and its screen go into a file of the judge's
//! own, which is opened before the reader's code runs; what is printed is the reader's alone. Each
//! case is noted there before it is tried, so that an end of the process still has its case.
//!
//! The file is a line with the place of each case that was tried. The verdict replaces them: a line
//! with `verdict`, the place of the case that is shown and the word, and then the screen. Where no
//! case is what was asked for, it is a line with `refused` and why.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Verdict;

/// What the judge has come to, as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The verdict and its screen; `None` where the process ended before.
    pub verdict: Option<(Verdict, Vec<u8>)>,
    /// The place of the case that is shown, or else of the last one that was tried.
    pub case: Option<usize>,
    /// Why nothing was tried, where no case is what was asked for.
    pub refused: Option<String>,
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
            if let Some(why) = line.strip_prefix(REFUSED) {
                report.refused = Some(why.to_owned());
            } else if let Some(words) = line.strip_prefix(HEAD) {
                let (place, word) = words.split_once(' ').unwrap_or((words, ""));
                report.case = place.parse().ok();
                let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word);
                report.verdict = verdict.map(|verdict| (verdict, rest.to_vec()));
                break;
            } else {
                report.case = line.parse().ok().or(report.case);
            }
        }
        report
    }
}

/// How the line of the verdict begins, and that which stands in its place.
const HEAD: &str = "verdict ";
const REFUSED: &str = "refused ";

/// The judge's side of the file, shared by its threads; or no file, where the screen is printed.
#[derive(Debug)]
pub struct Record {
    file: Mutex<Option<File>>,
    case: AtomicUsize,
}

impl Record {
    /// Makes the file.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(path: Option<&Path>) -> io::Result<Record> {
        let file = path.map(File::create).transpose()?;
        Ok(Record { file: Mutex::new(file), case: AtomicUsize::new(0) })
    }

    /// Notes that the case at this place is tried next.
    pub fn tries(&self, place: usize) {
        self.case.store(place, Ordering::Relaxed);
        if let Some(file) = &mut *self.lock() {
            // Where the disk is full, the verdict cannot be written either, and that is reported.
            let _ = file.write_all(format!("{place}\n").as_bytes());
        }
    }

    /// The place of the case that is tried.
    pub fn case(&self) -> usize {
        self.case.load(Ordering::Relaxed)
    }

    /// Writes a verdict that stands unless [`close`](Record::close) replaces it: while a wrong
    /// solution is diagnosed, its code may still end the process.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, verdict: Verdict, case: Option<usize>, screen: &[u8]) -> io::Result<()> {
        let Some(file) = &mut *self.lock() else { return Ok(()) };
        let place = case.map_or_else(|| "-".to_owned(), |place| place.to_string());
        let head = format!("{HEAD}{place} {}\n", verdict.word());
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&[head.as_bytes(), screen].concat())
    }

    /// Writes why nothing is tried.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn refuse(&self, why: &str) -> io::Result<()> {
        let Some(file) = &mut *self.lock() else { return Ok(()) };
        file.write_all(format!("{REFUSED}{why}\n").as_bytes())
    }

    /// Writes the verdict. What the reader's code does after that changes nothing.
    ///
    /// # Errors
    /// If the file, or standard output, cannot be written.
    pub fn close(&self, verdict: Verdict, case: Option<usize>, screen: &[u8]) -> io::Result<()> {
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
        let report = |verdict, case| Report { verdict, case, refused: None };
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
            ("refused é\n", Report { refused: Some("é".to_owned()), ..report(None, None) }),
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
        assert_eq!(report, Report { verdict, case: Some(12), refused: None });
    }
}
