//! Databases that whoever takes over a host on the internet comes to by logging in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::database_open_beyond_application::{is_managed, ports};
use crate::audit::Context;
use crate::audit::alike::{Ajar, Alike, Found};
use crate::audit::inroads::Inroad;
use crate::audit::layout::{addresses, same_host};
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::Traffic;
use crate::model::{Component, ComponentId, Interface, NetworkInterfaceId};
use crate::net::IpSet;
use crate::reach::blast::Spot;
use crate::reach::explain::answer;
use crate::reach::spec::{End, Flow};
use crate::record::{Audience, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "database-in-reach-of-internet",
    title: "A database is in reach of whoever takes over a host that the internet reaches",
    why: "A web application is taken over sooner or later; the question is what that is worth. \
          Counted are logins: from a host that everyone on the internet reaches, itself or behind a \
          load balancer, by SSH, RDP and the like to another host, up to three times, and from the \
          last one to the database. The ports of the application are not counted as a way, since \
          its tiers need them: that the application's servers, which are the security groups that \
          the database's rules name, and zones of the configuration whose names begin with `app`, \
          open the database is as it should be; that a web host logs in to them is not. A host \
          that needs no login to open the database is found where the database's rules let it in \
          by address: as `database-open-beyond-application` if everyone reaches the host itself, \
          here if it stands behind a load balancer.\n\n\
          Medium: one or two hops, unless the first host stands behind a load balancer and a login \
          is needed. Low: all others.",
    fix: "Let nobody log in from hosts that serve strangers: name a bastion's group or the office \
          in the rules for SSH and RDP, or use Session Manager, which needs no open port.",
    severity: Severity::Medium,
    check: Check::Alike(check),
};

/// So many hosts are asked whether they really open a database.
const TRIES: usize = 8;

fn check(context: &Context<'_>, rule: &Rule, alike: &Alike<'_>) -> Vec<Finding> {
    let Some((id, component, first)) = alike.first(context) else { return Vec::new() };
    if alike.reached.inroads().in_component(id).is_empty() {
        return Vec::new();
    }
    let managed = is_managed(context, alike);
    let mut found = Vec::new();
    for record in &alike.records {
        let ports = ports(record.traffic, managed, &record.class.services);
        let (Some(&port), Audience::Estate) = (ports.first(), record.open().audience) else {
            continue;
        };
        let asked = Asked { context, alike, record, id, component, first };
        let Some(inroad) = asked.nearest(port) else { continue };
        found.extend(asked.findings(rule, inroad, &ports));
    }
    found
}

/// A record of databases.
struct Asked<'a> {
    context: &'a Context<'a>,
    alike: &'a Alike<'a>,
    record: &'a Ajar<'a>,
    id: ComponentId,
    component: &'a Component,
    first: Interface<'a>,
}

impl Asked<'_> {
    /// The host in reach with the fewest logins that surely opens a port.
    fn nearest(&self, port: Traffic) -> Option<Inroad> {
        let inroads = self.alike.reached.inroads();
        let meant = self.context.office.application.as_ref();
        // Those are told as open beyond the application, one hop from the internet.
        let faced = self.alike.reached.faced(self.id);
        let by_address = |set: &IpSet| match meant {
            Some(meant) => set.difference(meant),
            None => set.clone(),
        };
        if faced.is_some_and(|it| !by_address(&it.intersection(self.record.far())).is_empty()) {
            return None;
        }
        let mut tries = 0;
        let far = self.record.far();
        for &inroad in inroads.in_component(self.id) {
            let host = self.component.interface(inroad.host);
            let mut held = addresses_of(host);
            let let_in = match inroad.logins {
                0 => held.any(|at| far.contains(at) && !meant.is_some_and(|it| it.contains(at))),
                _ => held.any(|at| far.contains(at)) || self.is_member(host),
            };
            if !let_in || same_host(host, self.first) {
                continue;
            }
            tries += 1;
            if self.opens(inroad.host, port) {
                return Some(inroad);
            }
            if tries == TRIES {
                return None;
            }
        }
        None
    }

    /// Whether a host wears a group that the rules name.
    fn is_member(&self, host: Interface<'_>) -> bool {
        let named = &self.record.open().source_groups;
        let groups = &self.component.group_sets[host.group_set()];
        let id = |group| self.context.network.text(self.component.security_groups[group].id);
        groups.iter().any(|&group| named.iter().any(|it| it == id(group)))
    }

    fn opens(&self, from: NetworkInterfaceId, port: Traffic) -> bool {
        let end = |interface: Interface<'_>| {
            let held = interface.ipv4().first()?;
            let address = Ipv4Addr::from_bits(held.first).into();
            Some(End::Interface { component: self.id, interface: interface.index(), address })
        };
        let ends = end(self.component.interface(from)).zip(end(self.first));
        let Some(((from, to), (protocol, selector))) = ends.zip(port.packet()) else {
            return false;
        };
        let flow = Flow { from, to, protocol, selector };
        answer(self.context.network, self.context.locate, &flow).is_open()
    }

    fn findings(&self, rule: &Rule, inroad: Inroad, ports: &[Traffic]) -> Vec<Finding> {
        let inroads = self.alike.reached.inroads();
        let way = inroads.way_to((self.id, inroad.host));
        let facing = way.first().is_some_and(|&first| inroads.is_facing(first));
        let severity = match (inroad.logins, facing) {
            (0, _) | (1, true) => rule.severity,
            _ => Severity::Low,
        };
        let how = self.words(&way, facing);
        let hops = inroad.logins.saturating_add(1);
        let title = |ports: &str, thing: &str, sender: Option<&str>| {
            sender?;
            let hops = if hops == 1 { "one hop".to_owned() } else { format!("{hops} hops") };
            let text = format!("{ports} of {thing} is {hops} from the internet: {how}");
            Some((severity, text))
        };
        let sources = self
            .context
            .listed(&addresses(self.component.interface(inroad.host)), Audience::Estate);
        let senders = [inroad.host];
        let found = Found { ports, sources, senders: &senders, others: &[], judge: &title };
        let mut found = self.context.about_each(rule, self.alike, self.record, &found);
        for finding in &mut found {
            finding.why = format!("{}\n\n{}", rule.why, self.command(&way, finding)).into();
        }
        found
    }

    /// `web-1 (eni-…), which everyone reaches, can log in to app-1 (eni-…), which can open it`.
    fn words(&self, way: &[Spot], facing: bool) -> String {
        let names: Vec<String> = way.iter().map(|&spot| self.called(spot)).collect();
        let through = if facing { "" } else { " through a load balancer" };
        let (first, rest) = match names.split_first() {
            Some((first, rest)) => (first.as_str(), rest),
            None => ("", &[][..]),
        };
        let mut words = format!("{first}, which everyone reaches{through},");
        for next in rest {
            words.push_str(&format!(" can log in to {next}, which"));
        }
        words.push_str(" can open it");
        words
    }

    fn called(&self, (component, interface): Spot) -> String {
        crate::audit::called(&self.context.about_interface(component, interface))
    }

    /// The question that shows the way.
    fn command(&self, way: &[Spot], finding: &Finding) -> String {
        let id = |(component, interface): Spot| {
            let component = &self.context.network.components[component];
            self.context.network.text(component.interface(interface).id()).to_owned()
        };
        let from = way.first().map_or_else(String::new, |&first| id(first));
        format!("`portolan blast-radius SOURCE {from} --to {}` shows every way.", finding.about.id)
    }
}

