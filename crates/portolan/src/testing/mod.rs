//! Tiny networks as text, for tests: one line, one resource.
//!
//! ```text
//! vpc v1 10.0.0.0/16 2001:db8::/56 igw
//! acl tight v1 in 100 allow tcp/443 any; out 100 allow tcp/1024-65535 any
//! subnet web v1 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw
//! group front v1 in tcp/443 any; in tcp/22 group:bastion
//! interface a web 10.0.1.10 public=198.51.100.7 groups=front
//! ```
//!
//! Words are separated by blanks (`;` is one), `#` begins a comment, and the
//! name of a thing is its AWS id. Lines may stand in any order, but for
//! `scope` and for what a `vpc` line says of later lines' local routes, so
//! VPCs come first.
//!
//! | line | meaning |
//! |---|---|
//! | `scope ACCOUNT/REGION` | of whom the following lines are (first: `111122223333/us-east-1`) |
//! | `missing CALL…` | listings that the scope's source lacks (`describe-instances`, `_` for a blank); all others are there |
//! | `vpc NAME BLOCK… [igw] [eigw] [bare]` | with a default ACL `acl-NAME` that allows all, a main table `main-NAME` with local routes (not if `bare`); `igw`: `igw-NAME` is attached |
//! | `acl NAME VPC [default] [contested] [subnets=A,B] (in\|out N allow\|deny\|unknown TRAFFIC CIDR)…` | CIDR: `any`, a block, `?` (can't be read) |
//! | `subnet NAME VPC [BLOCK…] [acl=ACL] [table=TABLE] [assigns=ipv4,ipv6\|?] [zone=NAME] [zone-id=ID] [contested] [unseen] ROUTE…` | routes give it a table `rtb-NAME` of its own, with local routes; `assigns`: at launch (neither, unless given); `unseen`: the source does not hold it |
//! | `table NAME VPC [main] [bare] [contested] [subnets=A,B] [gateways=igw-v1] ROUTE…` | `bare`: without local routes |
//! | `group NAME VPC [name=TEXT] [description=TEXT] [in\|out TRAFFIC PEER[,PEER] [contested] [description=TEXT]]… [out none] [worn=VPC,VPC]` | without any `out` it sends anywhere, as AWS's default has it |
//! | `interface NAME SUBNET ADDRESS… [groups=A,B]` … | see below |
//! | `instance NAME running\|stopped\|unknown` | |
//! | `igw NAME [VPC] [detached]` · `eigw NAME [VPC] [detached]` | an internet gateway, an egress-only one |
//! | `nat NAME SUBNET\|regional:VPC [private=IP] [public=IP] [interface=ENI] [private-only\|connectivity-unknown] [gone\|state-unknown]` | a NAT gateway; several `private`/`public` pairs are several addresses |
//! | `tgw NAME [references\|references?] [accepts]` | a transit gateway; `references`: groups may be named across it; `accepts`: shared attachments unasked |
//! | `attachment NAME TGW subnets:S,T\|vpc:V\|vpn:NAME\|tgw:FAR TABLE\|policy:NAME\|none\|? [gone\|state-unknown] [no-ipv6\|ipv6?] [appliance] [no-references]` | what is attached and the table of what comes in; `vpc:` has no subnets in the source |
//! | `tgw-table NAME TGW [static\|unknown] [PREFIX->ATTACHMENTS\|blackhole [propagated\|state-unknown]]... [propagate=ATTACHMENTS\|none]` | its routes: all of them unless `static` |
//! | `vgw NAME [VPC [detached\|detaching]] [gone\|state-unknown] [contested] [dx=ID] [dx?]` | a virtual private gateway; `dx`: Direct Connect is joined to it, or that was not asked |
//! | `vpn NAME vgw:V\|tgw:T [BLOCK…] [bgp\|static?] [customer=BLOCK] [down\|half] [gone\|state-unknown] [contested] [name=TEXT]` | a VPN connection with static routes, unless `bgp` |
//! | `cvpn NAME VPC [subnets=A,B] [groups=A,B] [unsure] [allow=BLOCK,BLOCK] [route=BLOCK->SUBNET]… [gone\|state-unknown] [contested] [name=TEXT]` | a Client VPN endpoint; `unsure`: what follows may be in force or not |
//! | `eice NAME [interfaces=A,B] [preserves\|preserves?] [gone\|state-unknown] [contested] [name=TEXT]` | an Instance Connect Endpoint |
//! | `peering NAME REQUESTER ACCEPTER [inactive\|state-unknown] [no-blocks] [requester=BLOCKS] [accepter=BLOCKS] [regions=A,B]` | blocks are those of the VPCs unless given; a VPC without a line is one that the source does not hold |
//! | `endpoint NAME VPC gateway\|interface\|gwlb\|unknown [service=NAME] [interfaces=ENI,ENI] [unavailable\|state-unknown]` | |
//! | `service NAME [balancers=LB,LB] [unavailable\|state-unknown] [accepts] [principal=ARN]… [connected=ACCOUNT]…` | the provider's side of an endpoint service, with Network Load Balancers; `accepts`: endpoints unasked |
//! | `certificate ARN [ends=SECONDS] [status=WORD]` | a certificate; `ends`: since 1970 |
//! | `public NAME KIND [CIDR…]` | the door of a service on addresses of AWS's own, open to the blocks or to everyone |
//! | `store NAME KIND VPC [subnets=A,B] [groups=A,B] [port=N] [engine=NAME] [public] [ipv6] [interface=ENI] [address=IP]` | a data store or the like, by its own listing |
//! | `list NAME BLOCK…` · `list NAME ?` | a prefix list; its entries are not known |
//! | `bpa off\|bidirectional\|ingress\|unknown [exclude=ID:bidirectional\|egress\|unknown]… [exclusions-unknown]` | Block Public Access of the scope |
//! | `address PUBLIC [allocation=ID] [holder=ID] [private=IP] [lb=NAME]` | an Elastic IP address |
//!
//! - TRAFFIC: `all`, `tcp`, `tcp/443`, `udp/0-1023`, `icmp/8` (any code), `icmp/8/0`, `proto/50`, `?` (can't be read).
//! - TEXT: `_` stands for a blank.
//! - PEER: `any` (both families), `any4`, `any6`, a block, an address, `group:NAME`, `stale:NAME`, `list:NAME`, `?`.
//! - ROUTE: `route DESTINATION->TARGET [blackhole|state-unknown] [propagated]`. DESTINATION: `any` (both families), a block,
//!   `list:NAME`, `?`. TARGET: `local`, `igw` and `eigw` (those of the VPC's line), or `igw:`, `eigw:`, `nat:`, `pcx:`,
//!   `eni:`, `vpce:`, `tgw:`, `vgw:`, `other:` with a name.
//! - of an interface: ADDRESS is one or a block (delegated prefix); then `public=IP` (of the address before it), `groups=A,B`,
//!   `instance=I`, `running`, `stopped`, `instance-unknown` (of an instance `i-NAME`, if none is named), `detached`, `attachment-unknown`,
//!   `kind=nat|lb|tgw|endpoint|remote|managed`, `description=TEXT`, `type=NAME`, `requester=NAME` (who manages it), `forwards` (source/destination check off), `check-unknown`, `deny-igw`, `deny-igw?` (not said), `contested`.
//!
//! Places are line numbers: [`Lines`] finds them again.

