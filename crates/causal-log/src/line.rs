//! What a line of a log says, whatever its fields are called.
//!
//! A line is a JSON object. Programs call the same thing by many names, so the names are looked up
//! in [`Fields`], and a dot in one leads into an object: `fields.ts`. Other fields are skipped, and
//! a line borrows what it can from its text, since logs are long.

mod reading;

use std::borrow::Cow;
use std::str::FromStr;

use serde::de::DeserializeSeed;

use reading::{Found, Object};

/// What a line may say, by the names that `trace` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The service that wrote it.
    Service,
    /// What happened.
    Event,
    /// What the wall clock said.
    Time,
    /// The Lamport stamp.
    Lamport,
    /// The vector stamp.
    Vector,
    /// The name of the message that it sends.
    Sent,
    /// The receiver of that message.
    To,
    /// The name of the message that it receives.
    Received,
    /// The name of a message that the network lost. Such a line is not an event.
    Lost,
}

/// Their names.
const FIELDS: [(Field, &str); 9] = [
    (Field::Service, "service"),
    (Field::Event, "event"),
    (Field::Time, "time"),
    (Field::Lamport, "lamport"),
    (Field::Vector, "vector"),
    (Field::Sent, "sent"),
    (Field::To, "to"),
    (Field::Received, "received"),
    (Field::Lost, "lost"),
];

/// A log's names for the fields that we look for.
///
/// ```
/// use causal_log::line::{Fields, Line};
///
/// let fields = Fields::new(&["service=app.name".parse()?, "lamport=lc".parse()?]);
/// let Line::Event(said) = fields.read(r#"{"app":{"name":"shop"},"lc":3}"#)? else {
///     panic!("an event");
/// };
/// assert_eq!((&*said.service, said.lamport), ("shop", Some(3)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fields(Vec<(Field, String)>);

/// One field that has another name in a log: `lamport=lc`.
#[derive(Clone, Debug)]
pub struct Mapping {
    field: Field,
    theirs: String,
}

/// An invalid mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// There is no `=`, or nothing behind it.
    #[error("it has the form OURS=THEIRS, as in lamport=lc")]
    Form,
    /// We know of no such field.
    #[error(
        "there is no field `{0}`: there are service, event, time, lamport, vector, sent, to, \
         received and lost"
    )]
    NoSuchField(String),
}

/// Why a line is not an event.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is not JSON, or a field is of the wrong type.
    #[error("{}, in column {}", why(.0), .0.column())]
    Json(#[source] serde_json::Error),
    /// It does not name the service that wrote it.
    #[error("it has no `{0}`")]
    NoService(String),
    /// An event is one thing.
    #[error("one event cannot both send and receive")]
    SendsAndReceives,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'text> {
    /// Something happened.
    Event(Said<'text>),
    /// The network lost a message of this name.
    Lost(Cow<'text, str>),
    /// The first line of a trace, which names the services.
    Header,
}

/// What a line says of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said<'text> {
    /// The service that wrote it.
    pub service: Cow<'text, str>,
    /// What happened; none if it is a list or an object.
    pub event: Option<Cow<'text, str>>,
    /// What the wall clock said, in milliseconds since 1970; none if that is not understood.
    pub time: Option<u64>,
    /// The Lamport stamp.
    pub lamport: Option<u64>,
    /// The vector stamp: services and their counts, in the order of the line.
    pub vector: Option<Vec<(Cow<'text, str>, u64)>>,
    /// The name of the message that it sends.
    pub sent: Option<Cow<'text, str>>,
    /// The receiver of that message.
    pub to: Option<Cow<'text, str>>,
    /// The name of the message that it receives.
    pub received: Option<Cow<'text, str>>,
}

impl FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Mapping, MappingError> {
        let (ours, theirs) = text.split_once('=').ok_or(MappingError::Form)?;
        if theirs.is_empty() {
            return Err(MappingError::Form);
        }
        let mut known = FIELDS.iter();
        let field = known.find(|(_, name)| *name == ours);
        let (field, _) = field.ok_or_else(|| MappingError::NoSuchField(ours.to_owned()))?;
        Ok(Mapping { field: *field, theirs: theirs.to_owned() })
    }
}

impl Mapping {
    /// The field that two of these name, if there is one.
    pub fn repeated(mappings: &[Mapping]) -> Option<&'static str> {
        let fields = FIELDS.iter();
        let named = |field| mappings.iter().filter(move |mapping| mapping.field == field);
        let mut repeated = fields.filter(|(field, _)| named(*field).count() > 1);
        repeated.next().map(|(_, name)| *name)
    }
}

impl Fields {
    /// The names of `trace`, but for these. Of two for one field the later counts.
    pub fn new(mappings: &[Mapping]) -> Fields {
        let named = FIELDS.iter().map(|(field, ours)| {
            let mut mappings = mappings.iter().rev();
            let mapped = mappings.find(|mapping| mapping.field == *field);
            let name = mapped.map_or(*ours, |mapping| &mapping.theirs);
            (*field, name.to_owned())
        });
        Fields(named.collect())
    }

