//! A database in a subnet with a route to an internet gateway.

use super::database_open_beyond_application::{is_managed, ports};
use crate::audit::Context;
use crate::audit::alike::Alike;
use crate::audit::rule::{Check, Rule};
use crate::audit::service;
use crate::model::Direction;
use crate::reach::exposure::Reason;
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "database-in-public-subnet",
    title: "A database is in a public subnet",
    why: "In a subnet whose route table leads to an internet gateway one rule too wide, or one public \
          address, opens the database to the internet. In a subnet without that route no rule does. \
          Found for interfaces with a database port that somebody can reach, and for those that \
          AWS's own description marks as a database. Medium where AWS runs the database or the \
          interface has a public address, else low.",
    fix: "Move it to a subnet whose table has no route to an internet gateway; for updates and \
          backups use a NAT gateway or VPC endpoints.",
    severity: Severity::Medium,
    check: Check::Alike(check),
};

fn check(context: &Context<'_>, rule: &Rule, alike: &Alike<'_>) -> Vec<Finding> {
    let Some((id, component, first)) = alike.first(context) else { return Vec::new() };
    let ground = context.layout.component(id).subnets[first.subnet()];
    let (Some(table), Some(route)) = (ground.table, ground.public) else { return Vec::new() };
    let managed = is_managed(context, alike);
    let mut services: Vec<&str> = Vec::new();
    for record in &alike.records {
        for traffic in ports(record.traffic, managed, &record.class.services) {
            services.extend(service::names(traffic).first().or(Some(&"a database")));
        }
    }
    services.sort_unstable();
    services.dedup();
    let (Some(record), false) = (alike.records.first(), services.is_empty()) else {
        return Vec::new();
    };
    let subnet = &component.subnets[first.subnet()];
    let subnet = super::called(&About {
        id: context.network.text(subnet.id).to_owned(),
        name: context.network.text(subnet.name).to_owned(),
        ..About::default()
    });
    let abouts = context.abouts(alike, record.class);
    let found = abouts.into_iter().filter_map(|(about, interface)| {
        let interface = component.interface(interface?);
        let public = interface.ipv4().iter().any(|held| held.public.is_some());
        let mut finding = context.finding(rule, &About::default());
        finding.severity = if managed || public { Severity::Medium } else { Severity::Low };
        let what = match (managed, services.as_slice()) {
            (true, _) => "a database".to_owned(),
            (false, [one]) => one.to_string(),
            (false, [one, ..]) => format!("{one} and others"),
            (false, []) => return None,
        };
        finding.title =
            format!("{} ({what}) is in a public subnet, {subnet}", super::called(&about));
        finding.about = about;
        let route = Reason::Route(table, route);
        context.because(&mut finding, component, Direction::Egress, [route]);
        Some(finding)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::codes;

    fn found(route: &str, public: &str) -> Vec<String> {
        let mut found = codes(&format!(
            "vpc v1 10.0.0.0/16 igw
             subnet p v1 10.0.1.0/24 {route}
             interface d p 10.0.1.10 {public} groups=db
             interface x p 10.0.1.20 groups=app
             group app v1
             group db v1 in tcp/3306 group:app; out none"
        ));
        found.retain(|line| line.contains("public-subnet"));
        found
    }

    #[test]
    fn a_route_to_an_internet_gateway_makes_it_public() {
        let igw = "route 0.0.0.0/0->igw";
        assert_eq!(found(igw, ""), ["low database-in-public-subnet d"]);
        let public = "public=198.51.100.7";
        assert_eq!(found(igw, public), ["medium database-in-public-subnet d"]);
        assert!(found("route 0.0.0.0/0->nat:n", "").is_empty());
        assert!(found("", public).is_empty());
    }
}
