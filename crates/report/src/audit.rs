//! What `audit` found, as all formats for people tell it: one head for each kind,
//! equal findings once.

use std::collections::{BTreeMap, BTreeSet};

use portolan::audit::{RULES, Rule};
use portolan::record::{
    Blocks, Breadth, Cause, Certainty, Coverage, Finding, LimitationRecord, Severity,
};

use crate::human::place;
use crate::untrusted::Untrusted;
use crate::words::{count, length, shell_word, some_of};

/// What `audit` found, and what it was asked.
#[derive(Clone, Copy, Debug)]
pub struct AuditReport<'a> {
    /// The source as it was given, for the commands to paste.
    pub source: &'a str,
    /// The findings, the worst first, those that something allows among them.
    pub findings: &'a [Finding],
    /// Whether some kinds were asked for, to be told in full.
    pub narrowed: bool,
    /// How many were left out because they are less bad than what was asked for.
    pub less_bad: usize,
    /// Whether people are told as well what something allows.
    pub show_excepted: bool,
    /// From which severity on the audit fails.
    pub fail_on: Option<Severity>,
    /// How many findings of the baseline are gone; `None` without a baseline.
    pub mended: Option<usize>,
    /// What was judged.
    pub coverage: &'a Coverage,
    /// What the findings can't know.
    pub limitations: &'a [LimitationRecord],
}

impl<'a> AuditReport<'a> {
    /// `12 findings: 2 critical, 10 low; 3 are allowed; …`, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = vec![self.counted()];
        parts.extend(self.asides());
        parts.join("; ")
    }

    /// How many findings there are, by severity.
    pub(crate) fn counted(&self) -> String {
        let by_severity: Vec<String> = self
            .severities()
            .into_iter()
            .map(|(severity, number)| format!("{number} {}", severity.as_str()))
            .collect();
        if by_severity.is_empty() {
            return "nothing found".to_owned();
        }
        let found = length_of(self.found());
        format!("{}: {}", count(found, "finding", "findings"), by_severity.join(", "))
    }

    /// How many of each severity there are, where there are some.
    pub(crate) fn severities(&self) -> Vec<(Severity, u64)> {
        let of = |severity| length_of(self.found().filter(move |it| it.severity == severity));
        let counted = Severity::WORST_FIRST.map(|severity| (severity, of(severity)));
        counted.into_iter().filter(|&(_, number)| number > 0).collect()
    }

    /// What else is to be said of how many there are.
    pub(crate) fn asides(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let allowed = self.findings.iter().filter(|it| it.exception.is_some()).count();
        if allowed > 0 {
            let shown = if self.show_excepted { "" } else { " (`--show-excepted`)" };
            parts.push(format!("{allowed} allowed by exceptions or the baseline{shown}"));
        }
        if self.less_bad > 0 {
            parts.push(format!("{} less bad, not told", self.less_bad));
        }
        match self.mended {
            None | Some(0) => {}
            Some(mended) => parts.push(format!(
                "{mended} of the baseline mended (write it anew with `--write-baseline`)"
            )),
        }
        parts
    }

    /// What nothing allows.
    pub(crate) fn found(&self) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(|finding| finding.exception.is_none())
    }

    /// What people are told, one group for each kind of finding, the worst first.
    pub(crate) fn groups(&self) -> Vec<Group<'a>> {
        let mut groups: BTreeMap<usize, Group<'a>> = BTreeMap::new();
        for finding in self.findings {
            if finding.exception.is_some() && !self.show_excepted {
                continue;
            }
            let Some(at) = RULES.iter().position(|rule| rule.code == finding.code) else {
                continue;
            };
            let Some(rule) = RULES.get(at) else { continue };
            groups
                .entry(at)
                .or_insert_with(|| Group { rule, findings: vec![] })
                .findings
                .push(finding);
        }
        let mut groups: Vec<Group<'a>> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse((group.is_found(), group.worst())));
        groups
    }

    /// The command that tells all of one kind, ready to paste.
    pub(crate) fn all_of(&self, code: &str) -> String {
        let excepted = if self.show_excepted { " --show-excepted" } else { "" };
        format!("portolan audit {} --code {code}{excepted}", shell_word(self.source))
    }

    /// The question that proves a finding, ready to paste.
    pub(crate) fn question(&self, finding: &Finding) -> Option<String> {
        let witness = finding.witness.as_ref()?;
        let words = [self.source, &witness.from, &witness.to, &witness.port];
        Some(format!("portolan explain {}", words.map(shell_word).join(" ")))
    }

    /// What a report without findings says.
    pub(crate) fn nothing(&self) -> &'static str {
        match (self.coverage.interfaces, self.narrowed || self.less_bad > 0) {
            (0, _) => "no network interface was judged, so nothing can be said of what is open",
            (_, true) => "nothing of what was asked for was found",
            (_, false) => "nothing is open, unused or undone that one of the checks looks for",
        }
    }
}

