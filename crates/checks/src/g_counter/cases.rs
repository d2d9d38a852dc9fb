//! Every small schedule, and what is right after each of its steps.

use crate::plural;

/// The replicas' names, in the order of their entries.
const NAMES: [char; 3] = ['a', 'b', 'c'];

/// Steps of the longest schedule of so many replicas.
pub(super) const LONGEST_OF: [(usize, usize); 2] = [(2, 5), (3, 4)];

/// Steps of the longest schedule of all.
const LONGEST: usize = 5;

/// A schedule. It has the replicas that it names, and at least a and b.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub(super) steps: Vec<Step>,
}

/// What happens, one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A replica counts: a 1, b 2 and c 3 each time, so that one can tell them apart.
    Count { at: usize },
    /// A replica merges what another has told: all that it knew when this happened, or what it had
    /// known after an earlier step, counted from 0.
    Merge { at: usize, from: usize, late: Option<usize> },
}

/// Which counts a replica knows of: bit i is set where it knows of the one in step i.
type Known = u32;

/// A step with what is right before and after it, at the replica that acts.
#[derive(Clone, Debug)]
pub(super) struct Right {
    pub(super) step: Step,
    pub(super) before: Vec<u64>,
    /// What is merged, if anything is.
    pub(super) told: Option<Told>,
    pub(super) after: Vec<u64>,
}

/// What a message says.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) entries: Vec<u64>,
    /// Whether this replica has merged the same before.
    pub(super) again: bool,
}

/// All cases, the fewest steps first and then the fewest replicas.
pub(super) fn all() -> impl Iterator<Item = Case> {
    (1..=LONGEST).flat_map(|steps| {
        let sizes = LONGEST_OF.into_iter();
        let sizes = sizes.filter(move |(_, longest)| steps <= *longest);
        sizes.flat_map(move |(replicas, _)| {
            let cases = schedules(steps, replicas).into_iter();
            cases.filter(move |case| case.replicas() == replicas)
        })
    })
}

/// Every schedule of so many steps of no more than so many replicas.
fn schedules(steps: usize, replicas: usize) -> Vec<Case> {
    let none = Case { steps: Vec::new() };
    (0..steps).fold(vec![none], |shorter, _| {
        let longer = |case: Case| {
            let next = case.next_steps(replicas).into_iter();
            next.map(move |step| case.with(step))
        };
        shorter.into_iter().flat_map(longer).collect()
    })
}

impl Step {
    /// The replica that acts.
    pub(super) fn at(self) -> usize {
        match self {
            Step::Count { at } | Step::Merge { at, .. } => at,
        }
    }

    /// The last of the replicas that it names.
    fn last(self) -> usize {
        match self {
            Step::Count { at } => at,
            Step::Merge { at, from, .. } => at.max(from),
        }
    }
}

/// How much a replica counts each time.
pub(super) fn amount(replica: usize) -> u64 {
    replica as u64 + 1
}

/// What a replica is called.
pub(super) fn name(replica: usize) -> char {
    NAMES[replica]
}

impl Case {
    fn with(&self, step: Step) -> Case {
        let mut steps = self.steps.clone();
        steps.push(step);
        Case { steps }
    }

    /// How many replicas there are.
    pub(super) fn replicas(&self) -> usize {
        let last = self.steps.iter().map(|step| step.last()).max();
        last.map_or(2, |last| (last + 1).max(2))
    }

    /// All that can happen now. What was told before there was anything to tell changes nothing,
    /// and is left out where it is late.
    fn next_steps(&self, replicas: usize) -> Vec<Step> {
        let mut next: Vec<Step> = (0..replicas).map(|at| Step::Count { at }).collect();
        for from in 0..replicas {
            for at in (0..replicas).filter(|at| *at != from) {
                let merge = |late| Step::Merge { at, from, late };
                next.push(merge(None));
                let mut own = self.steps_at(from);
                own.pop();
                next.extend(own.into_iter().map(|step| merge(Some(step))));
            }
        }
        next
    }

    /// The steps in which this replica acts.
    fn steps_at(&self, replica: usize) -> Vec<usize> {
        let steps = self.steps.iter().enumerate();
        let own = steps.filter(|(_, step)| step.at() == replica);
        own.map(|(number, _)| number).collect()
    }

    /// What is right, step by step.
    ///
    /// It is found without comparing entries: by which counts a replica has heard of, on whatever
    /// way.
    pub(super) fn right(&self) -> Vec<Right> {
        let mut known: [Known; NAMES.len()] = [0; NAMES.len()];
        let mut after = Vec::new();
        let mut merged = Vec::new();
        let mut right = Vec::new();
        for (number, &step) in self.steps.iter().enumerate() {
            let at = step.at();
            let before = known[at];
            let told = match step {
                Step::Count { .. } => {
                    known[at] |= 1 << number;
                    None
                }
                Step::Merge { from, late, .. } => {
                    let told = late.map_or(known[from], |late| after[late]);
                    known[at] |= told;
                    let again = merged.contains(&(at, told));
                    merged.push((at, told));
                    let entries = self.entries(told);
                    Some(Told { entries, again })
                }
            };
            after.push(known[at]);
            right.push(Right {
                step,
                before: self.entries(before),
                told,
                after: self.entries(known[at]),
            });
        }
        right
    }

