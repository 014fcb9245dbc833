//! A rule or entry that lets in an address of AWS which this estate doesn't hold.

use std::collections::BTreeMap;

use crate::audit::alone::{inbound_rules, wearers};
use crate::audit::open::what;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::service::{Use, of_use};
use crate::audit::traffic::{Kind, Traffic};
use crate::audit::{Context, called, less};
use crate::model::{
    Component, ComponentId, Direction, NetworkAcl, NetworkAclEntry, NetworkAclId,
    NetworkInterfaceId, Peer, SubnetId,
};
use crate::net::{Cidr, IpSet, Match, PortRange};
use crate::reach::explain::Answer;
use crate::reach::exposure::Reason;
use crate::record::{
    About, Audience, Blocker, Breadth, Cause, Certainty, Finding, Severity, Shared, Witness,
};
use crate::who::{Detail, Portion, Who};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "hole-for-foreign-address",
    title: "A rule lets in an AWS address that this estate doesn't hold",
    why: "An address of EC2 belongs to whoever holds it today. Once it is released, AWS gives it to \
          somebody else, who is then let in; whoever wants in can ask for addresses until it is \
          theirs. Holes for an Elastic IP address that was given up, and for a whole range of EC2, \
          stay in rules for years.\n\n\
          Found are inbound rules and ACL entries for a single address, or for a range that lies \
          wholly in EC2's, by AWS's `ip-ranges.json`: without that file nothing is found. \
          Addresses of zones and of AWS's own services are none. High if an administration, \
          database or file sharing port is really reached through it, medium if another one is, \
          low if nothing is. Where the source lacks a listing of the address's region \
          (`describe-network-interfaces`, `describe-addresses`; over IPv6 `describe-vpcs`), the \
          estate may hold the address: then it is only possible, and one step less.",
    fix: "Remove the rule if nobody knows whose the address is. If it is a partner's, name it in a \
          zone of the configuration, and ask whether they still hold it; better let them come \
          through a VPN, PrivateLink or a peering.",
    severity: Severity::High,
    check: Check::Network(check),
};

/// So many hosts are asked whether they are reached.
const HOSTS: usize = 8;

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    if context.options.aws.is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        let place = At { context, rule, id, component, reached };
        place.groups(&mut found);
        place.acls(&mut found);
    }
    found
}

/// Where holes are looked for.
struct At<'a> {
    context: &'a Context<'a>,
    rule: &'a Rule,
    id: ComponentId,
    component: &'a Component,
    reached: &'a Reached,
}

/// What of a rule's or entry's addresses is foreign.
struct Foreign {
    /// As the rule has it.
    written: String,
    addresses: IpSet,
    /// Whose that is, in words.
    whose: String,
    certain: bool,
}

/// What comes through a hole.
enum Through {
    /// The worst of it, with a packet that proves it.
    Certain(Traffic, Witness),
    Possible(Traffic),
    /// What refuses it, where something is open to others.
    Nothing(Vec<Blocker>),
}

