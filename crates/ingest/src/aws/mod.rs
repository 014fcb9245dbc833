//! `aws ec2 describe-*` into facts.
//!
//! The API's encodings end here: `-1`, absent ports, protocol numbers in texts,
//! ICMP types in port fields. What can't be read widens what is possible and is
//! reported; it never costs a file and never makes anything look closed.

mod field;
mod gateway;
mod interface;
mod network;
mod network_acl;
mod prefix_list;
mod routing;
mod security;
mod sink;
mod traffic;
mod words;

use portolan::model::Listing;

pub(crate) use self::sink::{Cx, Sink};

use self::field::{Field, Str};
use crate::document::{Document, Elements, Section};
use crate::error::Syntax;

/// An element and where it begins.
#[derive(Debug)]
pub(crate) struct At<T> {
    offset: usize,
    element: Field<T>,
}

macro_rules! listed {
    ($($name:ident = $key:literal, $word:ident, $listing:expr, $read:path, |$element:ident| $id:expr;)+) => {
        /// A listing that the model knows, by the top-level key of the reply.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub(crate) enum Listed {
            $($name,)+
        }

        impl Listed {
            /// The listing of a top-level key.
            pub(crate) fn of_key(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// The top-level key.
            pub(crate) fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }

            /// The same in the model's words.
            pub(crate) fn listing(self) -> Option<Listing> {
                match self { $(Self::$name => $listing),+ }
            }
        }

        /// Elements of one listing.
        #[derive(Debug)]
        pub(crate) enum Records<'a> {
            $($name(Vec<At<words::$word<'a>>>),)+
        }

        impl<'a> Records<'a> {
            /// Reads the elements of a listing.
            pub(crate) fn read(
                listed: Listed,
                elements: &mut Elements<'a>,
            ) -> Result<Self, Syntax> {
                Ok(match listed {
                    $(Listed::$name => {
                        let mut all = Vec::new();
                        elements.for_each(|offset, cursor| {
                            all.push(At { offset, element: cursor.value()? });
                            Ok(())
                        })?;
                        Self::$name(all)
                    })+
                })
            }

            /// How many there are.
            pub(crate) fn len(&self) -> usize {
                match self { $(Self::$name(all) => all.len()),+ }
            }

            /// Turns them into facts.
            pub(crate) fn add(&self, cx: &mut Cx<'_>) {
                match self {
                    $(Self::$name(all) => {
                        for At { offset, element } in all {
                            match element {
                                Field::Given($element) => {
                                    let id: &Str<'_> = $id;
                                    cx.at(*offset, id);
                                    $read(cx, $element);
                                }
                                Field::Absent | Field::Wrong => {
                                    cx.at(*offset, &Str::Given($key.into()));
                                    cx.unreadable("element");
                                }
                            }
                            cx.ordinal = cx.ordinal.saturating_add(1);
                        }
                    })+
                }
            }
        }
    };
}

