//! Numbers in what a reader types: in digits or words, with a unit, among other words.

const WORDS: [(&str, u128); 38] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("once", 1),
    ("twice", 2),
    ("both", 2),
    // Not "first" and "second": the one begins many a sentence, the other is a unit.
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
];

const MULTIPLES: [(&str, u128); 5] =
    [("dozen", 12), ("hundred", 100), ("thousand", 1_000), ("k", 1_000), ("million", 1_000_000)];

/// What means 0, of things and of times.
const NOTHING: [&str; 8] = ["zero", "none", "no", "never", "nothing", "nobody", "neither", "nil"];

/// What makes the number after it negative, in words.
const NEGATIVE: [&str; 2] = ["minus", "negative"];

/// Units of time in nanoseconds, and of memory in bytes, in the singular.
const UNITS: [(&str, Dimension, f64); 25] = [
    ("ns", Dimension::Time, 1.0),
    ("us", Dimension::Time, 1e3),
    ("µs", Dimension::Time, 1e3),
    ("nanosecond", Dimension::Time, 1.0),
    ("microsecond", Dimension::Time, 1e3),
    ("ms", Dimension::Time, 1e6),
    ("millisecond", Dimension::Time, 1e6),
    ("s", Dimension::Time, 1e9),
    ("sec", Dimension::Time, 1e9),
    ("second", Dimension::Time, 1e9),
    ("min", Dimension::Time, 60e9),
    ("minute", Dimension::Time, 60e9),
    ("h", Dimension::Time, 3600e9),
    ("hour", Dimension::Time, 3600e9),
    ("b", Dimension::Memory, 1.0),
    ("byte", Dimension::Memory, 1.0),
    ("kib", Dimension::Memory, 1024.0),
    ("mib", Dimension::Memory, 1048576.0),
    // Few readers distinguish MB from MiB when they guess.
    ("kb", Dimension::Memory, 1024.0),
    ("kb", Dimension::Memory, 1e3),
    ("mb", Dimension::Memory, 1048576.0),
    ("mb", Dimension::Memory, 1e6),
    ("megabyte", Dimension::Memory, 1048576.0),
    ("megabyte", Dimension::Memory, 1e6),
    // A number of bytes, where the question has named them.
    ("", Dimension::Memory, 1.0),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Time,
    Memory,
}

/// One number, and the word after it.
#[derive(Clone, Debug)]
pub(crate) struct Quantity {
    /// Its shortest decimal form, exact however long it is.
    digits: String,
    unit: String,
    /// `5 of 7`, `5/7`: the number after it is only what it is a part of.
    is_part: bool,
}

