//! Reads JSON into the words of AWS, and passes over what nobody asked for.
//!
//! Half of a listing's bytes are never used, so they are checked and forgotten,
//! without a value being made of them. What is wrong with bytes that are no JSON
//! is told by `serde_json`, which is asked only then.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::aws::{Field, Shape};
use crate::document::Cursor;
use crate::error::Syntax;

/// Why reading stopped; the cursor stands near the place.
#[derive(Debug)]
pub(crate) enum Malformed {
    /// It is no JSON.
    Syntax,
    /// A key stands twice in an object: "`VpcId` once" was expected.
    Twice(&'static str),
    /// A number that is too large for any type.
    Number,
}

impl<'a> Cursor<'a> {
    /// Reads the element that begins here.
    pub(crate) fn element<T: Shape<'a>>(&mut self) -> Result<Field<T>, Syntax> {
        let mut start = self.clone();
        self.field().map_err(|malformed| {
            let before = self.at.saturating_sub(1);
            match malformed {
                Malformed::Twice(expected) => Syntax::new(before, expected),
                Malformed::Number => Syntax::new(before, "number out of range"),
                Malformed::Syntax => {
                    let mut again = start.clone();
                    // `IgnoredAny` does not say exactly where a string is wrong, `Value`
                    // does not like what is deep.
                    match start.value::<serde_json::Value>() {
                        Err(syntax) if syntax.expected != Syntax::DEEP => syntax,
                        Err(_) | Ok(_) => {
                            let syntax = again.value::<IgnoredAny>().err();
                            syntax.unwrap_or_else(|| Syntax::new(self.at, "a value"))
                        }
                    }
                }
            }
        })
    }

    /// Passes over one value.
    pub(crate) fn skip(&mut self) -> Result<(), Syntax> {
        let mut start = self.clone();
        match self.pass() {
            Ok(()) => Ok(()),
            Err(_) => {
                start.value::<IgnoredAny>()?;
                *self = start;
                Ok(())
            }
        }
    }

