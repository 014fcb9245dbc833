//! Places: what people name when they ask who can reach what.
//!
//! `internet`, an address or CIDR, `eni-…`, `i-…`, `sg-…`, `subnet-…`, `vpc-…`,
//! `vpn-…`, `vgw-…`, `cgw-…`, `dxvif-…`, `cvpn-endpoint-…`, `eice-…`,
//! `tag:Tier=db`, `name:web-*`, `zone:office`, `vpc-…/10.0.0.5` where addresses
//! overlap; a bare word that is one name is that name.

mod ends;
mod port;
mod remote;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::str::FromStr;

pub(crate) use ends::vpc_of;
pub use ends::{receivers, senders};
pub use port::{PortFilter, PortFilterError};
pub(crate) use remote::{Beyond, networks};

use crate::model::{
    Component, ComponentId, Interface, Network, NetworkInterfaceId, RemoteEndpoint,
};
use crate::net::{Cidr, IpSet, internet_v4, internet_v6};

/// What somebody named.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Selector {
    /// Everything: `any`.
    Any,
    /// Every public address.
    Internet,
    /// One address.
    Address(IpAddr),
    /// One address of one VPC.
    VpcAddress(String, IpAddr),
    /// A block.
    Cidr(Cidr),
    /// `eni-…`.
    NetworkInterface(String),
    /// `i-…`.
    Instance(String),
    /// `sg-…`: the interfaces that wear it.
    SecurityGroup(String),
    /// `subnet-…`: the interfaces in it.
    Subnet(String),
    /// `vpc-…`: the interfaces in it.
    Vpc(String),
    /// `vpn-…`, `vgw-…`, `cgw-…`, `dxvif-…`: the network behind it; `cvpn-endpoint-…`,
    /// `eice-…`: the interfaces by which people come in.
    Remote(String),
    /// `tag:Key=Value`; without `=` any value.
    Tag(String, Option<String>),
    /// `name:` with `*` for anything.
    Name(String),
    /// `zone:`, from the configuration.
    Zone(String),
    /// A bare word: a zone, else a name.
    Word(String),
}

/// What the ids of ways in from outside of AWS begin with.
const REMOTE: &[&str] = &["vpn-", "vgw-", "cgw-", "dxvif-", "cvpn-endpoint-", "eice-"];

/// Named zones: each a list of selectors.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Zones {
    /// By name.
    pub zones: BTreeMap<String, Vec<Selector>>,
}

/// Why a selector can't be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SelectorError {
    /// Nothing was given.
    #[error("a place is empty")]
    Empty,
    /// Digits, dots and colons that are no address.
    #[error("`{0}` is no IP address or CIDR block")]
    NoAddress(String),
    /// An unfinished form.
    #[error("`{0}` names nothing after its colon")]
    Unfinished(String),
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}

