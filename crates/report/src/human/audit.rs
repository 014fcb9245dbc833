//! `audit` for people: what is worst, where, and what to do about it.
//!
//! What matters is told in full, one head for each kind: what to do, why, and each
//! place with its rule and the question that proves it. What is merely untidy or
//! good to know is a line a kind. What is pasted is never broken.

use std::io::{self, Write};

use portolan::record::Severity;

use super::coverage::write_coverage;
use super::{Columns, Fit, Look, Paint};
use crate::audit::{AuditReport, Group, Item, first_sentences, one_line};
use crate::console;
use crate::untrusted::visible;
use crate::words::{count, some_of};

/// How many places of one kind are told.
const PLACES: usize = 8;

/// How much of the reasons is told.
const SENTENCES: usize = 2;

/// How many of the worst are named once more.
const WORST: usize = 3;

/// So many kinds of findings fit on a screen.
const FEW: usize = 2;

/// How many controls of other catalogues are named.
const CONTROLS: usize = 12;

/// Writes what was found.
pub fn write_audit(out: &mut impl Write, look: Look, report: &AuditReport<'_>) -> io::Result<()> {
    let groups = report.groups();
    let (full, short): (Vec<&Group<'_>>, Vec<&Group<'_>>) =
        groups.iter().partition(|group| report.narrowed || group.matters());
    for group in &full {
        write_group(out, look, report, group)?;
    }
    write_short(out, look, report, &short)?;
    if groups.is_empty() {
        writeln!(out, "{}", look.paint(Paint::Green, report.nothing()))?;
    }
    if full.len() + short.len() > FEW {
        write_worst(out, look, &full)?;
    }
    writeln!(out, "{}", summary(look, report))?;
    write_coverage(out, look, report.coverage)
}

