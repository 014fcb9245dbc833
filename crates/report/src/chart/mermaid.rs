//! The chart as a Mermaid flowchart: a subgraph for each band.
//!
//! Pages that show Mermaid may run what is in it, so every character of a text
//! that is not a plain one is written as an entity.

use std::fmt::Write as _;
use std::io::{self, Write};

use portolan::record::Certainty;
use portolan::record::chart::{Chart, ChartBox};

use super::label::{self, called};
use crate::untrusted::visible;

/// Writes the chart as a flowchart.
pub fn write_mermaid(out: &mut impl Write, chart: &Chart) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for band in &chart.bands {
        writeln!(out, "  subgraph {}[\"{}\"]", band.id, lines(&[&band.title, &band.detail]))?;
        for one in chart.boxes.iter().filter(|one| one.band == band.id) {
            node(out, "    ", one)?;
        }
        writeln!(out, "  end")?;
    }
    for one in chart.boxes.iter().filter(|one| one.band.is_empty()) {
        node(out, "  ", one)?;
    }
    let mut red = Vec::new();
    for (at, edge) in chart.edges.iter().enumerate() {
        let arrow = match (edge.everyone, edge.certainty) {
            (_, Certainty::Possible) => "-.->",
            (true, Certainty::Certain) => "==>",
            (false, Certainty::Certain) => "-->",
        };
        if edge.everyone {
            red.push(at.to_string());
        }
        let label = lines(&[&label::ports(edge, 6)]);
        writeln!(out, "  {} {arrow}|\"{label}\"| {}", edge.from, edge.to)?;
    }
    if !red.is_empty() {
        writeln!(out, "  linkStyle {} stroke:#b91c1c,stroke-width:3px", red.join(","))?;
    }
    writeln!(out, "  classDef open stroke:#b91c1c,stroke-width:3px")?;
    let open = chart.boxes.iter().filter(|one| !one.everyone.is_empty());
    let open: Vec<&str> = open.map(|one| one.id.as_str()).collect();
    if !open.is_empty() {
        writeln!(out, "  class {} open", open.join(","))?;
    }
    Ok(())
}

fn node(out: &mut impl Write, indent: &str, one: &ChartBox) -> io::Result<()> {
    let everyone = if one.everyone.is_empty() { "" } else { "open to everyone" };
    let label = lines(&[&called(one), &one.detail, everyone]);
    writeln!(out, "{indent}{}[\"{label}\"]", one.id)
}

/// Lines of a text, harmless.
fn lines(lines: &[&str]) -> String {
    let lines = lines.iter().filter(|line| !line.is_empty());
    lines.map(|line| harmless(line)).collect::<Vec<_>>().join("<br/>")
}

fn harmless(text: &str) -> String {
    let mut harmless = String::new();
    for c in visible(text).chars() {
        if c.is_alphanumeric() || " -_./:,+()?*×…".contains(c) {
            harmless.push(c);
        } else {
            // Writing to a string can't fail.
            _ = write!(harmless, "#{};", u32::from(c));
        }
    }
    harmless
}
