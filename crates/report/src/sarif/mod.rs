//! SARIF 2.1.0 (OASIS standard), as GitHub's code scanning takes it.
//!
//! The packet's way that proves a finding is its code flow, and what an exception
//! allows is a suppressed result. GitHub keeps the first 5,000 results of a run,
//! takes 1,000 locations of a result, 20 tags of a rule and 10 MB when compressed
//! ("SARIF results exceed one or more limits"): what is beyond is left out from
//! the least bad end, and a notification says so.
//!
//! The types are our own: the crate that generates all of the schema's types holds
//! a whole report as a tree, and this one is written while it is made.

mod log;

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use portolan::audit::{Answer, RULES, Rule, controls};
use portolan::record::{Explanation, Finding, Hop, Severity, Witness};
use serde::Serialize;

use crate::audit::{AuditReport, Item, one_line};
use crate::console;
use crate::human::{coverage_sentence, limitation_lines};
use crate::json;
use crate::untrusted::visible;
use log::{
    CodeFlow, Configuration, Descriptor, Driver, Help, Invocation, Location, Notification,
    Physical, Result, RuleProperties, Step, Suppression, ThreadFlow, Tool, message,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// How many results of a run are kept.
const RESULTS: usize = 5_000;
/// How many locations of a result are taken.
const LOCATIONS: usize = 1_000;
/// How many tags of a rule are taken.
const TAGS: usize = 20;
/// A control that more kinds of findings answer belongs to none of them.
const MANY: usize = 4;
/// What a report may hold when it is compressed: ten million bytes, less what ends it.
const COMPRESSED: u64 = 9_000_000;
/// How many limitations are notifications.
const LIMITATIONS: usize = 200;

/// Where documentation is, if the package says where the project is.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What answers a question.
type Explain<'e> = dyn Fn(&Witness) -> Option<Explanation> + 'e;

/// Writes what was found; `explain` answers what proves it.
pub fn write(
    out: &mut impl Write,
    report: &AuditReport<'_>,
    explain: &Explain<'_>,
) -> io::Result<()> {
    write_within(out, report, explain, COMPRESSED)
}

/// The same, of so many bytes at most when it is compressed.
fn write_within(
    out: &mut impl Write,
    report: &AuditReport<'_>,
    explain: &Explain<'_>,
    most: u64,
) -> io::Result<()> {
    write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":")?;
    let tool = text(&Tool { driver: driver(REPOSITORY) })?;
    out.write_all(&tool)?;
    write!(out, ",\"columnKind\":\"utf16CodeUnits\",\"results\":[")?;
    let mut size = Size::default();
    size.add(&tool)?;
    let (found, allowed): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| finding.exception.is_none());
    let mut written = 0;
    for finding in found.iter().chain(&allowed).take(RESULTS) {
        let result = text(&result(report, finding, explain))?;
        size.add(&result)?;
        if size.compressed() > most {
            break;
        }
        out.write_all(if written == 0 { b"\n" } else { b",\n" })?;
        out.write_all(&result)?;
        written += 1;
    }
    write!(out, "\n],\"invocations\":[")?;
    out.write_all(&text(&invocation(report, written))?)?;
    out.write_all(b"]}]}\n")
}

/// JSON as all of our JSON is.
fn text(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    json::line(&mut text, value)?;
    text.pop();
    Ok(text)
}

/// How long the report is when it is compressed.
struct Size(GzEncoder<Count>);

impl Default for Size {
    fn default() -> Self {
        Self(GzEncoder::new(Count::default(), Compression::fast()))
    }
}

impl Size {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// What has come out so far: what is still inside is less than a block.
    fn compressed(&self) -> u64 {
        self.0.get_ref().0
    }
}

/// Counts bytes and forgets them.
#[derive(Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn driver(repository: &str) -> Driver {
    let uri = |path: &str| (!repository.is_empty()).then(|| format!("{repository}{path}"));
    let page = |rule: &Rule| uri(&format!("/blob/main/docs/findings/{}.md", rule.code));
    Driver {
        name: "Portolan",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: uri(""),
        rules: RULES.iter().map(|rule| descriptor(rule, page(rule))).collect(),
    }
}

