//! A reader's guess: reading the line, and what it means beside what was observed.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, BufRead};

use crate::quantity;
use crate::text::number;

/// The longest line that is kept, in bytes. The rest of a longer one is read and dropped.
const LONGEST: usize = 1024;

/// What a prediction comes to, and so which guesses are right. The kind of the answer is the kind
/// of the question: the prompt says which it wants.
///
/// ```
/// use narration::Answer;
///
/// let counted: Answer = 1_234_u64.into(); // shown as 1,234; "1234", "1,234 bytes" are right
/// let seen: Answer = true.into(); // yes
/// let longest = Answer::quantity("300 ms"); // "300", "300 ms" and "0.3 s" are right
/// let stamp = Answer::list([2, 2, 2]); // [2,2,2]
/// let best = Answer::one_of(&["at once", "full jitter | random"], "full jitter");
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    shown: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Number,
    /// Several in their order.
    List,
    YesNo,
    /// The choices, each with its synonyms.
    OneOf(Vec<String>),
}

/// What a guess turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    Wrong,
    /// It cannot be compared: "it depends", or two numbers where one was asked for.
    Unclear,
    /// Words where a number is asked for. The question is asked again.
    NoNumber,
}

impl Answer {
    /// One number with its unit, as it is to be shown: "9.6 %". "none" is a number, too.
    pub fn quantity(shown: impl Into<String>) -> Answer {
        Answer { shown: shown.into(), kind: Kind::Number }
    }

    /// Several numbers in their order: a vector, or two values.
    pub fn list<T: Display>(numbers: impl IntoIterator<Item = T>) -> Answer {
        let numbers: Vec<String> = numbers.into_iter().map(|each| each.to_string()).collect();
        Answer { shown: format!("[{}]", numbers.join(",")), kind: Kind::List }
    }

    /// One of the choices that the question names; `right` is the one that was observed. After a
    /// bar a choice can have synonyms, which need not stand in the question. A guess need not name
    /// a choice whole: one word that no other choice has is enough.
    pub fn one_of<T: AsRef<str>>(choices: &[T], right: impl Into<String>) -> Answer {
        let choices = choices.iter().map(|choice| choice.as_ref().to_owned()).collect();
        Answer { shown: right.into(), kind: Kind::OneOf(choices) }
    }

    /// As it stands on the screen. Words that are surely no names or code begin with a capital.
    pub(crate) fn shown(&self) -> &str {
        match &*self.shown {
            "yes" => "Yes",
            "no" => "No",
            "none" => "None",
            "never" => "Never",
            "unknown" => "Unknown",
            other => other,
        }
    }

    /// The kind of answer, for the prompt. A list of choices stands in the question already.
    pub(crate) fn wanted(&self) -> &'static str {
        match self.kind {
            Kind::Number => "a number",
            Kind::List => "numbers",
            Kind::YesNo => "yes or no",
            Kind::OneOf(_) => "one of these",
        }
    }

    /// Judges a guess that is not empty. No right meaning may be called wrong, so what is in doubt
    /// has no verdict.
    pub(crate) fn judge(&self, guess: &str) -> Verdict {
        let guess = plain(guess);
        if guess == plain(&self.shown) {
            return Verdict::Right;
        }
        match &self.kind {
            // "Nobody can tell" may be one of the choices.
            Kind::OneOf(choices) => judge_choice(&guess, choices, &plain(&self.shown)),
            _ if is_undecided(&guess) => Verdict::Unclear,
            Kind::Number => judge_number(&guess, &plain(&self.shown)),
            Kind::List => judge_list(&guess, &plain(&self.shown)),
            Kind::YesNo => yes_or_no(&guess)
                .map_or(Verdict::Unclear, |yes| Verdict::of(yes == (self.shown == "yes"))),
        }
    }
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Answer {
        Answer { shown: if yes { "yes" } else { "no" }.to_owned(), kind: Kind::YesNo }
    }
}