    /// Reads one value into what should stand here.
    #[inline]
    pub(crate) fn field<T: Shape<'a>>(&mut self) -> Result<Field<T>, Malformed> {
        let value = match self.peek() {
            Some(b'"') => T::of_text(self.string()?),
            Some(b'{') => T::of_object(self)?,
            Some(b'[') => T::of_list(self)?,
            Some(b'n') => {
                self.literal(b"null")?;
                return Ok(Field::Absent);
            }
            Some(b't') => {
                self.literal(b"true")?;
                T::of_bool(true)
            }
            Some(b'f') => {
                self.literal(b"false")?;
                T::of_bool(false)
            }
            _ => match self.number()? {
                "-0" => None,
                number => match number.parse() {
                    Ok(number) => T::of_integer(number),
                    Err(_) if number.parse::<f64>().is_ok_and(f64::is_finite) => {
                        T::of_decimal(number)
                    }
                    Err(_) => return Err(Malformed::Number),
                },
            },
        };
        Ok(value.map_or(Field::Wrong, Field::Given))
    }

    /// Goes into an array or object; whether it holds anything.
    #[inline]
    pub(crate) fn enter(&mut self, close: u8) -> Result<bool, Malformed> {
        self.at += 1;
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// Goes behind a value inside an array or object; whether another one follows.
    #[inline]
    pub(crate) fn another(&mut self, close: u8) -> Result<bool, Malformed> {
        let next = self.peek();
        self.at += 1;
        match next {
            Some(b',') => Ok(true),
            Some(byte) if byte == close => Ok(false),
            _ => Err(Malformed::Syntax),
        }
    }

    /// The key of a member; the cursor stands behind its closing quote.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, Malformed> {
        if self.peek() == Some(b'"') { self.string() } else { Err(Malformed::Syntax) }
    }

    /// Goes over the colon between a key and its value.
    #[inline]
    pub(crate) fn colon(&mut self) -> Result<(), Malformed> {
        if self.peek() != Some(b':') {
            return Err(Malformed::Syntax);
        }
        self.at += 1;
        Ok(())
    }

    /// Passes over one value: what is in it is checked, not kept.
    pub(crate) fn pass(&mut self) -> Result<(), Malformed> {
        // The kinds of what is open, the innermost last: 1 for an object.
        let (mut open, mut depth) = (0_u128, 0_u32);
        loop {
            match self.peek() {
                Some(b'"') => self.pass_string()?,
                Some(b'{') => {
                    if self.enter(b'}')? {
                        (open, depth) = (open << 1 | 1, deeper(depth)?);
                        self.pass_key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    if self.enter(b']')? {
                        (open, depth) = (open << 1, deeper(depth)?);
                        continue;
                    }
                }
                Some(b'n') => self.literal(b"null")?,
                Some(b't') => self.literal(b"true")?,
                Some(b'f') => self.literal(b"false")?,
                _ => self.number().map(|_| ())?,
            }
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let (is_object, close) = if open & 1 == 1 { (true, b'}') } else { (false, b']') };
                if self.another(close)? {
                    if is_object {
                        self.pass_key()?;
                    }
                    break;
                }
                (open, depth) = (open >> 1, depth - 1);
            }
        }
    }

    #[inline]
    fn pass_key(&mut self) -> Result<(), Malformed> {
        if self.peek() != Some(b'"') {
            return Err(Malformed::Syntax);
        }
        self.pass_string()?;
        self.colon()
    }

    #[inline]
    fn pass_string(&mut self) -> Result<(), Malformed> {
        let end = plain_end(self.text.as_bytes(), self.at + 1);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(());
        }
        self.string().map(|_| ())
    }

    /// The string that begins here.
    #[inline]
    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return self.text.get(start..end).map(Cow::Borrowed).ok_or(Malformed::Syntax);
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let Some(Ok(string)) = stream.next() else { return Err(Malformed::Syntax) };
        self.at += stream.byte_offset();
        Ok(Cow::Owned(string))
    }

    #[inline]
    fn literal(&mut self, word: &[u8]) -> Result<(), Malformed> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(Malformed::Syntax);
        }
        self.at += word.len();
        Ok(())
    }

    /// The number that begins here.
    fn number(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        let digits = |cursor: &mut Self| {
            let from = cursor.at;
            while cursor.byte().is_some_and(|byte| byte.is_ascii_digit()) {
                cursor.at += 1;
            }
            if cursor.at == from { Err(Malformed::Syntax) } else { Ok(()) }
        };
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => digits(self)?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            digits(self)?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            digits(self)?;
        }
        // `01` is no number and no two values.
        if self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(Malformed::Syntax);
        }
        self.text.get(start..self.at).ok_or(Malformed::Syntax)
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// One level deeper, as far as `serde_json` goes; beyond that the kinds of what is
/// open would be forgotten.
fn deeper(depth: u32) -> Result<u32, Malformed> {
    if depth < u128::BITS - 2 { Ok(depth + 1) } else { Err(Malformed::Syntax) }
}

/// Where the first byte at or behind `at` is that does not stand for itself in a
/// string: its closing quote, a backslash, a control character; or the end.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let special = special(u64::from_le_bytes(eight));
        if special != 0 {
            return at + usize::try_from(special.trailing_zeros() / 8).unwrap_or(0);
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        at += 1;
    }
    at
}

/// Marks those of eight bytes that do not stand for themselves; a mark above
/// another one may be wrong.
#[inline]
fn special(eight: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let is = |byte: u8| {
        let differs = eight ^ (ONES * u64::from(byte));
        differs.wrapping_sub(ONES) & !differs
    };
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    (is(b'"') | is(b'\\') | control) & (ONES * 0x80)
}

