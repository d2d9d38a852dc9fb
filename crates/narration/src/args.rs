//! The flags that lessons share, as plain values.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::terminal::for_locale;
use crate::text::{escaped, quoting, shortened};

/// How a lesson is narrated. Every lesson flattens these into its own arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Run straight through: no pauses, and predictions come with their answers
    #[arg(long)]
    pub no_pause: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value_t = clap::ColorChoice::Auto)]
    pub color: clap::ColorChoice,
}

/// A duration such as `250ms` or `1min 30s`, for an argument's `value_parser`.
///
/// ```
/// # use std::time::Duration;
/// assert_eq!(narration::duration("1s 500ms"), Ok(Duration::from_millis(1_500)));
/// assert!(narration::duration("5").is_err());
/// ```
///
/// # Errors
/// What is wrong with it, in a few words.
pub fn duration(text: &str) -> Result<Duration, String> {
    // Parts that add up to more than a Duration holds make humantime 2.4 panic. So many digits in
    // so short a text never do: 5 times 10^10 years are less than 2^61 seconds.
    const MOST_DIGITS: usize = 10;
    const LONGEST: usize = 5 * (MOST_DIGITS + 1);
    let digits = text.split(|char: char| !char.is_ascii_digit()).map(str::len).max();
    if text.len() > LONGEST || digits > Some(MOST_DIGITS) {
        return Err(format!(
            "give up to {LONGEST} characters, and numbers of up to {MOST_DIGITS} digits"
        ));
    }
    humantime::parse_duration(text).map_err(|error| error.to_string())
}

/// Where a run draws at random: the seed, and with it every draw.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct SeedArgs {
    /// Seed of everything drawn at random; the same seed gives the same run
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// Where to draw a run.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DrawArgs {
    /// Draw the run into a file, by its ending: .txt and .svg are space-time diagrams, .html is a
    /// page to explore, .shiviz a log for ShiViz, .jsonl the trace itself
    #[arg(long = "draw", value_name = "FILE", value_parser = drawable)]
    pub file: Option<PathBuf>,
}

/// The endings that `--draw` takes: those of the crate `views`, which writes the file.
const ENDINGS: [&str; 5] = ["txt", "svg", "html", "shiviz", "jsonl"];

fn drawable(path: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(path);
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
        true => Ok(path),
        false => Err("its name must end in .txt, .svg, .html, .shiviz or .jsonl"),
    }
}

impl DrawArgs {
    /// Ends the program as other wrong arguments do, if the drawing would replace one of these
    /// `inputs`.
    pub fn refuse_inputs<P: CommandFactory>(&self, inputs: &[PathBuf]) {
        let real = |path: &Path| fs::canonicalize(path).ok();
        let Some(drawn) = self.file.as_deref().and_then(real) else {
            return;
        };
        if inputs.iter().filter_map(|input| real(input)).any(|input| input == drawn) {
            let why = format!("--draw would replace {}, which is read", drawn.display());
            end(&P::command().error(ErrorKind::ArgumentConflict, why));
        }
    }

    /// Ends the program as other wrong arguments do, if `--draw` was given before a command: there
    /// it is the run's own, and the command would ignore it.
    pub fn refuse_before_a_command<P: CommandFactory>(&self) {
        if self.file.is_some() {
            let why = "--draw stands after the command that draws";
            end(&P::command().error(ErrorKind::ArgumentConflict, why));
        }
    }
}

/// What the command line says. Where it is wrong, the process ends with exit code 2, and what it
/// was given is quoted as in any other error: escaped, and not in full.
pub fn parse<P: Parser>() -> P {
    P::try_parse().unwrap_or_else(|error| end(&error))
}

/// Ends the process as clap does.
#[expect(clippy::disallowed_methods, reason = "nothing has begun yet that has a destructor")]
fn end(error: &clap::Error) -> ! {
    if !error.use_stderr() {
        error.exit();
    }
    let text = quoting(&error.render().to_string(), env::args_os().skip(1));
    let lines: Vec<_> = text.lines().map(|line| shortened(&escaped(line)) + "\n").collect();
    // Where stderr is closed, the exit code has to do.
    let _ = io::stderr().write_all(for_locale(&lines.concat()).as_bytes());
    process::exit(error.exit_code())
}

/// The number and address of a node, and the addresses of the others.
#[derive(Clone, Debug, clap::Args)]
pub struct NodeArgs {
    /// The number of this node, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub id: usize,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4000")]
    pub listen: String,
    /// Address of another node; once for each of them
    #[arg(long = "peer", value_name = "ADDR")]
    pub peers: Vec<String>,
    /// Write what happens at this node to a file; an old trace there is replaced
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// What runs on a simulated host whose stack is this machine's kernel.
#[derive(Clone, Debug, clap::Args)]
pub struct TunArgs {
    /// How many of a hundred packets one of the links loses, each way
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=100))]
    pub lost: u64,
    /// The seed of what it loses
    #[command(flatten)]
    pub seed: SeedArgs,
    /// Write the packets that the host sends and receives to a new file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// Log what happens to each packet
    #[arg(long)]
    pub log: bool,
    /// The command and its arguments; without one, your shell
    #[arg(last = true)]
    pub command: Vec<OsString>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_that_overflows_is_an_error() {
        for text in [
            "18446744073709551615s 1000ms",
            "99999999999years",
            "9999999999years 9999999999years 9999999999years 9999999999years 1ms",
            "-1s",
            "",
            "1",
            "fast",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        // The largest that is read.
        assert!(duration(&["9999999999y"; 5].join("")).is_ok());
    }

    #[test]
    fn another_ending_is_refused() {
        assert!(drawable("run.svg").is_ok());
        for name in ["run.png", "run", "run.SVG", ".svg", "svg", ""] {
            assert!(drawable(name).is_err(), "{name}");
        }
        let named = drawable("").unwrap_err();
        assert!(ENDINGS.iter().all(|ending| named.contains(&format!(".{ending}"))), "{named}");
    }
}
