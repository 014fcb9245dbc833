//! `docs/findings.md` and `docs/findings/CODE.md`: what is found, why it matters,
//! how it is mended, and which controls of other catalogues it answers.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use portolan::audit::{Answer, Control, RULES, Rule, controls};
use portolan::record::{Cause, Finding, Severity};

/// The list.
const LIST: &str = "docs/findings.md";

/// The folder of the pages.
const FOLDER: &str = "docs/findings";

/// The example estate.
const ESTATE: &str = "examples/harbour";

/// What asks for the findings of the example estate.
pub(super) const EXAMPLE: &[&str] = &["audit", ESTATE, "--format", "jsonl", "--quiet"];

/// All pages by their path, with examples from what was found in the example estate.
pub(super) fn pages(found: &str) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut examples: BTreeMap<String, Finding> = BTreeMap::new();
    for line in found.lines() {
        let finding: Finding = serde_json::from_str(line)?;
        examples.entry(finding.code.clone()).or_insert(finding);
    }
    let mut pages = BTreeMap::from([(LIST.to_owned(), list()?)]);
    for rule in RULES {
        let path = format!("{FOLDER}/{}.md", rule.code);
        pages.insert(path, page(rule, examples.get(rule.code))?);
    }
    Ok(pages)
}

/// Pages of findings that are no more.
pub(super) fn left(
    root: &Path,
    pages: &BTreeMap<String, String>,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut left = Vec::new();
    let Ok(entries) = fs::read_dir(root.join(FOLDER)) else { return Ok(left) };
    for entry in entries {
        let name = format!("{FOLDER}/{}", entry?.file_name().to_string_lossy());
        if !pages.contains_key(&name) {
            left.push(name);
        }
    }
    left.sort();
    Ok(left)
}

fn list() -> Result<String, Box<dyn Error>> {
    let mut text = String::from(
        "# Findings\n\n\
         Generated from `crates/portolan/src/audit` by `cargo xtask docs`: change the rules, not\n\
         this file.\n\n\
         `portolan audit SOURCE` tells what should not be as it is. The severity is that of the\n\
         worst case: what is not reachable, not in use or only possible is found at less. Of\n\
         traffic that is open to everyone the first kind in this list takes its part, and\n\
         `port-open-to-internet` what is left: nothing that is open to everyone is without a\n\
         finding.\n\n\
         | severity | finding | what |\n|---|---|---|\n",
    );
    for severity in Severity::WORST_FIRST {
        for rule in RULES.iter().filter(|rule| rule.severity == severity) {
            let Rule { code, title, .. } = rule;
            let word = severity.as_str();
            writeln!(text, "| {word} | [{code}](findings/{code}.md) | {title} |")?;
        }
    }
    text.push_str(
        "\n## Controls of other catalogues\n\n\
         A report can stand in for another suite only if somebody can see what became of each\n\
         of its controls. These are all controls about ports and who reaches them of the CIS AWS\n\
         Foundations Benchmark, AWS Security Hub, Prowler, Checkov, Trivy and ScoutSuite.\n\
         `controls` of a finding names those that it answers.\n\n### Answered\n\n\
         | control | findings |\n|---|---|\n",
    );
    for control in controls() {
        if let Answer::Findings(codes) = control.answer {
            let links: Vec<String> =
                codes.iter().map(|code| format!("[{code}](findings/{code}.md)")).collect();
            writeln!(text, "| `{}` | {} |", control.id, links.join(", "))?;
        }
    }
    let waits = |control: &Control| match control.answer {
        Answer::Waits(what) => Some(what),
        Answer::Findings(_) | Answer::NotOurs(_) => None,
    };
    let not_ours = |control: &Control| match control.answer {
        Answer::NotOurs(why) => Some(why),
        Answer::Findings(_) | Answer::Waits(_) => None,
    };
    text.push_str(
        "\n### Waiting\n\nThese will be answered once Portolan reads what they are about.\n\n",
    );
    reasons(&mut text, &waits)?;
    text.push_str(
        "\n### Not ours\n\nThese are about something else than who reaches which port.\n\n",
    );
    reasons(&mut text, &not_ours)?;
    Ok(text)
}

/// Controls that nothing answers, those for one reason together.
fn reasons(
    text: &mut String,
    reason: &dyn Fn(&Control) -> Option<&'static str>,
) -> std::fmt::Result {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for control in controls() {
        let Some(reason) = reason(control) else { continue };
        match all.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) => ids.push(control.id),
            None => all.push((reason, vec![control.id])),
        }
    }
    for (reason, ids) in all {
        writeln!(text, "- {reason}: `{}`", ids.join("`, `"))?;
    }
    Ok(())
}