listed! {
    Vpcs = "Vpcs", Vpc, Some(Listing::Vpcs), network::vpc, |e| &e.vpc_id;
    Subnets = "Subnets", Subnet, Some(Listing::Subnets), network::subnet, |e| &e.subnet_id;
    SecurityGroups = "SecurityGroups", SecurityGroup, Some(Listing::SecurityGroups), security::group, |e| &e.group_id;
    SecurityGroupRules = "SecurityGroupRules", SecurityGroupRule, None, security::rule, |e| &e.security_group_rule_id;
    SecurityGroupVpcAssociations = "SecurityGroupVpcAssociations", SecurityGroupVpcAssociation, Some(Listing::SecurityGroupVpcAssociations), security::association, |e| &e.group_id;
    NetworkAcls = "NetworkAcls", NetworkAcl, Some(Listing::NetworkAcls), network_acl::acl, |e| &e.network_acl_id;
    RouteTables = "RouteTables", RouteTable, Some(Listing::RouteTables), routing::table, |e| &e.route_table_id;
    NetworkInterfaces = "NetworkInterfaces", NetworkInterface, Some(Listing::NetworkInterfaces), interface::interface, |e| &e.network_interface_id;
    Reservations = "Reservations", Reservation, Some(Listing::Instances), interface::reservation, |_e| &Str::Absent;
    InternetGateways = "InternetGateways", InternetGateway, Some(Listing::InternetGateways), gateway::internet_gateway, |e| &e.internet_gateway_id;
    EgressOnlyInternetGateways = "EgressOnlyInternetGateways", InternetGateway, Some(Listing::EgressOnlyInternetGateways), gateway::egress_only, |e| &e.egress_only_internet_gateway_id;
    NatGateways = "NatGateways", NatGateway, Some(Listing::NatGateways), gateway::nat_gateway, |e| &e.nat_gateway_id;
    Addresses = "Addresses", Address, Some(Listing::Addresses), gateway::address, |e| &e.public_ip;
    VpcPeeringConnections = "VpcPeeringConnections", VpcPeeringConnection, Some(Listing::VpcPeeringConnections), gateway::peering, |e| &e.vpc_peering_connection_id;
    VpcEndpoints = "VpcEndpoints", VpcEndpoint, Some(Listing::VpcEndpoints), gateway::endpoint, |e| &e.vpc_endpoint_id;
    ManagedPrefixLists = "ManagedPrefixLists", PrefixList, Some(Listing::ManagedPrefixLists), prefix_list::list, |e| &e.prefix_list_id;
    ManagedPrefixListEntries = "ManagedPrefixListEntries", PrefixList, Some(Listing::ManagedPrefixLists), prefix_list::list, |e| &e.prefix_list_id;
    PrefixLists = "PrefixLists", PrefixList, Some(Listing::ManagedPrefixLists), prefix_list::list, |e| &e.prefix_list_id;
    Entries = "Entries", PrefixListEntry, None, prefix_list::loose_entry, |_e| &Str::Absent;
    BlockPublicAccessOptions = "VpcBlockPublicAccessOptions", BlockPublicAccessOptions, Some(Listing::BlockPublicAccessOptions), gateway::block_options, |e| &e.aws_account_id;
    BlockPublicAccessExclusions = "VpcBlockPublicAccessExclusions", BlockPublicAccessExclusion, Some(Listing::BlockPublicAccessExclusions), gateway::block_exclusion, |e| &e.exclusion_id;
    LoadBalancers = "LoadBalancers", LoadBalancer, None, gateway::load_balancer, |e| &e.load_balancer_arn;
}

impl Records<'_> {
    /// Whether these are entries of a prefix list.
    pub(crate) fn has_blocks(&self) -> bool {
        let Self::Entries(all) = self else { return false };
        let first = all.first().and_then(|at| at.element.get());
        first.is_some_and(|entry| !entry.cidr.is_absent())
    }
}

impl Listed {
    /// The command that gives it.
    pub(crate) fn command(self) -> &'static str {
        // No listing of the model's own: elbv2's call, and those that it counts with others.
        if self == Self::SecurityGroupRules {
            "describe-security-group-rules"
        } else if self == Self::Entries || self == Self::ManagedPrefixListEntries {
            "get-managed-prefix-list-entries"
        } else {
            self.listing().map_or("describe-load-balancers", Listing::command)
        }
    }

    /// Whether the reply holds one object instead of a list.
    pub(crate) fn is_object(self) -> bool {
        self == Self::BlockPublicAccessOptions
    }
}

/// Adds what a file says besides the elements of its listings.
pub(crate) fn begin(cx: &mut Cx<'_>, document: &Document<'_>) {
    if let Some(account) = &document.account {
        cx.own_account(account);
    }
    for &(listed, offset) in &document.odd {
        cx.at(offset, &Str::Given(listed.key().into()));
        cx.unreadable(listed.key());
    }
    for Section { listed, offset, continued, .. } in &document.sections {
        if *listed != Listed::Entries {
            cx.saw(*listed, *continued, *offset);
        }
        if *listed == Listed::BlockPublicAccessExclusions {
            cx.at(*offset, &Str::Absent);
            gateway::no_exclusions(cx);
        }
    }
}

/// Adds the entries of a reply that does not say of which list they are.
pub(crate) fn entries(cx: &mut Cx<'_>, path: &str, records: &Records<'_>, offset: usize) {
    cx.at(offset, &Str::Absent);
    prefix_list::loose_entries(cx, path, records);
}
