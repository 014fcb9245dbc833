//! Fields as `aws` prints them, without trusting their type.
//!
//! A number where a text should be, or a list that is a map, must not cost the
//! file: it is [`Field::Wrong`], and whoever needs the field says what follows.

use std::borrow::Cow;

use crate::document::Cursor;
use crate::json::Malformed;

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
pub(crate) trait Shape<'a>: Sized {
    fn of_text(_: Cow<'a, str>) -> Option<Self> {
        None
    }
    fn of_integer(_: i64) -> Option<Self> {
        None
    }
    /// A number that is no integer, as it is written.
    fn of_decimal(_: &str) -> Option<Self> {
        None
    }
    fn of_bool(_: bool) -> Option<Self> {
        None
    }
    /// The cursor stands at the `[`.
    fn of_list(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        cursor.pass().map(|()| None)
    }
    /// The cursor stands at the `{`.
    fn of_object(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        cursor.pass().map(|()| None)
    }
}

impl<'a> Shape<'a> for Cow<'a, str> {
    fn of_text(text: Self) -> Option<Self> {
        Some(text)
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

impl<'a, T: Shape<'a>> Shape<'a> for Vec<Field<T>> {
    fn of_list(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        let mut items = Self::new();
        let mut more = cursor.enter(b']')?;
        while more {
            items.push(cursor.field()?);
            more = cursor.another(b']')?;
        }
        Ok(Some(items))
    }
}
