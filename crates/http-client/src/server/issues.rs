//! The one thing that the API stores: the issues of `owner/repo`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// An issue, as the API sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Counts from 1 in each repository and is never used twice.
    pub number: u64,
    /// One line.
    pub title: String,
    /// The text below it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `open` or `closed`.
    pub state: String,
    /// In the order in which they were put on; the same label may stand there twice.
    pub labels: Vec<String>,
}

/// What a client sends to create an issue.
#[derive(Deserialize)]
pub(super) struct NewIssue {
    title: String,
    body: Option<String>,
}

/// What a client sends to replace the labels of an issue.
#[derive(Deserialize)]
pub(super) struct Labels {
    pub(super) labels: Vec<String>,
}

/// A merge patch (RFC 7396): the members that are there replace the old values.
#[derive(Deserialize)]
pub(super) struct MergePatch {
    title: Option<String>,
    state: Option<String>,
}

/// A JSON patch (RFC 6902) of which this API knows one operation: `add` at the end of `/labels`.
#[derive(Deserialize)]
pub(super) struct JsonPatch {
    op: String,
    path: String,
    value: String,
}

/// At most [`Issues::KEPT`] issues, the newest ones.
pub(super) struct Issues {
    kept: VecDeque<Issue>,
    next_number: u64,
}

/// Why an issue of the client is invalid, in words for the client.
pub(super) struct Invalid(pub(super) String);

impl Issues {
    const KEPT: usize = 100;
    const MAX_TITLE: usize = 256;
    const MAX_LABELS: usize = 100;
    const MAX_LABEL: usize = 50;

    /// One issue is there from the start.
    pub(super) fn with_the_first() -> Issues {
        let mut issues = Issues { kept: VecDeque::new(), next_number: 1 };
        issues.push("Found a bug".to_owned(), None);
        issues
    }

    pub(super) fn all(&self) -> Vec<Issue> {
        self.kept.iter().cloned().collect()
    }

    pub(super) fn get(&mut self, number: u64) -> Option<&mut Issue> {
        self.kept.iter_mut().find(|issue| issue.number == number)
    }

    pub(super) fn create(&mut self, new: NewIssue) -> Result<Issue, Invalid> {
        check_title(&new.title)?;
        Ok(self.push(new.title, new.body))
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, number: u64) -> bool {
        let before = self.kept.len();
        self.kept.retain(|issue| issue.number != number);
        self.kept.len() < before
    }

    fn push(&mut self, title: String, body: Option<String>) -> Issue {
        let issue = Issue {
            number: self.next_number,
            title,
            body,
            state: "open".to_owned(),
            labels: Vec::new(),
        };
        self.next_number += 1;
        if self.kept.len() == Issues::KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(issue.clone());
        issue
    }
}

impl Issue {
    pub(super) fn replace_labels(&mut self, labels: Vec<String>) -> Result<(), Invalid> {
        if labels.len() > Issues::MAX_LABELS {
            return Err(Invalid(format!("more than {} labels", Issues::MAX_LABELS)));
        }
        labels.iter().try_for_each(|label| check_label(label))?;
        self.labels = labels;
        Ok(())
    }

    pub(super) fn merge(&mut self, patch: MergePatch) -> Result<(), Invalid> {
        if let Some(title) = &patch.title {
            check_title(title)?;
        }
        if let Some("open" | "closed") | None = patch.state.as_deref() {
            self.title = patch.title.unwrap_or_else(|| self.title.clone());
            self.state = patch.state.unwrap_or_else(|| self.state.clone());
            return Ok(());
        }
        Err(Invalid("state is neither open nor closed".to_owned()))
    }

    /// All the operations, or none of them (RFC 6902, section 5).
    pub(super) fn apply(&mut self, patch: Vec<JsonPatch>) -> Result<(), Invalid> {
        let mut labels = self.labels.clone();
        for operation in patch {
            if operation.op != "add" || operation.path != "/labels/-" {
                return Err(Invalid("the one operation known here is add to /labels/-".to_owned()));
            }
            labels.push(operation.value);
        }
        self.replace_labels(labels)
    }
}

fn check_title(title: &str) -> Result<(), Invalid> {
    match title.chars().count() {
        0 => Err(Invalid("title is empty".to_owned())),
        1..=Issues::MAX_TITLE => Ok(()),
        _ => Err(Invalid(format!("title is longer than {} characters", Issues::MAX_TITLE))),
    }
}

fn check_label(label: &str) -> Result<(), Invalid> {
    match label.chars().count() {
        1..=Issues::MAX_LABEL => Ok(()),
        0 => Err(Invalid("a label is empty".to_owned())),
        _ => Err(Invalid(format!("a label is longer than {} characters", Issues::MAX_LABEL))),
    }
}