/// What is worst, once more at the end of what does not fit on a screen.
fn write_worst(out: &mut impl Write, look: Look, groups: &[&Group<'_>]) -> io::Result<()> {
    let bad = groups.iter().filter(|group| group.is_found() && group.worst() >= Severity::High);
    let items: Vec<Item<'_>> = bad
        .flat_map(|group| group.items().into_iter().take(WORST))
        .filter(|item| item.first.exception.is_none() && item.first.severity >= Severity::High)
        .collect();
    let mut label = "the worst  ";
    for item in items.iter().take(WORST) {
        indented(out, look, label, &item.title(3), Some(Paint::Red))?;
        label = "           ";
    }
    Ok(())
}

/// How much there is of what, each number in the colour of its severity.
fn summary(look: Look, report: &AuditReport<'_>) -> String {
    let counts = report.severities();
    let mut text = if counts.is_empty() {
        look.paint(Paint::Green, &report.counted())
    } else {
        let part = |(severity, number): &(Severity, u64)| {
            look.paint(paint(*severity), &format!("{number} {}", severity.as_str()))
        };
        let parts: Vec<String> = counts.iter().map(part).collect();
        let all = counts.iter().map(|(_, number)| number).sum();
        format!("{}: {}", count(all, "finding", "findings"), parts.join(", "))
    };
    for aside in report.asides() {
        text.push_str("; ");
        text.push_str(&aside);
    }
    text
}

/// The colour of a severity; the word stands beside it.
fn paint(severity: Severity) -> Paint {
    match severity {
        Severity::Critical | Severity::High => Paint::Red,
        Severity::Medium => Paint::Yellow,
        Severity::Low | Severity::Info => Paint::Bold,
    }
}

fn write_group(
    out: &mut impl Write,
    look: Look,
    report: &AuditReport<'_>,
    group: &Group<'_>,
) -> io::Result<()> {
    let severity = group.worst();
    let word = look.paint(paint(severity), &severity.as_str().to_uppercase());
    let title = look.paint(Paint::Bold, group.rule.title);
    let code = look.paint(Paint::Dim, group.rule.code);
    let length = severity.as_str().len() + group.rule.title.len() + group.rule.code.len() + 4;
    let narrow = look.width.is_some_and(|width| length > usize::from(width));
    let between = if narrow { "\n  code  " } else { "  " };
    writeln!(out, "{word}  {title}{between}{code}")?;
    labelled(out, look, "fix", &one_line(group.rule.fix), None)?;
    let why = if report.narrowed {
        one_line(group.rule.why)
    } else {
        first_sentences(group.rule.why, SENTENCES)
    };
    labelled(out, look, "why", &why, Some(Paint::Dim))?;
    let items = group.items();
    let places = if report.narrowed { items.len() } else { PLACES };
    let mut told = 0;
    for item in items.iter().take(places) {
        told += item.len();
        write_item(out, look, report, severity, item)?;
    }
    let left = group.len() - told;
    if left > 0 {
        let all = report.all_of(group.rule.code);
        writeln!(out, "  * and {left} more: {}", visible(&all))?;
    }
    if report.narrowed {
        let mut controls: Vec<String> =
            items.iter().flat_map(|item| item.first.controls.iter().cloned()).collect();
        controls.sort_unstable();
        controls.dedup();
        if !controls.is_empty() {
            labelled(out, look, "answers", &some_of(&controls, CONTROLS), Some(Paint::Dim))?;
        }
    }
    writeln!(out)
}

fn write_item(
    out: &mut impl Write,
    look: Look,
    report: &AuditReport<'_>,
    head: Severity,
    item: &Item<'_>,
) -> io::Result<()> {
    let finding = item.first;
    let mut title = item.title(3);
    if finding.exception.is_some() {
        title = format!("allowed: {title}");
    } else if finding.severity != head {
        title = format!("{}: {title}", finding.severity.as_str());
    }
    for (number, line) in wrapped(&visible(&title), look.width, 4).iter().enumerate() {
        let mark = if number == 0 { "  * " } else { "    " };
        writeln!(out, "{mark}{}", look.paint(Paint::Bold, line))?;
    }
    for (rule, place) in item.rules(3) {
        let text = if place.is_empty() { rule } else { format!("{rule}  {place}") };
        entry(out, look, "by", &text, None)?;
    }
    if let Some(place) = item.stands() {
        entry(out, look, "at", &place, None)?;
    }
    for (label, note) in item.notes() {
        entry(out, look, label, &note, None)?;
    }
    if let Some(question) = report.question(finding) {
        command(out, look, "prove", &question, None)?;
    }
    if let Some(link) = console::link(&finding.about) {
        command(out, look, "console", &link, Some(Paint::Dim))?;
    }
    Ok(())
}

/// What is told in a line: how many, of what kind, and of which things.
fn write_short(
    out: &mut impl Write,
    look: Look,
    report: &AuditReport<'_>,
    groups: &[&Group<'_>],
) -> io::Result<()> {
    let Some(first) = groups.first() else { return Ok(()) };
    let title = "Less urgent: untidy, or good to know";
    writeln!(out, "{}", look.paint(Paint::Bold, title))?;
    let fits = [Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped];
    let mut columns = Columns::new(look, None, &fits);
    for group in groups {
        let word = if group.is_found() { group.worst().as_str() } else { "allowed" };
        columns.row(&[
            word.to_owned(),
            group.len().to_string(),
            group.rule.code.to_owned(),
            group.things(3),
        ]);
    }
    write!(out, "{}", columns.render())?;
    let all = report.all_of(first.rule.code);
    writeln!(out, "  each in full: {}\n", visible(&all))
}

/// `  fix  text`, the text made visible and broken between words.
fn labelled(
    out: &mut impl Write,
    look: Look,
    label: &str,
    text: &str,
    paint: Option<Paint>,
) -> io::Result<()> {
    indented(out, look, &format!("  {label}  "), text, paint)
}

/// The same below a place.
fn entry(
    out: &mut impl Write,
    look: Look,
    label: &str,
    text: &str,
    paint: Option<Paint>,
) -> io::Result<()> {
    indented(out, look, &format!("    {label:<8}"), text, paint)
}

fn indented(
    out: &mut impl Write,
    look: Look,
    label: &str,
    text: &str,
    paint: Option<Paint>,
) -> io::Result<()> {
    let indent = label.chars().count();
    for (number, line) in wrapped(&visible(text), look.width, indent).into_iter().enumerate() {
        let before = if number == 0 { label.to_owned() } else { " ".repeat(indent) };
        let line = paint.map_or_else(|| line.clone(), |paint| look.paint(paint, &line));
        writeln!(out, "{before}{line}")?;
    }
    Ok(())
}

/// Something to be pasted, in one piece.
fn command(
    out: &mut impl Write,
    look: Look,
    label: &str,
    text: &str,
    paint: Option<Paint>,
) -> io::Result<()> {
    let text = visible(text);
    let text = paint.map_or_else(|| text.to_string(), |paint| look.paint(paint, &text));
    writeln!(out, "    {label:<8}{text}")
}

/// Lines of a text that was made visible, broken between words where the terminal ends.
fn wrapped(text: &str, width: Option<u16>, indent: usize) -> Vec<String> {
    let Some(width) = width else { return vec![text.to_owned()] };
    let most = usize::from(width.max(60)).saturating_sub(indent);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let more = word.chars().count();
        if length > 0 && length + 1 + more > most {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += more;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words_and_a_long_word_never() {
        let path = "a/".repeat(40);
        let text = format!("{} {path} end", "word ".repeat(14).trim_end());
        let lines = wrapped(&text, Some(70), 10);
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(lines[2], path);
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped(&text, None, 10), [text]);
    }
}
