//! JSON that is passed on as it came.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Any JSON value, as its sender wrote it: numbers of any length, keys in their order, and twice
/// where they stand twice. Two are equal if they are written alike.
///
/// It has to be a field of a struct. An enum with a tag sets its fields aside before it knows which
/// they are, and with that the text is lost: serde reports an error.
///
/// ```
/// use runtime::stdio::Json;
///
/// let text = r#"{"b":1.10,"a":100000000000000000001}"#;
/// let json: Json = serde_json::from_str(text)?;
/// assert_eq!(serde_json::to_string(&json)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Json {}

impl Hash for Json {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.get().hash(state);
    }
}
