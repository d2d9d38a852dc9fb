//! Recorded output, and the run that it is held against.
//!
//! A run prints the same bytes each time but for two things: the port numbers that the system
//! chose, and the times that were measured, which carry a mark (`≈ 203 ms`). [`normal`] sets both
//! aside, so equal normal forms mean the same run. What is recorded are real bytes all the same,
//! since a reader compares them with a screen: where a new run differs from the recording in
//! nothing else, [`keep`] keeps the recorded text, and a refresh changes no file without need.
//!
//! A time that is shorter or longer than the recorded one moves what stands after it: columns line
//! up anew, a paragraph wraps elsewhere. So in a block (lines up to an empty one) with a measured
//! time, white space and the length of a rule do not count. A port number moves nothing: the ports
//! that systems hand out have five digits.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use regex::Regex;
use snapbox::data::DataFormat;
use snapbox::report::Palette;
use snapbox::{Assert, Data, IntoData as _};

/// An address with a port of the system's choice. A port with fewer digits was chosen by a person,
/// and counts.
static PORT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d{5}\b"));

/// A measured time or number, marked as one, in ASCII with `~`, and the bar that shows it.
static MEASURED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[≈~] ?\d+([.,]\d+)*( ?(ns|us|µs|μs|ms|s|min|h)\b)?( ?[▇#]+)?"));

static SPACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+"));
static RULE: LazyLock<Regex> = LazyLock::new(|| pattern("─+|-{3,}"));

/// What of `text` every run must print alike.
pub(crate) fn normal(text: &str) -> String {
    blocks(text).map(normal_block).collect()
}

/// The text of a new run, block by block in the words of the `old` recording wherever they are the
/// same but for ports and measured times.
pub(crate) fn keep(old: &str, new: &str) -> String {
    let mut recorded: BTreeMap<String, VecDeque<&str>> = BTreeMap::new();
    for block in blocks(old) {
        recorded.entry(normal_block(block)).or_default().push_back(block);
    }
    let in_old_words = |block| {
        recorded.get_mut(&normal_block(block)).and_then(VecDeque::pop_front).unwrap_or(block)
    };
    blocks(new).map(in_old_words).collect()
}

/// Holds `text` against the file at `path`; with `SNAPSHOTS=overwrite` writes it there.
///
/// # Errors
/// The file says something else: the difference, line by line.
pub(crate) fn hold(path: &Path, text: &str) -> Result<()> {
    let expected = Data::read_from(path, Some(DataFormat::Text)).raw();
    Assert::new()
        .palette(Palette::plain())
        .action_env("SNAPSHOTS")
        .try_eq(Some(&"now"), text.into_data(), expected)
        .map_err(|difference| {
            anyhow!(
                "{} is not what comes out now. Where that is intended, SNAPSHOTS=overwrite cargo \
                 test --workspace records it anew.\n{difference}",
                path.display()
            )
        })
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, which the tests below compile")
}

fn normal_block(block: &str) -> String {
    let text = PORT.replace_all(block, "$1:PORT");
    if !MEASURED.is_match(&text) {
        return text.into_owned();
    }
    let text = MEASURED.replace_all(&text, "≈ TIME");
    let text = RULE.replace_all(&text, "─");
    SPACE.replace_all(&text, " ").into_owned()
}

/// Cuts `text` before and after each run of empty lines; nothing is lost.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut left = text;
    std::iter::from_fn(move || {
        let empty = is_empty(left.split_inclusive('\n').next()?);
        let lines = left.split_inclusive('\n');
        let len = lines.take_while(|line| is_empty(line) == empty).map(str::len).sum();
        let (block, after) = left.split_at(len);
        left = after;
        Some(block)
    })
}

fn is_empty(line: &str) -> bool {
    line.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
1  Connect ──────────────────── real sockets ──

    We listen on 127.0.0.1:41873.

      wait       ≈ 98 ms
      other       1.5 s

    It took ≈ 98 ms, which is a long time for a short
    message.
";

    #[test]
    fn ports_and_measured_times_do_not_count() {
        let new = OLD.replace("41873", "50001").replace("≈ 98 ms", "≈ 1.03 s");
        assert_eq!(normal(OLD), normal(&new));
        assert_eq!(keep(OLD, &new), OLD);
    }

    #[test]
    fn a_time_that_moves_columns_and_wrapping_does_not_count() {
        let new = OLD.replace("  wait       ≈ 98 ms", "  wait    ≈ 1,203 ms").replace(
            "≈ 98 ms, which is a long time for a short\n    message",
            "≈ 103 ms, which is a long time for a\n    short message",
        );
        assert_ne!(OLD, new);
        assert_eq!(keep(OLD, &new), OLD);
    }

    #[test]
    fn a_time_in_a_heading_shortens_its_rule() {
        assert_eq!(normal("1  ≈ 9 ms ───── a ──\n"), normal("1  ≈ 10 ms ──── a ──\n"));
        assert_ne!(normal("1  9 ms ───── a ──\n"), normal("1  9 ms ──── a ──\n"));
    }

    #[test]
    fn a_bar_belongs_to_the_measured_number_before_it() {
        let rows = |count: usize, bar: &str| format!("to 1 ms  ≈ {count} {bar}\nlonger  ≈ 0\n");
        assert_eq!(normal(&rows(7, "▇▇")), normal(&rows(1_000, "▇▇▇▇")));
        assert_eq!(normal(&rows(0, "")), normal("to 1 ms  ~ 3 ###\nlonger  ~ 0\n"));
        assert_ne!(normal("1 ms  7 ▇▇\n"), normal("1 ms  7 ▇▇▇\n"));
    }

    #[test]
    fn everything_else_counts() {
        for (from, to) in [
            ("Connect", "Connected"),
            ("127.0.0.1:41873", "127.0.0.2:41873"),
            ("127.0.0.1:41873", "127.0.0.1:8888"),
            ("1.5 s", "1.6 s"),
            ("We listen", "We  listen"),
            ("≈ 98 ms, which", "98 ms, which"),
            ("long time", "short time"),
            ("\n\n1", "\n1"),
        ] {
            let old = format!("\n\n{OLD}");
            let new = old.replace(from, to);
            assert_ne!(normal(&old), normal(&new), "{from} → {to}");
        }
    }

    #[test]
    fn only_the_block_that_changed_is_recorded_anew() {
        let new =
            OLD.replace("41873", "50001").replace("98", "99").replace("a long time", "too long");
        assert_eq!(
            keep(OLD, &new),
            OLD.replace(
                "It took ≈ 98 ms, which is a long time",
                "It took ≈ 99 ms, which is too long"
            ),
        );
    }

    #[test]
    fn each_recorded_block_is_used_once() {
        assert_eq!(
            keep("≈ 1 ms\n\n≈ 2 ms\n", "≈ 3 ms\n\n≈ 4 ms\n\n≈ 5 ms\n"),
            "≈ 1 ms\n\n≈ 2 ms\n\n≈ 5 ms\n"
        );
    }

    #[test]
    fn blocks_lose_nothing() {
        for text in ["", "\n", "a", "a\n\n\nb", "\n \na\nb\n\n"] {
            assert_eq!(blocks(text).collect::<String>(), text);
        }
    }
}
