//! The chart for a terminal: a line for each edge, what is open to everyone first.

use std::io::{self, Write};

use portolan::record::chart::{Chart, Column};

use super::label::{all_ports, called, summary};
use crate::human::{Columns, Fit, Look, Paint, write_coverage};

/// Writes the edges of the chart as a table.
pub fn write_text(out: &mut impl Write, look: Look, chart: &Chart) -> io::Result<()> {
    writeln!(out, "{}", look.paint(Paint::Bold, &crate::untrusted::visible(&summary(chart))))?;
    if !chart.merged.is_empty() {
        writeln!(out, "{}; `--focus SELECTOR` looks closely", chart.merged)?;
    }
    let header = ["FROM", "TO", "COLUMN", "PORTS", "NOTE"];
    let fits = [Fit::Wrapped, Fit::Wrapped, Fit::Whole, Fit::Wrapped, Fit::Whole];
    let mut table = Columns::new(look, Some(&header), &fits);
    let mut edges: Vec<_> = chart.edges.iter().collect();
    edges.sort_by_key(|edge| !edge.everyone);
    for edge in edges {
        let find = |id: &str| chart.boxes.iter().find(|one| one.id == id);
        let (Some(from), Some(to)) = (find(&edge.from), find(&edge.to)) else { continue };
        let column = match to.column {
            Column::Internet => "internet",
            Column::Edge => "edge",
            Column::Public => "public",
            Column::Private => "private",
            Column::Data => "data",
            Column::Networks => "networks",
        };
        let note = if edge.everyone { "open to everyone" } else { "" };
        table.row(&[called(from), called(to), column.to_owned(), all_ports(edge), note.to_owned()]);
    }
    if chart.edges.is_empty() {
        writeln!(out, "nothing is open between what was seen")?;
    } else {
        write!(out, "{}", table.render())?;
    }
    writeln!(out)?;
    write_coverage(out, look, &chart.coverage)
}
