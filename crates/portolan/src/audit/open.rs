//! What is open to everyone: each part of it has exactly one finding.

use super::reached::{Exposed, far_side};
use super::rule::{Check, Claim, Rule, Slice, claims as claims_of};
use super::rules::database_open_to_internet;
use super::traffic::{Kind, Traffic};
use super::{Context, RULES, service};
use crate::net::{Cidr, IpSet, PortRange, PortSet, Protocol};
use crate::record::{About, Blocks, Breadth, Cause, Certainty, Clients, Finding, Severity, Shared};

/// Something that everyone can send to a thing, or could.
#[derive(Clone, Debug)]
pub(super) struct OpenTo<'a> {
    pub(super) traffic: Traffic,
    pub(super) sources: Blocks,
    pub(super) clients: Clients,
    pub(super) client_ports: &'a str,
    pub(super) certainty: Certainty,
    pub(super) because: Vec<Shared<Cause>>,
    /// Whether it is open to nobody but members of groups that nobody has listed.
    pub(super) only_to_members: bool,
}

impl<'a> OpenTo<'a> {
    pub(super) fn of(exposed: &Exposed<'a>) -> Self {
        let open = &exposed.port.open;
        Self {
            traffic: exposed.traffic,
            sources: far_side(open),
            clients: open.clients,
            client_ports: &open.client_ports,
            certainty: open.certainty,
            because: open.because.clone(),
            only_to_members: false,
        }
    }
}

/// The findings about all of it; `own` are ports of databases that the thing is. `worn` is how bad a finding may be at most.
pub(super) fn findings(
    context: &Context<'_>,
    about: &About,
    open: &[OpenTo<'_>],
    attached: bool,
    own: &PortSet,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for open in whole(open) {
        let mut left = PortSet::from_iter([open.traffic.ports]);
        for rule in RULES {
            let Check::Everyone(claims) = rule.check else { continue };
            let mut claimed = PortSet::empty();
            for ports in left.ranges() {
                let slice = Slice { whole: open.traffic, left: Traffic { ports, ..open.traffic } };
                let mut all = claims(&slice);
                if rule.code == database_open_to_internet::RULE.code {
                    let of_own = service::of_own(slice.left, own);
                    all.extend(claims_of(of_own, rule.severity));
                }
                for claim in all {
                    let Some(ports) = claim.ports.intersection(ports) else { continue };
                    claimed = claimed.union(&PortSet::from_iter([ports]));
                    let claim = Claim { ports, ..claim };
                    found.push(finding(context, rule, about, &open, claim, attached));
                }
            }
            left = left.difference(&claimed);
        }
    }
    found
}

/// How bad it would be at worst if everyone could send this.
pub(super) fn worst(traffic: Traffic) -> Severity {
    let mut left = PortSet::from_iter([traffic.ports]);
    let mut worst = Severity::Info;
    for rule in RULES {
        let Check::Everyone(claims) = rule.check else { continue };
        let mut claimed = PortSet::empty();
        for ports in left.ranges() {
            for claim in claims(&Slice { whole: traffic, left: Traffic { ports, ..traffic } }) {
                claimed = claimed.union(&PortSet::from_iter([claim.ports]));
                worst = worst.max(claim.severity);
            }
        }
        left = left.difference(&claimed);
    }
    worst
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    about: &About,
    open: &OpenTo<'_>,
    claim: Claim,
    attached: bool,
) -> Finding {
    let traffic = Traffic { ports: claim.ports, ..open.traffic };
    let mut finding = context.finding(rule, about);
    let certain = open.certainty == Certainty::Certain;
    finding.severity = match (attached, certain) {
        (true, true) => claim.severity,
        (true, false) => super::less(claim.severity),
        (false, _) => claim.severity.min(context.options.unattached()),
    };
    if open.only_to_members {
        finding.severity = finding.severity.min(Severity::Low);
    }
    finding.attached = attached;
    finding.direction = "ingress".to_owned();
    finding.protocol = traffic.protocol_text();
    finding.ports = traffic.ports_text();
    finding.audience = Some(crate::record::Audience::Internet);
    finding.breadth = Some(Breadth::Everyone);
    finding.sources = open.sources.clone();
    finding.clients = Some(open.clients);
    finding.client_ports = open.client_ports.to_owned();
    finding.certainty = open.certainty;
    finding.because.clone_from(&open.because);
    if attached && certain {
        finding.witness = context.witness(&finding.sources, &about.id, traffic);
    }
    finding.title = match open.only_to_members {
        true => format!(
            "{} of {} is possibly open to members of a security group that nobody has listed{}",
            what(traffic),
            super::called(&finding.about),
            families(&finding.sources),
        ),
        false => title(&finding, traffic, attached),
    };
    finding
}

fn title(finding: &Finding, traffic: Traffic, attached: bool) -> String {
    let about = super::called(&finding.about);
    let what = what(traffic);
    let possibly = match finding.certainty {
        Certainty::Certain => "",
        Certainty::Possible => "possibly ",
    };
    let over = families(&finding.sources);
    if attached {
        format!("{what} of {about} is {possibly}open to everyone on the internet{over}")
    } else if finding.about.kind == "network-acl" {
        format!("{about} would let everyone on the internet in to {what}{over}, and is not in use")
    } else {
        format!("{about} would open {what} to everyone on the internet{over}, and is not in use")
    }
}

/// `SSH (tcp/22)`, `tcp/8443`, `everything`.
pub(super) fn what(traffic: Traffic) -> String {
    let ports = traffic.ports_text();
    let text = match traffic.kind {
        Kind::Any => return "every port of every protocol".to_owned(),
        Kind::Other => return "every protocol without ports that no rule names".to_owned(),
        Kind::Of(protocol @ (Protocol::Tcp | Protocol::Udp)) if traffic.ports == PortRange::ALL => {
            return format!("every {} port", protocol.to_string().to_uppercase());
        }
        Kind::Of(protocol @ Protocol::Other(_)) => return protocol.to_string(),
        Kind::Of(protocol) => format!("{protocol}/{ports}"),
    };
    match service::names(traffic).as_slice() {
        [] => text,
        [name] if service::is_whole(traffic) => format!("{name} ({text})"),
        [name] => format!("{text} ({name} among them)"),
        // A wide range is not about the services that happen to be in it.
        [first, second] if traffic.ports.size() > service::MANY => {
            format!("{text} ({first}, {second} among them)")
        }
        [first, rest @ ..] if traffic.ports.size() > service::MANY => {
            format!("{text} ({first} and {} other services among them)", rest.len())
        }
        [first, second] => format!("{first} and {second} ({text})"),
        [first, rest @ ..] => format!("{first} and {} other services ({text})", rest.len()),
    }
}

/// ` over IPv6`, if everyone comes over one family only.
pub(super) fn families(blocks: &Blocks) -> &'static str {
    let all: IpSet = blocks.iter().filter_map(|it| Some(Cidr::parse(it).ok()?.0)).collect();
    // The measure of records: see `Breadth`.
    let everyone = (all.v4.size() >= 1 << 24, all.v6.size() >= 1 << 108);
    let some = (!all.v4.is_empty(), !all.v6.is_empty());
    match if everyone == (false, false) { some } else { everyone } {
        (true, false) => " over IPv4",
        (false, true) => " over IPv6",
        _ => "",
    }
}

