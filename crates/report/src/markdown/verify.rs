//! `verify` as tables.

use std::io::{self, Write};

use portolan::record::{Outcome, Verification};

use super::{end, escaped, header, row};
use crate::verify::{VerifyReport, outcome_words, port, seen, why};

/// So many lines of one kind are shown: a comment has room for 65,536 characters.
const SHOWN: usize = 20;

/// Writes a report: a table for each outcome but agreement.
pub fn write_verify(out: &mut impl Write, report: &VerifyReport<'_>) -> io::Result<()> {
    writeln!(out, "{}\n", escaped(&report.summary()))?;
    for outcome in Outcome::ALL {
        let of: Vec<&Verification> =
            report.records.iter().filter(|record| record.outcome == outcome).collect();
        if of.is_empty() || outcome == Outcome::Agrees {
            continue;
        }
        let ports: u64 = of.iter().map(|record| record.count).sum();
        writeln!(out, "### {ports} {}\n", outcome_words(outcome))?;
        header(out, &["Port", "To", "Name", "Seen", "Configured", "Why", "Means"])?;
        for record in of.iter().take(SHOWN) {
            let name = if record.name.is_empty() { &record.interface } else { &record.name };
            row(
                out,
                &[
                    port(record),
                    record.to.clone(),
                    name.clone(),
                    seen(record),
                    record.expected.as_str().to_owned(),
                    why(record),
                    record.means.clone(),
                ],
            )?;
        }
        if let Some(more) = of.len().checked_sub(SHOWN).filter(|&more| more > 0) {
            writeln!(out, "\nand {more} more lines")?;
        }
        writeln!(out)?;
    }
    end(out, report.coverage, report.limitations)
}