impl Selector {
    /// Reads a selector; whether it names anything is seen when it is resolved.
    ///
    /// # Errors
    /// The text is empty, or is no address though it looks like one.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let word = text.trim();
        if word.is_empty() {
            return Err(SelectorError::Empty);
        }
        if let Ok(address) = word.parse::<IpAddr>() {
            return Ok(Self::Address(canonical(address)));
        }
        if let Some((vpc, address)) = word.split_once('/')
            && vpc.starts_with("vpc-")
        {
            let address = address.parse().map_err(|_| SelectorError::NoAddress(word.to_owned()))?;
            return Ok(Self::VpcAddress(vpc.to_owned(), address));
        }
        if word.starts_with("arn:") {
            return Ok(Self::Word(word.to_owned()));
        }
        if word.contains('/') && word.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':') {
            return match Cidr::parse(word) {
                Ok((cidr, _)) => Ok(Self::Cidr(cidr)),
                Err(_) => Err(SelectorError::NoAddress(word.to_owned())),
            };
        }
        type Make = fn(&str) -> Selector;
        let forms: [(&str, Make); 3] = [
            ("tag:", Self::tag),
            ("name:", |name| Self::Name(name.to_owned())),
            ("zone:", |name| Self::Zone(name.to_owned())),
        ];
        for (prefix, make) in forms {
            if let Some(rest) = word.strip_prefix(prefix) {
                return if rest.is_empty() {
                    Err(SelectorError::Unfinished(word.to_owned()))
                } else {
                    Ok(make(rest))
                };
            }
        }
        if word.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ':') {
            return Err(SelectorError::NoAddress(word.to_owned()));
        }
        let owned = word.to_owned();
        Ok(match word {
            "any" | "all" => Self::Any,
            "internet" => Self::Internet,
            _ if is_id(word, "eni-") => Self::NetworkInterface(owned),
            _ if is_id(word, "i-") => Self::Instance(owned),
            _ if is_id(word, "sg-") => Self::SecurityGroup(owned),
            _ if is_id(word, "subnet-") => Self::Subnet(owned),
            _ if is_id(word, "vpc-") => Self::Vpc(owned),
            _ if REMOTE.iter().any(|prefix| is_id(word, prefix)) => Self::Remote(owned),
            _ => Self::Word(owned),
        })
    }

    fn tag(text: &str) -> Self {
        match text.split_once('=') {
            Some((key, value)) => Self::Tag(key.to_owned(), Some(value.to_owned())),
            None => Self::Tag(text.to_owned(), None),
        }
    }

    /// The interfaces that it names. Addresses and blocks name those that hold
    /// one of the addresses, private, public or IPv6.
    #[must_use]
    pub fn interfaces(
        &self,
        network: &Network,
        zones: &Zones,
    ) -> BTreeSet<(ComponentId, NetworkInterfaceId)> {
        if let Some((members, inner)) = self.zone(zones) {
            return members.iter().flat_map(|member| member.interfaces(network, &inner)).collect();
        }
        if let Self::NetworkInterface(id) | Self::Instance(id) = self {
            return network.interfaces_of(id).collect();
        }
        let mut found = BTreeSet::new();
        for (id, component) in network.components.entries() {
            for interface in
                component.interfaces.iter().filter(|it| it.seen() || it.unlisted().is_some())
            {
                if self.names(network, component, interface) {
                    found.insert((id, interface.index()));
                }
            }
        }
        found
    }

    /// The addresses that it names, as senders have them: private and IPv6
    /// addresses of interfaces, all of a block, all public addresses.
    #[must_use]
    pub fn addresses(&self, network: &Network, zones: &Zones) -> IpSet {
        match self {
            Self::Any => return IpSet::all(),
            Self::Internet => return IpSet { v4: internet_v4(), v6: internet_v6() },
            Self::Address(address) => return IpSet::single(*address),
            Self::VpcAddress(_, address) => return IpSet::single(*address),
            Self::Cidr(cidr) => return IpSet::from_cidr(*cidr),
            Self::NetworkInterface(_)
            | Self::Instance(_)
            | Self::SecurityGroup(_)
            | Self::Subnet(_)
            | Self::Vpc(_)
            | Self::Tag(..)
            | Self::Remote(_)
            | Self::Name(_)
            | Self::Zone(_)
            | Self::Word(_) => {}
        }
        if let Some((members, inner)) = self.zone(zones) {
            return members
                .iter()
                .map(|member| member.addresses(network, &inner))
                .fold(IpSet::default(), |all, more| all.union(&more));
        }
        let beyond = self.beyond(network);
        let mut v4 = Vec::new();
        let mut v6 = Vec::new();
        for (component, interface) in self.interfaces(network, zones) {
            let component: &Component = &network.components[component];
            let interface = component.interface(interface);
            v4.extend(interface.ipv4().iter().map(|held| (held.first, held.last)));
            v6.extend(interface.ipv6().iter().map(|held| (held.first, held.last)));
        }
        let own = IpSet {
            v4: crate::net::RangeSet::from_ranges(v4),
            v6: crate::net::RangeSet::from_ranges(v6),
        };
        own.union(&beyond)
    }

    /// The addresses of networks beyond that it names by an id or a name: none if it names
    /// no such network.
    #[must_use]
    pub fn beyond(&self, network: &Network) -> IpSet {
        let named = |it: &Beyond| {
            let (id, name) = (network.text(it.id), network.text(it.name));
            match self {
                Self::Remote(wanted) => id == wanted,
                Self::Name(pattern) => !name.is_empty() && glob(pattern, name),
                Self::Word(word) => !name.is_empty() && name == word || id == word,
                Self::Any
                | Self::Internet
                | Self::Address(_)
                | Self::VpcAddress(..)
                | Self::Cidr(_)
                | Self::NetworkInterface(_)
                | Self::Instance(_)
                | Self::SecurityGroup(_)
                | Self::Subnet(_)
                | Self::Vpc(_)
                | Self::Tag(..)
                | Self::Zone(_) => false,
            }
        };
        if !matches!(self, Self::Remote(_) | Self::Name(_) | Self::Word(_))
            || network.remote_access.is_empty() && !matches!(self, Self::Remote(_))
        {
            return IpSet::empty();
        }
        let all = networks(network);
        let all = all.iter().filter(|it| named(it)).map(|it| &it.addresses);
        all.fold(IpSet::empty(), |all, more| all.union(more))
    }

    /// The members, if it names a zone, and the zones that they may name in
    /// turn: all but this one, so that zones never go in circles.
    #[must_use]
    pub fn zone<'z>(&self, zones: &'z Zones) -> Option<(&'z [Self], Zones)> {
        let (Self::Zone(name) | Self::Word(name)) = self else { return None };
        let members = zones.zones.get(name).map(Vec::as_slice);
        if members.is_none() && matches!(self, Self::Word(_)) {
            return None;
        }
        let mut inner = zones.clone();
        inner.zones.remove(name);
        Some((members.unwrap_or(&[]), inner))
    }

    /// Whether it names something: an interface, a zone, or addresses by themselves.
    #[must_use]
    pub fn names_something(&self, network: &Network, zones: &Zones) -> bool {
        match self {
            Self::Any | Self::Internet | Self::Address(_) | Self::Cidr(_) => true,
            Self::VpcAddress(vpc, _) => network.vpcs_of(vpc).next().is_some(),
            Self::Zone(name) => zones.zones.contains_key(name),
            Self::NetworkInterface(_)
            | Self::Instance(_)
            | Self::SecurityGroup(_)
            | Self::Subnet(_)
            | Self::Vpc(_)
            | Self::Tag(..)
            | Self::Remote(_)
            | Self::Name(_)
            | Self::Word(_) => {
                self.zone(zones).is_some()
                    || !self.interfaces(network, zones).is_empty()
                    || !self.beyond(network).is_empty()
            }
        }
    }

    fn names(&self, network: &Network, component: &Component, interface: Interface<'_>) -> bool {
        let is = |id, wanted: &str| network.text(id) == wanted;
        match self {
            Self::Any => true,
            // Ids of interfaces and instances are looked up.
            Self::Internet | Self::Zone(_) | Self::NetworkInterface(_) | Self::Instance(_) => false,
            Self::Address(address) => holds(interface, &IpSet::single(*address)),
            Self::VpcAddress(vpc, address) => {
                is(component.vpcs[interface.vpc()].id, vpc)
                    && holds(interface, &IpSet::single(*address))
            }
            Self::Cidr(cidr) => holds(interface, &IpSet::from_cidr(*cidr)),
            Self::SecurityGroup(id) => component.group_sets[interface.group_set()]
                .iter()
                .any(|&group| is(component.security_groups[group].id, id)),
            Self::Subnet(id) => is(component.subnets[interface.subnet()].id, id),
            Self::Vpc(id) => is(component.vpcs[interface.vpc()].id, id),
            Self::Remote(id) => {
                let endpoint = component.remote_endpoint_of(interface.index());
                endpoint.is_some_and(|endpoint| is(endpoint.id(), id))
            }
            Self::Tag(key, value) => {
                let instance = interface
                    .instance()
                    .map(|instance| component.instances[instance].tags.as_slice());
                interface.tags().iter().chain(instance.unwrap_or(&[])).any(|&(known, held)| {
                    is(known, key)
                        && value.as_ref().is_none_or(|value| glob(value, network.text(held)))
                })
            }
            Self::Name(pattern) => {
                names_of(network, component, interface).any(|name| glob(pattern, name))
            }
            Self::Word(word) => names_of(network, component, interface).any(|name| name == word),
        }
    }
}

