//! One file as `aws ec2 describe-*` prints it, written element by element.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

/// `{"Vpcs":[…]}`, growing.
#[derive(Debug)]
pub(super) struct Listing {
    file: BufWriter<File>,
    empty: bool,
    indented: bool,
}

impl Listing {
    /// Begins `<folder>/<name>.json` with the top-level key `key`.
    fn create(folder: &Path, name: &str, key: &str, indented: bool) -> io::Result<Self> {
        let path = folder.join(format!("{name}.json"));
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
        let begin = if indented { "{\n    " } else { "{" };
        let colon = if indented { ": [" } else { ":[" };
        write!(file, "{begin}\"{key}\"{colon}")?;
        Ok(Self { file, empty: true, indented })
    }

    /// Adds one element.
    pub(super) fn push<T: Serialize>(&mut self, element: &T) -> io::Result<()> {
        if !self.empty {
            self.file.write_all(b",")?;
        }
        self.empty = false;
        if !self.indented {
            return serde_json::to_writer(&mut self.file, element).map_err(io::Error::from);
        }
        let mut text = Vec::new();
        let format = PrettyFormatter::with_indent(b"    ");
        element.serialize(&mut Serializer::with_formatter(&mut text, format))?;
        // Two levels deep.
        for line in text.split(|byte| *byte == b'\n') {
            self.file.write_all(b"\n        ")?;
            self.file.write_all(line)?;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let end: &[u8] = match (self.indented, self.empty) {
            (false, _) => b"]}\n",
            (true, true) => b"]\n}\n",
            (true, false) => b"\n    ]\n}\n",
        };
        self.file.write_all(end)?;
        self.file.flush()
    }
}

/// The listings of one account and region.
#[derive(Debug)]
pub(super) struct Listings {
    pub(super) addresses: Listing,
    pub(super) egress_only_internet_gateways: Listing,
    pub(super) internet_gateways: Listing,
    pub(super) managed_prefix_lists: Listing,
    pub(super) managed_prefix_list_entries: Listing,
    pub(super) nat_gateways: Listing,
    pub(super) network_acls: Listing,
    pub(super) network_interfaces: Listing,
    pub(super) reservations: Listing,
    pub(super) route_tables: Listing,
    pub(super) security_groups: Listing,
    pub(super) subnets: Listing,
    pub(super) vpc_peering_connections: Listing,
    pub(super) vpcs: Listing,
    pub(super) transit_gateways: Listing,
    pub(super) transit_gateway_attachments: Listing,
    pub(super) transit_gateway_vpc_attachments: Listing,
    pub(super) transit_gateway_route_tables: Listing,
    pub(super) transit_gateway_routes: Listing,
    pub(super) load_balancers: Listing,
    pub(super) load_balancer_attributes: Listing,
    pub(super) load_balancer_listeners: Listing,
    pub(super) listener_rules: Listing,
    pub(super) target_groups: Listing,
    pub(super) target_group_attributes: Listing,
    pub(super) target_health: Listing,
}

impl Listings {
    /// Begins every listing in `folder`.
    pub(super) fn create(folder: &Path, indented: bool) -> io::Result<Self> {
        let listing = |name| Listing::create(folder, name, name, indented);
        Ok(Self {
            addresses: listing("Addresses")?,
            egress_only_internet_gateways: listing("EgressOnlyInternetGateways")?,
            internet_gateways: listing("InternetGateways")?,
            // describe-managed-prefix-lists prints them under this key.
            managed_prefix_lists: Listing::create(
                folder,
                "ManagedPrefixLists",
                "PrefixLists",
                indented,
            )?,
            managed_prefix_list_entries: listing("ManagedPrefixListEntries")?,
            nat_gateways: listing("NatGateways")?,
            network_acls: listing("NetworkAcls")?,
            network_interfaces: listing("NetworkInterfaces")?,
            reservations: listing("Reservations")?,
            route_tables: listing("RouteTables")?,
            security_groups: listing("SecurityGroups")?,
            subnets: listing("Subnets")?,
            vpc_peering_connections: listing("VpcPeeringConnections")?,
            vpcs: listing("Vpcs")?,
            transit_gateways: listing("TransitGateways")?,
            transit_gateway_attachments: listing("TransitGatewayAttachments")?,
            transit_gateway_vpc_attachments: listing("TransitGatewayVpcAttachments")?,
            transit_gateway_route_tables: listing("TransitGatewayRouteTables")?,
            transit_gateway_routes: listing("TransitGatewayRoutes")?,
            load_balancers: listing("LoadBalancers")?,
            load_balancer_attributes: listing("LoadBalancerAttributes")?,
            load_balancer_listeners: listing("LoadBalancerListeners")?,
            listener_rules: listing("ListenerRules")?,
            target_groups: listing("TargetGroups")?,
            target_group_attributes: listing("TargetGroupAttributes")?,
            target_health: listing("LoadBalancerTargetHealth")?,
        })
    }

    /// Ends every listing.
    pub(super) fn finish(self) -> io::Result<()> {
        let all = [
            self.addresses,
            self.egress_only_internet_gateways,
            self.internet_gateways,
            self.managed_prefix_lists,
            self.managed_prefix_list_entries,
            self.nat_gateways,
            self.network_acls,
            self.network_interfaces,
            self.reservations,
            self.route_tables,
            self.security_groups,
            self.subnets,
            self.vpc_peering_connections,
            self.vpcs,
            self.transit_gateways,
            self.transit_gateway_attachments,
            self.transit_gateway_vpc_attachments,
            self.transit_gateway_route_tables,
            self.transit_gateway_routes,
            self.load_balancers,
            self.load_balancer_attributes,
            self.load_balancer_listeners,
            self.listener_rules,
            self.target_groups,
            self.target_group_attributes,
            self.target_health,
        ];
        all.into_iter().try_for_each(Listing::finish)
    }
}