macro_rules! from_number {
    ($($number:ty)*) => {
        $(impl From<$number> for Answer {
            fn from(value: $number) -> Answer {
                Answer::quantity(number(value))
            }
        })*
    };
}

from_number! { i32 u16 u32 u64 u128 usize }

impl<T: Into<Answer>> From<Option<T>> for Answer {
    /// Where there is none, the answer is "none", and 0 and "never" mean the same.
    fn from(value: Option<T>) -> Answer {
        value.map_or_else(|| Answer::quantity("none"), Into::into)
    }
}

impl Verdict {
    fn of(is_right: bool) -> Verdict {
        if is_right { Verdict::Right } else { Verdict::Wrong }
    }
}

/// The next line without what ends it, or `None` at the end of input.
pub(crate) fn read_line(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let piece = match input.fill_buf() {
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let newline = piece.iter().position(|byte| *byte == b'\n');
        let (end, used) = newline.map_or((piece.len(), piece.len()), |at| (at, at + 1));
        line.extend_from_slice(&piece[..end.min(LONGEST - line.len())]);
        input.consume(used);
        if newline.is_some() {
            return Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()));
        }
        if used == 0 {
            return Ok(None);
        }
    }
}

/// In lower case, without marks around it, with one kind of apostrophe and of minus.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace('’', "'").replace('−', "-");
    let around = |char: char| char.is_whitespace() || "\"'`!≈~".contains(char);
    // A number can begin with a point.
    text.trim_start_matches(around).trim_end_matches(|char| around(char) || char == '.').to_owned()
}

/// Whether a guess says that there is no one answer, or that the reader has none.
fn is_undecided(guess: &str) -> bool {
    const PHRASES: [&str; 14] = [
        "depends",
        "idea",
        "not sure",
        "unsure",
        "perhaps",
        "maybe",
        "who knows",
        "nobody knows",
        "no one knows",
        "not know",
        "n't know",
        "dunno",
        "to tell",
        "to say",
    ];
    let can = ["tell", "say"].iter().any(|verb| {
        ["can", "could"].iter().any(|can| {
            // "cannot tell", "can't say", "nobody can tell"
            guess.split_once(can).is_some_and(|(_, rest)| rest.contains(verb))
        })
    });
    can || guess.chars().all(|char| char == '?') || PHRASES.iter().any(|it| guess.contains(it))
}

/// What the guess comes to: "3+3 = 6".
fn result(guess: &str) -> &str {
    guess.rsplit('=').next().unwrap_or(guess).trim()
}

fn judge_number(guess: &str, answer: &str) -> Verdict {
    // Reasons may have numbers in them.
    let guess = result(guess.split(" because").next().unwrap_or(guess));
    // "3+3" is not 3, and "all but two" not 2.
    let is_computed = guess.trim_start_matches('+').contains(['+', '*', '×', '^'])
        || [" but ", "except"].iter().any(|less| guess.contains(less))
        || guess.contains('%') && !answer.contains('%');
    if is_computed {
        return Verdict::Unclear;
    }
    match (quantity::one(guess), quantity::one(answer)) {
        (Ok(guess), Ok(answer)) => Verdict::of(guess.equals(&answer)),
        (Err(0), _) => Verdict::NoNumber,
        _ => Verdict::Unclear,
    }
}

fn judge_list(guess: &str, answer: &str) -> Verdict {
    let (guess, answer) = (quantity::list(result(guess)), quantity::list(answer));
    match guess.is_empty() {
        true => Verdict::NoNumber,
        false => Verdict::of(
            guess.len() == answer.len()
                && guess.iter().zip(&answer).all(|(one, other)| one.equals(other)),
        ),
    }
}

/// By the first word that says it; without one, by a negation anywhere.
fn yes_or_no(guess: &str) -> Option<bool> {
    const YES: [&str; 12] =
        ["y", "yes", "yeah", "yep", "yup", "true", "sure", "course", "always", "does", "is", "can"];
    const NO: [&str; 12] = [
        "n", "no", "nope", "nah", "false", "never", "not", "none", "cannot", "nothing", "nobody",
        "neither",
    ];
    let mut words = guess.split(|char: char| !char.is_alphanumeric() && char != '\'');
    let is_no = |word: &str| NO.contains(&word) || word.ends_with("n't");
    let first = words.clone().find(|word| YES[..9].contains(word) || is_no(word));
    match first {
        Some(word) => Some(!is_no(word)),
        None => words.any(|word| YES.contains(&word)).then_some(true),
    }
}

