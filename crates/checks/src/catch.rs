//! Runs the reader's code and catches its panics.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::Once;

use crate::Unsolved;
use crate::exercise::Rule;

/// Why code did not return to [`catch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It reached an `unsolved!`.
    Unsolved(Unsolved),
    /// It was stopped because it would not have terminated.
    DidNotTerminate,
    /// It panicked.
    Panicked(Panic),
}

/// A panic of the reader's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What it said, on one line, without control characters.
    pub message: String,
    /// Where: file and line.
    pub place: String,
}

impl Stopped {
    /// Whether this is the same end: two panics have two messages, and mean the same.
    pub(crate) fn is_like(&self, other: &Stopped) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }

    /// What it is called in the place of an answer.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Stopped::Panicked(_) => "a panic",
            Stopped::DidNotTerminate => "does not terminate",
            Stopped::Unsolved(_) => "not written",
        }
    }

    /// The rule that is broken by not coming to an end: it claims no more than was seen.
    pub(crate) fn rule(&self) -> Rule {
        match self {
            Stopped::Panicked(panic) => panic.rule(),
            Stopped::Unsolved(_) | Stopped::DidNotTerminate => Rule::new(
                "Every call comes to its end.",
                "Look at the loop or the recursion that this case enters: which value changes with \
                 each turn, and which value ends it?",
            ),
        }
    }
}

impl Panic {
    /// The arithmetic that led to it, in Rust's own words, where that is what it says.
    pub(crate) fn overflowed_operation(&self) -> Option<&str> {
        self.message.strip_prefix("attempt to ")?.strip_suffix(" with overflow")
    }

    /// The rule that it breaks: one for all panics, but where Rust's own words say which arithmetic
    /// led to it.
    pub(crate) fn rule(&self) -> Rule {
        let hint = "The screen of `check` names the line that panicked. Ask there which values of \
                    this case get so far, and answer them: match on an Option or a Result instead \
                    of unwrap, and use checked_ or saturating_ arithmetic at the limits of a type.";
        let text = match self.overflowed_operation() {
            Some("add" | "multiply") => {
                "Here a sum or a product does not fit into its type. The code has an answer to \
                 every case; it does not panic."
            }
            Some("subtract") => {
                "Here a difference does not fit into its type: below 0, in one without a sign. The \
                 code has an answer to every case; it does not panic."
            }
            Some("shift left" | "shift right") => {
                "Here a number would be shifted by as many bits as it has, or more. The code has \
                 an answer to every case; it does not panic."
            }
            _ => "The code has an answer to every case; it does not panic.",
        };
        Rule::new(text, hint)
    }
}

/// Marks what is still to be written, and says what that is.
///
/// It takes the arguments that the solution will need, so that nothing is reported as unused until
/// then, and it fits wherever a value of any type is asked for. To reach it is not a failure:
/// the verdict is `NOT STARTED`.
///
/// ```
/// fn double(number: u64) -> u64 {
///     checks::unsolved!("twice the number", number)
/// }
///
/// let stopped = checks::catch(|| double(4)).unwrap_err();
/// let checks::Stopped::Unsolved(missing) = stopped else { panic!() };
/// assert_eq!(missing.what, "twice the number");
/// ```
#[macro_export]
macro_rules! unsolved {
    ($what:literal $(, $argument:expr)* $(,)?) => {
        $crate::unsolved($what, ($($argument,)*))
    };
}

/// What [`unsolved!`] comes to.
///
/// # Panics
/// Always, with an [`Unsolved`].
#[track_caller]
pub fn unsolved<T>(what: &'static str, _arguments: T) -> ! {
    let place = place(Location::caller());
    let what = plain(what);
    panic::panic_any(Unsolved { what, place })
}

struct DidNotTerminate;

/// Ends the code that runs in [`catch`]: what it called knows that it would not terminate.
pub fn did_not_terminate() -> ! {
    // This is between the judge and itself, so no panic hook is to hear of it.
    panic::resume_unwind(Box::new(DidNotTerminate))
}

