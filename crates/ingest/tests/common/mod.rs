//! A network in a few lines of text.
#![expect(clippy::unwrap_used, reason = "writing to a string never fails")]

use std::fmt::Write as _;

use portolan::model::{Locate, Network};
use portolan_ingest::{LoadError, Loaded};

/// Loads files from memory: `[("us-east-1/Vpcs.json", "{...}")]`.
pub(crate) fn load(files: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    let files =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    portolan_ingest::load_bytes(files)
}

/// What was read, and what not, as the tests print it.
pub(crate) fn summary(loaded: &Loaded) -> String {
    let network = &loaded.network;
    let mut out = String::new();
    let report = &loaded.report;
    writeln!(out, "read {}, left alone {}", report.files_read, report.files_left_alone).unwrap();
    for component in network.components.iter() {
        let scopes: Vec<String> = component
            .scopes
            .iter()
            .map(|scope| format!("{}/{}", network.text(scope.account), network.text(scope.region)))
            .collect();
        writeln!(out, "component {}", scopes.join(" ")).unwrap();
        for vpc in component.vpcs.iter().filter(|vpc| vpc.seen) {
            let blocks: Vec<String> = vpc
                .ipv4
                .iter()
                .map(ToString::to_string)
                .chain(vpc.ipv6.iter().map(ToString::to_string))
                .collect();
            writeln!(out, "  {} {}", network.text(vpc.id), blocks.join(" ")).unwrap();
        }
        for interface in component.interfaces.iter() {
            let addresses: Vec<String> = interface
                .ipv4()
                .iter()
                .map(|held| {
                    let address = std::net::Ipv4Addr::from(held.first);
                    match held.public.map(std::net::Ipv4Addr::from) {
                        Some(public) => format!("{address}={public}"),
                        None => address.to_string(),
                    }
                })
                .collect();
            writeln!(
                out,
                "  {} {:?} {:?} {}{}",
                network.text(interface.id()),
                interface.kind(),
                interface.attachment(),
                addresses.join(" "),
                if interface.contested() { " contested" } else { "" }
            )
            .unwrap();
        }
        for instance in component.instances.iter() {
            writeln!(out, "  {} {:?}", network.text(instance.id), instance.state).unwrap();
        }
        for group in component.security_groups.iter() {
            let id = if group.id.is_empty() { "(no id)" } else { network.text(group.id) };
            writeln!(out, "  {id}{}", unseen(group.seen)).unwrap();
            for rule in &group.rules {
                writeln!(
                    out,
                    "    {:?} {} {}{}{}",
                    rule.direction,
                    traffic(rule.traffic),
                    peer(network, component, rule.peer),
                    if rule.id.is_empty() {
                        String::new()
                    } else {
                        format!(" {}", network.text(rule.id))
                    },
                    if rule.contested { " contested" } else { "" }
                )
                .unwrap();
            }
        }
        for acl in component.network_acls.iter() {
            let contested = if acl.contested { " contested" } else { "" };
            writeln!(out, "  {}{contested}", network.text(acl.id)).unwrap();
            for entry in &acl.entries {
                let cidr = entry.cidr.map_or("?".to_owned(), |cidr| cidr.to_string());
                let way = if entry.egress { "out" } else { "in" };
                let allow = entry.allow.map_or("?", |allow| if allow { "allow" } else { "deny" });
                let traffic = traffic(entry.traffic);
                writeln!(out, "    {} {way} {allow} {traffic} {cidr}", entry.number).unwrap();
            }
        }
        for table in component.route_tables.iter() {
            let contested = if table.contested { " contested" } else { "" };
            writeln!(out, "  {}{contested}", network.text(table.id)).unwrap();
            for route in &table.routes {
                writeln!(
                    out,
                    "    {:?} {:?} {:?} {:?}",
                    route.destination, route.target, route.state, route.origin
                )
                .unwrap();
            }
        }
        for list in component.prefix_lists.iter() {
            let entries = list.entries.as_ref().map_or("?".to_owned(), |entries| {
                entries.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
            });
            writeln!(out, "  {} {entries}", network.text(list.id)).unwrap();
        }
        for scope in component.scopes.iter() {
            if let Some(block) = &scope.block_public_access {
                writeln!(
                    out,
                    "  block {:?} {:?}",
                    block.mode,
                    block.exclusions.as_ref().map(Vec::len)
                )
                .unwrap();
            }
        }
    }
    for &(address, owner) in &network.public_ipv4 {
        writeln!(out, "public {} {owner:?}", std::net::Ipv4Addr::from(address)).unwrap();
    }
    for limitation in &network.limitations {
        // What is not there is said by the tests that are about it.
        if limitation.code.as_str() != "not-collected" || limitation.place.is_some() {
            let at = limitation.place.map(|place| loaded.sources.locate(place).at);
            writeln!(
                out,
                "limitation {} {} {}",
                limitation.code.as_str(),
                network.text(limitation.about),
                at.unwrap_or_default()
            )
            .unwrap();
        }
    }
    for warning in &network.warnings {
        let about = network.text(warning.about);
        writeln!(out, "warning {about}: {}", warning.message).unwrap();
    }
    out.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn unseen(seen: bool) -> &'static str {
    if seen { "" } else { " unseen" }
}

fn traffic(traffic: Option<portolan::net::Match>) -> String {
    match traffic {
        None => "?".to_owned(),
        Some(portolan::net::Match::All) => "all".to_owned(),
        Some(portolan::net::Match::Ports(protocol, selectors)) => {
            let selectors = portolan::net::selector_display(protocol, selectors);
            format!("{protocol}/{}", selectors.join("+"))
        }
    }
}

fn peer(
    network: &Network,
    component: &portolan::model::Component,
    peer: portolan::model::Peer,
) -> String {
    use portolan::model::Peer;
    match peer {
        Peer::Ipv4(prefix) => prefix.to_string(),
        Peer::Ipv6(prefix) => prefix.to_string(),
        Peer::PrefixList(list) => network.text(component.prefix_lists[list].id).to_owned(),
        Peer::SecurityGroup { group, stale } => format!(
            "{}{}",
            network.text(component.security_groups[group].id),
            if stale { " stale" } else { "" }
        ),
        Peer::Unknown(text) => format!("?{}", network.text(text)),
    }
}
