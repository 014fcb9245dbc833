//! Where a host can open connections to: the whole internet.

use crate::audit::open::{OpenTo, families, what, whole};
use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::Kind;
use crate::audit::{Context, called};
use crate::net::{Cidr, IpSet, PortRange, PortSet, Protocol};
use crate::record::{Audience, Breadth, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "egress-open-to-internet",
    title: "A host may open connections to the whole internet",
    why: "Whoever takes over a host sends out what it finds and fetches what it needs. AWS's \
          default lets a host send anywhere, and most estates leave it so: it is information, and \
          low where every port is open.",
    fix: "Allow the ports and destinations that the host needs: HTTPS, prefix lists of AWS \
          services, endpoints. Databases need none.",
    severity: Severity::Low,
    check: Check::Outbound(check),
};

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let Some(first) = exposed.first() else { return Vec::new() };
    let about = context.about(first.port);
    let everyone: Vec<OpenTo<'_>> =
        exposed.iter().filter(|it| it.everyone()).map(OpenTo::of).collect();
    let found = together(context, &everyone).into_iter().map(|open| {
        let traffic = open.traffic;
        let all = match traffic.kind {
            Kind::Any => true,
            Kind::Of(Protocol::Tcp | Protocol::Udp) => traffic.ports == PortRange::ALL,
            Kind::Of(_) | Kind::Other => false,
        };
        let mut finding = context.finding(rule, &about);
        finding.severity = if all { Severity::Low } else { Severity::Info };
        if open.certainty == Certainty::Possible {
            finding.severity = Severity::Info;
        }
        finding.direction = "egress".to_owned();
        finding.protocol = traffic.protocol_text();
        finding.ports = traffic.ports_text();
        finding.audience = Some(Audience::Internet);
        finding.breadth = Some(Breadth::Everyone);
        finding.title = format!(
            "{} may open {} to the whole internet{}",
            called(&about),
            what(traffic),
            families(&open.sources),
        );
        finding.sources = open.sources;
        finding.clients = Some(open.clients);
        finding.client_ports = open.client_ports.to_owned();
        finding.certainty = open.certainty;
        finding.because = open.because;
        if finding.certainty == Certainty::Certain {
            let witness = context.witness(&finding.sources, "", traffic);
            finding.witness = witness.map(|witness| crate::record::Witness {
                to: witness.from,
                from: about.id.clone(),
                port: witness.port,
            });
        }
        finding
    });
    found.collect()
}

/// The same with as few parts as tell it: what a host may do is one thing to
/// people, though a NAT gateway carries other protocols than an egress-only
/// gateway, and a gateway endpoint takes TCP to S3 and no UDP.
fn together<'a>(context: &Context<'_>, open: &[OpenTo<'a>]) -> Vec<OpenTo<'a>> {
    let (mut v4, mut v6, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for it in open {
        let far_side = context.far_sides.of(&it.sources);
        let sides = far_side.sides(context);
        if sides.iter().any(|side| side.any && side.everyone.is_none()) {
            found.push(it.clone());
            continue;
        }
        for (side, parts) in sides.iter().zip([&mut v4, &mut v6]) {
            if let Some(sources) = &side.everyone {
                parts.push(OpenTo { sources: sources.clone(), ..it.clone() });
            }
        }
    }
    let mut v6 = whole(&whole_icmp(context, v6));
    for mut part in whole(&whole_icmp(context, v4)) {
        if let Some(at) = v6.iter().position(|it| is_twin(it, &part)) {
            let twin = v6.remove(at);
            part.sources = part.sources.iter().chain(twin.sources.iter()).collect();
            let new = twin.because.iter().filter(|cause| !part.because.contains(cause));
            let new: Vec<_> = new.cloned().collect();
            part.because.extend(new);
        }
        found.push(part);
    }
    found.extend(v6);
    found
}

/// The same of the other family.
fn is_twin(one: &OpenTo<'_>, other: &OpenTo<'_>) -> bool {
    one.traffic == other.traffic
        && one.certainty == other.certainty
        && (one.clients, one.client_ports) == (other.clients, other.client_ports)
}

/// The same with all types and codes of ICMP as one, if everyone may be sent each:
/// to those that may be sent all of them.
fn whole_icmp<'a>(context: &Context<'_>, open: Vec<OpenTo<'a>>) -> Vec<OpenTo<'a>> {
    let icmp = Kind::Of(Protocol::Icmp);
    let (pieces, mut rest): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|it| it.traffic.kind == icmp);
    let ports: PortSet = pieces.iter().map(|it| it.traffic.ports).collect();
    let sets = pieces.iter().map(|it| {
        let blocks = it.sources.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0));
        blocks.collect::<IpSet>()
    });
    let shared = sets.reduce(|one, other| one.intersection(&other)).unwrap_or_default();
    let alike = pieces.windows(2).all(|pair| match pair {
        [one, other] => one.certainty == other.certainty,
        _ => true,
    });
    let every = ports.contains_range(PortRange::ALL) && context.is_everyone(&shared);
    let Some(mut all) = pieces.first().filter(|_| alike && every).cloned() else {
        rest.extend(pieces);
        return rest;
    };
    all.traffic.ports = PortRange::ALL;
    all.sources = context.blocks(&shared);
    for cause in pieces.iter().flat_map(|it| &it.because) {
        if !all.because.contains(cause) {
            all.because.push(cause.clone());
        }
    }
    rest.push(all);
    rest
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    /// A host behind a NAT gateway, an egress-only gateway and an endpoint of S3.
    #[test]
    fn what_gateways_carry_differs_and_is_told_in_few_findings() {
        check(
            "vpc v1 10.0.0.0/16 2001:db8::/56 igw eigw
             list pl 64.0.0.0/2
             endpoint e v1 gateway service=com.amazonaws.us-east-1.s3
             subnet p v1 10.0.1.0/24 route 0.0.0.0/0->igw
             nat n p private=10.0.1.5 public=198.51.100.1 interface=eni-n
             interface eni-n p 10.0.1.5 public=198.51.100.1 kind=nat
             subnet s v1 10.0.2.0/24 2001:db8:0:2::/64 route 0.0.0.0/0->nat:n route ::/0->eigw route list:pl->vpce:e
             interface a s 10.0.2.10 2001:db8:0:2::a groups=g
             group g v1 out all any",
            "low egress-open-to-internet a egress any/any ::/0
             low egress-open-to-internet a egress tcp/0-65535 0.0.0.0/0
             low egress-open-to-internet a egress udp/0-65535 0.0.0.0/2 128.0.0.0/1
             info egress-open-to-internet a egress icmp/any 0.0.0.0/2 128.0.0.0/1",
        );
    }

    #[test]
    fn the_default_is_low_and_one_port_is_information() {
        check(
            &web("group g v1 out all any4"),
            "low egress-open-to-internet a egress any/any 0.0.0.0/0",
        );
        check(
            &web("group g v1 out tcp/443 any4"),
            "info egress-open-to-internet a egress tcp/443 0.0.0.0/0",
        );
    }
}