mod notation;
mod parse;

use crate::model::{
    ComponentId, Locate, Located, Network, NetworkInterfaceId, Place, SecurityGroupId,
};

/// What a line of the notation can't say.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct NotationError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// The network of a text.
///
/// ```
/// let network = portolan::testing::network("vpc v1 10.0.0.0/16")?;
/// assert_eq!(network.components.len(), 1);
/// # Ok::<(), portolan::testing::NotationError>(())
/// ```
///
/// # Errors
///
/// If a line can't be read.
pub fn network(text: &str) -> Result<Network, NotationError> {
    notation::read(text)
}

/// Where an interface is.
#[must_use]
pub fn interface(network: &Network, id: &str) -> Option<(ComponentId, NetworkInterfaceId)> {
    network.components.entries().find_map(|(number, component)| {
        let found =
            component.interfaces.iter().find(|interface| network.text(interface.id()) == id);
        found.map(|interface| (number, interface.index()))
    })
}

/// Where a security group is.
#[must_use]
pub fn security_group(network: &Network, id: &str) -> Option<(ComponentId, SecurityGroupId)> {
    network.components.entries().find_map(|(number, component)| {
        let found =
            component.security_groups.entries().find(|(_, group)| network.text(group.id) == id);
        found.map(|(group, _)| (number, group))
    })
}

