//! What if a rule, an ACL entry, a route or the groups of an interface were
//! others: an estate whose answers are kept, and of which an edit judges anew
//! only what it touches.
//!
//! An edit is made in one component; no other depends on it, since no edit moves
//! an address. Within the component sets and spaces keep their ids, so whatever
//! is computed again from the same is found, not computed:
//!
//! - A rule on the side that is looked at changes its group, the sets of groups
//!   that hold it, and the classes that wear those: these are judged anew.
//! - Anything else (a rule of the other side, an entry, a route, a membership)
//!   changes what interfaces meet. That is put together again, and so are the
//!   lanes of all classes of the component, from spaces that are mostly known;
//!   only what has another lane than before is judged anew.
//!
//! ```
//! # #[cfg(feature = "testing")]
//! # fn main() -> Result<(), portolan::testing::NotationError> {
//! use portolan::model::Direction;
//! use portolan::reach::what_if::{Edit, WhatIf};
//! use portolan::testing;
//!
//! let network = testing::network(
//!     "vpc v1 10.0.0.0/16 igw
//!      subnet web v1 10.0.1.0/24 route any->igw
//!      group g v1 in tcp/22 any; in tcp/443 any
//!      interface a web 10.0.1.10 public=198.51.100.7 groups=g",
//! )?;
//! let (component, group) = testing::security_group(&network, "g").unwrap();
//! let mut estate = WhatIf::of(network, Direction::Ingress);
//!
//! // Without SSH one interface has other ports open, and the edit can be undone.
//! let mut rules = estate.network().components[component].security_groups[group].rules.clone();
//! rules.remove(0);
//! let edited = estate.edit(component, Edit::Rules { group, rules }).unwrap();
//! assert_eq!(edited.changed.len(), 1);
//! let undone = estate.edit(component, edited.before).unwrap();
//! assert_eq!(undone.changed, edited.changed);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "testing"))]
//! # fn main() {}
//! ```

mod edit;
pub(crate) mod state;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use edit::{Edit, EditError, Edited};

use crate::model::{ComponentId, Direction, IdVec, Network, NetworkInterfaceId};
use crate::net::{IpSet, PortRange, PortSet, Protocol};
use crate::parallel;
use crate::reach::engine::World;
use crate::record::{Audience, Certainty, Clients};
use state::State;

/// An estate that was judged, and stays judged while it is edited.
pub struct WhatIf {
    network: Network,
    world: World,
    direction: Direction,
    states: IdVec<ComponentId, State>,
}

/// Packets that addresses of an interface may exchange with peers, as strangers
/// see it: the interface's own host counts as another.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Open {
    /// The lowest address of the interface at which it is so.
    pub first: IpAddr,
    /// The highest.
    pub last: IpAddr,
    /// Which way the peers come.
    pub audience: Audience,
    /// Whether it is surely so.
    pub certainty: Certainty,
    /// Whose replies come home.
    pub clients: Clients,
    /// The client ports that work, if `some`.
    pub client_ports: PortSet,
    /// The protocol; none: all that no rule on the way names.
    pub protocol: Option<Protocol>,
    /// The ports, or ICMP types and codes; all of protocols without.
    pub ports: PortRange,
    /// Who.
    pub peers: IpSet,
}

impl WhatIf {
    /// Judges a network: who can reach its interfaces (`Ingress`), or whom these
    /// can reach (`Egress`).
    #[must_use]
    pub fn of(network: Network, direction: Direction) -> Self {
        let world = World::of(&network);
        let states = parallel::each(
            parallel::all_cores(),
            network.components.ids().collect(),
            |&id| network.components[id].interfaces.len(),
            |id| State::of(&network, &world, id, direction),
        );
        let states = states.into_iter().collect();
        Self { network, world, direction, states }
    }

    /// The network as it is now, with all edits.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Makes an edit and judges anew what it touches. What the source lacks stays
    /// what it was: limitations and assumptions of the network are not edited.
    ///
    /// # Errors
    ///
    /// If the edit names something that the component does not hold; then
    /// nothing is changed.
    pub fn edit(&mut self, component: ComponentId, edit: Edit) -> Result<Edited, EditError> {
        let facts = self.network.components.find(component).ok_or(EditError::NoSuchComponent)?;
        edit.check(facts)?;
        let Self { network, world, states, direction } = self;
        let state = &mut states[component];
        // The engine lets go of the component, so that it is edited in place.
        state.release();
        let facts = std::sync::Arc::make_mut(&mut network.components[component]);
        let (before, touches) = edit.apply(facts);
        let changed = state.update(network, world, *direction, &touches);
        Ok(Edited { before, changed })
    }

    /// What an interface has open, in order.
    #[must_use]
    pub fn open(&self, component: ComponentId, interface: NetworkInterfaceId) -> Vec<Open> {
        self.states.find(component).map(|state| state.open(interface)).unwrap_or_default()
    }
}
