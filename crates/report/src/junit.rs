//! JUnit XML: a suite for each kind of finding, a failure for each finding.
//!
//! A kind of which nothing was found is one test that passed, so that a clean
//! report says what was looked at. What an exception allows is skipped; what is
//! less bad than `--fail-on` passes, and says so. A suite lists a thousand, and
//! fails once more for all others.

use std::io::{self, Write};

use portolan::audit::{RULES, Rule};
use portolan::record::{Finding, Severity};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::audit::{AuditReport, Group, Item, one_line};
use crate::console;
use crate::human::coverage_sentence;
use crate::untrusted::visible;

/// How many findings of one kind are listed.
const LISTED: usize = 1_000;

/// Writes what was found.
pub fn write(out: &mut impl Write, report: &AuditReport<'_>) -> io::Result<()> {
    let mut document = Report::new("portolan audit");
    // The suites are for machines: what is allowed is always there.
    let all = AuditReport { show_excepted: true, ..*report };
    let groups = all.groups();
    for rule in RULES {
        let group = groups.iter().find(|group| group.rule.code == rule.code);
        document.add_test_suite(suite(&all, rule, group));
    }
    let mut coverage = TestSuite::new("coverage");
    let mut judged = TestCase::new("what was judged", TestCaseStatus::success());
    judged.set_system_out(text(&coverage_sentence(report.coverage)));
    coverage.add_test_case(judged);
    document.add_test_suite(coverage);
    document.serialize(&mut *out).map_err(io::Error::other)?;
    Ok(())
}

fn suite(report: &AuditReport<'_>, rule: &Rule, group: Option<&Group<'_>>) -> TestSuite {
    let mut suite = TestSuite::new(rule.code);
    suite.add_property(Property::new("title", text(rule.title)));
    let Some(group) = group else {
        let mut nothing = TestCase::new("nothing found", TestCaseStatus::success());
        nothing.set_classname(rule.code);
        suite.add_test_case(nothing);
        return suite;
    };
    let findings = group.each();
    for finding in findings.iter().take(LISTED) {
        suite.add_test_case(case(report, finding));
    }
    let rest = findings.get(LISTED..).unwrap_or_default();
    if let Some(worst) = rest.iter().find(|finding| fails(report, finding)) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(worst.severity.as_str());
        status.set_message(format!("{} more findings are not listed", rest.len()));
        let mut more = TestCase::new("and more", status);
        more.set_classname(rule.code);
        suite.add_test_case(more);
    }
    suite
}

/// Whether a finding is a failure: nothing allows it, and it is bad enough.
fn fails(report: &AuditReport<'_>, finding: &Finding) -> bool {
    finding.exception.is_none() && finding.severity >= report.fail_on.unwrap_or(Severity::Info)
}

fn case(report: &AuditReport<'_>, finding: &Finding) -> TestCase {
    let told = told(report, finding);
    let mut status = match &finding.exception {
        Some(by) => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(text(&format!("allowed until {}: {}", by.until, by.reason)));
            skipped
        }
        None if fails(report, finding) => {
            let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failure.set_type(finding.severity.as_str());
            failure.set_message(text(&finding.title));
            failure
        }
        None => TestCaseStatus::success(),
    };
    let passed = matches!(status, TestCaseStatus::Success { .. });
    if !passed {
        status.set_description(&told);
    }
    let mut case = TestCase::new(text(&name(finding)), status);
    case.set_classname(text(&finding.code));
    case.add_property(Property::new("severity", finding.severity.as_str()));
    case.add_property(Property::new("fingerprint", text(&finding.fingerprint)));
    if passed {
        let bar = report.fail_on.unwrap_or(Severity::Info).as_str();
        case.set_system_out(format!("{}: less bad than {bar}\n{told}", text(&finding.title)));
    }
    case
}

/// A name that differs from finding to finding, and not from run to run.
fn name(finding: &Finding) -> String {
    let about = &finding.about;
    let mut name = match about.name.as_str() {
        "" => about.id.clone(),
        called => format!("{called} ({})", about.id),
    };
    if !finding.direction.is_empty() {
        name.push_str(&format!(" {} {}/{}", finding.direction, finding.protocol, finding.ports));
        let from = finding.sources.iter().next().or(finding.source_groups.first().map(|it| &**it));
        if let Some(from) = from {
            name.push_str(&format!(" {from}"));
        }
    }
    name
}

/// Where it is, what proves it and what to do about it.
fn told(report: &AuditReport<'_>, finding: &Finding) -> String {
    let item = Item::of(finding);
    let mut lines: Vec<String> =
        item.rules(10).iter().map(|(rule, place)| format!("by {rule} {place}")).collect();
    lines.extend(item.stands().map(|place| format!("at {place}")));
    lines.extend(item.notes().into_iter().map(|(label, note)| format!("{label} {note}")));
    lines.extend(report.question(finding).map(|asked| format!("prove {asked}")));
    lines.extend(console::link(&finding.about).map(|link| format!("console {link}")));
    lines.push(format!("fix {}", one_line(&finding.fix)));
    lines.push(format!("why {}", one_line(&finding.why)));
    lines.iter().map(|line| text(line.trim_end())).collect::<Vec<_>>().join("\n")
}

/// A text that XML may hold: besides what terminals obey there are two characters
/// that it must not (XML 1.0, production 2).
fn text(text: &str) -> String {
    visible(text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn written(findings: &[Finding], fail_on: Option<Severity>) -> String {
        let coverage = samples::coverage();
        let report = AuditReport { fail_on, ..samples::audit(findings, &coverage, &[]) };
        let mut out = Vec::new();
        write(&mut out, &report).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn totals(text: &str) -> &str {
        text.lines().find(|line| line.starts_with("<testsuites")).unwrap()
    }

    #[test]
    fn a_finding_fails_and_an_exception_is_skipped() {
        let text = written(&[samples::finding(), samples::excepted()], None);
        let kinds = RULES.len() + 2;
        let expected = format!("tests=\"{kinds}\" skipped=\"1\" failures=\"1\" errors=\"0\"");
        assert!(totals(&text).contains(&expected), "{}", totals(&text));
        assert!(text.contains("allowed until 2999-12-31: until the move"), "{text}");
        assert!(text.contains("prove portolan explain dump 203.0.113.1 eni-0a tcp/5432"), "{text}");
    }

    #[test]
    fn what_is_less_bad_than_the_bar_passes() {
        let mut low = samples::finding();
        low.severity = Severity::Low;
        let text = written(&[low], Some(Severity::High));
        assert!(totals(&text).contains("failures=\"0\""), "{}", totals(&text));
        assert!(text.contains("less bad than high"), "{text}");
    }

    #[test]
    fn a_suite_is_not_endless() {
        let text = written(&vec![samples::finding(); LISTED + 5], None);
        assert!(text.contains("5 more findings are not listed"), "cut and said");
        assert_eq!(text.matches("<failure").count(), LISTED + 1);
    }
}
