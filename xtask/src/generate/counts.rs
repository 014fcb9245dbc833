//! What an estate holds, counted while it is written.
//!
//! The counts stand beside the estate and not in it: whoever measures something
//! with an estate knows from them what must come out, and how the estate is
//! mixed, without asking the program that is measured.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How much there is of everything.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Counts {
    pub(crate) vpcs: u32,
    pub(crate) subnets: u32,
    pub(crate) route_tables: u32,
    pub(crate) network_acls: u32,
    pub(crate) acl_entries: u32,
    pub(crate) groups: u32,
    pub(crate) rules: u32,
    /// Rules that name a prefix list.
    pub(crate) prefix_list_rules: u32,
    pub(crate) interfaces: u32,
    /// Different sets of groups in each subnet, summed: interfaces that no
    /// answer can tell apart but by what their neighbours' rules say of addresses.
    pub(crate) classes: u32,
    /// Interfaces whose set of groups was made for them alone.
    pub(crate) one_off_sets: u32,
    /// Interfaces none of whose groups lets everything out.
    pub(crate) restricted_egress: u32,
    pub(crate) with_ipv6: u32,
    pub(crate) instances: u32,
    /// Tags of instances.
    pub(crate) tags: u32,
    pub(crate) public_addresses: u32,
    pub(crate) peerings: u32,
    pub(crate) transit_gateways: u32,
    pub(crate) load_balancers: u32,
    /// Targets of load balancers.
    pub(crate) targets: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} interfaces, {} instances, {} public addresses, {} VPCs, {} peerings, {} transit \
             gateways, {} load balancers with {} targets, {} subnets, {} route tables, \
             {} network ACLs, {} security groups with {} rules",
            self.interfaces,
            self.instances,
            self.public_addresses,
            self.vpcs,
            self.peerings,
            self.transit_gateways,
            self.load_balancers,
            self.targets,
            self.subnets,
            self.route_tables,
            self.network_acls,
            self.groups,
            self.rules,
        )
    }
}

/// Where the counts of the estate in this folder stand.
pub(crate) fn path(estate: &Path) -> PathBuf {
    estate.with_added_extension("counts.json")
}

/// Reads what was written beside an estate.
pub(crate) fn beside(estate: &Path) -> Result<Counts, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path(estate))?)?)
}
