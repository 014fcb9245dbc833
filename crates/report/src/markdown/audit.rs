//! `audit` as a comment on a pull request, or a summary of a job.
//!
//! GitHub takes comments of at most 65,536 characters. What does not fit is left
//! out from the least bad end, and that it is, is said.

use std::io::{self, Write};

use super::{escaped, limitation_list};
use crate::audit::{AuditReport, Group, Item, first_sentences, one_line};
use crate::console;
use crate::human;

/// The most that a comment may hold. Counted in bytes here: never fewer than characters.
const MOST: usize = 65_536;

/// Room for what is said of what is left out.
const REST: usize = 1_000;

/// How many places of one kind are told.
const PLACES: usize = 20;

/// Writes what was found.
pub fn write_audit(out: &mut impl Write, report: &AuditReport<'_>) -> io::Result<()> {
    let mut text = format!("## Portolan audit: {}\n\n", escaped(&report.counted()));
    let asides = report.asides();
    if !asides.is_empty() {
        text.push_str(&format!("{}\n\n", escaped(&asides.join("; "))));
    }
    let groups = report.groups();
    if groups.is_empty() {
        text.push_str(&format!("{}\n\n", escaped(report.nothing())));
    }
    let end = end(report);
    let mut left = Left::default();
    let (full, short): (Vec<&Group<'_>>, Vec<&Group<'_>>) =
        groups.iter().partition(|group| report.narrowed || group.matters());
    let fits = |text: &str, more: &str| text.len() + more.len() + end.len() + REST <= MOST;
    for group in full {
        write_group(&mut text, report, group, &fits, &mut left);
    }
    write_short(&mut text, report, &short, &fits, &mut left);
    if left.findings > 0 {
        let all = format!("portolan audit {} --format human", report.source);
        let command = if all.len() > 200 { "portolan audit" } else { &all };
        text.push_str(&format!(
            "**{} findings are left out**: a comment holds {MOST} characters at most. All of \
             them: {}\n\n",
            left.findings,
            escaped(command)
        ));
    }
    text.push_str(&end);
    out.write_all(text.as_bytes())
}

/// What did not fit.
#[derive(Default)]
struct Left {
    findings: u64,
}

type Fits<'f> = dyn Fn(&str, &str) -> bool + 'f;

fn write_group(
    text: &mut String,
    report: &AuditReport<'_>,
    group: &Group<'_>,
    fits: &Fits<'_>,
    left: &mut Left,
) {
    let severity = group.worst().as_str();
    let head = format!(
        "### {severity}: {}\n\n**Fix:** {}\n\n{}\n\n| What | Rule | Prove |\n| --- | --- | --- |\n",
        escaped(group.rule.title),
        escaped(&one_line(group.rule.fix)),
        escaped(&first_sentences(group.rule.why, 2)),
    );
    let mut rows = String::new();
    let mut told = 0;
    let items = group.items();
    let places = if report.narrowed { items.len() } else { PLACES };
    for item in items.iter().take(places) {
        let row = row(report, item);
        if !fits(text, &format!("{head}{rows}{row}")) {
            break;
        }
        rows.push_str(&row);
        told += item.len();
    }
    let more = group.len() - told;
    if told == 0 {
        left.findings += more;
        return;
    }
    text.push_str(&head);
    text.push_str(&rows);
    text.push('\n');
    if more > 0 {
        let line = format!("and {more} more: {}\n\n", escaped(&report.all_of(group.rule.code)));
        if fits(text, &line) {
            text.push_str(&line);
        } else {
            left.findings += more;
        }
    }
}

fn row(report: &AuditReport<'_>, item: &Item<'_>) -> String {
    let finding = item.first;
    let mut what = escaped(&item.title(3));
    if finding.exception.is_some() {
        what = format!("allowed: {what}");
    }
    if let Some(link) = console::link(&finding.about) {
        // Made of letters, digits and a few marks: nothing of it is markup.
        what.push_str(&format!(" ([console]({link}))"));
    }
    for (label, note) in item.notes() {
        what.push_str(&format!("; {label} {}", escaped(&note)));
    }
    let rules: Vec<String> = item
        .rules(3)
        .into_iter()
        .map(|(rule, place)| escaped(format!("{rule} {place}").trim_end()))
        .collect();
    let rules = if rules.is_empty() {
        item.stands().map_or_else(String::new, |place| escaped(&place))
    } else {
        rules.join("; ")
    };
    let prove = report.question(finding).map_or_else(String::new, |asked| escaped(&asked));
    format!("| {what} | {rules} | {prove} |\n")
}

