//! Who may administer hosts and who is the application: zones by their names.
//!
//! A company says in its configuration who its office, its bastion, its VPN and
//! its administrators are: zones called `office`, `bastion`, `vpn` or `admin…`.
//! Networks behind VPN connections of the source and behind Direct Connect are a VPN too, as
//! far as it is known which addresses they have, where they come privately.
//! Zones called `app…` are the application tier, which databases are for. A host of a
//! zone belongs to it with its public addresses too: over the internet it comes with these.

use crate::model::Network;
use crate::net::IpSet;
use crate::reach::place::{Zones, networks};
use crate::who::zone;

/// The zones that findings know by name.
pub(super) struct Office {
    /// Who may administer, if somebody said so.
    pub(super) administrators: Option<IpSet>,
    /// Networks behind VPN connections and Direct Connect.
    pub(super) vpn: IpSet,
    /// Who may use databases, if somebody said so.
    pub(super) application: Option<IpSet>,
}

impl Office {
    pub(super) fn of(network: &Network, zones: &Zones) -> Self {
        let named = |wanted: &dyn Fn(&str) -> bool| {
            let names = zones.zones.keys().filter(|name| wanted(&name.to_ascii_lowercase()));
            let sets = names.map(|name| zone(network, zones, name));
            sets.reduce(|one, other| one.union(&other))
        };
        Self {
            administrators: named(&|name| {
                let known = ["office", "bastion", "vpn", "admin"];
                known.iter().any(|known| name.starts_with(known))
            }),
            vpn: networks(network)
                .into_iter()
                .filter(|it| is_vpn(network.text(it.id)))
                .fold(IpSet::empty(), |all, it| all.union(&it.known)),
            application: named(&|name| name.starts_with("app")),
        }
    }
}

/// Whether the id is not one of a gateway with which anything may be connected.
fn is_vpn(id: &str) -> bool {
    !id.starts_with("vgw-") && !id.starts_with("cgw-")
}
