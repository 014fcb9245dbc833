//! A group that is worn and open to everyone, and that everyone can't reach.

use crate::audit::alone::{Alone, wearers, wearers_are_known};
use crate::audit::open::{OpenTo, families, what, whole};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::Traffic;
use crate::audit::traffic_set::TrafficSet;
use crate::audit::{Context, called};
use crate::model::{Component, ComponentId, NetworkInterfaceId, SecurityGroupId};
use crate::net::IpSets;
use crate::reach::explain::Answer;
use crate::record::{Blocker, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "open-group-unreachable",
    title: "A security group is open to everyone, and everyone can't reach it",
    why: "The rule opens a port to the world; a private subnet, a network ACL or a stopped host \
          keeps the world out, and `blocked_by` says what. So nothing is open now, and one route, \
          one public address or one more wearer later it is. The rule says what nobody means.\n\n\
          Only ports are told that everyone reaches at none of the group's interfaces: what is \
          reached has its own finding, and so has what arrives and has no answer, and what would \
          be open once a host is started.",
    fix: "Let the rule name those who really come: a security group, a network, an office.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        let mut sets = IpSets::new();
        for (group, worn) in wearers(component) {
            if !component.security_groups[group].seen || !wearers_are_known(component, group) {
                continue;
            }
            let mut alone = context.groups_alone(component, &[group], &mut sets);
            alone.retain(|it| it.certainty == Certainty::Certain);
            if !alone.is_empty() {
                let group = Group { context, rule, id, component, group, worn: &worn };
                found.extend(group.findings(reached, &alone));
            }
        }
    }
    found
}

/// A group and who wears it.
struct Group<'a> {
    context: &'a Context<'a>,
    rule: &'a Rule,
    id: ComponentId,
    component: &'a Component,
    group: SecurityGroupId,
    worn: &'a [NetworkInterfaceId],
}

impl Group<'_> {
    fn findings(&self, reached: &Reached, alone: &[Alone]) -> Vec<Finding> {
        let interface = |&id| self.context.network.text(self.component.interface(id).id());
        let at: Vec<_> = self.worn.iter().filter_map(|id| reached.get(interface(id))).collect();
        let told = |it: &&crate::audit::reached::At| {
            [it.everyone.clone(), it.unanswered.clone(), it.idle.clone()].concat()
        };
        let told = TrafficSet::of(&at.iter().flat_map(told).collect::<Vec<_>>());
        let anyone = TrafficSet::of(at.iter().flat_map(|it| &it.anyone));
        // Apart: what nobody reaches, and what some do.
        let (mut nobody, mut some) = (Vec::new(), Vec::new());
        for it in alone {
            for left in told.without(it.traffic) {
                let part = |traffic: Traffic| OpenTo { traffic, ..it.open(self.context) };
                nobody.extend(anyone.without(left).into_iter().map(part));
                some.extend(anyone.within(left).into_iter().map(part));
            }
        }
        let mut found: Vec<Finding> =
            whole(&nobody).iter().filter_map(|it| self.finding(it, false)).collect();
        found.extend(whole(&some).iter().filter_map(|it| self.finding(it, true)));
        found
    }

    /// None where a stranger may come another way than from the internet: through
    /// a network whose addresses are not known.
    fn finding(&self, open: &OpenTo<'_>, some: bool) -> Option<Finding> {
        let blocked_by = self.proof(open)?;
        let about = self.context.about_group(self.component, self.group);
        let mut finding = self.context.about_packets(self.rule, &about, open);
        let who = match (some, self.worn.len()) {
            (_, 1) if self.has_no_address(open) => {
                format!("the interface that wears it has no {} address", family(open))
            }
            (_, many) if self.has_no_address(open) => {
                format!(
                    "none of the {many} interfaces that wear it has an {} address",
                    family(open)
                )
            }
            (true, 1) => "some addresses only reach the interface that wears it".to_owned(),
            (true, many) => format!("some addresses only reach the {many} interfaces that wear it"),
            (false, 1) => "nobody there reaches the interface that wears it".to_owned(),
            (false, many) => {
                format!("nobody there reaches any of the {many} interfaces that wear it")
            }
        };
        finding.title = format!(
            "{} opens {} to everyone on the internet{}, and {who}",
            called(&finding.about),
            what(open.traffic),
            families(&open.sources),
        );
        finding.clients = None;
        finding.blocked_by = blocked_by;
        Some(finding)
    }

    /// Whether no wearer has an address at which the senders could reach it.
    fn has_no_address(&self, open: &OpenTo<'_>) -> bool {
        let (v4, v6) = families_of(open);
        !self.worn.iter().map(|&id| self.component.interface(id)).any(|interface| {
            v4 && !interface.ipv4().is_empty() || v6 && !interface.ipv6().is_empty()
        })
    }

    /// What refuses a stranger's packet: at a wearer with a public address, if
    /// there is one, since there the most would let it in. Empty where there is
    /// no such packet; none where none is surely refused.
    fn proof(&self, open: &OpenTo<'_>) -> Option<Vec<Blocker>> {
        let (v4, v6) = families_of(open);
        let held = |&id: &NetworkInterfaceId| {
            let interface = self.component.interface(id);
            let public = v4 && interface.ipv4().iter().any(|held| held.public.is_some());
            let any = v4 && !interface.ipv4().is_empty() || v6 && !interface.ipv6().is_empty();
            (!public, !any)
        };
        let best = self.worn.iter().min_by_key(|id| held(id)).into_iter();
        let strangers: Vec<_> = self.context.strangers(&open.sources).collect();
        let answers = best.flat_map(|&wearer| {
            let ask = move |&from| self.context.ask(from, (self.id, wearer), open.traffic);
            strangers.iter().filter_map(ask)
        });
        let mut asked = false;
        for answer in answers {
            asked = true;
            if let Answer::Closed(blockers) = answer {
                return Some(blockers);
            }
        }
        (!asked).then(Vec::new)
    }
}