impl At<'_> {
    fn groups(&self, found: &mut Vec<Finding>) {
        let worn = wearers(self.component);
        for (group, facts) in self.component.security_groups.entries().filter(|(_, it)| it.seen) {
            let worn = worn.get(&group).map_or(&[][..], Vec::as_slice);
            for (_, number, rule) in inbound_rules(self.component, &[group]) {
                if let Some(foreign) = self.foreign_of(rule.peer) {
                    let about = self.context.about_group(self.component, group);
                    let cause = self.context.cause_of_rule(self.component, group, number);
                    let mut finding = self.finding(&about, rule.traffic, worn, &foreign, cause);
                    finding.attached = !worn.is_empty();
                    if facts.rules.get(number).is_some_and(|rule| rule.contested) {
                        finding.certainty = Certainty::Possible;
                    }
                    found.push(finding);
                }
            }
        }
    }

    fn acls(&self, found: &mut Vec<Finding>) {
        let grounds = self.context.layout.component(self.id);
        let mut hosts: BTreeMap<SubnetId, Vec<NetworkInterfaceId>> = BTreeMap::new();
        for (acl, facts) in self.component.network_acls.entries() {
            let inbound = facts.entries.iter().enumerate().filter(|(_, entry)| !entry.egress);
            let holes: Vec<(usize, &NetworkAclEntry, Foreign)> = inbound
                .filter(|(_, entry)| entry.allow == Some(true))
                .filter_map(|(number, entry)| {
                    let foreign = self.foreign(&[entry.cidr?])?;
                    (!is_moot(facts, number, entry)).then_some((number, entry, foreign))
                })
                .collect();
            if holes.is_empty() {
                continue;
            }
            if hosts.is_empty() {
                for interface in self.component.interfaces.iter().filter(|it| it.seen()) {
                    hosts.entry(interface.subnet()).or_default().push(interface.index());
                }
            }
            let subnets = grounds.subnets.entries().filter(|(_, ground)| ground.acl == Some(acl));
            let behind: Vec<NetworkInterfaceId> =
                subnets.filter_map(|(subnet, _)| hosts.get(&subnet)).flatten().copied().collect();
            for (number, entry, foreign) in holes {
                let about = self.context.about_acl(self.component, acl);
                let cause = self.entry(acl, number);
                let mut finding = self.finding(&about, entry.traffic, &behind, &foreign, cause);
                finding.attached = self.context.is_used(self.id, acl);
                if facts.contested {
                    finding.certainty = Certainty::Possible;
                }
                found.push(finding);
            }
        }
    }

    fn entry(&self, acl: NetworkAclId, number: usize) -> Shared<Cause> {
        self.context.cause(self.component, Reason::Entry(acl, number), Direction::Ingress)
    }

    /// The foreign addresses of a rule: of a block by itself, of a list together.
    fn foreign_of(&self, peer: Peer) -> Option<Foreign> {
        match peer {
            Peer::Ipv4(prefix) => self.foreign(&[Cidr::V4(prefix)]),
            Peer::Ipv6(prefix) => self.foreign(&[Cidr::V6(prefix)]),
            Peer::PrefixList(list) => {
                let list = &self.component.prefix_lists[list];
                let foreign = self.foreign(list.entries.as_deref().unwrap_or_default())?;
                let by = self.context.network.text(list.id);
                Some(Foreign { written: format!("{} (by {by})", foreign.written), ..foreign })
            }
            Peer::SecurityGroup { .. } | Peer::Unknown(_) => None,
        }
    }

    fn foreign(&self, blocks: &[Cidr]) -> Option<Foreign> {
        let book = &self.context.book;
        let mut holes = Vec::new();
        let mut foreign = IpSet::empty();
        for &block in blocks {
            let set = IpSet::from_cidr(block);
            if !book.is_ec2(&set) || self.context.is_everyone(&set) {
                continue;
            }
            let portions = book.portions(&set, Some(self.id), Detail::Things);
            let theirs = portions.iter().filter(|portion| is_foreign(&portion.who));
            let theirs = theirs.fold(IpSet::empty(), |all, it| all.union(&it.addresses));
            if !theirs.is_empty() {
                foreign = foreign.union(&theirs);
                holes.push(if block == Cidr::single(block.first()) {
                    block.first().to_string()
                } else {
                    block.to_string()
                });
            }
        }
        let (named, more) = holes.split_at(holes.len().min(3));
        let mut written = named.join(", ");
        if !more.is_empty() {
            written = format!("{written} and {} more", more.len());
        }
        let whose = book.portions(&foreign, Some(self.id), Detail::Kinds);
        let certain = !whose.iter().any(|it| matches!(it.who, Who::Ec2Unseen { .. }));
        let exact = book.portions(&foreign, Some(self.id), Detail::Things);
        let whose = if exact.len() <= 2 { exact } else { whose };
        let whose = whose.iter().map(Portion::label).collect::<Vec<_>>().join(", and ");
        (!foreign.is_empty()).then_some(Foreign { written, addresses: foreign, whose, certain })
    }

    fn finding(
        &self,
        about: &About,
        traffic: Option<Match>,
        hosts: &[NetworkInterfaceId],
        foreign: &Foreign,
        cause: Shared<Cause>,
    ) -> Finding {
        let all = Traffic::of(traffic.unwrap_or(Match::All));
        let mut finding = self.context.finding(self.rule, about);
        finding.direction = "ingress".to_owned();
        finding.protocol = all.protocol_text();
        finding.ports = all.ports_text();
        finding.audience = Some(Audience::Internet);
        finding.breadth = Some(Breadth::Some);
        finding.sources = self.context.listed(&foreign.addresses, Audience::Internet);
        finding.because = vec![cause];
        let through = self.through(traffic, hosts, foreign);
        let mut sure = foreign.certain && traffic.is_some();
        finding.severity = match &through {
            Through::Certain(worst, _) => severity_of(*worst),
            Through::Possible(worst) => {
                sure = false;
                severity_of(*worst)
            }
            // What will be is as bad as it would be if it were in use.
            Through::Nothing(_) if self.context.options.declared && hosts.is_empty() => {
                severity_of(all)
            }
            Through::Nothing(_) => Severity::Low,
        };
        if !sure {
            finding.certainty = Certainty::Possible;
            finding.severity = less(finding.severity);
        }
        let nothing = match through {
            Through::Certain(_, witness) => {
                finding.witness = Some(witness);
                ""
            }
            Through::Possible(_) => "",
            Through::Nothing(blocked) => {
                finding.blocked_by = blocked;
                ", though nothing is reached by it now"
            }
        };
        finding.title = format!(
            "{} lets {} into {}{nothing}: {}",
            called(about),
            foreign.written,
            what(all),
            foreign.whose,
        );
        finding
    }

    /// What the foreign addresses reach at some hosts by a rule.
    fn through(
        &self,
        rule: Option<Match>,
        hosts: &[NetworkInterfaceId],
        foreign: &Foreign,
    ) -> Through {
        let Some(from) = foreign.addresses.intersection(&self.context.world.internet).first()
        else {
            return Through::Nothing(Vec::new());
        };
        let id = |host| self.context.network.text(self.component.interface(host).id());
        // Of each host the worst that somebody reaches, and the worst host first.
        let mut open: Vec<(Traffic, NetworkInterfaceId)> = Vec::new();
        for &host in hosts {
            let anyone = self.reached.get(id(host)).map_or(&[][..], |at| &at.anyone);
            let parts = anyone.iter().flat_map(|open| common(*open, rule));
            open.extend(parts.min_by_key(|part| badness(*part)).map(|part| (part, host)));
        }
        open.sort_by_key(|&(part, host)| (badness(part), host));
        // A range may reach what its first address does not, and other ports and hosts
        // may be reached where these are not.
        let one = foreign.addresses == IpSet::single(from);
        let (mut worst, mut blocked) = (None, Vec::new());
        for (number, &(part, host)) in open.iter().enumerate() {
            if number >= HOSTS {
                worst = worst.or(Some(part));
                break;
            }
            match self.context.ask(from, (self.id, host), part) {
                Some(Answer::Open) => {
                    let Some(port) = part.question() else { continue };
                    let witness = Witness { from: from.to_string(), to: id(host).to_owned(), port };
                    return Through::Certain(part, witness);
                }
                Some(Answer::Closed(blockers)) if one => blocked = blockers,
                Some(Answer::Closed(_) | Answer::Unknown) | None => worst = worst.or(Some(part)),
            }
        }
        worst.map_or(Through::Nothing(blocked), Through::Possible)
    }
}

