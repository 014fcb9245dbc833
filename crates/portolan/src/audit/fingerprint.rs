//! What makes two findings the same one: in every run, format and version.
//!
//! The code, the thing, the direction, the protocol, the ports and the far side;
//! nothing that changes while these stay: no file, line, title, severity or name.

use sha2::{Digest, Sha256};

use crate::record::{Blocks, Finding};

/// How much of the hash is printed: 128 bits, in which nobody finds two alike by chance.
const BYTES: usize = 16;

/// The fingerprint of a finding, as hexadecimal digits.
pub(super) fn fingerprint(finding: &Finding) -> String {
    with_far_side(finding, &far_side(&finding.sources))
}

/// The far side's blocks as a fingerprint takes them: findings that share a list
/// share this.
pub(super) fn far_side(sources: &Blocks) -> Vec<u8> {
    let blocks: Vec<&str> = sources.iter().collect();
    listed(&blocks)
}

/// The fingerprint of a finding whose blocks were listed.
pub(super) fn with_far_side(finding: &Finding, far_side: &[u8]) -> String {
    let Finding { code, about, direction, protocol, ports, source_groups, .. } = finding;
    let mut groups: Vec<&str> = source_groups.iter().map(String::as_str).collect();
    groups.sort_unstable();
    let mut told = Vec::new();
    for text in ["portolan.finding/1", code, &about.kind, &about.id, direction, protocol, ports] {
        add(&mut told, text);
    }
    let mut hash = Sha256::new();
    hash.update(told);
    hash.update(far_side);
    hash.update(listed(&groups));
    hash.finalize().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn listed(texts: &[&str]) -> Vec<u8> {
    let mut told = Vec::new();
    add(&mut told, &texts.len().to_string());
    texts.iter().for_each(|text| add(&mut told, text));
    told
}

/// Adds a text so that its end is known: `ab`, `c` is not `a`, `bc`.
fn add(told: &mut Vec<u8>, text: &str) {
    told.extend(text.len().to_string().as_bytes());
    told.push(b':');
    told.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::RULES;
    use crate::record::{About, Severity};

    fn sample() -> Finding {
        let about = About {
            kind: "network-interface".to_owned(),
            id: "eni-1".to_owned(),
            ..About::default()
        };
        let mut finding = crate::audit::finding(&RULES[0], &about);
        finding.sources = ["0.0.0.0/0"].into_iter().collect();
        finding
    }

    #[test]
    fn it_is_the_same_in_every_version() {
        let mut finding = sample();
        finding.code = "database-open-to-internet".to_owned();
        assert_eq!(fingerprint(&finding), "891eaa70ca2aca48b44e5db94111d74e");
    }

    #[test]
    fn what_is_said_of_it_does_not_matter() {
        let mut other = sample();
        other.severity = Severity::Info;
        other.title = "other".to_owned();
        other.about.name = "other".to_owned();
        other.about.line = Some(9);
        assert_eq!(fingerprint(&other), fingerprint(&sample()));
    }

    #[test]
    fn what_it_is_about_does() {
        type Change = fn(&mut Finding);
        let changes: [Change; 6] = [
            |it| it.about.id.push('0'),
            |it| it.ports.push('0'),
            |it| it.protocol = "udp".to_owned(),
            |it| it.sources = ["0.0.0.0/1", "0.0.0.0/0"].into_iter().collect(),
            |it| it.source_groups.push("sg-1".to_owned()),
            |it| it.direction = "egress".to_owned(),
        ];
        for change in changes {
            let mut other = sample();
            change(&mut other);
            assert_ne!(fingerprint(&other), fingerprint(&sample()));
        }
    }
}
