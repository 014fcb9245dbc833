//! A database port that others than the application can reach.

use crate::audit::Context;
use crate::audit::alike::{Ajar, Alike, Found};
use crate::audit::apart::Whom;
use crate::audit::reached::far_side;
use crate::audit::rule::{Check, Rule};
use crate::audit::service::{self, MANY, Use, of_use};
use crate::audit::traffic::{Kind, Traffic};
use crate::net::Protocol;
use crate::record::{Audience, Finding, Service, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "database-open-beyond-application",
    title: "A database port is open to others than the application",
    why: "Only the servers of the application need the database. The application tier is the \
          security groups that the database's rules name, and zones of the configuration whose \
          names begin with `app`; everybody else is let in by address. High: addresses of the \
          internet, though not everyone. Medium: networks behind a VPN, a transit gateway or a \
          peer; and hosts of the estate that everyone on the internet reaches at some port and \
          that can really send to the database: whoever takes over such a host is one hop away. \
          The witness names one. Low: more than half of a VPC by address. Ranges of more than 100 \
          ports count where AWS itself runs a database.",
    fix: "Let the rule name the security group of the application servers instead of addresses. \
          For people, put a bastion, a VPN or Session Manager before it.",
    severity: Severity::High,
    check: Check::Alike(check),
};

fn check(context: &Context<'_>, rule: &Rule, alike: &Alike<'_>) -> Vec<Finding> {
    let managed = is_managed(context, alike);
    let mut found = Vec::new();
    for record in &alike.records {
        let ports = ports(record.traffic, managed, &record.class.services);
        if ports.is_empty() {
            continue;
        }
        found.extend(match record.open().audience {
            Audience::Estate => within(context, rule, alike, record, &ports),
            Audience::Internet | Audience::Network => beyond(context, rule, alike, record, &ports),
        });
    }
    found
}

/// Whether AWS runs a database behind all of the interfaces.
pub(super) fn is_managed(context: &Context<'_>, alike: &Alike<'_>) -> bool {
    let Some((_, component, _)) = alike.first(context) else { return false };
    alike.members.iter().all(|&it| service::runs_a_database(component, it))
}

/// The ports of a record that belong to databases.
pub(super) fn ports(traffic: Traffic, managed: bool, services: &[Service]) -> Vec<Traffic> {
    let mut ports = of_use(traffic, Use::Database);
    ports.extend(service::of_own(traffic, &service::own_ports(services)));
    ports.sort_unstable();
    let tcp = traffic.kind == Kind::Of(Protocol::Tcp);
    let ports = match traffic.ports.size() > MANY {
        false => ports,
        true if managed && tcp && !ports.is_empty() => vec![traffic.ports],
        true => Vec::new(),
    };
    ports.into_iter().map(|ports| Traffic { ports, ..traffic }).collect()
}

fn beyond(
    context: &Context<'_>,
    rule: &Rule,
    alike: &Alike<'_>,
    record: &Ajar<'_>,
    ports: &[Traffic],
) -> Vec<Finding> {
    let Some(outside) = context.outside(record) else { return Vec::new() };
    let audience = record.open().audience;
    let sources = match &context.office.application {
        Some(application) => context.listed(&outside.difference(application), audience),
        None => far_side(record.open()),
    };
    if sources.is_empty() {
        return Vec::new();
    }
    let (severity, words) = match audience {
        Audience::Internet => (Severity::High, "addresses of the internet"),
        Audience::Network | Audience::Estate => (Severity::Medium, "networks beyond the estate"),
    };
    let whom = Whom { ports, sources, others: &[], severity, words };
    context.open_to(rule, alike, record, &whom)
}

