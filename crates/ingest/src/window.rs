//! Cuts a long array at its elements without reading them.
//!
//! Only strings and brackets are looked at; what stands between them is checked
//! by whoever reads the window. On bytes that are no JSON the cuts may be wrong,
//! never out of range.

use std::ops::Range;

/// The parts of an array whose `[` stands just before `start`, each of whole
/// elements without the commas between the parts, at least `window` bytes long
/// but for the last; and where the array's text ends, behind its `]`.
/// `None`: the array does not end.
pub(crate) fn split(
    bytes: &[u8],
    start: usize,
    window: usize,
) -> Option<(Vec<Range<usize>>, usize)> {
    let mut parts = Vec::new();
    let mut part = start;
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            b']' => {
                // Nothing but white space in an empty array is no part, and
                // nothing behind a comma is for the reader to complain about.
                let rest = bytes.get(part..at).unwrap_or_default();
                if part != start || !rest.iter().all(u8::is_ascii_whitespace) {
                    parts.push(part..at);
                }
                return Some((parts, at + 1));
            }
            b',' if depth == 0 && at - part >= window => {
                parts.push(part..at);
                part = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that begins at `at` has its closing quote.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
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

    fn cut(text: &str, window: usize) -> String {
        match split(text.as_bytes(), 1, window) {
            None => "no end".to_owned(),
            Some((parts, end)) => {
                let parts: Vec<&str> = parts.into_iter().map(|part| &text[part]).collect();
                format!("{} then `{}`", parts.join(" | "), &text[end..])
            }
        }
    }

    #[test]
    fn an_array_is_cut_at_its_elements_only() {
        let text = r#"[{"a": ",]"}, [1, {"b": "\\"}], "x\",", 4], "next"#;
        assert_eq!(
            cut(text, 0),
            r#"{"a": ",]"} |  [1, {"b": "\\"}] |  "x\"," |  4 then `, "next`"#
        );
        assert_eq!(cut(text, 12), r#"{"a": ",]"}, [1, {"b": "\\"}] |  "x\",", 4 then `, "next`"#);
        assert_eq!(cut("[]", 0), " then ``");
        assert_eq!(cut("[1,]", 0), "1 |  then ``");
    }

    #[test]
    fn an_array_without_end_has_no_parts() {
        for text in ["[", "[1", "[\"", "[\"\\", "[{]", "[[1]"] {
            assert_eq!(cut(text, 0), "no end", "{text}");
        }
    }
}
