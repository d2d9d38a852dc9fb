//! A case as a code that a shell leaves alone, and back.

use super::cases::{Case, Connect, Ending, REPLY};

/// The longest time that a code may name, about a quarter of an hour.
const MOST: u64 = 999_999;

impl Case {
    /// The deadline, then each step: `130.accept-10.1-20.2-0.end-10`. A piece is its bytes and its
    /// delay.
    pub(super) fn code(&self) -> String {
        let deadline = self.deadline;
        let (Connect::Accept(delay), (last_delay, ending)) = (self.connect, self.ends) else {
            return match self.connect {
                Connect::Refuse(delay) => format!("{deadline}.refuse-{delay}"),
                _ => format!("{deadline}.silence"),
            };
        };
        let mut code = format!("{deadline}.accept-{delay}");
        for (delay, piece) in &self.pieces {
            code.push_str(&format!(".{}-{delay}", piece.len()));
        }
        code + &match ending {
            Ending::Silence => ".silence".to_owned(),
            Ending::End => format!(".end-{last_delay}"),
            Ending::Reset => format!(".reset-{last_delay}"),
        }
    }

    /// What [`code`](Case::code) wrote, for any times.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let steps: Vec<&str> = code.split('.').collect();
        let [deadline, connect, ref rest @ ..] = steps[..] else {
            return Err("it has no server".to_owned());
        };
        let mut case = Case {
            deadline: digits(deadline)?,
            connect: connect_of(connect)?,
            pieces: Vec::new(),
            ends: (0, Ending::Silence),
        };
        match (case.connect, rest) {
            (Connect::Accept(_), [pieces @ .., ending]) => {
                case.pieces = pieces_of(pieces)?;
                case.ends = ending_of(ending)?;
                Ok(case)
            }
            (Connect::Accept(_), []) => Err("it has no ending".to_owned()),
            (_, []) => Ok(case),
            (_, [step, ..]) => Err(format!("\"{step}\" needs a connection")),
        }
    }
}

fn connect_of(step: &str) -> Result<Connect, String> {
    match step.split_once('-') {
        Some(("accept", delay)) => Ok(Connect::Accept(digits(delay)?)),
        Some(("refuse", delay)) => Ok(Connect::Refuse(digits(delay)?)),
        None if step == "silence" => Ok(Connect::Silence),
        _ => Err(format!("\"{step}\" is none of accept, refuse and silence")),
    }
}

fn pieces_of(steps: &[&str]) -> Result<Vec<(u64, Vec<u8>)>, String> {
    let mut rest = REPLY;
    let mut pieces = Vec::new();
    for step in steps {
        let wrong = || format!("\"{step}\" is no piece of the reply");
        let (length, delay) = step.split_once('-').ok_or_else(wrong)?;
        let length = usize::try_from(digits(length)?).map_err(|_| wrong())?;
        let (piece, after) = rest.split_at_checked(length).ok_or_else(wrong)?;
        if piece.is_empty() {
            return Err(wrong());
        }
        pieces.push((digits(delay)?, piece.to_vec()));
        rest = after;
    }
    Ok(pieces)
}

fn ending_of(step: &str) -> Result<(u64, Ending), String> {
    match step.split_once('-') {
        Some(("end", delay)) => Ok((digits(delay)?, Ending::End)),
        Some(("reset", delay)) => Ok((digits(delay)?, Ending::Reset)),
        None if step == "silence" => Ok((0, Ending::Silence)),
        _ => Err(format!("\"{step}\" is none of end, reset and silence")),
    }
}

fn digits(digits: &str) -> Result<u64, String> {
    let plain = !digits.starts_with('+');
    let number = digits.parse().ok().filter(|number| plain && *number <= MOST);
    number.ok_or_else(|| format!("\"{digits}\" is no number up to {MOST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        for (code, reason) in [
            ("", "it has no server"),
            ("x.silence", "\"x\" is no number up to 999999"),
            ("+1.silence", "\"+1\" is no number up to 999999"),
            ("1.refuse-1000000", "\"1000000\" is no number up to 999999"),
            ("1.hello", "\"hello\" is none of accept, refuse and silence"),
            ("1.accept-0", "it has no ending"),
            ("1.refuse-0.end-0", "\"end-0\" needs a connection"),
            ("1.accept-0.0-0.end-0", "\"0-0\" is no piece of the reply"),
            ("1.accept-0.2-0.2-0.end-0", "\"2-0\" is no piece of the reply"),
            ("1.accept-0.1-0", "\"1-0\" is none of end, reset and silence"),
        ] {
            assert_eq!(Case::parse(code).unwrap_err(), reason);
        }
    }
}