impl Quantity {
    fn of(digits: &str) -> Quantity {
        let digits = digits.replace('_', "");
        let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |rest| ("-", rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let sign = if whole.is_empty() && fraction.is_empty() { "" } else { sign };
        let digits = format!("{sign}{whole}.{fraction}");
        Quantity { digits, unit: String::new(), is_part: false }
    }

    /// So many times itself, as far as that is exact: 0.0001 dozen is not a count.
    fn multiply(&mut self, multiple: u128) {
        let (whole, fraction) = self.digits.split_once('.').unwrap_or((&self.digits, ""));
        let zeros = multiple.ilog10() as usize;
        let is_power = 10_u128.pow(multiple.ilog10()) == multiple;
        if is_power {
            let moved = format!("{fraction:0<zeros$}");
            *self = Quantity::of(&format!("{whole}{}.{}", &moved[..zeros], &moved[zeros..]));
        } else if let (Ok(whole), "") = (whole.parse::<u128>(), fraction) {
            *self = Quantity::of(&whole.saturating_mul(multiple).to_string());
        }
    }

    /// Two units of one dimension are converted. Another word after a number says what is counted,
    /// as the question does, and a unit may be left out.
    pub(crate) fn equals(&self, other: &Quantity) -> bool {
        let pairs = self.measures().flat_map(|one| other.measures().map(move |other| (one, other)));
        let alike: Vec<bool> = pairs
            .filter(|(one, other)| one.0 == other.0)
            .map(|(one, other)| (one.1 - other.1).abs() <= one.1.abs() * 1e-9)
            .collect();
        let counts_alone = alike.is_empty() || self.unit.is_empty() || other.unit.is_empty();
        // The digits of a large number are exact, its measure is not.
        let is_converted = self.unit != other.unit && alike.contains(&true);
        is_converted || self.digits == other.digits && (counts_alone || self.unit == other.unit)
    }

    /// What it can be in nanoseconds or in bytes.
    fn measures(&self) -> impl Iterator<Item = (Dimension, f64)> {
        let is_unit = |name: &str| *name == self.unit || format!("{name}s") == self.unit;
        let units = UNITS.iter().filter(move |(name, ..)| is_unit(name));
        // Zero is a point alone.
        let number = format!("{}0", self.digits).parse::<f64>().unwrap_or(f64::NAN);
        units.map(move |(_, dimension, unit)| (*dimension, number * unit))
    }
}

/// The numbers of a list, whatever stands between them.
pub(crate) fn list(text: &str) -> Vec<Quantity> {
    read(&text.replace(',', " "))
}

/// The one number that a text in lower case names. Of several it is the first where the others are
/// what it is a part of ("5 of 7"); otherwise it is not clear which is meant.
///
/// # Errors
/// How many there are.
pub(crate) fn one(text: &str) -> Result<Quantity, usize> {
    // "none of the 25 runs"
    if NOTHING.iter().any(|nothing| text.starts_with(&format!("{nothing} of "))) {
        return Ok(Quantity::of("0"));
    }
    // As an error is often written, in either direction.
    let text = ["plus or minus", "plus minus", "+/-", "+-", "±"]
        .into_iter()
        .fold(text.replace(',', ""), |text, sign| text.replace(sign, " "));
    let mut all = read(&text);
    all.dedup_by(|next, first| first.is_part || first.digits == next.digits);
    match all.len() {
        1 => Ok(all.remove(0)),
        several => Err(several),
    }
}

/// All numbers in digits, or if there are none, in words.
fn read(text: &str) -> Vec<Quantity> {
    let words = words(text);
    if !words.iter().any(|word| is_digits(word)) {
        return in_words(&words);
    }
    let mut numbers: Vec<Quantity> = Vec::new();
    let mut is_open = false; // whether this word belongs to the last number
    for (at, word) in words.iter().enumerate() {
        let before = |back| at.checked_sub(back).map_or("", |at| words[at]);
        if is_digits(word) {
            let is_negative =
                before(1) == "-" && !is_digits(before(2)) || NEGATIVE.contains(&before(1));
            numbers.push(Quantity::of(&format!("{}{word}", if is_negative { "-" } else { "" })));
            is_open = true;
        } else if let Some(number) = numbers.last_mut().filter(|_| is_open) {
            let multiple = value(&MULTIPLES, word);
            match (*word, multiple) {
                ("of" | "out" | "/", _) => number.is_part = true,
                // "9k", "5.6 million", "2 hundred thousand ms"
                (_, Some(multiple)) => number.multiply(multiple),
                (unit, _) => number.unit = unit.to_owned(),
            }
            is_open = multiple.is_some();
        }
    }
    numbers
}

fn in_words(words: &[&str]) -> Vec<Quantity> {
    let mut numbers: Vec<u128> = Vec::new();
    let has_numbers = words.iter().any(|word| *word != "both" && value(&WORDS, word).is_some());
    let mut is_open = false; // whether the last number goes on: "two hundred and", "twenty"
    let mut before = "";
    for word in words {
        // "six, both together"
        if ["-", "and", "a", "single"].contains(word) || *word == "both" && has_numbers {
            continue;
        }
        let last = numbers.last_mut().filter(|_| is_open);
        let is_none = ["no", "not"].contains(&before) && ["one", "any"].contains(word);
        if let Some(multiple) = value(&MULTIPLES, word) {
            match last {
                // "million million …" is no number that any answer has.
                Some(last) => *last = last.saturating_mul(multiple),
                None => numbers.push(multiple),
            }
        } else if let Some(value) = value(&WORDS, word).filter(|_| !is_none) {
            match last {
                Some(last) if *last % 100 == 0 || *last % 10 == 0 && value < 10 => {
                    *last = last.saturating_add(value);
                }
                _ => numbers.push(value),
            }
        } else if NOTHING.contains(word) || is_none {
            numbers.push(0);
        }
        is_open = value(&MULTIPLES, word).or(value(&WORDS, word)).is_some();
        before = word;
    }
    // "minus three" is one number; of several it is not clear which is meant anyway.
    let sign = if words.iter().any(|word| NEGATIVE.contains(word)) { "-" } else { "" };
    numbers.iter().map(|value| Quantity::of(&format!("{sign}{value}"))).collect()
}

fn value(table: &[(&str, u128)], word: &str) -> Option<u128> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// Digits with their points, letters, and each other sign by itself.
fn words(text: &str) -> Vec<&str> {
    let kind = |char: char| match char {
        '0'..='9' | '.' | '_' => 0,
        'µ' | '\'' => 1,
        letter if letter.is_alphabetic() => 1,
        _ => 2,
    };
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match kind(first) {
            2 => first.len_utf8(),
            same => rest.find(|char| kind(char) != same).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(length);
        words.push(word.trim_end_matches('.'));
        rest = after;
    }
    words.retain(|word| !word.trim().is_empty());
    words
}

fn is_digits(word: &str) -> bool {
    word.strip_prefix('.').unwrap_or(word).starts_with(|char: char| char.is_ascii_digit())
}