fn is_foreign(who: &Who) -> bool {
    matches!(who, Who::Ec2Elsewhere { .. } | Who::Ec2Unseen { .. })
}

/// The ports that both are about, those of what is not meant for strangers by themselves.
fn common(open: Traffic, rule: Option<Match>) -> Vec<Traffic> {
    let mine = Traffic::of(rule.unwrap_or(Match::All));
    let ports = match (mine.kind, open.kind) {
        (Kind::Any, _) => Some(open.ports),
        (mine_kind, kind) if mine_kind == kind => mine.ports.intersection(open.ports),
        (Kind::Of(_) | Kind::Other, _) => None,
    };
    let Some(ports) = ports else { return Vec::new() };
    let all = Traffic { ports, ..open };
    let sharp = SHARP.iter().flat_map(|&of| of_use(all, of));
    let mut parts: Vec<Traffic> = sharp.map(|ports: PortRange| Traffic { ports, ..all }).collect();
    parts.push(all);
    parts
}

/// What strangers have the least to do with.
const SHARP: [Use; 3] = [Use::Administration, Use::Database, Use::FileSharing];

/// What to look at first: the worst, and of that the narrowest.
fn badness(traffic: Traffic) -> (std::cmp::Reverse<Severity>, u32, Traffic) {
    (std::cmp::Reverse(severity_of(traffic)), traffic.ports.size(), traffic)
}

