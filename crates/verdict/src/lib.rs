//! What a judge says: the verdict, the file by which it travels, and how it looks on a screen.
//!
//! The judge of an exercise is a program of its own, and the course runs it. This is what both
//! know; so the course compiles no judge.
//!
//! ```
//! use verdict::{Record, Report, Verdict};
//!
//! let file = std::env::temp_dir().join(format!("verdict-{}", std::process::id()));
//! let record = Record::new(Some(&file))?;
//! record.tries(17);
//! // Should the reader's code end the judge here, its case is known.
//! assert_eq!(Report::read(&file)?.case, Some(17));
//! record.close(Verdict::Pass, None, b"all is well\n")?;
//! let report = Report::read(&file)?;
//! assert_eq!(report.verdict, Some((Verdict::Pass, b"all is well\n".to_vec())));
//! # std::fs::remove_file(file)?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod report;
mod screen;

pub use report::{Record, Report};
pub use screen::{COLOUR, Screen, grouped, plural, short};

/// The exit code of an exercise's program that could not write its verdict.
pub const CANNOT_WRITE: u8 = 74;

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