fn page(rule: &Rule, example: Option<&Finding>) -> Result<String, Box<dyn Error>> {
    let Rule { code, title, why, fix, severity, .. } = rule;
    let severity = severity.as_str();
    let mut text = format!(
        "# {title}\n\n\
         `{code}`, {severity} at worst. Generated by `cargo xtask docs`; all findings are in\n\
         [the list](../findings.md).\n\n\
         ## Why it matters\n\n{}\n\n## How to mend it\n\n{}\n",
        why.trim(),
        fix.trim()
    );
    if let Some(finding) = example {
        write!(
            text,
            "\n## Example\n\nIn [the example estate](../../{ESTATE}/README.md):\n\n```text\n"
        )?;
        text.push_str(&shown(finding)?);
        text.push_str("```\n");
    }
    let (of_ports, always): (Vec<&Control>, Vec<&Control>) = controls()
        .filter(|control| matches!(control.answer, Answer::Findings(codes) if codes.contains(code)))
        .partition(|control| !control.ports.is_empty());
    if !always.is_empty() || !of_ports.is_empty() {
        text.push_str("\n## Controls that it answers\n\n");
    }
    for control in &always {
        writeln!(text, "- `{}`", control.id)?;
    }
    if !of_ports.is_empty() {
        let blank = if always.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{blank}Where it is found at their ports:\n\n"));
    }
    for control in &of_ports {
        let ports: Vec<String> = control.ports.iter().map(u16::to_string).collect();
        writeln!(text, "- `{}`: {}", control.id, ports.join(", "))?;
    }
    write!(
        text,
        "\n## If it may be so\n\n\
         `portolan audit SOURCE --exceptions FILE` allows exactly what the file says, until the\n\
         day that it says:\n\n```toml\n[[exception]]\ncode = \"{code}\"\n{}\
         reason = \"why it may be so\"\nowner = \"who answers for it\"\nuntil = 2026-12-31\n```\n",
        excused(example)
    )?;
    Ok(text)
}

/// A finding as people are told of it.
fn shown(finding: &Finding) -> Result<String, std::fmt::Error> {
    let mut text = format!("{}: {}\n", finding.severity.as_str(), finding.title);
    let rules: Vec<&Cause> = finding
        .because
        .iter()
        .map(|cause| &**cause)
        .filter(|cause| cause.kind == "security-group-rule")
        .take(3)
        .collect();
    for cause in rules {
        let line = cause.line.map_or_else(String::new, |line| format!(":{line}"));
        writeln!(text, "by    {} {}  {}{line}", cause.of, cause.id, cause.file)?;
    }
    if let Some(witness) = &finding.witness {
        let (from, to, port) = (&witness.from, &witness.to, &witness.port);
        writeln!(text, "prove portolan explain {ESTATE} {from} {to} {port}")?;
    }
    Ok(text)
}

/// The lines of an exception that say for what it is: those of the example.
fn excused(example: Option<&Finding>) -> String {
    let Some(finding) = example else {
        return "on = \"sg-…\" # or a selector: name:…, tag:Key=value, eni-…, vpc-…\n".to_owned();
    };
    let mut text = format!("on = \"{}\"\n", finding.about.id);
    if finding.direction.is_empty() {
        return text;
    }
    let ports = match finding.protocol.as_str() {
        "any" => "any".to_owned(),
        protocol => format!("{protocol}/{}", finding.ports),
    };
    let way = if finding.direction == "egress" { "to" } else { "from" };
    let peers = if finding.sources.iter().count() > 3 {
        "internet".to_owned()
    } else {
        finding.sources.iter().collect::<Vec<_>>().join("\", \"")
    };
    text.push_str(&format!("ports = \"{ports}\"\n{way} = [\"{peers}\"]\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_and_every_control_a_place() {
        let pages = pages("").unwrap();
        assert_eq!(pages.len(), RULES.len() + 1);
        let list = &pages[LIST];
        for rule in RULES {
            assert!(list.contains(&format!("(findings/{}.md)", rule.code)), "{}", rule.code);
            assert!(pages[&format!("{FOLDER}/{}.md", rule.code)].contains(rule.title));
        }
        for control in controls() {
            assert!(list.contains(&format!("`{}`", control.id)), "{}", control.id);
        }
    }

    #[test]
    fn what_is_no_finding_is_an_error() {
        assert!(pages("{}").is_err());
    }
}
