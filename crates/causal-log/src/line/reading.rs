//! A JSON object, of which some fields are looked for.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use views::file::MAX_SERVICES;

use super::{Field, Said};

/// What was found so far.
#[derive(Default)]
pub(super) struct Found<'de> {
    pub(super) service: Option<Cow<'de, str>>,
    pub(super) said: Said<'de>,
    pub(super) lost: Option<Cow<'de, str>>,
    /// Whether there are the two fields of a trace's first line.
    pub(super) has_trace: bool,
    pub(super) has_services: bool,
}

/// An object, and what is looked for in it: fields, with what is left of the paths to them.
pub(super) struct Object<'f, 'de> {
    pub(super) wanted: &'f [(Field, String)],
    pub(super) found: &'f mut Found<'de>,
}

/// A key of an object.
enum Key {
    Field(Field),
    /// Paths lead into its value.
    Inside(Vec<(Field, String)>),
    Trace,
    Services,
    Other,
}

impl<'de> DeserializeSeed<'de> for Object<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    // `null`, where a path leads to nothing.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Object { wanted, found } = self;
        while let Some(key) = map.next_key_seed(Wanted(wanted))? {
            match key {
                Key::Field(field) => found.take(field, wanted, &mut map)?,
                Key::Inside(paths) => {
                    let (wanted, found) = (&*paths, &mut *found);
                    map.next_value_seed(Object { wanted, found })?;
                }
                other => {
                    found.has_trace |= matches!(other, Key::Trace);
                    found.has_services |= matches!(other, Key::Services);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl<'de> Found<'de> {
    fn take<A: MapAccess<'de>>(
        &mut self,
        field: Field,
        wanted: &[(Field, String)],
        map: &mut A,
    ) -> Result<(), A::Error> {
        let named = wanted.iter().find(|(known, _)| *known == field);
        let name = named.map_or("", |(_, name)| name);
        let said = &mut self.said;
        match field {
            Field::Service => put(&mut self.service, name, map.next_value_seed(Text(name))?),
            Field::Event => put(&mut said.event, name, map.next_value_seed(Label(name))?),
            Field::Time => put(&mut said.time, name, map.next_value_seed(Time(name))?),
            Field::Lamport => put(&mut said.lamport, name, map.next_value_seed(Count(name))?),
            Field::Vector => put(&mut said.vector, name, map.next_value_seed(Vector(name))?),
            Field::Sent => put(&mut said.sent, name, map.next_value_seed(Text(name))?),
            Field::To => put(&mut said.to, name, map.next_value_seed(Text(name))?),
            Field::Received => put(&mut said.received, name, map.next_value_seed(Text(name))?),
            Field::Lost => put(&mut self.lost, name, map.next_value_seed(Text(name))?),
        }
    }
}

fn put<T, E: Error>(place: &mut Option<T>, name: &str, value: Option<T>) -> Result<(), E> {
    match place {
        Some(_) => Err(E::custom(format_args!("`{name}` stands there twice"))),
        None => {
            *place = value;
            Ok(())
        }
    }
}

/// A key, looked up in what is wanted.
struct Wanted<'f>(&'f [(Field, String)]);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Wanted<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        if let Some((field, _)) = self.0.iter().find(|(_, path)| path == key) {
            return Ok(Key::Field(*field));
        }
        let inside = self.0.iter().filter_map(|(field, path)| {
            let rest = path.strip_prefix(key)?.strip_prefix('.')?;
            Some((*field, rest.to_owned()))
        });
        let inside: Vec<_> = inside.collect();
        Ok(match key {
            _ if !inside.is_empty() => Key::Inside(inside),
            "trace" => Key::Trace,
            "services" => Key::Services,
            _ => Key::Other,
        })
    }
}

/// Implements a seed for a value that may be `null`, which is the same as not being there.
macro_rules! value {
    ($seed:ident is $value:ty, $expecting:literal, $($visits:item)+) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = Option<$value>;

            fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
                from.deserialize_any(self)
            }
        }

        impl<'de> Visitor<'de> for $seed<'_> {
            type Value = Option<$value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} as `{}`", $expecting, self.0)
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            $($visits)+
        }
    };
}

/// A name, which in some logs is a number.
struct Text<'f>(&'f str);

value! { Text is Cow<'de, str>, "text",
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }
}

struct Count<'f>(&'f str);

value! { Count is u64, "a whole number",
    fn visit_u64<E: Error>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Some(count))
    }
}

/// Implements the visits of lists and objects, which are not values, for fields that the order does
/// not need.
macro_rules! skipped {
    () => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    };
}

/// What happened: a text, a number or a truth value. Anything else counts as none.
struct Label<'f>(&'f str);

value! { Label is Cow<'de, str>, "text",
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    skipped! {}
}

/// What the wall clock said. A time that is not understood counts as none, since no order is taken
/// from it.
struct Time<'f>(&'f str);

value! { Time is u64, "RFC 3339 or milliseconds since 1970",
    fn visit_u64<E: Error>(self, milliseconds: u64) -> Result<Self::Value, E> {
        Ok(Some(milliseconds))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let time = text.parse::<jiff::Timestamp>().ok();
        let milliseconds = time.and_then(|time| u64::try_from(time.as_millisecond()).ok());
        Ok(milliseconds)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    skipped! {}
}

struct Vector<'f>(&'f str);

value! { Vector is Vec<(Cow<'de, str>, u64)>, "an object from service to whole number",
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut counts = Vec::new();
        while let Some(service) = map.next_key_seed(Text(self.0))? {
            let count = map.next_value_seed(Count(self.0))?;
            counts.push((service.unwrap_or_default(), count.unwrap_or(0)));
            if counts.len() > MAX_SERVICES {
                return Err(A::Error::custom(format_args!(
                    "`{}` has more than {MAX_SERVICES} entries",
                    self.0
                )));
            }
        }
        Ok(Some(counts))
    }
}
