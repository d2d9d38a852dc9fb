//! Lines for the eye.

use narration::printable;

use crate::line::Said;

/// What a line says, in columns: what the wall clock said, the stamp, the service, and what
/// happened.
///
/// ```
/// use causal_log::line::{Fields, Line};
/// use causal_log::pretty::pretty;
///
/// let line = r#"{"service":"shop","event":"charge","time":1500,"lamport":3,"sent":"m2"}"#;
/// let Line::Event(said) = Fields::default().read(line)? else {
///     panic!("an event");
/// };
/// assert_eq!(pretty(&said), "00:00:01.500      3  shop        charge, sends m2");
/// # Ok::<(), causal_log::line::LineError>(())
/// ```
pub fn pretty(said: &Said<'_>) -> String {
    let time = said.time.map_or(String::new(), wall_time);
    let stamp = match (said.lamport, &said.vector) {
        (Some(lamport), _) => lamport.to_string(),
        (None, Some(vector)) => {
            let entries = vector.iter();
            let entries = entries.map(|(service, count)| format!("{}:{count}", shown(service)));
            entries.collect::<Vec<_>>().join(",")
        }
        (None, None) => String::new(),
    };
    let event = said.event.as_deref().map(shown);
    let sends = said.sent.as_deref().map(|name| format!("sends {}", shown(name)));
    let receives = said.received.as_deref();
    let receives = receives.map(|name| format!("receives {}", shown(name)));
    let what = [event, sends, receives].into_iter().flatten();
    let what = what.collect::<Vec<_>>().join(", ");
    let service = shown(&said.service);
    let line = format!("{time:<12}  {stamp:>5}  {service:<10}  {what}");
    line.trim_end().to_owned()
}

/// The time of the day, in UTC, of `milliseconds` since 1970; or the number, if its year does not
/// have four digits.
pub fn wall_time(milliseconds: u64) -> String {
    let time = i64::try_from(milliseconds).ok();
    let time = time.and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
    match time {
        Some(time) => {
            let time = jiff::tz::Offset::UTC.to_datetime(time).time();
            format!("{time:.3}")
        }
        None => milliseconds.to_string(),
    }
}

fn shown(text: &str) -> String {
    printable(text.as_bytes())
}