/// The choice that the guess names: whole, or by a word that no other choice has.
fn judge_choice(guess: &str, choices: &[String], right: &str) -> Verdict {
    let choices: Vec<Vec<String>> =
        choices.iter().map(|choice| choice.split('|').map(plain).collect()).collect();
    // Of sizes and times the unit may be another one.
    let has_digit = |text: &str| text.contains(|char: char| char.is_ascii_digit());
    if has_digit(guess)
        && let Ok(size) = quantity::one(guess)
    {
        let is_size =
            |name: &String| has_digit(name) && quantity::one(name).is_ok_and(|it| it.equals(&size));
        let mut named = choices.iter().filter(|choice| choice.iter().any(is_size));
        match (named.next(), named.next()) {
            (Some(choice), None) => return Verdict::of(choice.iter().any(|name| name == right)),
            // A bare 8, of 8 bytes and 8 MiB.
            (Some(_), Some(_)) => return Verdict::Unclear,
            (None, _) => {}
        }
    }
    let is_known =
        |word: &str| choices.iter().flatten().any(|name| words(name).any(|it| it == word));
    // "billion" is nearly "million", and means neither more nor less than it says.
    let is_typed = |word: &str| {
        words(guess).any(|typed| typed == word || !is_known(typed) && is_like(typed, word))
    };
    if words(guess).any(|word| ["not", "except"].contains(&word) && !is_known(word)) {
        return Verdict::Unclear;
    }
    let is_own = |word: &str| {
        let has =
            |choice: &&Vec<String>| choice.iter().any(|name| words(name).any(|it| it == word));
        choices.iter().filter(has).count() == 1
    };
    // The words by which each choice is named; none for one that is not.
    let hits = choices.iter().map(|choice| {
        let is_whole = choice.iter().any(|name| words(name).all(is_typed));
        let hits = choice.iter().flat_map(|name| words(name)).filter(|word| is_typed(word));
        let hits: BTreeSet<&str> = hits.collect();
        if is_whole || hits.iter().any(|word| is_own(word)) { hits } else { BTreeSet::new() }
    });
    let hits: Vec<_> = hits.collect();
    // "full jitter" names "jitter" too, but says more.
    let is_named = |hit: &BTreeSet<&str>| {
        !hit.is_empty() && hits.iter().filter(|other| other.is_superset(hit)).count() == 1
    };
    let named: Vec<_> = choices.iter().zip(&hits).filter(|(_, hit)| is_named(hit)).collect();
    match named[..] {
        [(choice, _)] => Verdict::of(choice.iter().any(|name| name == right)),
        _ => Verdict::Unclear,
    }
}

/// The words that carry meaning.
fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    const LITTLE: [&str; 12] =
        ["a", "an", "the", "of", "by", "with", "in", "at", "to", "is", "and", "or"];
    text.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty() && !LITTLE.contains(word))
}