/// What members of an object are told apart by: the first and last bytes of the key,
/// and its length. Different keys may have the same tag.
#[expect(clippy::as_conversions, reason = "widening, and `From` is not for constants")]
#[expect(clippy::indexing_slicing, reason = "below the length; a constant can't use `get` here")]
#[inline]
pub(crate) const fn tag(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let mut tag = bytes.len() as u64;
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let first = u64::from_le_bytes(*first).rotate_left(29);
        return first ^ u64::from_le_bytes(*last) ^ tag << 56;
    }
    let mut at = 0;
    while at < bytes.len() {
        tag = tag << 8 | bytes[at] as u64;
        at += 1;
    }
    tag
}

/// Whether no two keys have the same tag, and a bit for each is at hand.
#[expect(clippy::indexing_slicing, reason = "below the length; a constant can't use `get` here")]
pub(crate) const fn are_distinct(tags: &[u64]) -> bool {
    if tags.len() > 32 {
        return false;
    }
    let mut one = 0;
    while one < tags.len() {
        let mut other = one + 1;
        while other < tags.len() {
            if tags[one] == tags[other] {
                return false;
            }
            other += 1;
        }
        one += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether the text is one value, by this reader and by `serde_json`.
    fn verdicts(text: &str) -> [bool; 2] {
        let end = |mut cursor: Cursor<'_>| cursor.peek().is_none();
        let mut cursor = Cursor { text, at: 0 };
        let here = cursor.pass().is_ok() && end(cursor);
        [here, serde_json::from_str::<IgnoredAny>(text).is_ok()]
    }

    #[test]
    fn every_special_byte_is_found_wherever_it_stands() {
        for special in (0..0x20).chain([b'"', b'\\']) {
            for before in 0..20 {
                let mut bytes = vec![b'a'; before];
                bytes.push(special);
                bytes.extend_from_slice("\u{e9}\u{7f}!#[]".as_bytes());
                assert_eq!(plain_end(&bytes, 0), before);
            }
        }
        let plain = "\u{e9}\u{1f600} !#[]~\u{7f}\u{80}";
        assert_eq!(plain_end(plain.as_bytes(), 0), plain.len());
    }

    #[test]
    fn what_is_json_is_what_serde_json_says() {
        let mut deep = "[".repeat(126);
        deep.push_str(&"]".repeat(126));
        // More than the reader remembers, and closed by what was not opened.
        let mut forgotten = "{\"a\":".repeat(140);
        forgotten.push('1');
        forgotten.push_str(&"}".repeat(128));
        forgotten.push_str(&"]".repeat(12));
        for text in [
            "",
            " ",
            "1",
            "-1",
            "01",
            "-",
            "1.",
            "1.5",
            "1e",
            "1e5",
            "1E+5",
            "-0",
            ".5",
            "+1",
            "true",
            "tru",
            "truee",
            "null",
            "\"a\"",
            "\"a",
            "\"\\n\"",
            "\"\\x\"",
            "\"\n\"",
            "\"\\u00e9\"",
            "[]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{}",
            "{\"a\"}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "[1}",
            "{\"a\":1]",
            "[[1],{\"a\":[]}]",
            " { \"a\" : [ 1 , { } ] } ",
            "\u{c}1",
            &deep,
            &forgotten,
        ] {
            let [here, there] = verdicts(text);
            assert_eq!(here, there, "{text}");
        }
    }

    proptest! {
        #[test]
        fn damaged_json_is_found_out_as_serde_json_does(
            cut in 0_usize..200, byte in prop::sample::select(b"\"\\{}[],:0-.e tn\x01u".to_vec()),
        ) {
            let text = r#"{"a": [1, -2.5e3, "x\"y", {"b": null}], "\u0041": true, "c": {}, "d": [[], ""],
                "e": {"f": {"g": [false, {"h": "i"}, 0]}}}"#;
            let mut bytes = text.as_bytes().to_vec();
            let at = cut % bytes.len();
            bytes[at] = byte;
            let text = String::from_utf8(bytes).unwrap();
            let [here, there] = verdicts(&text);
            prop_assert_eq!(here, there, "{}", text);
        }
    }
}
