//! A tunnel of a VPN connection that is down.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "vpn-tunnel-down",
    title: "A tunnel of a VPN connection is down",
    why: "A VPN connection has two tunnels, so that AWS can maintain one of them and the other \
          still carries. With one down the next interruption cuts the network behind it off; \
          with both down nobody uses the connection, and its routes and the rules that admit the \
          network behind it wait for whoever brings a tunnel up.",
    fix: "Configure both tunnels on the customer gateway device. If nobody needs the connection, \
          delete it with its routes, and remove the rules that name the network behind it.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let network = context.network;
    let connections = network.remote_access.vpn_connections.iter();
    let down = connections.filter(|it| it.available != Some(false) && it.tunnels.contains(&false));
    down.map(|connection| {
        let mut about = About {
            kind: "vpn-connection".to_owned(),
            id: network.text(connection.id).to_owned(),
            name: network.text(connection.name).to_owned(),
            ..About::default()
        };
        context.stands(&mut about, connection.place);
        let mut finding = context.finding(rule, &about);
        let up = connection.tunnels.contains(&true);
        let which = if up { "one tunnel" } else { "no tunnel" };
        let state = if up { "is down" } else { "is up" };
        finding.title = format!("{which} of the VPN connection {} {state}", called(&finding.about));
        finding
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::check_all;

    #[test]
    fn a_tunnel_that_is_down_is_found() {
        check_all(
            "vpc v1 10.0.0.0/16
             vgw vgw-1 v1
             vpn vpn-1 vgw:vgw-1 192.168.50.0/24 name=office
             vpn vpn-2 vgw:vgw-1 192.168.51.0/24 down
             vpn vpn-3 vgw:vgw-1 192.168.51.0/24 half name=plant
             vpn vpn-4 vgw:vgw-1 192.168.52.0/24 down gone",
            "vpn-tunnel-down",
            "low vpn-tunnel-down vpn-2: no tunnel of the VPN connection vpn-2 is up
             low vpn-tunnel-down vpn-3: one tunnel of the VPN connection plant (vpn-3) is down",
        );
    }
}
