//! JSON that keeps the order of its fields, so that the twins differ where they
//! are mended and nowhere else.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// `true`, `443`, `null`.
    Other(serde_json::Value),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object: its fields in their order.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// A field of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// Sets a field; a new one comes last.
    pub(super) fn set(&mut self, name: &str, value: Self) {
        let Self::Object(fields) = self else { return };
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = value,
            None => fields.push((name.to_owned(), value)),
        }
    }

    /// The list in a field of an object.
    pub(super) fn list(&mut self, name: &str) -> Option<&mut Vec<Self>> {
        let Self::Object(fields) = self else { return None };
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, Self::List(items))) => Some(items),
            _ => None,
        }
    }

    /// Whether a field is this text.
    pub(super) fn is(&self, name: &str, text: &str) -> bool {
        matches!(self.get(name), Some(Self::Text(own)) if own == text)
    }

    /// Does something with this and everything in it.
    pub(super) fn each(&mut self, change: &mut dyn FnMut(&mut Self)) {
        change(self);
        match self {
            Self::List(items) => items.iter_mut().for_each(|item| item.each(change)),
            Self::Object(fields) => fields.iter_mut().for_each(|(_, value)| value.each(change)),
            Self::Other(_) | Self::Text(_) => {}
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Other(value.into())
    }
}

impl From<i32> for Json {
    fn from(value: i32) -> Self {
        Self::Other(value.into())
    }
}

/// An object of these fields.
pub(super) fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Other(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Other(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other(serde_json::Value::Null))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order() {
        let text = r#"{"b":[1,true,null,"x"],"a":{"z":-1,"y":2}}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&json).unwrap(), text);
    }
}