    /// For each replica the sum of those of its counts that are known.
    fn entries(&self, known: Known) -> Vec<u64> {
        let mut entries = vec![0; self.replicas()];
        for (number, step) in self.steps.iter().enumerate() {
            if known >> number & 1 == 1 {
                entries[step.at()] += amount(step.at());
            }
        }
        entries
    }

    pub(super) fn measure(&self) -> (usize, usize) {
        (self.steps.len(), self.replicas())
    }

    pub(super) fn size(&self) -> String {
        let steps = plural(self.steps.len(), "step");
        format!("{steps}, {} replicas", self.replicas())
    }

    /// The steps with dots between them: `a` where a counts, `ab` where a tells b, `ab:1` where it
    /// comes as a knew it after step 1.
    pub(super) fn code(&self) -> String {
        let step = |step: &Step| match *step {
            Step::Count { at } => name(at).to_string(),
            Step::Merge { at, from, late } => {
                let late = late.map_or(String::new(), |late| format!(":{}", late + 1));
                format!("{}{}{late}", name(from), name(at))
            }
        };
        let steps: Vec<String> = self.steps.iter().map(step).collect();
        steps.join(".")
    }

    /// What [`code`](Case::code) wrote.
    pub(super) fn parse(code: &str) -> Result<Case, String> {
        let mut case = Case { steps: Vec::new() };
        for step in code.split('.') {
            if case.steps.len() == LONGEST {
                return Err(format!("it has more than {LONGEST} steps"));
            }
            case.steps.push(case.parse_step(step)?);
        }
        Ok(case)
    }

    fn parse_step(&self, code: &str) -> Result<Step, String> {
        let no_step = || {
            let code: String = code.chars().take(8).collect();
            format!("\"{code}\" is neither a count, as in a, nor a message, as in ab or ab:1")
        };
        let replica = |name| NAMES.iter().position(|known| *known == name);
        let (who, late) = match code.split_once(':') {
            Some((who, late)) => (who, Some(late)),
            None => (code, None),
        };
        let who: Option<Vec<usize>> = who.chars().take(3).map(replica).collect();
        match (who.as_deref(), late) {
            (Some(&[at]), None) => Ok(Step::Count { at }),
            (Some(&[from, at]), late) if from != at => {
                let late = late.map(|late| self.parse_late(from, late)).transpose()?;
                Ok(Step::Merge { at, from, late })
            }
            _ => Err(no_step()),
        }
    }

    fn parse_late(&self, from: usize, number: &str) -> Result<usize, String> {
        let mut own = self.steps_at(from).into_iter();
        own.find(|step| (step + 1).to_string() == number).ok_or_else(|| {
            let number: String = number.chars().take(8).collect();
            format!("{} did nothing in a step {number} before", name(from))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(code: &str) -> Vec<Vec<u64>> {
        let right = Case::parse(code).unwrap().right();
        right.into_iter().map(|right| right.after).collect()
    }

    #[test]
    fn the_right_entries_are_those_of_the_page() {
        assert_eq!(after("a.b.ba.ab.ab"), [[1, 0], [0, 2], [1, 2], [1, 2], [1, 2]]);
        assert_eq!(after("c.b.cb"), [[0, 0, 3], [0, 2, 0], [0, 2, 3]]);
    }

    #[test]
    fn what_comes_late_is_what_was_known_then() {
        assert_eq!(after("a.a.ab:1.ab.ab:1")[2..], [[1, 0], [2, 0], [2, 0]]);
        let right = Case::parse("a.a.ab:1.ab.ab:1").unwrap().right();
        let again: Vec<bool> =
            right.iter().flat_map(|right| &right.told).map(|told| told.again).collect();
        assert_eq!(again, [false, false, true]);
    }

    #[test]
    fn the_shortest_schedules_are_those_one_would_write_down() {
        let codes: Vec<String> = all().map(|case| case.code()).collect();
        let first: Vec<&str> = codes.iter().map(String::as_str).take(9).collect();
        assert_eq!(first, ["a", "b", "ab", "ba", "c", "ac", "bc", "ca", "cb"]);
        for code in ["a.ab.b.bc", "a.a.ab.ab:1", "a.b.ab.ba:2.ab"] {
            assert!(codes.iter().any(|one| one == code), "{code}");
        }
    }

    #[test]
    fn bad_codes_are_refused_with_the_reason() {
        let error = |code: &str| Case::parse(code).unwrap_err();
        for step in ["", "d", "aa", "abc", "a:1", "ab:1:2x", "é"] {
            let error = error(&format!("c.{step}"));
            assert!(error.contains("is neither") || error.contains("did nothing"), "{error}");
        }
        for late in ["ab:1", "ab:2", "ab:0", "ab:99999999999999999999"] {
            assert!(error(late).starts_with("a did nothing in a step "));
        }
        assert!(error("b.ab:1").starts_with("a did nothing in a step 1 "));
        assert_eq!(error(&"a.".repeat(99_999)), "it has more than 5 steps");
        assert!(error(&"a".repeat(99_999)).len() < 100);
    }
}