/// Whether a panic of this thread is reported as before, or noted down, and then with how much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Listening {
    No,
    Place,
    Backtrace,
}

thread_local! {
    static LISTENING: Cell<Listening> = const { Cell::new(Listening::No) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `code`; a panic in it is returned, and prints nothing.
///
/// # Errors
/// With why it did not come to its end.
pub fn catch<T>(code: impl FnOnce() -> T) -> Result<T, Stopped> {
    // Code that is caught inside of other code is listened to in the same way.
    listen(LISTENING.get().max(Listening::Place), code)
}

/// Like [`catch`], but the place of a panic is the first line of the reader's own file that led to
/// it, wherever it was raised. That takes some milliseconds.
pub(crate) fn catch_with_backtrace<T>(code: impl FnOnce() -> T) -> Result<T, Stopped> {
    listen(Listening::Backtrace, code)
}

fn listen<T>(how: Listening, code: impl FnOnce() -> T) -> Result<T, Stopped> {
    listen_quietly();
    let before = LISTENING.replace(how);
    let result = panic::catch_unwind(AssertUnwindSafe(code));
    LISTENING.set(before);
    result.map_err(why)
}

/// Has panics of code that is being caught noted down instead of printed. All others are reported
/// as before.
fn listen_quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let raised = info.location().map(place).unwrap_or_default();
            match LISTENING.get() {
                Listening::No => before(info),
                Listening::Place => PLACE.set(raised),
                Listening::Backtrace => {
                    let backtrace = Backtrace::force_capture().to_string();
                    PLACE.set(line_of_reader(&backtrace).unwrap_or(raised));
                }
            }
        }));
    });
}

fn why(payload: Box<dyn Any + Send>) -> Stopped {
    let payload = match payload.downcast::<Unsolved>() {
        Ok(missing) => return Stopped::Unsolved(*missing),
        Err(payload) => payload,
    };
    if payload.is::<DidNotTerminate>() {
        return Stopped::DidNotTerminate;
    }
    let message = match payload.downcast_ref::<&'static str>() {
        Some(message) => message,
        None => payload.downcast_ref::<String>().map_or("", String::as_str),
    };
    let message = plain(message);
    let place = PLACE.take();
    match message.strip_prefix(TODO) {
        Some(what) => Stopped::Unsolved(Unsolved {
            what: what.trim_start_matches([':', ' ']).to_owned(),
            place,
        }),
        None => Stopped::Panicked(Panic { message, place }),
    }
}

/// These words on one line. No escape code of them reaches the terminal.
fn plain(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace(char::is_control, "\u{fffd}")
}

/// How the words of a `todo!()` begin, which readers write while they work.
const TODO: &str = "not yet implemented";

/// The reader knows the file by its path from the root. The compiler saw it from
/// `crates/exercises`, and the standard library's from where Rust was built.
fn place(location: &Location<'_>) -> String {
    let file = location.file();
    let from = file.rfind("lessons").or_else(|| file.rfind("library"));
    let from = from.unwrap_or(0);
    format!("{}:{}", &file[from..], location.line())
}