/// Whether there are IPv4 and IPv6 addresses among the senders.
fn families_of(open: &OpenTo<'_>) -> (bool, bool) {
    let v6 = |block: &str| block.contains(':');
    (open.sources.iter().any(|block| !v6(block)), open.sources.iter().any(v6))
}

/// The family of which an interface has no address: each has one of the other.
fn family(open: &OpenTo<'_>) -> &'static str {
    let v6 = open.sources.iter().all(|block| block.contains(':'));
    if v6 { "IPv6" } else { "IPv4" }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check, of_code, web};

    const PRIVATE: &str = "vpc v1 10.0.0.0/16 igw
        subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
        subnet p v1 10.0.2.0/24
        group g v1 in tcp/5432 any4; out none";

    #[test]
    fn a_private_host_is_not_reached() {
        let text = format!("{PRIVATE}\ninterface a p 10.0.2.10 groups=g");
        check(&text, "low open-group-unreachable g ingress tcp/5432 0.0.0.0/0");
        let found = &of_code(&text, RULE.code)[0];
        assert_eq!(
            found.title,
            "g opens PostgreSQL (tcp/5432) to everyone on the internet over IPv4, \
             and nobody there reaches the interface that wears it"
        );
        assert!(!found.blocked_by.is_empty());
        assert!(found.attached);
    }

    #[test]
    fn one_wearer_that_is_reached_is_enough() {
        check(
            &format!(
                "{PRIVATE}
                 interface a p 10.0.2.10 groups=g
                 interface b s 10.0.1.10 public=198.51.100.7 groups=g"
            ),
            "critical database-open-to-internet b ingress tcp/5432 0.0.0.0/0",
        );
    }

    #[test]
    fn what_is_reached_through_a_load_balancer_is_reached() {
        let behind = |cidr: &str| {
            of_code(
                &format!(
                    "{PRIVATE}
                     interface a p 10.0.2.10 instance=i-a running groups=g
                     interface n s 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_net/front \
                     groups=lb
                     group lb v1 in tcp/443 {cidr}
                     balancer front network v1 groups=lb cross=on
                     listener front tcp/443 db
                     targets db v1 instance tcp/5432 i-a"
                ),
                RULE.code,
            )
        };
        assert_eq!(behind("any4"), []);
        assert_eq!(behind("192.0.2.0/24").len(), 1);
    }

    #[test]
    fn only_the_ports_that_nobody_reaches_are_told() {
        check(
            &web(
                "acl narrow v1 in 90 deny tcp/8001-8002 any; in 100 allow all any; out 100 allow all any
                 subnet t v1 10.0.3.0/24 acl=narrow route 0.0.0.0/0->igw
                 group h v1 in tcp/8000-8003 any4
                 group g v1
                 interface b t 10.0.3.10 public=198.51.100.9 groups=h",
            ),
            "medium port-open-to-internet b ingress tcp/8000 0.0.0.0/0
             medium port-open-to-internet b ingress tcp/8003 0.0.0.0/0
             low open-group-unreachable h ingress tcp/8001-8002 0.0.0.0/0",
        );
    }

    #[test]
    fn an_acl_that_lets_an_office_in_is_the_only_thing_between() {
        let text = web("acl narrow v1 in 90 allow all 203.0.113.0/24; out 100 allow all any
             subnet t v1 10.0.3.0/24 acl=narrow route 0.0.0.0/0->igw
             group h v1 in tcp/22 any4
             group g v1
             interface b t 10.0.3.10 public=198.51.100.9 groups=h");
        let found = of_code(&text, RULE.code);
        let [found] = found.as_slice() else { panic!("{found:#?}") };
        assert!(found.title.ends_with("some addresses only reach the interface that wears it"));
        assert_eq!(found.blocked_by[0].code, "SUBNET_ACL_RESTRICTION");
    }

    #[test]
    fn all_protocols_are_one_finding() {
        check(
            "vpc v1 10.0.0.0/16 2001:db8::/56
             subnet p v1 10.0.2.0/24 2001:db8:0:2::/64
             group g v1 in all any; out none
             interface a p 10.0.2.10 2001:db8:0:2::a groups=g",
            "low open-group-unreachable g ingress any/any 0.0.0.0/0 ::/0",
        );
    }

    #[test]
    fn without_an_address_of_the_family_there_is_nothing_to_refuse() {
        let text = "vpc v1 10.0.0.0/16 igw
            subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
            group g v1 in tcp/22 any6; out none
            interface a s 10.0.1.10 public=198.51.100.7 groups=g";
        let found = &of_code(text, RULE.code)[0];
        assert!(found.title.ends_with("the interface that wears it has no IPv6 address"));
        assert!(found.blocked_by.is_empty());
    }

    #[test]
    fn what_may_come_through_a_network_is_not_said_to_be_refused() {
        check(
            "vpc v1 10.0.0.0/16 bare
             acl open v1 default in 100 allow all any; out 100 allow all any
             subnet s v1 10.0.1.0/24
             group g v1 in tcp/22 any4; out none
             interface a s 10.0.1.10 groups=g",
            "",
        );
    }

    #[test]
    fn an_unknown_wearer_keeps_it_from_being_said() {
        check(
            &format!(
                "missing describe-network-interfaces\n{PRIVATE}\ninterface a p 10.0.2.10 groups=g"
            ),
            "",
        );
    }
}
