//! What a finding is made of: one [`Rule`] in each file of `rules/`.

use super::Context;
use super::alike::Alike;
use super::reached::{Exposed, Reached};
use super::traffic::Traffic;
use crate::net::PortRange;
use crate::record::{Finding, Severity};

/// A kind of finding: what it is called, why it matters, how it is mended, and
/// how it is found. docs/findings.md is generated from it.
#[derive(Debug)]
pub struct Rule {
    /// `database-open-to-internet`: stable, used in exceptions.
    pub code: &'static str,
    /// One line, without a final period: "A database is open to the internet".
    pub title: &'static str,
    /// Why it matters, and when it is found: a paragraph or two of Markdown.
    pub why: &'static str,
    /// How to mend it, in a sentence or two of Markdown.
    pub fix: &'static str,
    /// How bad it is at worst: what is not reachable, not in use, or only
    /// possible is found at less.
    pub severity: Severity,
    /// How it is found.
    pub(super) check: Check,
}

/// How a finding is found.
#[derive(Debug)]
pub(super) enum Check {
    /// Traffic that everyone can send: which of it this finding is about. Rules
    /// are asked in the order of [`RULES`](super::RULES), each with what those
    /// before it left, so that everything open to everyone has one finding.
    Everyone(fn(&Slice) -> Vec<Claim>),
    /// What can come in at one interface: its records, in the order of `ports`.
    Inbound(fn(&Context<'_>, &Rule, &[Exposed<'_>]) -> Vec<Finding>),
    /// What of the internet arrives at one interface and has no answer: records
    /// whose `clients` are `none`, which no other check sees.
    Unanswered(fn(&Context<'_>, &Rule, &[Exposed<'_>]) -> Vec<Finding>),
    /// What everyone could send to one interface that stands still, if it were
    /// attached and running: see `idle`.
    Idle(fn(&Context<'_>, &Rule, &[Exposed<'_>]) -> Vec<Finding>),
    /// Where one interface can open connections to beyond the estate.
    Outbound(fn(&Context<'_>, &Rule, &[Exposed<'_>]) -> Vec<Finding>),
    /// What can come in at equal interfaces, once all that everyone reaches is known.
    Alike(fn(&Context<'_>, &Rule, &Alike<'_>) -> Vec<Finding>),
    /// What only the whole network shows, with what was found reachable.
    Network(fn(&Context<'_>, &Rule, &Reached) -> Vec<Finding>),
    /// What is wrong with the exceptions themselves: see [`except`](super::except).
    Exceptions,
}

/// A range of one record, and what of it has no finding so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    /// The record's whole range.
    pub(super) whole: Traffic,
    /// What is left of it.
    pub(super) left: Traffic,
}

/// A part of a slice that a finding is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// Which ports.
    pub(super) ports: PortRange,
    /// How bad that is, if it is certain and in use.
    pub(super) severity: Severity,
}

/// The same severity for some ranges.
pub(super) fn claims(ports: Vec<PortRange>, severity: Severity) -> Vec<Claim> {
    ports.into_iter().map(|ports| Claim { ports, severity }).collect()
}