fn descriptor(rule: &Rule, help_uri: Option<String>) -> Descriptor {
    let (why, fix) = (one_line(rule.why), one_line(rule.fix));
    Descriptor {
        id: rule.code,
        name: pascal(rule.code),
        short_description: message(rule.title),
        full_description: message(&why),
        help: Help {
            text: escaped(&format!("{why} How to mend it: {fix}")),
            markdown: format!("{why}\n\n**How to mend it:** {fix}"),
        },
        help_uri,
        default_configuration: Configuration { level: level(rule.severity) },
        properties: RuleProperties {
            tags: tags(rule),
            precision: "very-high",
            security_severity: score(rule.severity),
        },
    }
}

/// `database-open-to-internet` as `DatabaseOpenToInternet`.
fn pascal(code: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    code.split('-').map(word).collect()
}

/// What a rule is about, and which controls it answers: of one standard the latest
/// version only, since there is room for few.
fn tags(rule: &Rule) -> Vec<String> {
    let mut tags = vec!["security".to_owned(), "network".to_owned()];
    let mut standards: Vec<(&str, &str)> = Vec::new();
    for control in controls() {
        let Answer::Findings(codes) = control.answer else { continue };
        // What is about certain ports, and many kinds of findings answer, says nothing of one.
        let of_ports = !control.ports.is_empty() && codes.len() > MANY;
        if of_ports || !codes.contains(&rule.code) {
            continue;
        }
        let catalogue = control.id.split('/').next().unwrap_or_default();
        let standard = catalogue.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        if standard.len() < catalogue.len() {
            // Versions come in ascending order within a control.
            standards.retain(|(known, id)| {
                *known != standard || id.split('/').next().is_some_and(|it| it >= catalogue)
            });
            if !standards.iter().any(|(known, id)| {
                *known == standard && id.split('/').next().is_some_and(|it| it > catalogue)
            }) {
                standards.push((standard, control.id));
            }
        } else {
            standards.push(("", control.id));
        }
    }
    tags.extend(standards.into_iter().map(|(_, id)| id.to_owned()));
    tags.truncate(TAGS);
    tags
}

/// SARIF has three levels for our five.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// What GitHub makes critical, high, medium and low of: over 9.0, 7.0, 4.0 and 0.1.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.1",
    }
}

fn result(report: &AuditReport<'_>, finding: &Finding, explain: &Explain<'_>) -> Result {
    let mut locations = locations(report, finding).into_iter();
    let first = locations.next();
    let answer = finding.witness.as_ref().and_then(explain);
    let mut said = vec![finding.title.clone()];
    said.extend(Item::of(finding).notes().iter().map(|(label, note)| format!("{label}: {note}")));
    said.extend(report.question(finding).map(|asked| format!("prove it: {asked}")));
    Result {
        rule_id: finding.code.clone(),
        rule_index: RULES.iter().position(|rule| rule.code == finding.code),
        level: level(finding.severity),
        message: message(&said.join("\n")),
        locations: first.into_iter().collect(),
        related_locations: locations.take(LOCATIONS).zip(1_u64..).map(numbered).collect(),
        code_flows: answer.iter().map(flow).collect(),
        partial_fingerprints: [
            ("portolanFinding/v1", finding.fingerprint.clone()),
            // The one that GitHub compares; without it, it hashes the line of a dump.
            ("primaryLocationLineHash", format!("{}:1", finding.fingerprint)),
        ]
        .into(),
        suppressions: finding.exception.iter().map(suppression).collect(),
        properties: log::ResultProperties {
            severity: finding.severity,
            attached: finding.attached,
            certainty: finding.certainty,
            resource: finding.about.id.clone(),
            account: finding.about.account.clone(),
            region: finding.about.region.clone(),
            controls: finding.controls.clone(),
            console: console::link(&finding.about),
        },
    }
}