/// A long word that is spelt or ends a little differently: "idempotence".
fn is_like(typed: &str, word: &str) -> bool {
    word.len() >= 5 && strsim::jaro_winkler(typed, word) > 0.9
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::Verdict::{NoNumber, Right, Unclear, Wrong};
    use super::*;

    /// What each guess is, for one answer.
    fn check(answer: impl Into<Answer>, guesses: &[(&str, Verdict)]) {
        let answer = answer.into();
        for (guess, verdict) in guesses {
            assert_eq!(answer.judge(guess), *verdict, "{guess:?} for {answer:?}");
        }
    }

    #[test]
    fn a_number_is_read_in_digits_and_in_words() {
        check(
            6,
            &[
                ("6", Right),
                (" 6 bytes ", Right),
                ("+06.0", Right),
                ("I think 6.", Right),
                ("6 of 7", Right),
                ("6/7", Right),
                ("six", Right),
                ("six, both together", Right),
                ("6 because both of the 2 had arrived", Right),
                ("Six!", Right),
                ("≈ 6", Right),
                ("3", Wrong),
                ("-6", Wrong),
                ("60", Wrong),
                ("6.5", Wrong),
                ("sixty-six", Wrong),
                ("none", Wrong),
                ("3+3 = 6", Right),
                ("6 because 3+3 = 6", Right),
                ("3+3", Unclear),
                ("all but one", Unclear),
                ("86 %", Unclear),
                ("5 or 6", Unclear),
                ("1-6", Unclear),
                ("it depends", Unclear),
                ("nobody can tell", Unclear),
                ("don't know", Unclear),
                ("?", Unclear),
                ("all that were sent", NoNumber),
                ("a few", NoNumber),
            ],
        );
        check(
            Answer::quantity("20 ms"),
            &[
                ("plus or minus 20 ms", Right),
                ("+/- 20", Right),
                ("+-20", Right),
                ("±20 ms", Right),
                ("20,000 microseconds", Right),
                ("0.02 s", Right),
                ("-20", Wrong),
                ("minus 20 ms", Wrong),
            ],
        );
        check(
            9_000,
            &[
                ("9k", Right),
                ("$9 K", Right),
                ("9 thousand dollars", Right),
                ("9.0 thousand", Right),
                ("90 hundred", Right),
                ("750 dozen", Right),
                ("0.009 million", Right),
                ("0.09 hundred thousand", Right),
                ("9 thousand thousand", Wrong),
                ("9 million", Wrong),
                ("9", Wrong),
            ],
        );
        check(
            Answer::quantity("3,000 ms"),
            &[
                ("3 thousand ms", Right),
                ("3k milliseconds", Right),
                ("3 k", Right),
                ("3 million microseconds", Right),
                ("0.003 thousand s", Right),
                ("3 thousand s", Wrong),
                ("3 thousand of 5 thousand", Right),
            ],
        );
        check(0, &[("-0", Right), ("minus zero", Right), ("never negative", Right)]);
        check(
            0,
            &[
                ("0", Right),
                ("none", Right),
                ("None of them", Right),
                ("no, never", Right),
                ("never", Right),
                ("nobody", Right),
                ("not one", Right),
                ("none of the 25 runs", Right),
                ("not a single one", Right),
                ("no one", Right),
                ("one", Wrong),
                ("no more than two", Unclear),
            ],
        );
        check(1_234_567_u64, &[("1234567", Right), ("1,234,567", Right), ("1_234_567", Right)]);
        check(
            128,
            &[
                ("a hundred and twenty-eight", Right),
                ("one hundred twenty eight", Right),
                ("128 ways", Right),
                ("two hundred", Wrong),
            ],
        );
        check(
            2,
            &[("twice", Right), ("both", Right), ("once", Wrong), ("two", Right), ("third", Wrong)],
        );
        check(
            -3,
            &[
                ("-3", Right),
                ("−3 s", Right),
                ("minus 3", Right),
                ("minus three seconds", Right),
                ("negative 3", Right),
                ("3", Wrong),
                ("three", Wrong),
            ],
        );
        check(18_446_744_073_709_551_615_u64, &[("18446744073709551614", Wrong)]);
        check(6, &[(&"million ".repeat(100), Wrong), (&"9".repeat(1000), Wrong)]);
        check(None::<u64>, &[("never", Right), ("none", Right), ("0", Right), ("5", Wrong)]);
    }

    #[test]
    fn units_are_converted_and_may_be_left_out() {
        let guesses = [
            ("300", Right),
            ("300ms", Right),
            ("0.3 s", Right),
            (".3 s", Right),
            ("0.3 seconds", Right),
            ("300 s", Wrong),
            ("3 s", Wrong),
        ];
        check(Answer::quantity("300 ms"), &guesses);
        let nothing =
            [("0", Right), ("0 s", Right), ("none", Right), ("0.0 s", Right), ("1 s", Wrong)];
        check(Answer::quantity("0 ms"), &nothing);
        check(8_000, &[("8 kB", Right), ("8 KB", Right), ("8", Wrong), ("8 MB", Wrong)]);
        check(Answer::quantity("8 MiB"), &[("8", Right), ("8 kB", Wrong)]);
        check(Answer::quantity("9.6 %"), &[("9.6%", Right), ("9.6", Right), ("96", Wrong)]);
    }

    #[test]
    fn a_list_may_be_written_in_any_way() {
        check(
            Answer::list([2, 0, 2]),
            &[
                ("[2,0,2]", Right),
                ("2, 0, 2", Right),
                ("2 0 2", Right),
                ("(2; 0; 2)", Right),
                ("the larger of each = [2,0,2]", Right),
                ("[2,1,2]", Wrong),
                ("2,0", Wrong),
                ("the larger", NoNumber),
            ],
        );
    }

    #[test]
    fn yes_and_no_have_many_words() {
        check(
            false,
            &[
                ("n", Right),
                ("no", Right),
                ("No, never", Right),
                ("never", Right),
                ("it does not", Right),
                ("it doesn't", Right),
                ("isn’t", Right),
                ("yes", Wrong),
                ("Yes, but not at once", Wrong),
                ("nobody can tell", Unclear),
                ("not sure", Unclear),
                ("the first", Unclear),
            ],
        );
        check(true, &[("Y", Right), ("yep", Right), ("it does", Right), ("of course", Right)]);
    }

    #[test]
    fn a_choice_is_named_whole_or_by_its_own_word() {
        let policies = ["at once", "fixed", "exponential", "full jitter | random"];
        check(
            Answer::one_of(&policies, "full jitter"),
            &[
                ("full jitter", Right),
                ("jitter", Right),
                ("I say jitter, I think", Right),
                ("Jiter", Right),
                ("random", Right),
                ("exponential", Wrong),
                ("expotential backoff", Wrong),
                ("at once", Wrong),
                ("not jitter", Unclear),
                ("exponential with jitter", Unclear),
                ("at all", Unclear),
            ],
        );
        let sizes = ["a thousand", "a million", "a billion"];
        for billion in ["billion", "a billion or so", "over a billion"] {
            check(Answer::one_of(&sizes, "A billion"), &[(billion, Right)]);
        }
        check(Answer::one_of(&sizes, "A billion"), &[("a million", Wrong)]);
        check(
            Answer::one_of(&["8 bytes", "64 KiB", "8 MiB"], "8 MiB"),
            &[
                ("8192 KiB", Right),
                ("8 megabytes", Right),
                ("8", Unclear),
                ("8 bytes", Wrong),
                ("64", Wrong),
                ("mib", Right),
            ],
        );
        let ends = ["yes", "no", "unknown | nobody can tell"];
        check(
            Answer::one_of(&ends, "unknown"),
            &[
                ("unknown", Right),
                ("nobody can tell", Right),
                ("no", Wrong),
                ("it depends", Unclear),
            ],
        );
        check(Answer::one_of(&["401", "403"], "403"), &[("403", Right), ("a 401", Wrong)]);
        check(Answer::one_of(&["jitter", "full jitter"], "jitter"), &[("full jitter", Wrong)]);
        check(Answer::one_of(&["idempotent"], "idempotent"), &[("idempotence", Right)]);
    }

    #[test]
    fn a_line_is_bounded_and_the_next_one_intact() {
        let input = format!("{}\r\nnext\nlast", "x".repeat(3_000_000));
        let mut input = BufReader::new(Cursor::new(input));
        assert_eq!(read_line(&mut input).unwrap().unwrap(), "x".repeat(LONGEST));
        assert_eq!(read_line(&mut input).unwrap().unwrap(), "next");
        assert_eq!(read_line(&mut input).unwrap(), None, "an unfinished line is not entered");
    }
}
