//! The outer shape of a saved reply: which listings it holds, and where.
//!
//! `{"SecurityGroups": [...], "NextToken": ...}` is read in one pass, element by
//! element, so that each one's place in the file is known. Of a large file only
//! the frame is read here: its elements come in windows (see `stream`).

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use crate::aws::{self, Cx, Listed};
use crate::error::Syntax;

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    /// Listings that the model knows, in the order of the file.
    pub(crate) sections: Vec<Section>,
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

    /// Whether all that it holds are `Entries`.
    pub(crate) fn only_entries(&self) -> bool {
        self.not_modelled.is_empty()
            && self.account.is_none()
            && self.sections.iter().all(|section| section.listed == Listed::Entries)
            && self.odd.iter().all(|&(listed, _)| listed == Listed::Entries)
    }
}

/// One listing of a file.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) listed: Listed,
    /// Where its value begins.
    pub(crate) offset: usize,
    /// Its reply says that there is more of it.
    pub(crate) continued: bool,
    /// How many elements it has.
    pub(crate) elements: u32,
    /// It has the name of a listing and holds something else.
    pub(crate) is_other: bool,
}

/// Reads `text` from `start` into facts.
pub(crate) fn read<'a>(
    text: &'a str,
    start: usize,
    cx: &mut Cx<'_>,
) -> Result<Document<'a>, Syntax> {
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
        reply(&mut cursor, &mut document, cx, true)?;
    }
    cursor.end()?;
    Ok(document)
}

/// Reads the elements of a window into facts: how many there were, and whether
/// they are something else than the listing's name says; the listing stands at
/// that byte of the file.
pub(crate) fn read_window(
    text: &str,
    listed: Listed,
    listing: usize,
    cx: &mut Cx<'_>,
) -> Result<(u32, bool), Syntax> {
    let mut elements = Elements { cursor: Cursor { text, at: 0 }, close: None };
    aws::read(listed, listing, &mut elements, cx)
}

fn reply<'a>(
    cursor: &mut Cursor<'a>,
    document: &mut Document<'a>,
    cx: &mut Cx<'_>,
    outermost: bool,
) -> Result<(), Syntax> {
    let first = document.sections.len();
    if outermost {
        document.continued = false;
    }
    cursor.members(|cursor, key| member(cursor, document, cx, outermost, key))?;
    for section in document.sections.iter_mut().skip(first) {
        section.continued = document.continued;
    }
    Ok(())
}

fn member<'a>(
    cursor: &mut Cursor<'a>,
    document: &mut Document<'a>,
    cx: &mut Cx<'_>,
    outermost: bool,
    key: &str,
) -> Result<(), Syntax> {
    let next = cursor.peek();
    if outermost && key == "data" && next == Some(b'{') {
        // A recorded reply: `{"status_code": 200, "data": {...}}`.
        return reply(cursor, document, cx, false);
    }
    if key == "AdditionalRoutesAvailable" {
        document.continued |= next == Some(b't');
        return cursor.skip();
    }
    // EC2's word for a page that follows, and those of load balancers and databases.
    if matches!(key, "NextToken" | "NextMarker" | "Marker" | "Account") {
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
        if listed == Listed::LoadBalancerAttributes && next == Some(b'{') {
            aws::read_classic_attributes(offset, cursor, cx)?;
            let listed = Listed::ClassicLoadBalancerAttributes;
            document.sections.push(Section {
                listed,
                offset,
                continued: false,
                elements: 1,
                is_other: false,
            });
            return Ok(());
        }
        let mut elements = match next {
            Some(b'[') => {
                let at = cursor.at + 1;
                Elements { cursor: Cursor { at, ..cursor.clone() }, close: Some(b']') }
            }
            Some(b'{') if listed.is_object() => {
                Elements { cursor: cursor.clone(), close: Some(b'{') }
            }
            // Null is absent.
            Some(b'n') => return cursor.skip(),
            _ if listed.is_shared() => return cursor.skip(),
            _ => {
                document.odd.push((listed, offset));
                return cursor.skip();
            }
        };
        let (count, is_other) = aws::read(listed, cx.byte_at(offset), &mut elements, cx)?;
        *cursor = elements.cursor;
        if is_other && listed.is_shared() {
            return Ok(());
        }
        document.sections.push(Section {
            listed,
            offset,
            continued: false,
            elements: count,
            is_other,
        });
        return Ok(());
    }
    if let Some(known) = crate::detect::not_modelled(key) {
        let count = match next {
            Some(b'[') => {
                let at = cursor.at + 1;
                let cursor_in = Cursor { at, ..cursor.clone() };
                let mut elements = Elements { cursor: cursor_in, close: Some(b']') };
                let mut count = 0;
                elements.for_each(|_, cursor| {
                    count += 1;
                    cursor.skip()
                })?;
                *cursor = elements.cursor;
                count
            }
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

/// A place in a JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// The next byte that is not white space; the cursor stands at it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at).copied() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                next => return next,
            }
        }
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