fn suppression(by: &portolan::record::Excepted) -> Suppression {
    let owner = if by.owner.is_empty() { String::new() } else { format!(" by {}", by.owner) };
    Suppression {
        kind: "external",
        status: "accepted",
        justification: visible(&format!("allowed until {}{owner}: {}", by.until, by.reason))
            .into_owned(),
    }
}

fn numbered((mut location, id): (Location, u64)) -> Location {
    location.id = Some(id);
    location
}

/// The rules of groups that cause it, all else that does, the thing itself.
fn locations(report: &AuditReport<'_>, finding: &Finding) -> Vec<Location> {
    let (rules, others): (Vec<_>, Vec<_>) =
        finding.because.iter().partition(|cause| cause.kind == "security-group-rule");
    let mut locations: Vec<Location> = rules
        .into_iter()
        .chain(others)
        .map(|cause| {
            let name = if cause.id.is_empty() { &cause.of } else { &cause.id };
            let whole = format!("{}/{}", cause.of, cause.id);
            Location::of(&cause.file, cause.line, &cause.at, name, &whole, &cause.kind)
        })
        .collect();
    let about = &finding.about;
    locations.push(Location::of(
        &about.file,
        about.line,
        &about.at,
        &about.id,
        &about.id,
        &about.kind,
    ));
    // GitHub refuses a result that is nowhere; a source is a folder at worst.
    if !locations.iter().any(|location| location.physical_location.is_some())
        && let Some(first) = locations.first_mut()
    {
        first.physical_location = Some(Physical::of(report.source, None));
    }
    locations.sort_by_key(|location| location.physical_location.is_none());
    locations
}

/// The packet's way, and the way of its answer beside it.
fn flow(answer: &Explanation) -> CodeFlow {
    let thread = |id: &'static str, hops: &[Hop]| {
        let locations = hops.iter().take(LOCATIONS).zip(1_u64..).map(|(hop, order)| {
            let words = [&hop.action, &hop.component, &hop.id, &hop.rule, &hop.detail];
            let words: Vec<&str> =
                words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
            let mut location =
                Location::of(&hop.file, hop.line, &hop.at, &hop.id, &hop.id, &hop.component);
            location.message = Some(message(&words.join(" ")));
            Step { execution_order: order, location }
        });
        let locations: Vec<Step> = locations.collect();
        (!locations.is_empty()).then_some(ThreadFlow { id, locations })
    };
    let asked = format!("{} to {} at {}", answer.from, answer.to, answer.port);
    let threads = [thread("forward", &answer.forward), thread("reply", &answer.reply)];
    CodeFlow { message: message(&asked), thread_flows: threads.into_iter().flatten().collect() }
}

fn invocation(report: &AuditReport<'_>, written: usize) -> Invocation {
    let note = |level: &'static str, said: &str| Notification { level, message: message(said) };
    let mut notifications = Vec::new();
    let left = report.findings.len().saturating_sub(written);
    if left > 0 {
        let said = format!(
            "{left} findings, the least bad, are left out: code scanning keeps {RESULTS} results \
             of a run and takes 10 MB when compressed; `--format json` holds all"
        );
        notifications.push(note("warning", &said));
    }
    let lines = limitation_lines(report.limitations);
    notifications.extend(lines.iter().take(LIMITATIONS).map(|line| note("warning", line)));
    notifications.push(note("note", &report.summary()));
    notifications.push(note("note", &coverage_sentence(report.coverage)));
    Invocation { execution_successful: true, tool_execution_notifications: notifications }
}

