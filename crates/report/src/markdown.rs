//! GitHub-flavoured Markdown, for pull requests and job summaries.
//!
//! What could be markup is written as a character reference, which never is;
//! after `@` and `#` stands an invisible U+200C, since GitHub looks for mentions
//! and issues in the text that remains. Links of the text are broken the same way.

mod audit;
mod blast_radius;
mod verify;

use std::fmt::Write as _;
use std::io::{self, Write};

use portolan::record::{Audience, Coverage, Explanation, LimitationRecord, PortClass};

pub use audit::write_audit;
pub use blast_radius::write_blast_radius;
pub use verify::write_verify;

use crate::csv::word;
use crate::human::{self, Line};
use crate::untrusted::visible;

/// A text that means itself anywhere in a line of Markdown.
#[must_use]
pub fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut safe = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let link = match c {
            ':' => tail.starts_with("//"),
            '.' => safe.len() >= 3 && safe.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        let markup = matches!(
            c,
            '|' | '`'
                | '<'
                | '>'
                | '&'
                | '['
                | ']'
                | '*'
                | '_'
                | '@'
                | '#'
                | '~'
                | '\\'
                | '$'
                | '!'
                | '{'
                | '}'
                | '"'
                | '\''
        );
        // A mark of a list or rule, where a text begins a line.
        let block = safe.is_empty() && matches!(c, '-' | '+' | '=');
        if link || markup || block {
            // Writing to a string can't fail.
            _ = write!(safe, "&#{};", u32::from(c));
            if c == '@' || c == '#' {
                safe.push('\u{200c}');
            }
        } else {
            safe.push(c);
        }
        rest = tail;
    }
    safe
}

/// Writes what is open, and to whom: a table for each audience.
pub fn write_ports(
    out: &mut impl Write,
    classes: &[PortClass],
    audience: Option<Audience>,
    filtered: bool,
    coverage: &Coverage,
    limitations: &[LimitationRecord],
) -> io::Result<()> {
    let shown = match audience {
        Some(audience) => vec![audience],
        None => vec![Audience::Internet, Audience::Network],
    };
    let mut any = false;
    for audience in shown {
        let mut of: Vec<&PortClass> =
            classes.iter().filter(|class| class.open.audience == audience).collect();
        of.sort_by_key(|class| class.open.breadth);
        if of.is_empty() {
            continue;
        }
        any = true;
        writeln!(out, "### {}\n", human::heading(audience, &of))?;
        header(out, &["From", "To", "Port", "Name", "Note", "By"])?;
        for class in of {
            let Line { from, to, port, name, notes, by } = Line::of(class);
            let notes: Vec<String> =
                notes.into_iter().map(|note| note.below.unwrap_or(note.word)).collect();
            row(out, &[from.join(" "), to.join(" "), port, name, notes.join("; "), by])?;
        }
        writeln!(out)?;
    }
    if !any {
        writeln!(out, "{}\n", human::nothing(filtered, coverage))?;
    }
    let inside = classes.iter().filter(|class| class.open.audience == Audience::Estate).count();
    if audience.is_none() && inside > 0 {
        writeln!(out, "Inside the estate: {inside} more.\n")?;
    }
    end(out, coverage, limitations)
}

/// Writes explanations: a table of verdicts.
pub fn write_explanations(
    out: &mut impl Write,
    answers: &[Explanation],
    coverage: &Coverage,
    limitations: &[LimitationRecord],
) -> io::Result<()> {
    header(out, &["Verdict", "From", "To", "Port", "Why"])?;
    for answer in answers {
        row(
            out,
            &[
                word(&answer.verdict),
                answer.from.clone(),
                answer.to.clone(),
                answer.port.clone(),
                human::reasons(answer).join("; "),
            ],
        )?;
    }
    writeln!(out)?;
    end(out, coverage, limitations)
}

fn header(out: &mut impl Write, names: &[&str]) -> io::Result<()> {
    writeln!(out, "| {} |", names.join(" | "))?;
    writeln!(out, "|{}", " --- |".repeat(names.len()))
}

fn row(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

fn end(
    out: &mut impl Write,
    coverage: &Coverage,
    limitations: &[LimitationRecord],
) -> io::Result<()> {
    write!(out, "{}", limitation_list(limitations))?;
    writeln!(out, "{}", escaped(&human::coverage_sentence(coverage)))
}

/// Limitations as a list, if there are any.
fn limitation_list(limitations: &[LimitationRecord]) -> String {
    let mut list = String::new();
    for line in human::limitation_lines(limitations) {
        // Writing to a string can't fail.
        _ = writeln!(list, "* {}", escaped(&line));
    }
    if !list.is_empty() {
        list.push('\n');
    }
    list
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples;

    #[test]
    fn markup_means_itself() {
        expect!["&#60;img src=x&#62; &#91;a&#93;(https&#58;//evil) &#64;‌team &#35;‌1 www&#46;evil.example"]
            .assert_eq(&escaped("<img src=x> [a](https://evil) @team #1 www.evil.example"));
    }

    #[test]
    fn ports_as_a_table() {
        let mut out = Vec::new();
        let classes = [samples::port_class()];
        write_ports(
            &mut out,
            &classes,
            None,
            false,
            &samples::coverage(),
            &[samples::limitation()],
        )
        .unwrap();
        expect![[r#"
            ### open from the internet

            | From | To | Port | Name | Note | By |
            | --- | --- | --- | --- | --- | --- |
            | internet | eni-0a | tcp/443 | web-1 and 2 alike |  | sg-1 |

            * limitation: unknown-security-group: sg-9 (111122223333/us-east-1), referred to at SecurityGroups.json&#35;‌/SecurityGroups/0/IpPermissions/1; collect it with: aws ec2 describe-security-groups --group-ids sg-9 &#62; SecurityGroups.json

            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn explanations_as_a_table() {
        let mut out = Vec::new();
        write_explanations(&mut out, &[samples::explanation()], &samples::coverage(), &[]).unwrap();
        expect![[r#"
            | Verdict | From | To | Port | Why |
            | --- | --- | --- | --- | --- |
            | closed | 10.0.0.5 | 10.0.1.10 | tcp/22 | no rule of network ACL acl-1 lets the reply leave the subnet (SUBNET&#95;ACL&#95;RESTRICTION), dump/NetworkAcls.json:30 |

            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&String::from_utf8(out).unwrap());
    }
}
