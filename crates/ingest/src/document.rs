//! The outer shape of a saved reply: which listings it holds, and where.
//!
//! `{"SecurityGroups": [...], "NextToken": ...}` is read in one pass, element by
//! element, so that each one's place in the file is known. A long array is not
//! read but cut into windows, which are then read in parallel.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::aws::{Listed, Records};
use crate::error::Syntax;
use crate::window;

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    /// Listings that the model knows, in the order of the file.
    pub(crate) sections: Vec<Section<'a>>,
    /// Listings that it does not know yet, and how many elements each has.
    pub(crate) not_modelled: Vec<(&'static str, u64)>,
    /// The top-level keys of listings whose value is no listing.
    pub(crate) odd: Vec<(Listed, usize)>,
    /// The reply that is being read says that there is more of it.
    continued: bool,
    /// `Account` of a saved `sts get-caller-identity`.
    pub(crate) account: Option<Cow<'a, str>>,
}

impl Document<'_> {
    /// Whether this is no file that we know.
    pub(crate) fn is_foreign(&self) -> bool {
        self.sections.is_empty()
            && self.not_modelled.is_empty()
            && self.odd.is_empty()
            && self.account.is_none()
    }
}

/// One listing of a file.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    pub(crate) listed: Listed,
    /// Where its value begins.
    pub(crate) offset: usize,
    /// Its reply says that there is more of it.
    pub(crate) continued: bool,
    pub(crate) content: Content<'a>,
}

/// The elements of a listing.
#[derive(Debug)]
pub(crate) enum Content<'a> {
    /// Read.
    Records(Records<'a>),
    /// Still to be read: parts of the text that hold whole elements.
    Windows(Vec<Range<usize>>),
}

/// Reads `text` from `start`. Arrays longer than `window` bytes are cut up.
pub(crate) fn read(text: &str, start: usize, window: usize) -> Result<Document<'_>, Syntax> {
    let mut cursor = Cursor { text, at: start };
    let mut document = Document::default();
    match cursor.peek() {
        Some(b'{') => {}
        Some(b'[' | b'"' | b'-' | b't' | b'f' | b'n' | b'0'..=b'9') => {
            // JSON, but no reply.
            cursor.skip()?;
            cursor.end()?;
            return Ok(document);
        }
        _ => return Err(Syntax::new(cursor.at, "`{`")),
    }
    // Several replies, one after the other, are `cat *.json`.
    while cursor.peek() == Some(b'{') {
        reply(&mut cursor, &mut document, window, true)?;
    }
    cursor.end()?;
    Ok(document)
}

/// Reads the elements of one window.
pub(crate) fn read_window(
    text: &str,
    listed: Listed,
    window: Range<usize>,
) -> Result<Records<'_>, Syntax> {
    // The text ends with the window, so that the end of the window is its end.
    let text = text.get(..window.end).unwrap_or(text);
    Records::read(listed, &mut Elements { cursor: Cursor { text, at: window.start }, close: None })
}

fn reply<'a>(
    cursor: &mut Cursor<'a>,
    document: &mut Document<'a>,
    window: usize,
    outermost: bool,
) -> Result<(), Syntax> {
    let first = document.sections.len();
    if outermost {
        document.continued = false;
    }
    cursor.members(|cursor, key| member(cursor, document, window, outermost, key))?;
    for section in document.sections.iter_mut().skip(first) {
        section.continued = document.continued;
    }
    Ok(())
}

fn member<'a>(
    cursor: &mut Cursor<'a>,
    document: &mut Document<'a>,
    window: usize,
    outermost: bool,
    key: &str,
) -> Result<(), Syntax> {
    let next = cursor.peek();
    if outermost && key == "data" && next == Some(b'{') {
        // A recorded reply: `{"status_code": 200, "data": {...}}`.
        return reply(cursor, document, window, false);
    }
    if key == "NextToken" || key == "Account" {
        if next != Some(b'"') {
            return cursor.skip();
        }
        let value = cursor.value::<Key<'a>>()?.0;
        if key == "Account" {
            document.account = Some(value);
        } else {
            document.continued |= !value.is_empty();
        }
        return Ok(());
    }
    if let Some(listed) = Listed::of_key(key) {
        let offset = cursor.at;
        let windows = match next {
            Some(b'[') if cursor.text.len() - offset > window => {
                window::split(cursor.text.as_bytes(), offset + 1, window)
                    .filter(|(windows, _)| windows.len() > 1)
            }
            _ => None,
        };
        let content = match next {
            Some(b'[') => match windows {
                Some((windows, end)) => {
                    cursor.at = end;
                    Content::Windows(windows)
                }
                None => {
                    let mut elements = Elements { cursor: cursor.clone(), close: Some(b']') };
                    elements.cursor.at += 1;
                    let records = Records::read(listed, &mut elements)?;
                    *cursor = elements.cursor;
                    Content::Records(records)
                }
            },
            Some(b'{') if listed.is_object() => {
                let mut elements = Elements { cursor: cursor.clone(), close: Some(b'{') };
                let records = Records::read(listed, &mut elements)?;
                *cursor = elements.cursor;
                Content::Records(records)
            }
            // Null is absent.
            Some(b'n') => return cursor.skip(),
            _ => {
                document.odd.push((listed, offset));
                return cursor.skip();
            }
        };
        document.sections.push(Section { listed, offset, continued: false, content });
        return Ok(());
    }
    if let Some(known) = crate::detect::not_modelled(key) {
        let count = match next {
            Some(b'[') => cursor.value::<Count>()?.0,
            _ => {
                cursor.skip()?;
                0
            }
        };
        document.not_modelled.push((known, count));
        return Ok(());
    }
    cursor.skip()
}

