//! Controls of other catalogues, and what answers them here.
//!
//! A report can stand in for a suite only if somebody can see what became of
//! each of its controls. So every control about ports and who reaches them is
//! listed: with the findings that answer it, or why it is not ours, or what it
//! waits for. docs/findings.md prints the lists.

mod answers;
mod cis;
mod others;
mod prowler;
mod security_hub;

use super::traffic::{Kind, Traffic};
use crate::net::{PortRange, Protocol};
use crate::record::{Blocks, Finding};

/// A control of another catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// `CIS-AWS-5.0/5.3`, `FSBP/EC2.19`, `prowler/ec2_networkacl_unused`, …
    pub id: &'static str,
    /// What answers it.
    pub answer: Answer,
    /// The TCP ports that it is about; empty: any traffic.
    pub ports: &'static [u16],
    /// The addresses that it is about.
    pub family: Family,
    /// The things that it is about.
    pub of: Of,
}

/// The things that a control is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Of {
    /// Whatever the findings are about.
    Anything,
    /// One kind of them: `classic-load-balancer`.
    Kind(&'static str),
    /// Those whose title has a list after its last colon with this in it.
    Listed(&'static str),
}

/// What answers a control.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// Findings, by code.
    Findings(&'static [&'static str]),
    /// Nothing here, and why.
    NotOurs(&'static str),
    /// What has to be read first.
    Waits(&'static str),
}

/// Which addresses a control is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Family {
    /// Both.
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Control {
    const fn found(id: &'static str, codes: &'static [&'static str]) -> Self {
        Self {
            id,
            answer: Answer::Findings(codes),
            ports: &[],
            family: Family::Any,
            of: Of::Anything,
        }
    }

    const fn of_ports(
        id: &'static str,
        ports: &'static [u16],
        codes: &'static [&'static str],
    ) -> Self {
        Self { id, answer: Answer::Findings(codes), ports, family: Family::Any, of: Of::Anything }
    }

    const fn over(self, family: Family) -> Self {
        Self { family, ..self }
    }

    const fn only(self, of: Of) -> Self {
        Self { of, ..self }
    }

    const fn not_ours(id: &'static str, why: &'static str) -> Self {
        Self { id, answer: Answer::NotOurs(why), ports: &[], family: Family::Any, of: Of::Anything }
    }

    const fn waits(id: &'static str, what: &'static str) -> Self {
        Self { id, answer: Answer::Waits(what), ports: &[], family: Family::Any, of: Of::Anything }
    }

    /// Whether a finding of a code that answers it is about its ports and addresses.
    pub(super) fn is_answered_by(&self, finding: &Finding, far: Families) -> bool {
        self.of.is_of(finding)
            && self.family.is_of(far)
            && (self.ports.is_empty() || meets(finding, self.ports))
    }
}

impl Of {
    fn is_of(self, finding: &Finding) -> bool {
        match self {
            Self::Anything => true,
            Self::Kind(kind) => finding.about.kind == kind,
            Self::Listed(word) => {
                let list = finding.title.rsplit(": ").next().unwrap_or_default();
                list.split(", ").any(|listed| listed == word)
            }
        }
    }
}

impl Family {
    fn is_of(self, far: Families) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => far.v4,
            Self::V6 => far.v6,
        }
    }
}

/// Which addresses there are on the far side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Families {
    v4: bool,
    v6: bool,
}

impl Families {
    pub(super) fn of(blocks: &Blocks) -> Self {
        let v6 = |block: &str| block.contains(':');
        Self { v4: blocks.iter().any(|block| !v6(block)), v6: blocks.iter().any(v6) }
    }
}

/// Whether a finding is about one of some TCP ports.
fn meets(finding: &Finding, ports: &[u16]) -> bool {
    finding.ports.split(',').any(|range| {
        let traffic = Traffic::read(&finding.protocol, range);
        match (finding.protocol.as_str(), traffic.kind) {
            ("any", _) => true,
            (_, Kind::Of(Protocol::Tcp)) => {
                let single = |&port: &u16| PortRange::single(port).intersection(traffic.ports);
                ports.iter().any(|port| single(port).is_some())
            }
            _ => false,
        }
    })
}

/// All controls, by catalogue.
pub fn controls() -> impl Iterator<Item = &'static Control> {
    [cis::CONTROLS, security_hub::CONTROLS, prowler::CONTROLS, others::CONTROLS]
        .into_iter()
        .flatten()
}

/// The controls that findings of one code may answer.
pub(super) fn of_code(code: &str) -> Vec<&'static Control> {
    let named = |control: &&Control| matches!(control.answer, Answer::Findings(codes) if codes.contains(&code));
    controls().filter(named).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::audit::RULES;

    #[test]
    fn every_control_of_the_catalogues_is_answered_once() {
        let catalogue: BTreeSet<&str> = include_str!("catalogue.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let mut answered = BTreeSet::new();
        for control in controls() {
            assert!(answered.insert(control.id), "{} is answered twice", control.id);
        }
        let missing: Vec<_> = catalogue.difference(&answered).collect();
        let unknown: Vec<_> = answered.difference(&catalogue).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "missing {missing:?} unknown {unknown:?}"
        );
    }

    #[test]
    fn what_answers_exists_and_what_does_not_says_why() {
        for control in controls() {
            match control.answer {
                Answer::Findings(codes) => {
                    assert!(!codes.is_empty(), "{}", control.id);
                    for code in codes {
                        let known = RULES.iter().any(|rule| rule.code == *code);
                        assert!(known, "{} names {code}, which is no finding", control.id);
                    }
                }
                Answer::NotOurs(why) | Answer::Waits(why) => assert!(!why.is_empty()),
            }
        }
    }
}