fn write_short(
    text: &mut String,
    report: &AuditReport<'_>,
    groups: &[&Group<'_>],
    fits: &Fits<'_>,
    left: &mut Left,
) {
    let Some(first) = groups.first() else { return };
    let mut table = "### Less urgent: untidy, or good to know\n\n\
                     | Severity | Findings | What | Things |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for group in groups {
        let severity = group.worst().as_str();
        let row = format!(
            "| {severity} | {} | {} | {} |\n",
            group.len(),
            escaped(group.rule.title),
            escaped(&group.things(3))
        );
        if fits(text, &format!("{table}{row}")) {
            table.push_str(&row);
        } else {
            left.findings += group.len();
        }
    }
    table.push_str(&format!("\neach in full: {}\n\n", escaped(&report.all_of(first.rule.code))));
    if fits(text, &table) {
        text.push_str(&table);
    }
}

/// Limitations and the coverage line, which are there whatever else is not.
fn end(report: &AuditReport<'_>) -> String {
    let limitations = limitation_list(report.limitations);
    let coverage = format!("{}\n", escaped(&human::coverage_sentence(report.coverage)));
    let limitations = if limitations.len() > MOST / 4 {
        format!("{} limitations, too many to be listed here.\n\n", report.limitations.len())
    } else {
        limitations
    };
    // Names of accounts and calls are short unless somebody wants them to be long.
    let most = MOST / 4;
    if coverage.len() > most { limitations } else { format!("{limitations}{coverage}") }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use portolan::record::{Finding, Severity};

    use super::*;
    use crate::samples;

    fn written(findings: &[Finding]) -> String {
        let coverage = samples::coverage();
        let report = samples::audit(findings, &coverage, &[]);
        let mut out = Vec::new();
        write_audit(&mut out, &report).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn findings_as_a_comment() {
        let mut low = samples::finding();
        low.code = "unused-security-group".into();
        low.severity = Severity::Low;
        expect![[r#"
            ## Portolan audit: 2 findings: 1 critical, 1 low

            1 allowed by exceptions or the baseline (&#96;--show-excepted&#96;)

            ### critical: A database port is open to the internet

            **Fix:** Let the rule name the security group of the application servers instead of addresses, and move the database to a subnet without a route to an internet gateway.

            Databases are found by scanners within minutes, their passwords are tried and their flaws used; what they hold is the reason to break in. Only the application servers need to reach a database, and they are inside.

            | What | Rule | Prove |
            | --- | --- | --- |
            | PostgreSQL (tcp/5432) of reports (eni-0a) is open to everyone on the internet ([console](https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#NetworkInterface:networkInterfaceId=eni-0a)) | sg-1 sgr-1 dump/SecurityGroups.json:14 | portolan explain dump 203.0.113.1 eni-0a tcp/5432 |

            ### Less urgent: untidy, or good to know

            | Severity | Findings | What | Things |
            | --- | --- | --- | --- |
            | low | 1 | A security group is worn by nothing | reports |

            each in full: portolan audit dump --code unused-security-group

            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&written(&[samples::finding(), samples::excepted(), low]));
    }

    #[test]
    fn a_comment_is_never_longer_than_github_takes() {
        let mut findings = Vec::new();
        for rule in portolan::audit::RULES {
            for number in 0..40 {
                let mut finding = samples::finding();
                finding.code = rule.code.into();
                finding.about.id = format!("eni-{number}");
                finding.title = format!("{number} {}", "<".repeat(200));
                finding.direction.clear();
                findings.push(finding);
            }
        }
        let text = written(&findings);
        assert!(text.len() <= MOST, "{}", text.len());
        assert!(text.len() > MOST / 2, "{}", text.len());
        assert!(text.contains("findings are left out"), "{text}");
        assert!(text.contains("judged: "));
    }
}
