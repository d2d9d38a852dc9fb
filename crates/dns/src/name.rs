//! Domain names: labels, read from right to left, each below the next.

use std::fmt::{self, Display};

use simple_dns::Label;

/// The longest label, in bytes (RFC 1035, section 2.3.4).
pub(crate) const MAX_LABEL: usize = 63;

/// The longest name on the wire: a length before each label, and a zero at the end.
pub(crate) const MAX_NAME: usize = 255;

/// A domain name, in lower case: upper and lower case are the same name (RFC 4343).
///
/// What a name from outside has beside letters, digits, `-` and `_` is kept as `\DDD`, its value in
/// decimal. So a dot in the text always separates labels, and a name can be shown as it is.
///
/// ```
/// use dns::name::Name;
///
/// let web: Name = "Web.Example.com.".parse()?;
/// assert_eq!(web.to_string(), "web.example.com");
/// assert_eq!(web.labels().collect::<Vec<_>>(), ["web", "example", "com"]);
/// assert!(web.is_within(&"example.com".parse()?) && web.is_within(&Name::root()));
/// assert!(!web.is_within(&"ample.com".parse()?));
/// # Ok::<(), dns::name::NameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// Why a text is not a domain name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing stands between two dots, or nothing at all.
    #[error("a label is empty: two dots follow each other, or one stands first")]
    EmptyLabel,
    /// A label is longer than 63 bytes.
    #[error("a label has {0} bytes; {MAX_LABEL} at most")]
    LabelTooLong(usize),
    /// The name is longer than 255 bytes.
    #[error("it takes {0} bytes on the wire; {MAX_NAME} at most")]
    TooLong(usize),
    /// A character that names of hosts do not have.
    #[error("it has the character {}; letters, digits, - and _ are used here", .0.escape_debug())]
    Character(char),
}

impl Name {
    /// The name above all others, written as a dot.
    pub fn root() -> Name {
        Name(String::new())
    }

    /// The labels, the lowest first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.split('.').filter(|label| !label.is_empty())
    }

    /// The name without its first label; the root has none.
    pub fn parent(&self) -> Option<Name> {
        match self.0.split_once('.') {
            Some((_, above)) => Some(Name(above.to_owned())),
            None if self.0.is_empty() => None,
            None => Some(Name::root()),
        }
    }

    /// Itself, then each name above it, up to the root.
    pub fn and_above(&self) -> impl Iterator<Item = Name> {
        std::iter::successors(Some(self.clone()), Name::parent)
    }

    /// Whether it is `top`, or lies below it.
    pub fn is_within(&self, top: &Name) -> bool {
        match self.0.strip_suffix(&top.0) {
            Some(rest) => rest.is_empty() || top.0.is_empty() || rest.ends_with('.'),
            None => false,
        }
    }

    /// The name `first.second`.
    ///
    /// # Errors
    /// [`NameError::TooLong`].
    pub fn join(first: &Name, second: &Name) -> Result<Name, NameError> {
        let dot = if first.0.is_empty() || second.0.is_empty() { "" } else { "." };
        let joined = Name(format!("{}{dot}{}", first.0, second.0));
        match joined.to_wire().as_bytes().map(|label| 1 + label.len()).sum::<usize>() + 1 {
            0..=MAX_NAME => Ok(joined),
            length => Err(NameError::TooLong(length)),
        }
    }

    /// A name that came over the network, whatever bytes it has.
    pub fn from_wire(name: &simple_dns::Name<'_>) -> Name {
        let mut text = String::new();
        for label in name.get_labels() {
            if !text.is_empty() {
                text.push('.');
            }
            for byte in label.as_ref() {
                match byte.to_ascii_lowercase() {
                    plain if is_plain(plain.into()) => text.push(plain.into()),
                    other => text.push_str(&format!("\\{other:03}")),
                }
            }
        }
        Name(text)
    }

    /// The name as it goes over the network.
    pub fn to_wire(&self) -> simple_dns::Name<'_> {
        let labels: Vec<_> = self
            .labels()
            .map(|label| Label::new(label.as_bytes()).expect("labels are checked when they come"))
            .collect();
        simple_dns::Name::new_with_labels(&labels)
    }
}

fn is_plain(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_')
}

impl std::str::FromStr for Name {
    type Err = NameError;

    /// A name as people write it, with or without the dot of the root.
    fn from_str(text: &str) -> Result<Name, NameError> {
        if text == "." {
            return Ok(Name::root());
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        if let Some(other) = text.chars().find(|char| !is_plain(*char) && *char != '.') {
            return Err(NameError::Character(other));
        }
        for label in text.split('.') {
            match label.len() {
                0 => return Err(NameError::EmptyLabel),
                1..=MAX_LABEL => {}
                length => return Err(NameError::LabelTooLong(length)),
            }
        }
        // A length for each label, where the text has dots between them; and a zero.
        match text.len() + 2 {
            0..=MAX_NAME => Ok(Name(text.to_ascii_lowercase())),
            length => Err(NameError::TooLong(length)),
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}
