//! Texts that strangers wrote, made harmless for a terminal.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};

/// A text that somebody else wrote; shows what a terminal would obey as `\u{..}`.
///
/// Control characters (C0, DEL, C1: escape sequences begin with them) and those
/// that turn the direction of writing, so that a line reads as another one.
#[derive(Clone, Copy, Debug)]
pub struct Untrusted<'a>(pub &'a str);

impl Display for Untrusted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(acts) {
            let (harmless, tail) = rest.split_at(at);
            f.write_str(harmless)?;
            let mut chars = tail.chars();
            if let Some(c) = chars.next() {
                write!(f, "{}", c.escape_unicode())?;
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

/// A text as [`Untrusted`] shows it.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    // Writing to a string can't fail.
    _ = write!(shown, "{}", Untrusted(text));
    Cow::Owned(shown)
}

/// Whether a terminal obeys the character instead of showing it.
pub(crate) fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_seen() {
        assert_eq!(visible("\u{1b}[2Jweb\u{9b}1m\u{7f}"), r"\u{1b}[2Jweb\u{9b}1m\u{7f}");
        assert_eq!(visible("a\u{202e}b\u{2066}\n"), r"a\u{202e}b\u{2066}\u{a}");
    }

    #[test]
    fn letters_of_all_languages_stay() {
        assert!(matches!(visible("Müller 日本 -_/\\"), Cow::Borrowed("Müller 日本 -_/\\")));
    }
}
