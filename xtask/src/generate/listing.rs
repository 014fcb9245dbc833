//! One file as `aws ec2 describe-*` prints it, written element by element.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

/// `{"Vpcs":[…]}`, growing.
#[derive(Debug)]
pub(super) struct Listing {
    file: BufWriter<File>,
    empty: bool,
}

impl Listing {
    /// Begins `<folder>/<name>.json` with the top-level key `name`.
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        Self::create_as(folder, name, name)
    }

    /// Begins `<folder>/<name>.json` with the top-level key `key`.
    pub(super) fn create_as(folder: &Path, name: &str, key: &str) -> io::Result<Self> {
        let path = folder.join(format!("{name}.json"));
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
        write!(file, "{{\"{key}\":[")?;
        Ok(Self { file, empty: true })
    }

    /// Adds one element.
    pub(super) fn push<T: Serialize>(&mut self, element: &T) -> io::Result<()> {
        if !self.empty {
            self.file.write_all(b",")?;
        }
        self.empty = false;
        serde_json::to_writer(&mut self.file, element).map_err(io::Error::from)
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.write_all(b"]}\n")?;
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
}

impl Listings {
    /// Begins every listing in `folder`.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let listing = |name| Listing::create(folder, name);
        Ok(Self {
            addresses: listing("Addresses")?,
            egress_only_internet_gateways: listing("EgressOnlyInternetGateways")?,
            internet_gateways: listing("InternetGateways")?,
            // describe-managed-prefix-lists prints them under this key.
            managed_prefix_lists: Listing::create_as(folder, "ManagedPrefixLists", "PrefixLists")?,
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
        ];
        all.into_iter().try_for_each(Listing::finish)
    }
}