fn severity_of(traffic: Traffic) -> Severity {
    let sharp = SHARP.iter().any(|&of| !of_use(traffic, of).is_empty());
    if sharp || traffic.kind == Kind::Any { Severity::High } else { Severity::Medium }
}

/// Whether another entry lets the same in: then the hole is no smaller without this one.
fn is_moot(acl: &NetworkAcl, number: usize, entry: &NetworkAclEntry) -> bool {
    let (Some(cidr), Some(traffic)) = (entry.cidr, entry.traffic) else { return false };
    let wider = |other: &NetworkAclEntry| {
        let blocks = other.cidr.is_some_and(|block| {
            block.is_v4() == cidr.is_v4()
                && block.length() < cidr.length()
                && block.contains(cidr.first())
        });
        let traffic = other.traffic.is_some_and(|other| Traffic::of(traffic).lies_within(other));
        !other.egress && other.allow == Some(true) && blocks && traffic
    };
    let mut others = acl.entries.iter().enumerate().filter(|(at, _)| *at != number);
    others.any(|(_, other)| wider(other))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::RULE;
    use crate::audit::AuditOptions;
    use crate::audit::tests::{findings, web};
    use crate::net::Cidr;
    use crate::record::{Certainty, Finding};
    use crate::testing::network;
    use crate::who::{AwsPrefix, AwsRanges};

    fn options() -> AuditOptions {
        let prefix = |block: &str, service: &str, region: &str| AwsPrefix {
            block: Cidr::parse(block).unwrap().0,
            service: service.into(),
            region: region.into(),
        };
        let prefixes = vec![
            prefix("3.80.0.0/12", "AMAZON", "us-east-1"),
            prefix("3.80.0.0/12", "EC2", "us-east-1"),
            prefix("3.83.168.0/29", "EC2_INSTANCE_CONNECT", "us-east-1"),
            prefix("18.200.0.0/16", "EC2", "eu-west-1"),
            prefix("13.32.0.0/15", "CLOUDFRONT", "GLOBAL"),
            prefix("2600:1f18::/33", "EC2", "us-east-1"),
        ];
        let aws = AwsRanges { created: String::new(), prefixes };
        AuditOptions { aws: Some(Arc::new(aws)), ..AuditOptions::default() }
    }

    fn found(text: &str, options: &AuditOptions) -> Vec<Finding> {
        let mut found = findings(&network(text).unwrap(), options);
        found.retain(|it| it.code == RULE.code);
        found
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines: Vec<String> = found(text, &options())
            .iter()
            .map(|it| {
                let possible = if it.certainty == Certainty::Possible { " possible" } else { "" };
                let unattached = if it.attached { "" } else { " unattached" };
                let witness = it.witness.as_ref().map(|it| format!(" {}>{}", it.from, it.port));
                format!(
                    "{}{possible}{unattached}{}: {}",
                    it.severity.as_str(),
                    witness.unwrap_or_default(),
                    it.title,
                )
            })
            .collect();
        let expected: Vec<&str> =
            expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_single_address_and_a_range_of_customers_are_found() {
        check(
            &web("group g v1 in tcp/22 3.80.1.1; in tcp/443 3.80.2.0/24; in tcp/443 2600:1f18::1"),
            "high 3.80.1.1>tcp/22: g lets 3.80.1.1 into SSH (tcp/22): an AWS address (EC2, us-east-1) that this estate doesn't hold
             medium 3.80.2.0>tcp/443: g lets 3.80.2.0/24 into tcp/443: AWS addresses (EC2, us-east-1) that this estate doesn't hold
             medium 2600:1f18::1>tcp/443: g lets 2600:1f18::1 into tcp/443: an AWS address (EC2, us-east-1) that this estate doesn't hold",
        );
    }

    #[test]
    fn without_the_ranges_nothing_is_said() {
        let text = web("group g v1 in tcp/22 3.80.1.1");
        assert_eq!(found(&text, &AuditOptions::default()).len(), 0);
    }

    #[test]
    fn own_addresses_zones_services_and_others_are_no_holes() {
        let text = web("group g v1 in tcp/22 3.80.0.9,3.80.0.10,3.83.168.0/29,13.32.0.1,8.8.8.8,203.0.113.0/24; in tcp/23 0.0.0.0/0
             interface b s 10.0.1.11 public=3.80.0.9 groups=h
             group h v1
             address 3.80.0.10");
        check(&text, "");
        let mut known = options();
        let zones = &mut known.zones.zones;
        zones.insert("partner".to_owned(), vec!["3.80.1.0/24".parse().unwrap()]);
        assert_eq!(found(&web("group g v1 in tcp/22 3.80.1.1"), &known).len(), 0);
    }

    #[test]
    fn what_of_a_range_is_held_is_no_hole() {
        let text = web("group g v1 in tcp/443 3.80.0.8/30
             interface b s 10.0.1.11 public=3.80.0.8 groups=h
             group h v1");
        let found = found(&text, &options());
        assert_eq!(found[0].sources.joined(), "3.80.0.9/32 3.80.0.10/31");
    }

    #[test]
    fn what_reaches_nothing_is_low() {
        let nothing = "though nothing is reached by it now: an AWS address (EC2, us-east-1) that this estate doesn't hold";
        check(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24
             group g v1 in tcp/22 3.80.1.1; out none
             group h v1 in tcp/22 3.80.1.1; out none
             interface a s 10.0.1.10 groups=g",
            &format!(
                "low: g lets 3.80.1.1 into SSH (tcp/22), {nothing}
                 low unattached: h lets 3.80.1.1 into SSH (tcp/22), {nothing}"
            ),
        );
        let declared = AuditOptions { declared: true, ..options() };
        let alone = "vpc v1 10.0.0.0/16\ngroup h v1 in tcp/22 3.80.1.1; out none";
        assert_eq!(found(alone, &declared)[0].severity.as_str(), "high");
    }

    #[test]
    fn what_may_be_held_is_possible_and_less() {
        let unseen = "whether this estate holds it was not seen";
        check(
            &web("group g v1 in tcp/22 18.200.1.1"),
            &format!(
                "medium possible 18.200.1.1>tcp/22: g lets 18.200.1.1 into SSH (tcp/22): an AWS address (EC2, eu-west-1); {unseen}"
            ),
        );
        check(
            &format!("missing describe-addresses\n{}", web("group g v1 in tcp/443 3.80.1.1")),
            &format!(
                "low possible 3.80.1.1>tcp/443: g lets 3.80.1.1 into tcp/443: an AWS address (EC2, us-east-1); {unseen}"
            ),
        );
    }

    #[test]
    fn a_prefix_list_has_holes_too() {
        check(
            &web("list pl 3.80.1.1/32 203.0.113.0/24 3.80.2.0/24\ngroup g v1 in tcp/22 list:pl"),
            "high 3.80.1.1>tcp/22: g lets 3.80.1.1, 3.80.2.0/24 (by pl) into SSH (tcp/22): AWS addresses (EC2, us-east-1) that this estate doesn't hold",
        );
    }

    #[test]
    fn an_acl_entry_is_a_hole_unless_a_wider_one_lets_the_same_in() {
        let estate = |entries: &str| {
            format!(
                "vpc v1 10.0.0.0/16 igw
                 acl x v1 {entries} out 100 allow all any
                 subnet s v1 10.0.1.0/24 acl=x route 0.0.0.0/0->igw
                 group g v1 in tcp any; out none
                 interface a s 10.0.1.10 public=198.51.100.7 groups=g"
            )
        };
        check(
            &estate("in 100 allow tcp 3.80.1.1/32;"),
            "high 3.80.1.1>tcp/22: x lets 3.80.1.1 into every TCP port: an AWS address (EC2, us-east-1) that this estate doesn't hold",
        );
        check(&estate("in 100 allow tcp 3.80.1.1/32; in 200 allow all any;"), "");
        check(
            &estate("in 90 deny tcp 3.80.0.0/16; in 100 allow tcp 3.80.1.1/32;"),
            "low: x lets 3.80.1.1 into every TCP port, though nothing is reached by it now: an AWS address (EC2, us-east-1) that this estate doesn't hold",
        );
    }
}