/// Finds places of the notation: `line 3`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines;

impl Locate for Lines {
    fn locate(&self, place: Place) -> Located {
        Located {
            at: format!("line {}", place.offset()),
            file: "network".to_owned(),
            line: Some(place.offset()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_header_is_read() {
        let network = network(
            "vpc v1 10.0.0.0/16 2001:db8::/56 igw
             acl tight v1 in 100 allow tcp/443 any; out 100 allow tcp/1024-65535 any
             subnet web v1 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw
             group front v1 in tcp/443 any; in tcp/22 group:bastion
             interface a web 10.0.1.10 public=198.51.100.7 groups=front
             peering p v1 v2",
        )
        .unwrap();
        let (component, a) = interface(&network, "a").unwrap();
        let component = &network.components[component];
        assert_eq!(component.route_tables.len(), 2);
        assert_eq!(component.network_acls.len(), 2);
        assert_eq!(component.interface(a).ipv4()[0].public, Some(0xc633_6407));
        // The unknown group, and the unknown VPC.
        assert_eq!(network.limitations.len(), 2, "{:?}", network.limitations);
    }

    #[test]
    fn what_decides_nothing_can_be_said_too() {
        let network = network(
            "vpc v1 10.0.0.0/16
             subnet web v1 10.0.1.0/24 assigns=ipv4
             subnet old v1 10.0.2.0/24 assigns=?
             group front v1 description=web_servers in tcp/443 any description=everyone; in tcp/22 192.0.2.1
             interface a web 10.0.1.10 description=RDSNetworkInterface type=interface requester=amazon-rds
             endpoint e v1 gateway service=com.amazonaws.us-east-1.s3
             address 198.51.100.1 allocation=eipalloc-1",
        )
        .unwrap();
        let (component, front) = security_group(&network, "front").unwrap();
        let component = &network.components[component];
        let said: Vec<_> = component.subnets.iter().map(|it| it.assigns_public_ipv4).collect();
        assert_eq!(said, [None, Some(true)]);
        let group = &component.security_groups[front];
        assert_eq!(network.text(group.description), "web servers");
        let rules: Vec<_> = group.rules.iter().map(|rule| network.text(rule.description)).collect();
        assert_eq!(rules, ["everyone", "everyone", "", "", ""]);
        let (_, a) = interface(&network, "a").unwrap();
        let a = component.interface(a);
        assert_eq!(network.text(a.description()), "RDSNetworkInterface");
        assert_eq!(
            (network.text(a.requester()), a.requester_managed()),
            ("amazon-rds", Some(true))
        );
        let service = component.vpc_endpoints.iter().map(|it| network.text(it.service)).next();
        assert_eq!(service, Some("com.amazonaws.us-east-1.s3"));
        let free: Vec<_> =
            network.unassociated_addresses().map(|it| network.text(it.allocation)).collect();
        assert_eq!(free, ["eipalloc-1"]);
    }

    #[test]
    fn a_line_that_can_not_be_read_says_where() {
        let error =
            network("vpc v1 10.0.0.0/16\nsubnet a v1 10.0.0.0/24 route x->igw").unwrap_err();
        assert_eq!(error.line, 2);
    }
}