    /// Reads a line.
    ///
    /// # Errors
    /// A [`LineError`], if it is not a JSON object that names a service and has fields of the right
    /// types.
    pub fn read<'text>(&self, line: &'text str) -> Result<Line<'text>, LineError> {
        let mut found = Found::default();
        let mut json = serde_json::Deserializer::from_str(line);
        let (wanted, found_here) = (&*self.0, &mut found);
        let object = Object { wanted, found: found_here };
        object.deserialize(&mut json).map_err(LineError::Json)?;
        json.end().map_err(LineError::Json)?;
        self.line(found)
    }

    fn line<'text>(&self, found: Found<'text>) -> Result<Line<'text>, LineError> {
        let Found { service, said, lost, has_trace, has_services } = found;
        match (service, lost) {
            (None, Some(lost)) => Ok(Line::Lost(lost)),
            (None, None) if has_trace && has_services => Ok(Line::Header),
            (None, None) => Err(LineError::NoService(self.name(Field::Service).to_owned())),
            (Some(_), _) if said.sent.is_some() && said.received.is_some() => {
                Err(LineError::SendsAndReceives)
            }
            (Some(service), _) => Ok(Line::Event(Said { service, ..said })),
        }
    }

    /// The log's name for it.
    pub fn name(&self, field: Field) -> &str {
        let mut named = self.0.iter();
        let found = named.find(|(known, _)| *known == field);
        found.map_or("", |(_, name)| name)
    }
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::new(&[])
    }
}

/// Serde's message, without the number of the line, which in a single line is always 1.
fn why(error: &serde_json::Error) -> String {
    let said = error.to_string();
    said.split(" at line ").next().unwrap_or(&said).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        Fields::default().read(line).unwrap_err().to_string()
    }

    #[test]
    fn the_fields_of_a_line_are_read() {
        let line = concat!(
            r#" {"x":[1,{"service":"no"}],"service":"a\n","lamport":7,"vector":{"a":2,"b":0},"#,
            r#""event":"e","received":12,"time":"1970-01-01T01:00:01.5+01:00"}"#,
        );
        let Line::Event(said) = Fields::default().read(line).unwrap() else {
            panic!("an event");
        };
        let expected = Said {
            service: "a\n".into(),
            event: Some("e".into()),
            time: Some(1_500),
            lamport: Some(7),
            vector: Some(vec![("a".into(), 2), ("b".into(), 0)]),
            received: Some("12".into()),
            ..Said::default()
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn the_first_line_of_a_trace_and_a_loss_are_not_events() {
        let fields = Fields::default();
        let header = fields.read(r#"{"trace":1,"services":["n0"]}"#).unwrap();
        assert_eq!(header, Line::Header);
        let lost = fields.read(r#"{"lost":"m1"}"#).unwrap();
        assert_eq!(lost, Line::Lost("m1".into()));
    }

    #[test]
    fn an_error_names_the_field_and_the_column() {
        let cases = [
            ("", "EOF while parsing a value, in column 0"),
            ("[]", "invalid type: sequence, expected a JSON object, in column 2"),
            (r#"{"event":"x"}"#, "it has no `service`"),
            (r#"{"service":null}"#, "it has no `service`"),
            (
                r#"{"service":"a","lamport":"7"}"#,
                "invalid type: string \"7\", expected a whole number as `lamport`, in column 28",
            ),
            (
                r#"{"service":"a","lamport":-7}"#,
                "invalid type: integer `-7`, expected a whole number as `lamport`, in column 27",
            ),
            (
                r#"{"service":"a","vector":[1,2]}"#,
                "invalid type: sequence, expected an object from service to whole number as \
                 `vector`, in column 25",
            ),
            (r#"{"service":"a","service":"b"}"#, "`service` stands there twice, in column 29"),
            (
                r#"{"service":"a","sent":"m","received":"m"}"#,
                "one event cannot both send and receive",
            ),
            (r#"{"service":"a"} x"#, "trailing characters, in column 17"),
        ];
        for (line, why) in cases {
            assert_eq!(refused(line), why, "{line}");
        }
    }

    #[test]
    fn a_malformed_or_unknown_mapping_is_refused() {
        let refused = |text: &str| text.parse::<Mapping>().unwrap_err();
        assert_eq!(refused("lamport"), MappingError::Form);
        assert_eq!(refused("lamport="), MappingError::Form);
        let unknown = MappingError::NoSuchField("clock".to_owned());
        assert_eq!(refused("clock=lc"), unknown);
    }

    #[test]
    fn a_path_leads_into_objects_and_a_whole_name_goes_first() {
        let mappings = ["service=a.b", "lamport=a.c.d"].map(|text| text.parse().unwrap());
        let fields = Fields::new(&mappings);
        let lines = [r#"{"a":{"b":"s","c":{"d":3,"e":9}}}"#, r#"{"a.b":"s","a":{"c.d":3}}"#];
        for line in lines {
            let Line::Event(said) = fields.read(line).unwrap() else {
                panic!("an event");
            };
            assert_eq!((&*said.service, said.lamport), ("s", Some(3)), "{line}");
        }
    }
}