/// The names of an interface: its instance's, its own, those of its services.
fn names_of<'n>(
    network: &'n Network,
    component: &'n Component,
    interface: Interface<'_>,
) -> impl Iterator<Item = &'n str> {
    let instance = interface.instance().map(|instance| component.instances[instance].name);
    instance
        .into_iter()
        .chain([interface.name()])
        .chain(component.services_of(interface.index()).map(|service| service.name))
        .chain(component.remote_endpoint_of(interface.index()).map(RemoteEndpoint::name))
        .map(|name| network.text(name))
        .filter(|name| !name.is_empty())
}

/// Names and ids that resemble `word`, the most alike first: "did you mean …".
#[must_use]
pub fn nearest(network: &Network, zones: &Zones, word: &str) -> Vec<String> {
    let word = word.split_once(':').map_or(word, |(_, rest)| rest);
    let mut known: BTreeSet<&str> = zones.zones.keys().map(String::as_str).collect();
    for component in network.components.iter() {
        for interface in component.interfaces.iter() {
            known.extend(names_of(network, component, interface));
            known.insert(network.text(interface.id()));
            known.extend(
                interface.instance().map(|instance| network.text(component.instances[instance].id)),
            );
        }
        known.extend(component.security_groups.iter().map(|group| network.text(group.id)));
        known.extend(component.subnets.iter().map(|subnet| network.text(subnet.id)));
        known.extend(component.vpcs.iter().map(|vpc| network.text(vpc.id)));
    }
    for beyond in networks(network) {
        known.extend([beyond.id, beyond.name].map(|text| network.text(text)));
    }
    let remote = &network.remote_access;
    known.extend(remote.client_vpn_endpoints.iter().map(|it| network.text(it.id)));
    known.extend(remote.instance_connect_endpoints.iter().map(|it| network.text(it.id)));
    known.remove("");
    let mut ranked: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|&(away, name)| away <= word.len().max(name.len()).div_ceil(3))
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// Levenshtein's distance, of the first 64 characters: names may be of any length.
fn distance(one: &str, other: &str) -> usize {
    let [one, other] = [one, other].map(|text| text.chars().take(64).collect::<String>());
    strsim::levenshtein(&one, &other)
}

