//! What a report of `verify` is about, and its records as rows.

use portolan::record::{Cause, Compared, Coverage, LimitationRecord, Outcome, Verification};

use crate::csv::{Row, word};
use crate::human::place;
use crate::refusal;
use crate::words::count;

/// A report of `verify`.
#[derive(Clone, Copy, Debug)]
pub struct VerifyReport<'a> {
    /// The source as it was given.
    pub source: &'a str,
    /// The records, the worst first.
    pub records: &'a [Verification],
    /// What was compared.
    pub compared: &'a Compared,
    /// What was judged.
    pub coverage: &'a Coverage,
    /// What the configured view can't know.
    pub limitations: &'a [LimitationRecord],
}

impl VerifyReport<'_> {
    /// One sentence of what came of it.
    #[must_use]
    pub fn summary(&self) -> String {
        let Compared { from, addresses, tallies, .. } = self.compared;
        let all: u64 = tallies
            .iter()
            .filter(|it| !matches!(it.outcome, Outcome::NotScanned))
            .map(|it| it.ports)
            .sum();
        let parts: Vec<String> = tallies
            .iter()
            .map(|it| format!("{} {}", it.ports, outcome_words(it.outcome)))
            .collect();
        let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        let from = if from == "any" { String::new() } else { format!(" from {from}") };
        format!(
            "compared {} of {}{from}: {parts}",
            count(all, "port", "ports"),
            count(*addresses, "address", "addresses"),
        )
    }
}

/// An outcome, in a few words.
pub(crate) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::OpenUnexpectedly => "open that should be closed",
        Outcome::AnswersUnexpectedly => "that answer and should be closed",
        Outcome::NoAnswer => "open as configured from which nothing comes back",
        Outcome::NobodyListens => "open where nobody listens",
        Outcome::ResolvedOpen => "that the source does not show, and are open",
        Outcome::ResolvedClosed => "that the source does not show, and are silent",
        Outcome::Unproven => "not proven",
        Outcome::NotScanned => "that should be open not probed",
        Outcome::NotInSource => "of other addresses",
        Outcome::Agrees => "as configured",
    }
}

/// `tcp/443`, as `explain` takes it.
pub(crate) fn port(record: &Verification) -> String {
    match record.protocol.as_str() {
        other if other.starts_with("proto/") => other.to_owned(),
        protocol => format!("{protocol}/{}", record.ports),
    }
}

/// One port of the record, to ask `explain` about.
pub(crate) fn first_port(record: &Verification) -> String {
    let port = port(record);
    match port.split_once('-') {
        Some((first, _)) => first.to_owned(),
        None => port,
    }
}

/// What was seen, in a few words.
pub(crate) fn seen(record: &Verification) -> String {
    let mut words = vec![record.observed.as_str().replace("-or-", " or ")];
    words.extend(Some(&record.reason).filter(|it| !it.is_empty()).cloned());
    words.extend(Some(&record.service).filter(|it| !it.is_empty()).cloned());
    words.extend(tls(record));
    words.join(", ")
}

/// What a TLS server showed, in a few words.
pub(crate) fn tls(record: &Verification) -> Option<String> {
    let tls = record.tls.as_ref()?;
    if !tls.instead.is_empty() {
        return Some(tls.instead.clone());
    }
    let mut words = vec![tls.version.clone()];
    if !tls.names.is_empty() {
        words.push(format!("for {}", crate::words::some_of(&tls.names, 3)));
    }
    if tls.self_signed {
        words.push("signed by itself".to_owned());
    }
    if !tls.not_after.is_empty() {
        let ends = if tls.expired { "ended" } else { "ends" };
        words.push(format!("{ends} {}", tls.not_after.split('T').next().unwrap_or_default()));
    }
    Some(words.join(" "))
}

/// Why the configuration says what it says, in one clause.
pub(crate) fn why(record: &Verification) -> String {
    if let [by, more @ ..] = record.blocked_by.as_slice() {
        let stands = place(&by.file, by.line, &by.at);
        let stands = if stands.is_empty() { stands } else { format!(", {stands}") };
        let more =
            if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        return format!("{}{stands}{more}", refusal::clause(by));
    }
    if !record.because.is_empty() {
        let rules: Vec<String> = record.because.iter().map(rule).collect();
        return format!("admitted by {}", crate::words::some_of(&rules, 3));
    }
    match record.limitations.as_slice() {
        [] => String::new(),
        [one, ..] => format!("depends on {} ({})", one.about, one.code),
    }
}

fn rule(cause: &Cause) -> String {
    let stands = place(&cause.file, cause.line, &cause.at);
    format!("{} {} {stands}", cause.of, cause.id).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Row for Verification {
    const COLUMNS: &'static [&'static str] = &[
        "outcome",
        "differs",
        "from",
        "to",
        "interface",
        "instance",
        "name",
        "account",
        "region",
        "vpc",
        "protocol",
        "ports",
        "count",
        "expected",
        "observed",
        "reason",
        "service",
        "tls",
        "means",
        "why",
        "check",
        "limitations",
        "scanner",
        "seen_in",
    ];

    fn cells(&self) -> Vec<String> {
        let codes: Vec<String> =
            self.limitations.iter().map(|it| format!("{} {}", it.code, it.about)).collect();
        vec![
            self.outcome.as_str().to_owned(),
            self.differs.to_string(),
            self.from.clone(),
            self.to.clone(),
            self.interface.clone(),
            self.instance.clone(),
            self.name.clone(),
            self.account.clone(),
            self.region.clone(),
            self.vpc.clone(),
            self.protocol.clone(),
            self.ports.clone(),
            self.count.to_string(),
            word(&self.expected),
            word(&self.observed),
            self.reason.clone(),
            self.service.clone(),
            tls(self).unwrap_or_default(),
            self.means.clone(),
            why(self),
            self.check.join("; "),
            codes.join("; "),
            self.scanner.clone(),
            place(&self.file, self.line, ""),
        ]
    }
}
