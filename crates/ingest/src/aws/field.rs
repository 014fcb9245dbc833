//! Fields as `aws` prints them, without trusting their type.
//!
//! A number where a text should be, or a list that is a map, must not cost the
//! file: it is [`Field::Wrong`], and whoever needs the field says what follows.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A member of an object.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Field<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, of the type that it should have.
    Given(T),
    /// There, of another type.
    Wrong,
}

/// A text.
pub(crate) type Str<'a> = Field<Cow<'a, str>>;
/// A list.
pub(crate) type List<T> = Field<Vec<Field<T>>>;

impl<T> Field<T> {
    pub(crate) fn get(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }
}

impl Field<Cow<'_, str>> {
    /// The text; empty if there is none.
    pub(crate) fn as_str(&self) -> &str {
        self.get().map_or("", |text| text)
    }
}

impl<T> List<T> {
    /// The elements that are what they should be.
    pub(crate) fn items(&self) -> impl Iterator<Item = &T> {
        self.get().into_iter().flatten().filter_map(Field::get)
    }

    /// Whether the list or one of its elements is not what it should be.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_wrong() || self.get().is_some_and(|items| items.iter().any(Field::is_wrong))
    }
}

/// From which JSON values a type is made; from all others it is not.
pub(crate) trait Shape<'de>: Sized {
    fn of_text(_: &'de str) -> Option<Self> {
        None
    }
    fn of_string(_: &str) -> Option<Self> {
        None
    }
    fn of_integer(_: i64) -> Option<Self> {
        None
    }
    fn of_bool(_: bool) -> Option<Self> {
        None
    }
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn of_object<A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<'de: 'a, 'a> Shape<'de> for Cow<'a, str> {
    fn of_text(text: &'de str) -> Option<Self> {
        Some(Self::Borrowed(text))
    }
    fn of_string(text: &str) -> Option<Self> {
        Some(Self::Owned(text.to_owned()))
    }
    // Protocols and accounts are numbers in texts; some tools lose the quotes.
    fn of_integer(number: i64) -> Option<Self> {
        Some(Self::Owned(number.to_string()))
    }
}

impl Shape<'_> for i64 {
    fn of_integer(number: i64) -> Option<Self> {
        Some(number)
    }
}

impl Shape<'_> for bool {
    fn of_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for Vec<Field<T>> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut items = Self::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Some(items))
    }
}

/// Says of types that derive `Deserialize` that they are made from JSON objects.
macro_rules! objects {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {$(
        impl<'de $(: $life, $life)?> $crate::aws::field::Shape<'de> for $name $(<$life>)? {
            fn of_object<A: serde::de::MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
                let object = serde::de::value::MapAccessDeserializer::new(object);
                serde::Deserialize::deserialize(object).map(Some)
            }
        }
    )+};
}
pub(crate) use objects;

impl<'de, T: Shape<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

fn field<T>(value: Option<T>) -> Field<T> {
    value.map_or(Field::Wrong, Field::Given)
}

impl<'de, T: Shape<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Absent)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Field<T>, E> {
        Ok(field(T::of_bool(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Field<T>, E> {
        Ok(field(T::of_integer(value)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Field<T>, E> {
        Ok(field(i64::try_from(value).ok().and_then(T::of_integer)))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Field<T>, E> {
        Ok(Field::Wrong)
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Field<T>, E> {
        Ok(field(T::of_text(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Field<T>, E> {
        Ok(field(T::of_string(value)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<T>, A::Error> {
        T::of_list(list).map(field)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Field<T>, A::Error> {
        T::of_object(object).map(field)
    }
}
