//! The commands in a page's `sh` and `console` blocks, as far as a test has to understand them.
//!
//! Words are separated by spaces; quotes and backslashes keep them together. A pipe, `;` or `&`
//! ends a command; a redirection or a `#` is not the program's to parse. Variables, globs and the
//! rest of a shell are left as they are: the pages use none in what is checked here.

use std::iter::Peekable;
use std::str::Chars;

/// The commands of a block of lines; a line that ends with a backslash goes on in the next.
pub(crate) fn block(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    joined.lines().flat_map(commands).collect()
}

/// The commands on one line, each as its words. Settings of variables before a command are not part
/// of it.
pub(crate) fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(&next) = chars.peek() {
        match next {
            ' ' | '\t' => drop(chars.next()),
            '|' | ';' | '&' => {
                chars.next();
                commands.push(std::mem::take(&mut words));
            }
            '#' => break,
            '<' | '>' => redirection(&mut chars),
            _ => {
                let word = word(&mut chars);
                let descriptor =
                    matches!(chars.peek(), Some('<' | '>')) && word.parse::<u8>().is_ok();
                if !descriptor {
                    words.push(word);
                }
            }
        }
    }
    commands.push(words);
    for words in &mut commands {
        let settings = words.iter().take_while(|word| is_setting(word)).count();
        words.drain(..settings);
    }
    commands.retain(|words| !words.is_empty());
    commands
}

/// What `cargo run` runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run<'a> {
    /// After `-p`; `None` is the course.
    pub(crate) package: Option<&'a str>,
    /// The example of the package that it runs instead.
    pub(crate) example: Option<&'a str>,
    /// The program's own arguments.
    pub(crate) args: &'a [String],
}

/// Reads `cargo run -p NAME -- ARGS…`; `None` is another command.
pub(crate) fn run(words: &[String]) -> Option<Run<'_>> {
    let [cargo, run, rest @ ..] = words else {
        return None;
    };
    if cargo != "cargo" || run != "run" {
        return None;
    }
    let end = rest.iter().position(|word| word == "--").unwrap_or(rest.len());
    let (options, args) = rest.split_at(end);
    Some(Run {
        package: package(options),
        example: option(options, "--example"),
        args: args.get(1..).unwrap_or_default(),
    })
}

/// The package that a cargo command names by `-p`, not what stands after its `--`.
pub(crate) fn package(words: &[String]) -> Option<&str> {
    let options = words.split(|word| word == "--").next()?;
    option(options, "-p").or_else(|| option(options, "--package"))
}

fn option<'a>(options: &'a [String], name: &str) -> Option<&'a str> {
    let flag = options.iter().position(|word| word == name)?;
    options.get(flag + 1).map(String::as_str)
}

fn redirection(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| "<>& ".contains(*c)).is_some() {}
    word(chars);
}

fn word(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::new();
    let mut quote = None;
    while let Some(&next) = chars.peek() {
        match (quote, next) {
            (None, ' ' | '\t' | '|' | ';' | '&' | '<' | '>') => break,
            (None, '\'' | '"') => quote = Some(next),
            (Some(open), _) if open == next => quote = None,
            (None | Some('"'), '\\') => {
                chars.next();
                word.extend(chars.peek());
            }
            _ => word.push(next),
        }
        chars.next();
    }
    word
}

fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        for (line, expected) in [
            ("", vec![]),
            ("# a remark", vec![]),
            ("nc 127.0.0.1 8888   # type here", vec![vec!["nc", "127.0.0.1", "8888"]]),
            (
                r#"send "two words" 'it''s' a\ b "" "say \"hi\"""#,
                vec![vec!["send", "two words", "its", "a b", "", "say \"hi\""]],
            ),
            ("LC_ALL=C NO_COLOR= run a=b", vec![vec!["run", "a=b"]]),
            (
                "printf 'a|b' | run >out 2>&1; wait &",
                vec![vec!["printf", "a|b"], vec!["run"], vec!["wait"]],
            ),
        ] {
            assert_eq!(commands(line), expected, "{line}");
        }
    }

    #[test]
    fn cargo_run_names_a_package_and_its_arguments() {
        for (line, package, args) in [
            ("cargo run", None, vec![]),
            ("cargo run -- check echo", None, vec!["check", "echo"]),
            ("cargo run -q -p echo -- send -- -p", Some("echo"), vec!["send", "--", "-p"]),
        ] {
            let words = &commands(line)[0];
            let run = run(words).unwrap();
            assert_eq!(run.package, package, "{line}");
            assert_eq!(run.args, args, "{line}");
        }
        assert_eq!(run(&commands("cargo test -p echo")[0]), None);
        assert_eq!(run(&commands("nc run")[0]), None);
    }

    #[test]
    fn a_backslash_joins_lines() {
        assert_eq!(block("a \\\n  b\nc\n"), [vec!["a", "b"], vec!["c"]]);
    }
}