fn within(
    context: &Context<'_>,
    rule: &Rule,
    alike: &Alike<'_>,
    record: &Ajar<'_>,
    ports: &[Traffic],
) -> Vec<Finding> {
    let meant = context.office.application.as_ref();
    let Some(inside) = context.inside(alike, record, meant) else { return Vec::new() };
    let faced = alike.component.and_then(|id| alike.reached.faced(id));
    let faced = faced.map(|it| inside.far.intersection(it)).unwrap_or_default();
    let senders = inside.hosts_among(&faced);
    let vpc = inside.most_of;
    if senders.is_empty() && vpc.is_none() {
        return Vec::new();
    }
    let others = inside.hosts_among(&inside.far);
    let possibly = record.possibly();
    let title = |ports: &str, thing: &str, sender: Option<&str>| match (sender, vpc) {
        (Some(sender), _) => {
            let text = format!(
                "{ports} of {thing} is {possibly}one hop from the internet: {sender}, which everyone reaches, can open it"
            );
            Some((Severity::Medium, text))
        }
        (None, Some(vpc)) => {
            Some((Severity::Low, format!("{ports} of {thing} is {possibly}open to most of {vpc}")))
        }
        (None, None) => None,
    };
    let sources = inside.sources;
    let found = Found { ports, sources, senders: &senders, others: &others, judge: &title };
    context.about_each(rule, alike, record, &found)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, check_with_zones, codes, web};

    #[test]
    fn an_office_is_not_the_application() {
        check(
            &web("group g v1 in tcp/5432 203.0.113.0/24"),
            "high database-open-beyond-application a ingress tcp/5432 203.0.113.0/24",
        );
        check_with_zones(
            &web("group g v1 in tcp/5432 203.0.113.0/24"),
            &[("application", "203.0.113.0/24")],
            "",
        );
    }

    /// `w` faces the internet and may send; `d` is a database.
    const TIERS: &str = "vpc v1 10.0.0.0/16 igw
         subnet p v1 10.0.1.0/24 route 0.0.0.0/0->igw
         subnet q v1 10.0.2.0/24
         interface w p 10.0.1.10 public=198.51.100.7 groups=web
         interface x q 10.0.2.20 groups=app
         interface d q 10.0.2.10 groups=db
         group web v1 in tcp/443 any4; out tcp/5432 10.0.0.0/16
         group app v1 out tcp/5432 10.0.0.0/16";

    fn database(rules: &str) -> Vec<String> {
        let mut found = codes(&format!("{TIERS}\ngroup db v1 {rules}; out none"));
        found.retain(|line| line.contains("beyond-application"));
        found
    }

    #[test]
    fn a_web_host_that_is_taken_over_reaches_it() {
        assert_eq!(
            database("in tcp/5432 10.0.1.0/24"),
            ["medium database-open-beyond-application d w>d tcp/5432"]
        );
        assert_eq!(
            database("in tcp/5432 10.0.0.0/16"),
            ["medium database-open-beyond-application d w>d tcp/5432"]
        );
    }

    #[test]
    fn whom_the_rule_names_is_the_application() {
        assert!(database("in tcp/5432 group:app").is_empty());
        assert!(database("in tcp/5432 group:web").is_empty());
        assert!(database("in tcp/5432 10.0.2.0/24").is_empty());
    }

    #[test]
    fn a_web_host_that_may_not_send_is_no_hop() {
        let closed = TIERS.replace("443 any4; out tcp/5432 10.0.0.0/16", "443 any4; out none");
        let found = codes(&format!("{closed}\ngroup db v1 in tcp/5432 10.0.0.0/16; out none"));
        assert!(
            found.contains(&"low database-open-beyond-application d x>d tcp/5432".to_owned()),
            "{found:?}"
        );
    }

    #[test]
    fn a_database_that_faces_the_internet_itself_is_no_hop_to_itself() {
        let found = codes(
            "vpc v1 10.0.0.0/16 igw
             subnet p v1 10.0.1.0/24 route 0.0.0.0/0->igw
             subnet q v1 10.0.2.0/24
             interface w p 10.0.1.10 public=198.51.100.7 groups=web
             group web v1 in tcp/443 any4; in tcp/3306 10.0.0.0/16; out all 10.0.0.0/16",
        );
        assert!(
            found.contains(&"low database-open-beyond-application w tcp/3306".to_owned()),
            "{found:?}"
        );
    }

    #[test]
    fn every_port_counts_only_where_aws_runs_a_database() {
        let all = "group g v1 in all 203.0.113.0/24; out none";
        let host = "vpc v1 10.0.0.0/16 igw
             subnet p v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface a p 10.0.1.10 public=198.51.100.7 groups=g description=RDSNetworkInterface requester=amazon-rds";
        let found = codes(&format!("{host}\n{all}"));
        let expected = "high database-open-beyond-application a 203.0.113.1>a tcp/0";
        assert!(found.contains(&expected.to_owned()), "{found:?}");
        let found = codes(&format!("{}\n{all}", host.replace(" requester=amazon-rds", "")));
        assert!(!found.iter().any(|it| it.contains("database")), "{found:?}");
    }
}
