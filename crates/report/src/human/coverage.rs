//! What was judged and what was not: the end of every report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use portolan::record::{Coverage, LimitationRecord};

use super::{Look, Paint};
use crate::untrusted::Untrusted;
use crate::words::{count, some_of};

/// How many limitations of one kind are named one by one.
const NAMED: usize = 20;

/// Writes the coverage line.
pub fn write_coverage(out: &mut impl Write, look: Look, coverage: &Coverage) -> io::Result<()> {
    writeln!(out, "{}", look.paint(Paint::Dim, &coverage_sentence(coverage)))
}

/// The coverage line, without anything that a terminal would obey.
#[must_use]
pub fn coverage_sentence(coverage: &Coverage) -> String {
    let mut parts = vec![format!(
        "judged: {} and {} in {}",
        count(coverage.interfaces, "interface", "interfaces"),
        count(coverage.rules, "rule", "rules"),
        estate(coverage),
    )];
    parts.push(match coverage.not_collected.as_slice() {
        [] => "not collected: nothing".to_owned(),
        missing => format!("not collected: {}", calls(missing, 5)),
    });
    parts.push(count(coverage.limitations, "limitation", "limitations"));
    if !coverage.assumptions.is_empty() {
        parts.push(format!("assumed: {}", coverage.assumptions.join(", ")));
    }
    if coverage.warnings > 0 {
        parts.push(count(coverage.warnings, "warning", "warnings"));
    }
    Untrusted(&parts.join("; ")).to_string()
}

/// Calls that were not in the source: those of one account and region together.
pub(crate) fn calls(missing: &[String], most: usize) -> String {
    let split = |call: &str| match call.split_once(" (") {
        Some((call, scope)) => (call.to_owned(), scope.trim_end_matches(')').to_owned()),
        None => (call.to_owned(), String::new()),
    };
    let mut scopes: Vec<(String, Vec<String>)> = Vec::new();
    for (call, scope) in missing.iter().map(|call| split(call)) {
        match scopes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, calls)) => calls.push(call),
            None => scopes.push((scope, vec![call])),
        }
    }
    let mut left = most;
    let mut named = Vec::new();
    let mut unnamed = 0;
    for (scope, calls) in &scopes {
        let shown = calls.get(..left.min(calls.len())).unwrap_or_default();
        left -= shown.len();
        unnamed += calls.len() - shown.len();
        let shown = shown.join(", ");
        match (shown.is_empty(), scope.is_empty()) {
            (true, _) => {}
            (false, true) => named.push(shown),
            (false, false) => named.push(format!("{shown} ({scope})")),
        }
    }
    let named = named.join(", ");
    if unnamed == 0 { named } else { format!("{named} and {unnamed} more") }
}

/// `2 VPCs (111122223333; eu-west-1)`.
pub(crate) fn estate(coverage: &Coverage) -> String {
    let mut text = count(coverage.vpcs, "VPC", "VPCs");
    let places: Vec<String> = [&coverage.accounts, &coverage.regions]
        .into_iter()
        .filter(|names| !names.is_empty())
        .map(|names| some_of(names, 4))
        .collect();
    if !places.is_empty() {
        text.push_str(&format!(" ({})", places.join("; ")));
    }
    text
}

/// Limitations as lines for stderr: [`NAMED`] of a kind, then their count.
#[must_use]
pub fn limitation_lines(limitations: &[LimitationRecord]) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<&LimitationRecord>> = BTreeMap::new();
    for limitation in limitations {
        kinds.entry(&limitation.code).or_default().push(limitation);
    }
    let mut lines = Vec::new();
    for (code, of_kind) in kinds {
        lines.extend(of_kind.iter().take(NAMED).map(|limitation| line(limitation)));
        let more = of_kind.len().saturating_sub(NAMED);
        if more > 0 {
            lines.push(format!("limitation: {}: {more} more of this kind", Untrusted(code)));
        }
    }
    lines
}

fn line(limitation: &LimitationRecord) -> String {
    let mut text = format!("limitation: {}", limitation.code);
    if !limitation.about.is_empty() {
        text.push_str(&format!(": {}", limitation.about));
    }
    if !limitation.scope.is_empty() {
        text.push_str(&format!(" ({})", limitation.scope));
    }
    if !limitation.at.is_empty() {
        text.push_str(&format!(", referred to at {}", limitation.at));
    }
    if !limitation.collect.is_empty() {
        text.push_str(&format!("; collect it with: {}", limitation.collect));
    }
    Untrusted(&text).to_string()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples;

    #[test]
    fn the_coverage_line_says_what_was_not_seen() {
        expect!["judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running"].assert_eq(&coverage_sentence(&samples::coverage()));
    }

    #[test]
    fn calls_of_one_region_are_said_together() {
        let said = |most| {
            let missing = ["a (1/x)", "b (1/x)", "c (2/y)", "d"].map(str::to_owned);
            calls(&missing, most)
        };
        assert_eq!(said(9), "a, b (1/x), c (2/y), d");
        assert_eq!(said(1), "a (1/x) and 3 more");
    }

    #[test]
    fn twenty_of_a_kind_then_the_count() {
        let limitations = vec![samples::limitation(); 23];
        let lines = limitation_lines(&limitations);
        assert_eq!(lines.len(), 21);
        expect!["limitation: unknown-security-group: sg-9 (111122223333/us-east-1), referred to at SecurityGroups.json#/SecurityGroups/0/IpPermissions/1; collect it with: aws ec2 describe-security-groups --group-ids sg-9 > SecurityGroups.json"].assert_eq(&lines[0]);
        expect!["limitation: unknown-security-group: 3 more of this kind"].assert_eq(&lines[20]);
    }
}
