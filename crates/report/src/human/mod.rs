//! For people: tables and sentences that can be read without colour.
//!
//! What a question can be asked with is printed so that it can be pasted: ids,
//! ports and commands are never broken, cut or adorned.

mod audit;
mod blast_radius;
mod coverage;
mod explain;
mod ports;
mod story;
mod verify;

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

pub use audit::write_audit;
pub use blast_radius::write_blast_radius;
pub use coverage::{coverage_sentence, limitation_lines, write_coverage};
pub use explain::{write_explanation, write_explanations};
pub use ports::{PortsReport, write_ports};
pub use story::{Story, write_story};
pub use verify::write_verify;

pub(crate) use explain::reasons;
pub(crate) use ports::{Line, heading, nothing};

use crate::untrusted::visible;

/// Where the text is going.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Whether colour may be used.
    pub color: bool,
    /// Columns of the terminal; `None` where lines may be of any length.
    pub width: Option<u16>,
}

/// The few colours in use; each stands beside a word that says the same.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Bold,
    Red,
    Green,
    Yellow,
    Dim,
}

impl Look {
    /// A text that was made visible before, in colour if colour is wanted.
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Red => "1;31",
            Paint::Green => "1;32",
            Paint::Yellow => "1;33",
            Paint::Dim => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// How wide a column may get.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fit {
    /// As wide as its content: what is pasted is never broken.
    Whole,
    /// Broken between words where the terminal is narrow.
    Wrapped,
}

/// Aligned columns without a frame, indented by two.
pub(crate) struct Columns {
    table: Table,
    indent: usize,
}

impl Columns {
    pub(crate) fn new(look: Look, header: Option<&[&str]>, fits: &[Fit]) -> Self {
        let mut table = Table::new();
        table.load_style(NOTHING);
        let indent = 2;
        if let Some(width) = look.width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width.max(60).saturating_sub(2));
        }
        if let Some(header) = header {
            table.set_header(header.to_vec());
        } else {
            table.add_row(vec![""; fits.len()]);
        }
        table.discover_columns();
        for (index, fit) in fits.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_padding((0, 2));
                match fit {
                    Fit::Whole => column.set_constraint(ColumnConstraint::ContentWidth),
                    Fit::Wrapped => {
                        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(12)))
                    }
                };
            }
        }
        Self { table, indent }
    }

    /// Adds a row of untrusted texts.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.table.add_row(cells.iter().map(|cell| visible(cell)).collect::<Vec<_>>());
    }

    /// Adds a row whose cells have several lines, all of them untrusted.
    fn row_of_lines(&mut self, cells: &[Vec<String>]) {
        let lines = |cell: &Vec<String>| {
            cell.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
        };
        self.table.add_row(cells.iter().map(lines).collect::<Vec<_>>());
    }

    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        let blank = " ".repeat(self.indent);
        for line in self.table.lines() {
            let line = line.trim_end();
            if !line.is_empty() {
                // Writing to a string can't fail.
                _ = writeln!(text, "{blank}{line}");
            }
        }
        text
    }
}

/// A text of at most `most` characters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Where a fact stands: `NetworkAcls.json:30`, else the place inside the file.
pub(crate) fn place(file: &str, line: Option<u64>, at: &str) -> String {
    match line {
        Some(line) if !file.is_empty() => format!("{file}:{line}"),
        Some(_) | None if !at.is_empty() => at.to_owned(),
        Some(_) | None => file.to_owned(),
    }
}
