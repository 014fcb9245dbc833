//! JSON that is safe to look at on a terminal.
//!
//! serde_json escapes C0 only. DEL, C1 and the characters that turn the
//! direction of writing are written as `\u....` too, since people read JSON
//! lines on terminals. What a parser reads back is the same text.

mod printed;

use std::io::{self, Write};

use portolan::record::{BlastSummary, Compared, Coverage, LimitationRecord};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

pub use printed::{Print, Printed};

/// Writes a value as one line of JSON.
pub fn line<W: Write + ?Sized>(mut out: &mut W, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Escaping))?;
    out.write_all(b"\n")
}

/// The document of `--format json`, written while its records come.
///
/// One record stands on one line, so that two documents can be compared as text.
pub struct Document<W> {
    out: W,
    /// Whether there are none so far.
    empty: bool,
}

impl<W: Write> Document<W> {
    /// Begins a document of a format: `portolan.ports/1`.
    pub fn begin(mut out: W, format: &str) -> io::Result<Self> {
        out.write_all(b"{\"format\":")?;
        value(&mut out, format)?;
        out.write_all(b",\"records\":[")?;
        Ok(Self { out, empty: true })
    }

    /// Adds a record.
    pub fn record(&mut self, record: &impl Serialize) -> io::Result<()> {
        self.out.write_all(if self.empty { b"\n" } else { b",\n" })?;
        self.empty = false;
        value(&mut self.out, record)
    }

    /// Adds records that were printed.
    pub fn printed(&mut self, records: &Printed) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        // Before the first there is no comma.
        let skipped = usize::from(std::mem::take(&mut self.empty));
        records.write_after(skipped, &mut self.out)
    }

    /// Ends the document.
    pub fn end(mut self, coverage: &Coverage, limitations: &[LimitationRecord]) -> io::Result<()> {
        self.out.write_all(if self.empty { b"],\n" } else { b"\n],\n" })?;
        self.rest(coverage, limitations)
    }

    /// Ends the document of `verify`: with what was compared.
    pub fn end_compared(
        mut self,
        compared: &Compared,
        coverage: &Coverage,
        limitations: &[LimitationRecord],
    ) -> io::Result<()> {
        self.out.write_all(if self.empty { b"],\n" } else { b"\n],\n" })?;
        self.out.write_all(b"\"compared\":")?;
        value(&mut self.out, compared)?;
        self.out.write_all(b",\n")?;
        self.rest(coverage, limitations)
    }

    /// Ends the document of `blast-radius`: with the radius in numbers.
    pub fn end_summed(
        mut self,
        summary: &BlastSummary,
        coverage: &Coverage,
        limitations: &[LimitationRecord],
    ) -> io::Result<()> {
        self.out.write_all(if self.empty { b"],\n" } else { b"\n],\n" })?;
        self.out.write_all(b"\"summary\":")?;
        value(&mut self.out, summary)?;
        self.out.write_all(b",\n")?;
        self.rest(coverage, limitations)
    }

    fn rest(mut self, coverage: &Coverage, limitations: &[LimitationRecord]) -> io::Result<()> {
        self.out.write_all(b"\"coverage\":")?;
        value(&mut self.out, coverage)?;
        self.out.write_all(b",\n\"limitations\":")?;
        value(&mut self.out, limitations)?;
        self.out.write_all(b"}\n")
    }
}

fn value<W: Write, T: Serialize + ?Sized>(mut out: &mut W, value: &T) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Escaping))?;
    Ok(())
}

/// serde_json's compact form, with what a terminal would obey escaped as well.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.bytes().all(|byte| byte < 0x7f) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_escaped) {
            let (harmless, tail) = rest.split_at(at);
            writer.write_all(harmless.as_bytes())?;
            let mut chars = tail.chars();
            if let Some(c) = chars.next() {
                write!(writer, "\\u{:04x}", u32::from(c))?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

fn is_escaped(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_read_back() {
        let text = "a\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{2069}日\n";
        let mut out = Vec::new();
        line(&mut out, &text).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, "\"a\\u001b[2J\\u007f\\u009b\\u202e\\u2069日\\n\"\n");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }

    #[test]
    fn records_that_were_printed_are_added_as_others_are() {
        let document = |add: &dyn Fn(&mut Document<&mut Vec<u8>>)| {
            let mut out = Vec::new();
            let mut document = Document::begin(&mut out, "portolan.ports/1").unwrap();
            add(&mut document);
            document.end(&Coverage::default(), &[]).unwrap();
            String::from_utf8(out).unwrap()
        };
        let port = samples::port();
        let one_by_one = document(&|document| {
            for _ in 0..3 {
                document.record(&port).unwrap();
            }
        });
        let printed = document(&|document| {
            for some in [vec![], vec![port.clone(); 2], vec![], vec![port.clone()]] {
                document.printed(&Printed::elements(&some).unwrap()).unwrap();
            }
        });
        assert_eq!(printed, one_by_one);
    }

    #[test]
    fn a_document_without_records_is_a_document() {
        let mut out = Vec::new();
        let document = Document::begin(&mut out, "portolan.ports/1").unwrap();
        document.end(&Coverage::default(), &[]).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read["records"], serde_json::json!([]));
    }
}
