//! All that is said beside the data: errors, warnings, limitations.
//!
//! Texts of strangers are made visible here, whatever they hold. What can't be
//! written to stderr is lost: there is nowhere else to say so.

use std::collections::BTreeMap;
use std::io::Write;

use portolan_report::Untrusted;

use crate::error::Error;

/// How many messages of one kind are printed one by one.
const PRINTED: usize = 20;

/// Writes a line.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{}", Untrusted(text)));
}

/// Writes a text of several lines.
pub(crate) fn text(text: &str) {
    text.lines().for_each(line);
}

/// Writes an error and what to do about it.
pub(crate) fn error(error: &Error) {
    line(&format!("error: {error}"));
    if let Some(hint) = error.hint() {
        line(&format!("hint: {hint}"));
    }
}

/// Writes messages: 20 of a kind, then the count.
pub(crate) fn of_kinds<'a>(messages: impl IntoIterator<Item = (&'a str, String)>) {
    for message in limited(messages) {
        line(&message);
    }
}

fn limited<'a>(messages: impl IntoIterator<Item = (&'a str, String)>) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for (kind, message) in messages {
        let seen = seen.entry(kind).or_default();
        *seen += 1;
        if *seen <= PRINTED {
            lines.push(message);
        }
    }
    for (kind, seen) in seen {
        if let Some(more) = seen.checked_sub(PRINTED).filter(|&more| more > 0) {
            lines.push(format!("{more} more of this kind: {kind}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted() {
        let lines = limited((0..25).map(|at| ("odd", format!("warning: {at}"))));
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[20], "5 more of this kind: odd");
    }
}
