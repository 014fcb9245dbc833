//! The steps from a plan to a lab.

use std::io;

use super::netlink::{self, Request};
use super::{LabError, Namespace, Rights, nft};
use crate::plan::{Plan, Space, SpaceId};

/// A lab that stands: its namespaces, in the order of the plan's.
///
/// Dropping it takes it down.
#[derive(Debug)]
pub struct Lab {
    spaces: Vec<Namespace>,
}

impl Lab {
    /// Builds a plan. [`become_root`](super::become_root) gives the rights.
    ///
    /// # Errors
    ///
    /// The machine does not do what the plan needs; nothing of it remains.
    pub fn build(plan: &Plan, rights: Rights) -> Result<Self, LabError> {
        let nft = nft::program()?;
        let lab = Self { spaces: namespaces(&plan.spaces)? };
        std::thread::scope(|scope| {
            // Rulesets name devices and need none, so both is done at once.
            let rulesets = scope.spawn(|| lab.rulesets(plan, rights, nft));
            let built = lab.links(plan).and_then(|()| lab.inside(plan));
            let loaded = rulesets.join().unwrap_or(Err(LabError::Worker));
            built.and(loaded)
        })?;
        Ok(lab)
    }

    /// One of the namespaces.
    #[must_use]
    pub fn space(&self, id: SpaceId) -> Option<&Namespace> {
        self.spaces.get(id)
    }

    fn links(&self, plan: &Plan) -> Result<(), LabError> {
        for (number, space) in self.spaces.iter().enumerate() {
            let near = plan.links.iter().filter(|link| link.near.space == number);
            let requests: Vec<Request> = near
                .filter_map(|link| {
                    Some(netlink::link(link, self.spaces.get(link.far.space)?.number()))
                })
                .collect();
            ask(space, requests)?;
        }
        Ok(())
    }

    fn inside(&self, plan: &Plan) -> Result<(), LabError> {
        for (number, (space, planned)) in self.spaces.iter().zip(&plan.spaces).enumerate() {
            let mut requests = vec![netlink::loopback()];
            let far = plan.links.iter().filter(|link| link.far.space == number);
            requests.extend(far.map(|link| netlink::up(link.far.index)));
            requests.extend(planned.addresses.iter().map(netlink::address));
            requests.extend(planned.routes.iter().map(netlink::route));
            requests.extend(planned.rules.iter().flat_map(netlink::rule));
            ask(space, requests)?;
        }
        Ok(())
    }

    fn rulesets(&self, plan: &Plan, rights: Rights, nft: &str) -> Result<(), LabError> {
        for (space, planned) in self.spaces.iter().zip(&plan.spaces) {
            if !planned.ruleset.is_empty() {
                nft::load(nft, &planned.name, space, &planned.ruleset, rights)?;
            }
        }
        Ok(())
    }
}

fn ask(space: &Namespace, requests: Vec<Request>) -> Result<(), LabError> {
    space.netlink().ask(requests).map_err(|(what, error)| LabError::Kernel { what, error })
}

/// Threads that make namespaces: the kernel makes several at a time.
const MAKERS: usize = 2;

/// Makes all namespaces, on threads that end in the last of theirs.
fn namespaces(planned: &[Space]) -> Result<Vec<Namespace>, LabError> {
    let make = |some: &[Space]| -> io::Result<Vec<Namespace>> {
        some.iter().map(|space| Namespace::make(space.forwards, space.holds_blocks)).collect()
    };
    std::thread::scope(|scope| {
        let share = planned.len().div_ceil(MAKERS).max(1);
        let makers: Vec<_> =
            planned.chunks(share).map(|some| scope.spawn(move || make(some))).collect();
        let mut spaces = Vec::with_capacity(planned.len());
        for maker in makers {
            let made = maker.join().map_err(|_| LabError::Worker)?;
            spaces.extend(made.map_err(LabError::kernel("network namespaces"))?);
        }
        Ok(spaces)
    })
}
