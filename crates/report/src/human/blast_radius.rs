//! `blast-radius` for people: hop by hop, equal hosts in one line.

use std::io::{self, Write};

use portolan::record::Within;

use super::coverage::write_coverage;
use super::ports::shell_shown;
use super::{Columns, Fit, Look, Paint};
use crate::blast_radius::{Alike, BlastReport, alike, by, from, held_by, outward, ports, way};
use crate::untrusted::{Untrusted, visible};
use crate::words::{shell_word, some_of};

/// So many lines of one hop are shown.
const SHOWN: usize = 40;

/// Writes a report.
pub fn write_blast_radius(
    out: &mut impl Write,
    look: Look,
    report: &BlastReport<'_>,
) -> io::Result<()> {
    let groups = alike(report.records);
    let mut rest = groups.as_slice();
    while let Some(first) = rest.first() {
        let same = |group: &Alike<'_>| {
            (group.first.hops, group.first.within == Within::No)
                == (first.first.hops, first.first.within == Within::No)
        };
        let of = rest.iter().take_while(|group| same(group)).count();
        let (here, others) = rest.split_at(of);
        rest = others;
        hop(out, look, here)?;
    }
    if report.records.is_empty() {
        writeln!(out, "nothing there can be held or reached\n")?;
    }
    asked(out, look, report)?;
    let sentence = report.sentence();
    let shade = match (report.summary.certain, report.summary.possible) {
        (0, 0) => Paint::Green,
        _ => Paint::Bold,
    };
    writeln!(out, "{}", look.paint(shade, &visible(&sentence)))?;
    let way_out = report.way_out();
    if !way_out.is_empty() {
        writeln!(out, "{way_out}")?;
    }
    write_coverage(out, look, report.coverage)
}

fn hop(out: &mut impl Write, look: Look, groups: &[Alike<'_>]) -> io::Result<()> {
    let Some(first) = groups.first() else { return Ok(()) };
    let hosts: usize = groups.iter().map(|group| group.all.len()).sum();
    let hosts = if hosts == 1 { "1 host".to_owned() } else { format!("{hosts} hosts") };
    let (paint, title) = match (first.first.within, first.first.hops) {
        (Within::No, _) | (_, None) => (Paint::Green, format!("out of reach, {hosts}")),
        (_, Some(0)) => (Paint::Bold, format!("held from the start, {hosts}")),
        (_, Some(1)) => (Paint::Red, format!("1 hop away, {hosts}")),
        (_, Some(hops)) => (Paint::Yellow, format!("{hops} hops away, {hosts}")),
    };
    writeln!(out, "{}", look.paint(paint, &title))?;
    let none = first.first.within == Within::No;
    let header: &[&str] = match (none, first.first.hops) {
        (true, _) => &["HOST", "VPC", "HELD BY"],
        (_, Some(0)) => &["HOST", "VPC", "GETS OUT TO"],
        _ => &["HOST", "VPC", "PORTS", "FROM", "NOTE", "GETS OUT TO"],
    };
    let fits = vec![Fit::Wrapped; header.len()];
    let mut columns = Columns::new(look, Some(header), &fits);
    for group in groups.iter().take(SHOWN) {
        let record = group.first;
        let vpc = record.vpc.clone();
        if none {
            columns.row(&[group.name(), vpc, some_of(&held_by(record), 2)]);
            continue;
        }
        let Some(step) = record.path.last() else {
            columns.row(&[group.name(), vpc, outward(record)]);
            continue;
        };
        let mut note = by(record);
        if record.within == Within::Possible {
            note = if note.is_empty() { "perhaps".into() } else { format!("perhaps, {note}") };
        }
        columns.row(&[group.name(), vpc, ports(&step.ports), from(step), note, outward(record)]);
    }
    write!(out, "{}", columns.render())?;
    if let Some(more) = groups.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        writeln!(out, "  and {more} more lines (`--format jsonl`)")?;
    }
    writeln!(out)
}

/// The whole way to what was asked for, and the question that proves its last hop.
fn asked(out: &mut impl Write, look: Look, report: &BlastReport<'_>) -> io::Result<()> {
    let found = report.records.iter().rev().find(|record| !record.path.is_empty());
    let Some(record) = found.filter(|_| !report.to.is_empty()) else {
        if report.to.is_empty() {
            return Ok(());
        }
        let proof = match report.verdict() {
            Within::No => "not within any number of hops",
            Within::Held | Within::Certain | Within::Possible => "held from the start",
        };
        return writeln!(out, "{}", look.paint(Paint::Bold, proof));
    };
    writeln!(out, "way: {}", Untrusted(&way(&record.path)))?;
    let Some(step) = record.path.last() else { return Ok(()) };
    let port = step.through.as_ref().map_or(step.ports.first(), |through| Some(&through.port));
    let port = port.map(|port| port.split(['-', ',']).next().unwrap_or_default().to_owned());
    if let Some(port) = port.filter(|_| !step.from.is_empty()) {
        let words = [step.from.clone(), step.address.clone(), port].map(|it| shell_word(&it));
        let source = shell_shown(report.source);
        writeln!(out, "ask: portolan explain {source} {}", Untrusted(&words.join(" ")))?;
    }
    Ok(())
}
