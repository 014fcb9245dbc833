//! The far sides of findings, each read once: the findings of a large estate share a few
//! long lists, and reading one takes longer than anything else that is done with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Context, fingerprint};
use crate::net::{Cidr, IpSet};
use crate::record::{Blocks, sources_left_out};

/// What a list is called: see [`Blocks::called`].
pub(super) type Name = (usize, usize, usize);

/// Lists that were asked about, on any thread.
#[derive(Default)]
pub(super) struct FarSides {
    known: Mutex<BTreeMap<Name, Arc<FarSide>>>,
}

/// A list, and what was found of it.
pub(super) struct FarSide {
    /// It is kept, so that no other list gets its name.
    sources: Blocks,
    set: OnceLock<IpSet>,
    printed: OnceLock<Vec<u8>>,
    left_out: OnceLock<u64>,
    sides: OnceLock<[Side; 2]>,
}

/// What is of one family in a list.
pub(super) struct Side {
    /// Whether anything is.
    pub(super) any: bool,
    /// All of it, as records list it, if that is everyone on the internet.
    pub(super) everyone: Option<Blocks>,
}

impl FarSides {
    pub(super) fn of(&self, sources: &Blocks) -> Arc<FarSide> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(FarSide::of(sources));
        Arc::clone(known.entry(sources.called()).or_insert_with(new))
    }

    /// Forgets all lists, when what comes next asks for others.
    pub(super) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl FarSide {
    fn of(sources: &Blocks) -> Self {
        Self {
            sources: sources.clone(),
            set: OnceLock::new(),
            printed: OnceLock::new(),
            left_out: OnceLock::new(),
            sides: OnceLock::new(),
        }
    }

    /// Its addresses.
    pub(super) fn set(&self) -> &IpSet {
        self.set.get_or_init(|| {
            self.sources.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0)).collect()
        })
    }

    /// As a fingerprint takes it.
    pub(super) fn printed(&self) -> &[u8] {
        self.printed.get_or_init(|| fingerprint::far_side(&self.sources))
    }

    /// Its IPv4 and its IPv6 addresses.
    pub(super) fn sides(&self, context: &Context<'_>) -> &[Side; 2] {
        self.sides.get_or_init(|| {
            let IpSet { v4, v6 } = self.set().clone();
            [IpSet { v4, ..IpSet::empty() }, IpSet { v6, ..IpSet::empty() }].map(|side| {
                let everyone = context.is_everyone(&side.intersection(&context.world.internet));
                Side { any: !side.is_empty(), everyone: everyone.then(|| context.blocks(&side)) }
            })
        })
    }

    /// How many blocks findings don't write.
    pub(super) fn left_out(&self) -> u64 {
        *self.left_out.get_or_init(|| sources_left_out(&self.sources))
    }
}
