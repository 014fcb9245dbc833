//! Who the far side of each finding is, in words.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::far::Name;
use super::{Context, fingerprint};
use crate::model::ComponentId;
use crate::net::{Cidr, IpSet};
use crate::parallel;
use crate::record::{Audience, Blocks, Finding};
use crate::who::few;

/// Says of all findings who the far side is, and gives them their fingerprints, on
/// all cores.
pub(super) fn fill(context: &Context<'_>, findings: &mut [Finding]) {
    let threads = parallel::all_cores();
    let share = findings.len().div_ceil(threads.get()).max(1);
    let shares: Vec<&mut [Finding]> = findings.chunks_mut(share).collect();
    parallel::each(
        threads,
        shares,
        |share| share.len(),
        |share| {
            let mut known = Known::default();
            for finding in share {
                finding.who = who(context, finding, &mut known);
                let far_side = context.far_sides.of(&finding.sources);
                finding.fingerprint = fingerprint::with_far_side(finding, far_side.printed());
                finding.sources_left_out = far_side.left_out();
            }
        },
    );
}

/// Labels of lists of blocks, since most findings have one that another one has.
#[derive(Default)]
struct Known {
    /// By where they are seen from, whether they come over the internet, and what the list is
    /// called: all lists are there.
    named: BTreeMap<(Option<ComponentId>, bool, Name), Vec<String>>,
    /// The same, by a hash of the list.
    lists: BTreeMap<(Option<ComponentId>, bool, u64), Vec<Labelled>>,
}

/// A list, and the labels of what is in it.
type Labelled = (Blocks, Vec<String>);

fn who(context: &Context<'_>, finding: &Finding, known: &mut Known) -> Vec<String> {
    let mut labels = addresses(context, finding, known);
    labels.extend(finding.source_groups.iter().map(|id| context.book.members(id)));
    few(labels)
}

fn addresses(context: &Context<'_>, finding: &Finding, known: &mut Known) -> Vec<String> {
    let blocks = &finding.sources;
    if blocks.is_empty() {
        return Vec::new();
    }
    let seen_from = context.network.vpcs_of(&finding.about.vpc).next().map(|(at, _)| at);
    let internet = finding.audience == Some(Audience::Internet);
    let name = (seen_from, internet, blocks.called());
    if let Some(labels) = known.named.get(&name) {
        return labels.clone();
    }
    let mut hasher = DefaultHasher::new();
    blocks.iter().for_each(|block| block.hash(&mut hasher));
    let alike = known.lists.entry((seen_from, internet, hasher.finish())).or_default();
    let labels = match alike.iter().find(|(other, _)| other == blocks) {
        Some((_, labels)) => labels.clone(),
        None => {
            let labels = labels_of(context, blocks, seen_from, internet);
            alike.push((blocks.clone(), labels.clone()));
            labels
        }
    };
    known.named.insert(name, labels.clone());
    labels
}

fn labels_of(
    context: &Context<'_>,
    blocks: &Blocks,
    seen_from: Option<ComponentId>,
    internet: bool,
) -> Vec<String> {
    let blocks = blocks.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0));
    let mut set: IpSet = blocks.collect();
    if internet {
        // `0.0.0.0/0` covers private addresses that nobody sends from there.
        set = set.intersection(&context.world.internet);
    }
    context.book.labels(&set, seen_from)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::audit::AuditOptions;
    use crate::audit::tests::{findings, web};
    use crate::net::Cidr;
    use crate::testing::network;
    use crate::who::{AwsPrefix, AwsRanges};

    /// Code, ports and far side of the findings that have one, each once.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut options = AuditOptions::default();
        let zone = vec!["203.0.113.0/24".parse().unwrap()];
        options.zones.zones.insert("partner".to_owned(), zone);
        let prefix = |block: &str, service: &str| AwsPrefix {
            block: Cidr::parse(block).unwrap().0,
            service: service.into(),
            region: "us-east-1".into(),
        };
        let prefixes = vec![prefix("3.80.0.0/12", "EC2"), prefix("3.83.168.0/29", "CODEBUILD")];
        options.aws = Some(Arc::new(AwsRanges { created: String::new(), prefixes }));
        let network = network(text).unwrap();
        let found = findings(&network, &options);
        for finding in &found {
            let far = !finding.sources.is_empty() || !finding.source_groups.is_empty();
            assert_eq!(far, !finding.who.is_empty(), "{finding:#?}");
        }
        let mut lines: Vec<String> = found
            .iter()
            .filter(|it| {
                it.code == "administration-open-beyond-office"
                    || it.code.contains("open-to-internet")
                    || it.code == "reference-to-nobody"
            })
            .map(|it| format!("{} {}: {}", it.code, it.ports, it.who.join("; ")))
            .collect();
        lines.sort();
        lines.dedup();
        let expected: Vec<&str> = expected.lines().map(str::trim).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn each_part_of_the_far_side_is_named() {
        check(
            &web("group g v1 in tcp/22 203.0.113.0/24,3.81.0.0/16,3.83.168.0/29,8.8.0.0/16; in tcp/443 any; in tcp/80 group:h
                  group h v1 name=front"),
            "administration-open-beyond-office 22: AWS addresses (EC2, us-east-1) that this estate doesn't hold; addresses that nothing here names
             port-open-to-internet 443: everyone on the internet
             reference-to-nobody : members of front (h)",
        );
    }
}
