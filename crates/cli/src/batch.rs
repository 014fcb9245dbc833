//! Many questions at once: CSV with the columns `from,to,port[,expect]`.
//!
//! The header is required and its columns may stand in any order. All rows are
//! read before anything is answered, so that a batch that can't be read prints
//! nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use portolan::record::Verdict;

use crate::error::Error;

/// One question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Question {
    pub(crate) line: u64,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) port: String,
    pub(crate) expect: Option<Verdict>,
}

/// A batch and what it is called in messages.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) name: String,
    pub(crate) questions: Vec<Question>,
    columns: Columns,
}

/// Where the columns stand, counted from 0.
#[derive(Clone, Copy, Debug)]
struct Columns {
    from: usize,
    to: usize,
    port: usize,
    expect: Option<usize>,
}

/// The columns that hold a question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cell {
    From,
    To,
    Port,
}

impl Batch {
    /// Reads a file, or stdin for `-`.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Self::parse("stdin", io::stdin().lock());
        }
        let failed = |error| Error::File { path: path.to_owned(), done: "read", error };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        Self::parse(&path.display().to_string(), file)
    }

    fn parse(name: &str, bytes: impl Read) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut rows = reader.byte_records();
        let failed = |line, column: String, reason: String| Error::Batch {
            file: name.to_owned(),
            line,
            column,
            reason,
        };
        let whole = |error: &csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() else {
                return failed(line, "1".to_owned(), error.to_string());
            };
            let column = len.min(expected_len).to_string();
            let reason = format!("{len} cells under {expected_len} columns");
            failed(line, column, reason)
        };
        let header = match rows.next() {
            None => return Err(failed(1, "1".to_owned(), "the batch is empty".to_owned())),
            Some(header) => header.map_err(|error| whole(&error))?,
        };
        let columns = Columns::of(&header).map_err(|(column, reason)| failed(1, column, reason))?;
        let mut questions = Vec::new();
        for row in rows {
            let row = row.map_err(|error| whole(&error))?;
            let line = row.position().map_or(0, csv::Position::line);
            let question = columns.question(line, &row);
            questions.push(question.map_err(|(column, reason)| failed(line, column, reason))?);
        }
        Ok(Self { name: name.to_owned(), questions, columns })
    }

    /// The error for a cell that can't be understood.
    pub(crate) fn unreadable(&self, question: &Question, cell: Cell, reason: &str) -> Error {
        let (at, name) = match cell {
            Cell::From => (self.columns.from, "from"),
            Cell::To => (self.columns.to, "to"),
            Cell::Port => (self.columns.port, "port"),
        };
        Error::Batch {
            file: self.name.clone(),
            line: question.line,
            column: column(at, name),
            reason: reason.to_owned(),
        }
    }
}

/// `3 (port)`.
fn column(at: usize, name: &str) -> String {
    format!("{} ({name})", at + 1)
}

impl Columns {
    fn of(header: &csv::ByteRecord) -> Result<Self, (String, String)> {
        const NAMES: [&str; 4] = ["from", "to", "port", "expect"];
        let mut found = [None; 4];
        for (at, cell) in header.iter().enumerate() {
            // What spreadsheets put before UTF-8.
            let cell =
                if at == 0 { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
            let name = String::from_utf8_lossy(cell);
            let known = NAMES.iter().position(|known| *known == name);
            let Some(place) = known.and_then(|known| found.get_mut(known)) else {
                return Err(((at + 1).to_string(), format!("`{name}` is not a column of a batch")));
            };
            if place.replace(at).is_some() {
                return Err(((at + 1).to_string(), format!("the column `{name}` comes twice")));
            }
        }
        let [from, to, port, expect] = found;
        let required = |found: Option<usize>, name: &str| {
            found.ok_or_else(|| ("1".to_owned(), format!("the column `{name}` is missing")))
        };
        Ok(Self {
            from: required(from, "from")?,
            to: required(to, "to")?,
            port: required(port, "port")?,
            expect,
        })
    }

    fn question(self, line: u64, row: &csv::ByteRecord) -> Result<Question, (String, String)> {
        let text = |at: usize, name: &str| {
            let cell = row.get(at).unwrap_or_default();
            let text = std::str::from_utf8(cell)
                .map_err(|_| (column(at, name), "the cell is not UTF-8".to_owned()))?;
            Ok::<_, (String, String)>(text.to_owned())
        };
        let filled = |at: usize, name: &str| {
            let text = text(at, name)?;
            if text.is_empty() {
                return Err((column(at, name), "the cell is empty".to_owned()));
            }
            Ok(text)
        };
        let expect = match self.expect {
            None => None,
            Some(at) => match text(at, "expect")?.as_str() {
                "" => None,
                "open" => Some(Verdict::Open),
                "closed" => Some(Verdict::Closed),
                other => {
                    let reason = format!("`{other}` is not `open`, `closed` or empty");
                    return Err((column(at, "expect"), reason));
                }
            },
        };
        Ok(Question {
            line,
            from: filled(self.from, "from")?,
            to: filled(self.to, "to")?,
            port: filled(self.port, "port")?,
            expect,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &[u8]) -> String {
        Batch::parse("q.csv", text).unwrap_err().to_string()
    }

    #[test]
    fn columns_stand_in_any_order_and_cells_stay_as_they_are() {
        let batch = Batch::parse(
            "q.csv",
            &b"\xef\xbb\xbfexpect,port,to,from\nopen,tcp/22, b ,\"a,1\"\n,443,c,d\n"[..],
        )
        .unwrap();
        assert_eq!(batch.questions.len(), 2);
        let first = &batch.questions[0];
        assert_eq!((first.from.as_str(), first.to.as_str()), ("a,1", " b "));
        assert_eq!(first.expect, Some(Verdict::Open));
        assert_eq!(batch.questions[1].expect, None);
        assert_eq!(batch.questions[1].line, 3);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_line_and_column() {
        assert_eq!(refused(b""), "q.csv: line 1, column 1: the batch is empty");
        assert_eq!(refused(b"from,to\n"), "q.csv: line 1, column 1: the column `port` is missing");
        assert_eq!(
            refused(b"from,to,port,expct\n"),
            "q.csv: line 1, column 4: `expct` is not a column of a batch"
        );
        assert_eq!(
            refused(b"from,to,port\na,b\n"),
            "q.csv: line 2, column 2: 2 cells under 3 columns"
        );
        assert_eq!(
            refused(b"from,to,port\na,\xff,tcp/1\n"),
            "q.csv: line 2, column 2 (to): the cell is not UTF-8"
        );
        assert_eq!(
            refused(b"from,to,port,expect\na,b,tcp/1,maybe\n"),
            "q.csv: line 2, column 4 (expect): `maybe` is not `open`, `closed` or empty"
        );
    }
}