/// Findings of one kind.
pub(crate) struct Group<'a> {
    /// What is said of all of them.
    pub(crate) rule: &'static Rule,
    /// The worst first.
    findings: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// How bad the worst is.
    pub(crate) fn worst(&self) -> Severity {
        let found = self.findings.iter().filter(|it| it.exception.is_none() || !self.is_found());
        found.map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }

    /// Whether nothing allows some of it.
    pub(crate) fn is_found(&self) -> bool {
        self.findings.iter().any(|finding| finding.exception.is_none())
    }

    /// Whether people have something to do about it soon.
    pub(crate) fn matters(&self) -> bool {
        self.worst() >= Severity::Medium
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        length(&self.findings)
    }

    /// Each of them.
    pub(crate) fn each(&self) -> &[&'a Finding] {
        &self.findings
    }

    /// The things, each once: `web-1, web-2 and 3 more`; with its id what is not called alone.
    pub(crate) fn things(&self, most: usize) -> String {
        let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for finding in &self.findings {
            ids.entry(called(finding)).or_default().insert(&finding.about.id);
        }
        let mut seen = BTreeSet::new();
        let mut names: Vec<String> = Vec::new();
        for finding in &self.findings {
            let (name, id) = (called(finding), finding.about.id.as_str());
            if seen.insert(id) {
                let alone = name == id || ids.get(name).is_some_and(|ids| ids.len() == 1);
                names.push(if alone { name.to_owned() } else { format!("{name} ({id})") });
            }
        }
        some_of(&names, most)
    }

    /// Equal findings of different things together, those that nothing allows first.
    pub(crate) fn items(&self) -> Vec<Item<'a>> {
        let mut known: BTreeMap<Alike<'a>, usize> = BTreeMap::new();
        let mut items: Vec<Item<'a>> = Vec::new();
        let (found, allowed): (Vec<&'a Finding>, Vec<&'a Finding>) =
            self.findings.iter().copied().partition(|it| it.exception.is_none());
        for finding in found.into_iter().chain(allowed) {
            let at = alike(finding).map(|key| *known.entry(key).or_insert(items.len()));
            match at.and_then(|at| items.get_mut(at)) {
                Some(item) => item.more.push(finding),
                None => items.push(Item::of(finding)),
            }
        }
        items
    }
}

/// A finding, and those that are equal to it but for their thing.
pub(crate) struct Item<'a> {
    /// The first.
    pub(crate) first: &'a Finding,
    more: Vec<&'a Finding>,
}

/// What equal findings have in common.
type Alike<'a> = (
    (Severity, bool, Certainty, &'a str, &'a str, &'a str, &'a str),
    (Vec<&'a str>, Vec<(&'a str, &'a str)>, &'a Blocks),
    Option<(&'a str, Option<u64>)>,
);

/// What a finding must have in common with others to be told with them; `None`
/// if it stands for itself.
fn alike(finding: &Finding) -> Option<Alike<'_>> {
    if finding.direction.is_empty() || !finding.beyond.is_empty() || !finding.blocked_by.is_empty()
    {
        return None;
    }
    let by = finding.exception.as_ref().map(|by| (by.file.as_str(), by.line));
    let groups = finding.source_groups.iter().map(String::as_str).collect();
    let rules = causes(finding).map(|cause| (cause.of.as_str(), cause.id.as_str())).collect();
    let Finding { severity, attached, certainty, direction, protocol, ports, client_ports, .. } =
        finding;
    Some((
        (*severity, *attached, *certainty, direction, protocol, ports, client_ports),
        (groups, rules, &finding.sources),
        by,
    ))
}

/// The rules of groups and the entries of ACLs by themselves; routes are of the VPC.
fn causes(finding: &Finding) -> impl Iterator<Item = &Cause> {
    let because = finding.because.iter().map(|cause| &**cause);
    because.filter(|cause| {
        cause.kind == "security-group-rule" || finding.about.kind != "network-interface"
    })
}

impl<'a> Item<'a> {
    /// A finding that is told by itself.
    pub(crate) fn of(first: &'a Finding) -> Self {
        Self { first, more: Vec::new() }
    }