/// A text in which nothing is a link: `[x](y)` is one in a message of SARIF (3.11.6).
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split('\n') {
        if !safe.is_empty() {
            safe.push('\n');
        }
        for c in visible(line).chars() {
            if matches!(c, '[' | ']' | '\\') {
                safe.push('\\');
            }
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn written(findings: &[Finding], explain: &Explain<'_>) -> serde_json::Value {
        let (coverage, limitations) = (samples::coverage(), [samples::limitation()]);
        let report = samples::audit(findings, &coverage, &limitations);
        let mut out = Vec::new();
        write(&mut out, &report, explain).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_result_has_its_rule_place_proof_and_fingerprint() {
        let log = written(&[samples::finding()], &|_| Some(samples::explanation()));
        let run = &log["runs"][0];
        let result = &run["results"][0];
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["level"], "error");
        let place = &result["locations"][0];
        let uri = &place["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "dump/SecurityGroups.json");
        assert_eq!(place["physicalLocation"]["region"]["startLine"], 14);
        let pointer = "SecurityGroups.json#/SecurityGroups/0/IpPermissions/0";
        assert_eq!(place["logicalLocations"][1]["fullyQualifiedName"], pointer);
        let threads = result["codeFlows"][0]["threadFlows"].as_array().unwrap();
        assert_eq!([&threads[0]["id"], &threads[1]["id"]], ["forward", "reply"]);
        let fingerprints = &result["partialFingerprints"];
        assert_eq!(fingerprints["portolanFinding/v1"], samples::finding().fingerprint);
        assert_eq!(result["suppressions"], serde_json::json!([]));
    }

    #[test]
    fn what_is_allowed_is_suppressed() {
        let log = written(&[samples::excepted()], &|_| None);
        let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
        assert_eq!(suppression["kind"], "external");
        assert_eq!(
            suppression["justification"],
            "allowed until 2999-12-31 by data team: until the move"
        );
    }

    #[test]
    fn the_least_bad_are_left_out_and_that_is_said() {
        let mut findings = vec![samples::finding(); RESULTS + 3];
        findings[0] = samples::excepted();
        let log = written(&findings, &|_| None);
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), RESULTS);
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        let said = notes[0]["message"]["text"].as_str().unwrap();
        assert!(said.starts_with("3 findings, the least bad, are left out"), "{said}");
        let suppressed =
            |result: &serde_json::Value| !result["suppressions"].as_array().unwrap().is_empty();
        assert!(!run["results"].as_array().unwrap().iter().any(suppressed), "these go first");
    }

    #[test]
    fn a_report_is_never_longer_than_it_may_be_when_compressed() {
        // Nothing in it repeats: a title of digits that no compression shortens much.
        let mut seed = 7_u64;
        let mut digits = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            format!("{:016x}", seed >> 3)
        };
        let findings: Vec<Finding> = (0..40)
            .map(|_| Finding { title: (0..500).map(|_| digits()).collect(), ..samples::finding() })
            .collect();
        let (coverage, mut out) = (samples::coverage(), Vec::new());
        let report = samples::audit(&findings, &coverage, &[]);
        write_within(&mut out, &report, &|_| None, 100_000).unwrap();
        let mut size = Size::default();
        size.add(&out).unwrap();
        let length = size.0.finish().unwrap().0;
        // What is still inside the compressor is less than a block.
        assert!((50_000..170_000).contains(&length), "{length}");
        let log: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert!(log["runs"][0]["results"].as_array().unwrap().len() < findings.len());
    }

    #[test]
    fn a_rule_has_at_most_twenty_tags_and_its_page() {
        let driver = driver("https://example.com/p");
        for rule in &driver.rules {
            assert!(rule.properties.tags.len() <= TAGS, "{}", rule.id);
            let page = format!("https://example.com/p/blob/main/docs/findings/{}.md", rule.id);
            assert_eq!(rule.help_uri.as_deref(), Some(page.as_str()));
        }
        let rule = driver.rules.iter().find(|it| it.id == "database-open-to-internet").unwrap();
        assert_eq!(rule.name, "DatabaseOpenToInternet");
        let old = rule.properties.tags.iter().filter(|tag| tag.starts_with("CIS-AWS-1."));
        assert_eq!(old.count(), 0, "{:?}", rule.properties.tags);
    }

    #[test]
    fn a_link_of_a_stranger_is_text() {
        assert_eq!(escaped("a [x](https://evil)\n\\"), "a \\[x\\](https://evil)\n\\\\");
    }
}