/// The same, with what is open on every protocol as one.
///
/// A rule for all protocols has a record each for TCP, UDP, ICMP, ICMPv6 and the
/// rest; for people it is one thing, if all of each is open: ICMP to those who
/// come over IPv4, ICMPv6 to those who come over IPv6.
pub(super) fn whole<'a>(open: &[OpenTo<'a>]) -> Vec<OpenTo<'a>> {
    let mut rest: Vec<OpenTo<'a>> = open.to_vec();
    let mut whole: Vec<OpenTo<'a>> = Vec::new();
    loop {
        let all = |it: &OpenTo<'_>, kind| it.traffic == Traffic { kind, ports: PortRange::ALL };
        let Some(tcp) = rest.iter().find(|it| {
            all(it, Kind::Of(Protocol::Tcp))
                && [Kind::Of(Protocol::Udp), Kind::Other]
                    .iter()
                    .all(|&kind| rest.iter().any(|other| all(other, kind) && alike(it, other)))
                && [(Protocol::Icmp, false), (Protocol::Icmpv6, true)].iter().all(|&(kind, v6)| {
                    let mut blocks = it.sources.iter().filter(|block| block.contains(':') == v6);
                    blocks.all(|block| {
                        rest.iter().any(|other| {
                            all(other, Kind::Of(kind))
                                && other.certainty == it.certainty
                                && other.sources.iter().any(|same| same == block)
                        })
                    })
                })
        }) else {
            break;
        };
        let mut tcp = tcp.clone();
        let of_tcp = tcp.clone();
        rest.retain(|it| {
            let within = it.certainty == of_tcp.certainty
                && it.sources.iter().all(|block| of_tcp.sources.iter().any(|all| all == block));
            let gone = within && it.traffic.ports == PortRange::ALL;
            if gone {
                for cause in &it.because {
                    if !tcp.because.contains(cause) {
                        tcp.because.push(cause.clone());
                    }
                }
            }
            !gone
        });
        tcp.traffic = Traffic { kind: Kind::Any, ports: PortRange::ALL };
        whole.push(tcp);
    }
    whole.extend(rest);
    whole
}

fn alike(one: &OpenTo<'_>, other: &OpenTo<'_>) -> bool {
    one.certainty == other.certainty
        && one.sources == other.sources
        && one.only_to_members == other.only_to_members
}

/// How bad it is to have everything of a kind open.
pub(super) fn severity_of(traffic: Traffic) -> Severity {
    let holds = |of| !service::of_use(traffic, of).is_empty();
    if holds(service::Use::Administration) || holds(service::Use::Database) {
        Severity::Critical
    } else {
        Severity::High
    }
}
