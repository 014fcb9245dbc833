//! `blast-radius` as a table.

use std::io::{self, Write};

use portolan::record::Within;

use super::{end, escaped, header, row};
use crate::blast_radius::{BlastReport, alike, by, held_by, outward, ports, way};

/// So many lines are shown: a comment has room for 65,536 characters.
const SHOWN: usize = 100;

/// Writes a report.
pub fn write_blast_radius(out: &mut impl Write, report: &BlastReport<'_>) -> io::Result<()> {
    writeln!(out, "{}\n", escaped(&report.sentence()))?;
    let way_out = report.way_out();
    if !way_out.is_empty() {
        writeln!(out, "{}\n", escaped(&way_out))?;
    }
    let groups = alike(report.records);
    if !groups.is_empty() {
        let columns = ["Hops", "Host", "VPC", "Ports", "Way", "Note", "Gets out to", "Held by"];
        header(out, &columns)?;
    }
    for group in groups.iter().take(SHOWN) {
        let record = group.first;
        let mut note = by(record);
        if record.within == Within::Possible {
            note = if note.is_empty() { "perhaps".into() } else { format!("perhaps, {note}") };
        }
        row(
            out,
            &[
                record.hops.map_or_else(|| "out of reach".to_owned(), |hops| hops.to_string()),
                group.name(),
                record.vpc.clone(),
                record.path.last().map_or_else(String::new, |step| ports(&step.ports)),
                way(&record.path),
                note,
                outward(record),
                held_by(record).join("; "),
            ],
        )?;
    }
    if let Some(more) = groups.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        writeln!(out, "\nand {more} more lines")?;
    }
    if !groups.is_empty() {
        writeln!(out)?;
    }
    end(out, report.coverage, report.limitations)
}