/// `*` stands for anything; the rest is literal.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn holds(interface: Interface<'_>, addresses: &IpSet) -> bool {
    let ipv4 = interface.ipv4().iter().any(|held| {
        addresses.v4.intersects_range(held.first, held.last)
            || held.public.is_some_and(|public| addresses.v4.contains(public))
    });
    ipv4 || interface.ipv6().iter().any(|held| addresses.v6.intersects_range(held.first, held.last))
}

/// IPv4 written as IPv6 is IPv4.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// An AWS id: the prefix, then letters and digits with at least one digit.
fn is_id(word: &str, prefix: &str) -> bool {
    word.strip_prefix(prefix).is_some_and(|rest| {
        !rest.is_empty()
            && rest.chars().all(|c| c.is_ascii_alphanumeric())
            && rest.chars().any(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read() {
        let read = |text| Selector::parse(text).unwrap();
        assert_eq!(read("internet"), Selector::Internet);
        assert_eq!(read("10.0.0.1"), Selector::Address("10.0.0.1".parse().unwrap()));
        assert_eq!(read("::ffff:10.0.0.1"), Selector::Address("10.0.0.1".parse().unwrap()));
        assert_eq!(read("tag:Tier=db"), Selector::Tag("Tier".into(), Some("db".into())));
        assert_eq!(
            read("vpc-1/10.0.0.5"),
            Selector::VpcAddress("vpc-1".into(), "10.0.0.5".parse().unwrap())
        );
        assert_eq!(read("i-0a"), Selector::Instance("i-0a".into()));
        assert_eq!(read("web-1"), Selector::Word("web-1".into()));
        assert_eq!(read("any"), Selector::Any);
        assert_eq!(read("eni-1"), Selector::NetworkInterface("eni-1".into()));
        assert_eq!(read("sg-1"), Selector::SecurityGroup("sg-1".into()));
        assert_eq!(read("subnet-1"), Selector::Subnet("subnet-1".into()));
        assert_eq!(read("vpc-1"), Selector::Vpc("vpc-1".into()));
        // What only begins like an id is a name.
        for name in ["sg-", "i-web", "eni-1_a"] {
            assert_eq!(read(name), Selector::Word(name.into()));
        }
        assert!(Selector::parse("10.0.0").is_err());
        assert!(Selector::parse("300.0.0.1/8").is_err());
        assert!(Selector::parse("name:").is_err());
    }

    #[test]
    fn a_network_beyond_is_named_by_what_leads_to_it() {
        let network = crate::testing::network(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24 route 192.168.0.0/16->vgw:vgw-1
             group g v1
             interface e s 10.0.1.5 kind=remote groups=g
             cvpn cvpn-endpoint-1 v1 subnets=s groups=g allow=10.0.0.0/16 name=people
             vgw vgw-1 v1
             vpn vpn-1 vgw:vgw-1 192.168.50.0/24 name=office",
        )
        .unwrap();
        let named = |text: &str| {
            let selector = Selector::parse(text).unwrap();
            let set = selector.addresses(&network, &Zones::default());
            let all: Vec<String> = set.cidrs().iter().map(ToString::to_string).collect();
            assert_eq!(
                !all.is_empty(),
                selector.names_something(&network, &Zones::default()),
                "{text}"
            );
            all.join(" ")
        };
        for office in ["vpn-1", "office", "name:off*"] {
            assert_eq!(named(office), "192.168.50.0/24", "{office}");
        }
        assert_eq!(named("vgw-1"), "192.168.0.0/16");
        for people in ["cvpn-endpoint-1", "people"] {
            assert_eq!(named(people), "10.0.1.5/32", "{people}");
        }
        assert_eq!(named("vpn-2"), "");
        assert!(nearest(&network, &Zones::default(), "vpn-2").contains(&"vpn-1".to_owned()));
    }

    #[test]
    fn an_interface_is_named_by_each_of_its_addresses() {
        let network = crate::testing::network(
            "vpc vpc-1 10.0.0.0/16 2001:db8::/56
             subnet s vpc-1 10.0.1.0/24 2001:db8:0:1::/64
             interface a s 10.0.1.10 public=198.51.100.7 2001:db8:0:1::a
             interface b s 10.0.1.11",
        )
        .unwrap();
        let named = |text: &str| {
            let found = Selector::parse(text).unwrap().interfaces(&network, &Zones::default());
            let name = |&(component, id): &(ComponentId, NetworkInterfaceId)| {
                let component: &Component = &network.components[component];
                network.text(component.interface(id).id()).to_owned()
            };
            found.iter().map(name).collect::<Vec<_>>().join(" ")
        };
        for address in ["10.0.1.10", "198.51.100.7", "2001:db8:0:1::a", "vpc-1/10.0.1.10"] {
            assert_eq!(named(address), "a", "{address}");
        }
        assert_eq!(named("10.0.1.8/31"), "");
        assert_eq!(named("10.0.1.0/24"), "a b");
        assert_eq!(named("vpc-2/10.0.1.10"), "");
        let names = |text: &str| {
            Selector::parse(text).unwrap().names_something(&network, &Zones::default())
        };
        assert!(names("vpc-1/10.0.9.9"));
        assert!(!names("vpc-2/10.0.1.10"));
    }

    #[test]
    fn a_zone_may_name_others_and_never_itself() {
        let mut zones = Zones::default();
        let office = Selector::Address("192.0.2.1".parse().unwrap());
        zones.zones.insert("office".into(), vec![office.clone()]);
        let (members, inner) = Selector::Zone("office".into()).zone(&zones).unwrap();
        assert_eq!((members, inner.zones.contains_key("office")), (&[office][..], false));
        assert!(Selector::Word("office".into()).zone(&zones).is_some());
        assert!(Selector::Word("attic".into()).zone(&zones).is_none());
        let (members, _) = Selector::Zone("attic".into()).zone(&zones).unwrap();
        assert!(members.is_empty());
    }

    #[test]
    fn a_free_address_stays_one_where_another_vpc_holds_the_same() {
        let network = crate::testing::network(
            "vpc vpc-1 10.0.0.0/16
             vpc vpc-2 10.0.0.0/16
             subnet t vpc-2 10.0.1.0/24
             interface d t 10.0.1.11",
        )
        .unwrap();
        let named = |vpc: &str| Selector::VpcAddress(vpc.to_owned(), "10.0.1.11".parse().unwrap());
        let free = senders(&network, &named("vpc-1"));
        assert!(matches!(free.as_slice(), [crate::reach::spec::End::Vpc { .. }]));
        let held = senders(&network, &named("vpc-2"));
        assert!(matches!(held.as_slice(), [crate::reach::spec::End::Interface { .. }]));
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(glob("web-*", "web-1"));
        assert!(glob("*-db-*", "a-db-1"));
        assert!(glob("web", "web"));
        assert!(!glob("web", "web-1"));
        assert!(!glob("web-*", "app-1"));
        assert!(glob("*", ""));
    }
}