/// Where the listings of a file and their elements begin, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) spots: Vec<Spot>,
}

/// One place.
#[derive(Debug)]
pub(crate) struct Spot {
    pub(crate) offset: usize,
    /// `/SecurityGroups`.
    pub(crate) pointer: Arc<str>,
    /// Which element; `None`: the listing itself.
    pub(crate) element: Option<u64>,
}

/// Finds the places of a text that was read before.
pub(crate) fn outline(text: &str, start: usize) -> Result<Outline, Syntax> {
    let mut cursor = Cursor { text, at: start };
    let mut outline = Outline::default();
    while cursor.peek() == Some(b'{') {
        outline_reply(&mut cursor, &mut outline, "")?;
    }
    Ok(outline)
}

fn outline_reply(
    cursor: &mut Cursor<'_>,
    outline: &mut Outline,
    above: &str,
) -> Result<(), Syntax> {
    cursor.members(|cursor, key| {
        let pointer: Arc<str> = format!("{above}/{key}").into();
        let next = cursor.peek();
        if above.is_empty() && key == "data" && next == Some(b'{') {
            return outline_reply(cursor, outline, &pointer);
        }
        outline.spots.push(Spot { offset: cursor.at, pointer: pointer.clone(), element: None });
        if next != Some(b'[') {
            return cursor.skip();
        }
        let mut elements = Elements { cursor: cursor.clone(), close: Some(b']') };
        elements.cursor.at += 1;
        let mut element = 0;
        elements.for_each(|offset, cursor| {
            outline.spots.push(Spot { offset, pointer: pointer.clone(), element: Some(element) });
            element += 1;
            cursor.skip()
        })?;
        *cursor = elements.cursor;
        Ok(())
    })
}

/// A string, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> serde::de::Visitor<'de> for Visitor<'a> {
            type Value = Key<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(Visitor(std::marker::PhantomData))
    }
}

/// How many elements an array has.
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Count;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Count, A::Error> {
                let mut count = 0;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

/// A place in a JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// The next byte that is not white space; the cursor stands at it.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let blank = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.at += blank.unwrap_or(rest.len());
        blank.and_then(|blank| rest.get(blank)).copied()
    }

    pub(crate) fn expect(&mut self, byte: u8, name: &str) -> Result<(), Syntax> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Syntax::new(self.at, name))
        }
    }

    /// Reads one value.
    pub(crate) fn value<T: Deserialize<'a>>(&mut self) -> Result<T, Syntax> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        match stream.next() {
            Some(Ok(value)) => {
                self.at += stream.byte_offset();
                Ok(value)
            }
            Some(Err(error)) => Err(Syntax::of(&error, self.text, self.at)),
            None => Err(Syntax::new(self.text.len(), "a value")),
        }
    }

    /// Calls `each` with the keys of an object and a cursor at each one's value.
    pub(crate) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), Syntax>,
    ) -> Result<(), Syntax> {
        self.expect(b'{', "`{`")?;
        if self.peek() == Some(b'}') {
            return self.expect(b'}', "`}`");
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Syntax::new(self.at, "a key in double quotes"));
            }
            let key = self.value::<Key<'a>>()?.0;
            self.expect(b':', "`:`")?;
            self.peek();
            each(self, &key)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Syntax::new(self.at, "`,` or `}`")),
            }
        }
    }

    /// Passes over one value.
    pub(crate) fn skip(&mut self) -> Result<(), Syntax> {
        self.value::<IgnoredAny>().map(|_| ())
    }

    fn end(&mut self) -> Result<(), Syntax> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Syntax::new(self.at, "the end of the file")),
        }
    }
}

/// The elements of an array, or the one object that stands for an array.
pub(crate) struct Elements<'a> {
    cursor: Cursor<'a>,
    /// `]`: to the end of an array; `{`: one object; `None`: to the end of the text.
    close: Option<u8>,
}

impl<'a> Elements<'a> {
    /// Calls `each` with the place of each element and a cursor at it.
    pub(crate) fn for_each(
        &mut self,
        mut each: impl FnMut(usize, &mut Cursor<'a>) -> Result<(), Syntax>,
    ) -> Result<(), Syntax> {
        let cursor = &mut self.cursor;
        if self.close == Some(b'{') {
            return each(cursor.at, cursor);
        }
        if self.close.is_some() && cursor.peek() == Some(b']') {
            cursor.at += 1;
            return Ok(());
        }
        loop {
            cursor.peek();
            each(cursor.at, cursor)?;
            match (cursor.peek(), self.close) {
                (Some(b','), _) => cursor.at += 1,
                (Some(b']'), Some(_)) => {
                    cursor.at += 1;
                    return Ok(());
                }
                (None, None) => return Ok(()),
                _ => return Err(Syntax::new(cursor.at, "`,` or `]`")),
            }
        }
    }
}