    /// What is wrong, and with what else.
    pub(crate) fn title(&self, most: usize) -> String {
        let title = &self.first.title;
        if self.more.is_empty() {
            return title.clone();
        }
        let names: Vec<String> = self.more.iter().map(|it| called(it).to_owned()).collect();
        format!("{title}; so it is with {}", some_of(&names, most))
    }

    /// How many findings it stands for.
    pub(crate) fn len(&self) -> u64 {
        length(&self.more) + 1
    }

    /// The rules that cause it, with where they stand: the group's, else whatever does.
    pub(crate) fn rules(&self, most: usize) -> Vec<(String, String)> {
        let finding = self.first;
        let mut rules: Vec<&Cause> = finding
            .because
            .iter()
            .map(|it| &**it)
            .filter(|it| it.kind == "security-group-rule")
            .collect();
        if rules.is_empty() {
            rules = finding.because.iter().map(|it| &**it).collect();
        }
        let left = rules.len().saturating_sub(most);
        let mut shown: Vec<(String, String)> = rules
            .into_iter()
            .take(most)
            .map(|it| (named(it), place(&it.file, it.line, &it.at)))
            .collect();
        if left > 0 {
            shown.push((format!("and {left} more"), String::new()));
        }
        shown
    }

    /// Where the thing itself stands, if no rule is the cause.
    pub(crate) fn stands(&self) -> Option<String> {
        let about = &self.first.about;
        let place = place(&about.file, about.line, &about.at);
        (self.first.because.is_empty() && !place.is_empty()).then_some(place)
    }

    /// What else is to be known, in clauses.
    pub(crate) fn notes(&self) -> Vec<(&'static str, String)> {
        let finding = self.first;
        let mut notes = Vec::new();
        // Of everyone the title tells.
        if finding.breadth != Some(Breadth::Everyone) {
            notes.extend((!finding.who.is_empty()).then(|| ("who", some_of(&finding.who, 4))));
            let way = if finding.direction == "egress" { "to" } else { "from" };
            let peers = peers(&finding.sources, &finding.source_groups);
            notes.extend((!peers.is_empty()).then(|| (way, some_of(&peers, 4))));
        }
        for by in finding.blocked_by.iter().take(2) {
            notes.push(("but", crate::refusal::clause(by)));
        }
        for beyond in finding.beyond.iter().take(4) {
            let peers = some_of(&peers(&beyond.sources, &beyond.source_groups), 4);
            notes.push((
                "beyond",
                format!("{} with {peers}: more than its exception allows", beyond.ports.join(", ")),
            ));
        }
        if let Some(by) = &finding.exception {
            let owner =
                if by.owner.is_empty() { String::new() } else { format!(" by {}", by.owner) };
            let place = place(&by.file, by.line, "");
            notes.push(("allowed", format!("until {}{owner}: {} ({place})", by.until, by.reason)));
        }
        notes
    }
}

fn peers(blocks: &Blocks, groups: &[String]) -> Vec<String> {
    blocks.iter().map(str::to_owned).chain(groups.iter().cloned()).collect()
}

/// A cause as people name it: the group and its rule.
fn named(cause: &Cause) -> String {
    let kind = cause.kind.replace('-', " ");
    match (cause.kind.as_str(), cause.of.as_str(), cause.id.as_str()) {
        ("security-group-rule", of, "") => format!("a rule of {of}"),
        ("security-group-rule", of, id) => format!("{of} {id}"),
        (_, "", id) => format!("{kind} {id}"),
        (_, of, id) => format!("{kind} {id} of {of}"),
    }
}

/// The name of a finding's thing, else its id.
pub(crate) fn called(finding: &Finding) -> &str {
    if finding.about.name.is_empty() { &finding.about.id } else { &finding.about.name }
}

/// A text of the rules, in one line: they are written as paragraphs of Markdown.
pub(crate) fn one_line(text: &str) -> String {
    Untrusted(&text.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}

/// The first sentences of such a text, for who has no time.
pub(crate) fn first_sentences(text: &str, most: usize) -> String {
    let line = one_line(text);
    let mut ends = line.match_indices(". ").map(|(at, _)| at + 1);
    match ends.nth(most.saturating_sub(1)) {
        Some(end) => line.get(..end).unwrap_or(&line).to_owned(),
        None => line,
    }
}

fn length_of<T>(items: impl Iterator<Item = T>) -> u64 {
    items.fold(0, |number, _| number + 1)
}