/// The innermost line of the reader's file in a backtrace, whose frames end with
/// `at FILE:LINE:COLUMN`.
fn line_of_reader(backtrace: &str) -> Option<String> {
    let mut places = backtrace.lines().filter_map(|line| line.trim().strip_prefix("at "));
    let is_readers = |place: &&str| place.contains("lessons") && place.contains("exercise.rs:");
    let place = places.find(is_readers)?;
    let (line, _column) = place[place.rfind("lessons")?..].rsplit_once(':')?;
    Some(line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn a_panic_is_returned_with_its_message_on_one_line_and_its_place() {
        let number = 7;
        let stopped = catch(|| panic!("not\n {number}")).unwrap_err();
        let Stopped::Panicked(Panic { message, place }) = stopped else {
            panic!("{stopped:?}");
        };
        assert_eq!(message, "not 7");
        assert!(place.contains("catch.rs:"), "{place}");
    }

    #[test]
    fn no_control_character_of_a_message_is_handed_on() {
        for code in [(|| panic!("\x1b[2J\u{7}no\u{9b}1m\r\u{85}\u{7f}")) as fn(), || {
            crate::unsolved!("\x1b[2J\u{7}no\u{9b}1m\r\u{85}\u{7f}")
        }] {
            let words = match catch(code).unwrap_err() {
                Stopped::Panicked(panic) => panic.message,
                Stopped::Unsolved(missing) => missing.what,
                Stopped::DidNotTerminate => panic!("it ends"),
            };
            assert_eq!(words, "\u{fffd}[2J\u{fffd}no\u{fffd}1m \u{fffd}");
        }
    }

    /// The words are Rust's, so that they are noticed if they change.
    #[test]
    fn a_rule_tells_the_overflow_that_was_seen_and_no_other() {
        let (one, most, nothing) = black_box((1, u32::MAX, 0_u32));
        let codes: [(&dyn Fn() -> u32, &str); 8] = [
            (&|| most + one, "Here a sum or a product"),
            (&|| most * most, "Here a sum or a product"),
            (&|| nothing - one, "Here a difference"),
            (&|| one << most, "Here a number would be shifted"),
            (&|| one >> most, "Here a number would be shifted"),
            (&|| one / nothing, "The code has an answer"),
            (&|| panic!("attempt to win with overflow"), "The code has an answer"),
            (&|| did_not_terminate(), "Every call comes to its end."),
        ];
        for (code, rule) in codes {
            let stopped = catch(code).unwrap_err();
            assert!(stopped.rule().text.starts_with(rule), "{stopped:?}");
        }
    }

    #[test]
    fn a_panic_in_the_standard_library_is_traced_to_the_reader() {
        let backtrace = "   0: core::option::unwrap_failed
             at /rustc/59807616/library/core/src/option.rs:2039:5
   1: exercise_echo::exercise::read_frame::{{closure}}
             at ./crates/exercises/src/../../../lessons/06-echo/exercise.rs:41:17
   2: exercise_echo::exercise::read_frame
             at ./crates/exercises/src/../../../lessons/06-echo/exercise.rs:30:5";
        let line = line_of_reader(backtrace);
        assert_eq!(line.as_deref(), Some("lessons/06-echo/exercise.rs:41"));
        assert_eq!(line_of_reader("  at ./src/exercise.rs:41:17"), None);
    }

    #[test]
    fn unsolved_takes_its_arguments_and_says_what_is_missing() {
        fn half(numbers: Vec<u64>, by: &mut u64) -> Vec<u64> {
            crate::unsolved!("half of each", numbers, by)
        }
        let stopped = catch(|| half(vec![4], &mut 2)).unwrap_err();
        let Stopped::Unsolved(Unsolved { what, place }) = stopped else {
            panic!("{stopped:?}");
        };
        assert_eq!(what, "half of each");
        assert!(place.contains("catch.rs:"), "{place}");
    }

    #[test]
    #[expect(clippy::todo, reason = "readers write it while they work")]
    fn a_todo_is_unsolved_too() {
        for (code, wanted) in
            [((|| todo!()) as fn(), ""), (|| todo!("half of {}", "each"), "half of each")]
        {
            let stopped = catch(code).unwrap_err();
            let Stopped::Unsolved(Unsolved { what, place }) = stopped else {
                panic!("{stopped:?}");
            };
            assert_eq!(what, wanted);
            assert!(place.contains("catch.rs:"), "{place}");
        }
    }

    #[test]
    fn what_did_not_terminate_is_told_from_a_panic() {
        assert_eq!(catch(|| did_not_terminate()), Err::<(), _>(Stopped::DidNotTerminate));
    }

    #[test]
    fn what_comes_to_its_end_is_handed_on_and_later_panics_are_reported() {
        assert_eq!(catch(|| 5), Ok(5));
        assert!(LISTENING.get() == Listening::No);
    }
}
