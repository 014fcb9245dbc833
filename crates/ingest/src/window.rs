//! Finds where the elements of a long array end without reading them.
//!
//! Only strings and brackets are looked at; what stands between them is checked
//! by whoever reads the window. On bytes that are no JSON the places may be
//! wrong, never out of range.

/// Where an array may be cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    /// At this comma between two elements.
    Comma(usize),
    /// Not before its end, at this bracket.
    End(usize),
    /// The array goes on behind the bytes.
    Nowhere,
}

/// The first place behind `window` bytes where the array whose elements `bytes`
/// begins with may be cut.
pub(crate) fn cut(bytes: &[u8], window: usize) -> Cut {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => match string_end(bytes, at + 1) {
                Some(end) => at = end,
                None => return Cut::Nowhere,
            },
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            b']' => return Cut::End(at),
            b',' if depth == 0 && at >= window => return Cut::Comma(at),
            _ => {}
        }
        at += 1;
    }
    Cut::Nowhere
}

/// The comma behind the object that the key which ends at `at` belongs to; `None`
/// if it is no key, if the object does not end, or if no comma follows it.
pub(crate) fn element_end(bytes: &[u8], at: usize) -> Option<usize> {
    let blank = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    };
    let mut at = blank(at);
    if bytes.get(at) != Some(&b':') {
        return None;
    }
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            b'}' => break,
            b']' => return None,
            _ => {}
        }
        at += 1;
    }
    let comma = blank(at + 1);
    (bytes.get(comma) == Some(&b',')).then_some(comma)
}

/// Where the string that begins at `at` has its closing quote.
pub(crate) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let rest = bytes.get(at..)?;
        let found = at + memchr::memchr2(b'"', b'\\', rest)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_cut_at_its_elements_only() {
        let text = br#"{"a": ",]"}, [1, {"b": "\\"}], "x\",", 4], "next"#;
        assert_eq!(cut(text, 0), Cut::Comma(11));
        assert_eq!(cut(text, 12), Cut::Comma(29));
        assert_eq!(cut(text, 30), Cut::Comma(37));
        assert_eq!(cut(text, 38), Cut::End(40));
        assert_eq!(cut(b"]", 0), Cut::End(0));
        assert_eq!(cut(b"1,]", 0), Cut::Comma(1));
    }

    #[test]
    fn an_array_without_end_has_no_place_to_be_cut() {
        for text in ["", "1", "\"", "\"\\", "{]", "[1]"] {
            assert_eq!(cut(text.as_bytes(), 0), Cut::Nowhere, "{text}");
        }
    }

    #[test]
    fn an_element_ends_behind_its_key() {
        let text = br#"{"a": {"Id": 1}, "Id" : [{"b": "}"}], "c": 1 } , {}]"#;
        let behind = |from: usize| text[from..].iter().position(|&byte| byte == b'd').unwrap();
        let nested = 8 + behind(8) + 2;
        // What was no key of an element ends somewhere: the reader will see.
        assert_eq!(element_end(text, nested), Some(15));
        let own = nested + behind(nested) + 2;
        assert_eq!(element_end(text, own), Some(47));
        for text in [r#""Id"}"#, r#""Id": 1}"#, r#""Id": 1}]"#, r#""Id": 1]"#, r#""Id", 1}, "#] {
            assert_eq!(element_end(text.as_bytes(), 4), None, "{text}");
        }
    }
}
