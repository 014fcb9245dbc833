//! The chart in the language of Graphviz: a cluster for each band.

use std::io::{self, Write};

use portolan::record::Certainty;
use portolan::record::chart::{Chart, ChartBox};

use super::label::{self, called};
use crate::untrusted::visible;

/// Writes the chart as a digraph.
pub fn write_dot(out: &mut impl Write, chart: &Chart) -> io::Result<()> {
    writeln!(out, "digraph portolan {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(
        out,
        "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"Helvetica\"];"
    )?;
    writeln!(out, "  edge [fontname=\"Helvetica\", fontsize=10];")?;
    for band in &chart.bands {
        writeln!(out, "  subgraph cluster_{} {{", band.id)?;
        writeln!(out, "    label={};", quoted(&[&band.title, &band.detail]))?;
        for one in chart.boxes.iter().filter(|one| one.band == band.id) {
            node(out, "    ", one)?;
        }
        writeln!(out, "  }}")?;
    }
    for one in chart.boxes.iter().filter(|one| one.band.is_empty()) {
        node(out, "  ", one)?;
    }
    for edge in &chart.edges {
        let mut style = String::new();
        if edge.everyone {
            style.push_str(", color=\"#b91c1c\", fontcolor=\"#b91c1c\", penwidth=2.5");
        }
        if edge.certainty == Certainty::Possible {
            style.push_str(", style=dashed");
        }
        let label = quoted(&[&label::ports(edge, 6)]);
        writeln!(out, "  {} -> {} [label={label}{style}];", edge.from, edge.to)?;
    }
    writeln!(out, "}}")
}

fn node(out: &mut impl Write, indent: &str, one: &ChartBox) -> io::Result<()> {
    let everyone = if one.everyone.is_empty() { "" } else { "open to everyone" };
    let style = if one.everyone.is_empty() { "" } else { ", color=\"#b91c1c\", penwidth=2.5" };
    let label = quoted(&[&called(one), &one.detail, everyone]);
    writeln!(out, "{indent}{} [label={label}{style}];", one.id)
}

/// A quoted string of lines; quotes and backslashes are escaped, so that it ends
/// where we end it and nothing in it is an escape of DOT's.
fn quoted(lines: &[&str]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| visible(line).replace('\\', "\\\\").replace('"', "\\\""))
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}