/// The first address of each that an interface holds.
fn addresses_of(host: Interface<'_>) -> impl Iterator<Item = IpAddr> {
    let v4 = host.ipv4().iter().map(|held| Ipv4Addr::from_bits(held.first).into());
    v4.chain(host.ipv6().iter().map(|held| Ipv6Addr::from_bits(held.first).into()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_all, of_code};

    /// `w` faces the internet, `a` is the application, `d` its database.
    fn tiers(application: &str, database: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet p v1 10.0.1.0/24 route 0.0.0.0/0->igw
             subnet q v1 10.0.2.0/24
             interface w p 10.0.1.10 public=198.51.100.7 groups=web
             interface a q 10.0.2.20 groups=app
             interface d q 10.0.2.10 groups=db
             group web v1 in tcp/443 any4
             group app v1 in tcp/8080 group:web; {application}
             group db v1 in tcp/5432 {database}; out none"
        )
    }

    #[test]
    fn a_web_host_that_logs_in_to_the_application_comes_to_its_database() {
        check_all(
            &tiers("in tcp/22 10.0.0.0/16", "group:app"),
            RULE.code,
            "medium database-in-reach-of-internet d ingress tcp/5432 10.0.2.20/32: PostgreSQL \
             (tcp/5432) of d is 2 hops from the internet: w, which everyone reaches, can log in to \
             a, which can open it",
        );
    }

    #[test]
    fn the_application_is_meant_to_open_its_database() {
        check_all(&tiers("", "group:app"), RULE.code, "");
        // By its own port nobody logs in.
        check_all(&tiers("in tcp/8443 10.0.0.0/16", "group:app"), RULE.code, "");
    }

    #[test]
    fn one_hop_is_told_as_open_beyond_the_application() {
        check_all(&tiers("in tcp/22 group:web", "10.0.1.0/24"), RULE.code, "");
    }

    #[test]
    fn the_question_that_shows_it_is_named() {
        let found = of_code(&tiers("in tcp/22 group:web", "group:app"), RULE.code);
        assert!(found[0].why.contains("portolan blast-radius SOURCE w --to d"), "{}", found[0].why);
        let witness = found[0].witness.as_ref().unwrap();
        assert_eq!((&*witness.from, &*witness.to, &*witness.port), ("a", "d", "tcp/5432"));
    }

    #[test]
    fn more_logins_are_less_and_the_fewest_are_told() {
        let far = tiers("in tcp/22 group:mid", "group:app")
            + "\ninterface m q 10.0.2.30 groups=mid\ngroup mid v1 in tcp/22 group:web";
        check_all(
            &far,
            RULE.code,
            "low database-in-reach-of-internet d ingress tcp/5432 10.0.2.20/32: PostgreSQL \
             (tcp/5432) of d is 3 hops from the internet: w, which everyone reaches, can log in to m, \
             which can log in to a, which can open it",
        );
    }

    #[test]
    fn a_target_behind_a_load_balancer_is_a_beginning() {
        let behind = |database: &str| {
            format!(
                "vpc v1 10.0.0.0/16 igw
                 subnet p v1 10.0.1.0/24 route 0.0.0.0/0->igw
                 subnet q v1 10.0.2.0/24
                 interface n p 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_app/front groups=lb
                 interface w q 10.0.2.20 groups=web
                 interface d q 10.0.2.10 groups=db
                 group lb v1 in tcp/443 any4
                 group web v1 in tcp/8080 group:lb
                 group db v1 in tcp/5432 {database}; out none
                 targets web v1 ip http/8080 10.0.2.20
                 balancer front application v1 groups=lb internet-facing
                 listener front https/443 web rules"
            )
        };
        check_all(
            &behind("10.0.2.0/24"),
            RULE.code,
            "medium database-in-reach-of-internet d ingress tcp/5432 10.0.2.20/32: PostgreSQL \
             (tcp/5432) of d is one hop from the internet: w, which everyone reaches through a load \
             balancer, can open it",
        );
        check_all(&behind("group:web"), RULE.code, "");
    }
}
