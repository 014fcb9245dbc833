//! How coarse a chart is: plans from the finest to the coarsest, of which the first
//! that fits is drawn.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::classes::Classes;
use super::outside::Outside;
use super::seen::Facts;
use super::{ClassId, MARKS, TerritoryId};
use crate::model::{ComponentId, NetworkInterfaceId};
use crate::record::chart::Level;

/// All levels, the finest first.
const LEVELS: [Level; 5] =
    [Level::Class, Level::Tier, Level::Region, Level::Account, Level::Estate];

/// How coarse what is drawn is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Plan {
    /// What the chart is about.
    pub(super) focus: Level,
    /// What reaches that, or is reached from it.
    pub(super) near: Level,
    /// All else.
    pub(super) rest: Level,
    /// VPCs that are drawn by their tiers although all else is coarser.
    pub(super) apart: BTreeSet<TerritoryId>,
}

impl Plan {
    /// A handful of boxes: always fits.
    pub(super) const COARSEST: Self = Self::of(Level::Estate, Level::Estate, Level::Estate);

    const fn of(focus: Level, near: Level, rest: Level) -> Self {
        Self { focus, near, rest, apart: BTreeSet::new() }
    }

    /// Some VPCs by their tiers, and all others together.
    pub(super) fn apart(some: &[TerritoryId]) -> Self {
        Self { apart: some.iter().copied().collect(), ..Self::COARSEST }
    }
}

/// What a chart is about.
pub(super) struct Focus {
    /// The classes of what was asked for.
    pub(super) classes: BTreeSet<ClassId>,
    /// Those that reach them, or are reached from them.
    near: BTreeSet<ClassId>,
}

impl Focus {
    pub(super) fn of(
        focus: &BTreeSet<(ComponentId, NetworkInterfaceId)>,
        classes: &Classes,
        facts: &Facts,
    ) -> Self {
        let found = focus.iter().filter_map(|&(component, it)| classes.class(component, it));
        let found: BTreeSet<ClassId> = found.collect();
        let mut near = BTreeSet::new();
        for fact in &facts.seen {
            let Some(crowd) = fact.crowd else { continue };
            let senders = &facts.crowds[crowd].classes;
            if found.contains(&fact.record.to) {
                near.extend(senders.iter().map(|&(class, _)| class));
            } else if senders.iter().any(|(class, _)| found.contains(class)) {
                near.insert(fact.record.to);
            }
        }
        Self { classes: found, near }
    }
}

impl Plan {
    /// How coarse a class is drawn.
    pub(super) fn level(
        &self,
        focus: Option<&Focus>,
        class: ClassId,
        territory: TerritoryId,
    ) -> Level {
        match focus {
            None if self.apart.contains(&territory) => Level::Tier,
            Some(focus) if focus.classes.contains(&class) => self.focus,
            Some(focus) if focus.near.contains(&class) => self.near,
            Some(_) | None => self.rest,
        }
    }
}

/// The plans that may fit, the finest first.
pub(super) fn plans(classes: &Classes, focus: Option<&Focus>) -> Vec<Plan> {
    let fits = |level: &Level| *level != Level::Class || classes.all.len() <= MARKS;
    if focus.is_none() {
        let same = |level| Plan::of(level, level, level);
        return LEVELS.into_iter().filter(fits).map(same).collect();
    }
    // What the chart is not about is drawn coarsely first.
    let coarser = || LEVELS.into_iter().skip(1);
    let rest = coarser().map(|rest| Plan::of(Level::Class, Level::Class, rest));
    let near = coarser().map(|near| Plan::of(Level::Class, near, Level::Estate));
    let all = coarser().map(|focus| Plan::of(focus, Level::Estate, Level::Estate));
    rest.chain(near).chain(all).collect()
}

/// All VPCs with anything in them: those in which everyone reaches the most classes first,
/// then the largest.
pub(super) fn ranked(classes: &Classes, facts: &Facts) -> Vec<TerritoryId> {
    let mut open: BTreeMap<TerritoryId, BTreeSet<ClassId>> = BTreeMap::new();
    for fact in &facts.seen {
        if fact.outside.iter().any(|&one| facts.outside[one] == Outside::Everyone) {
            let territory = classes.all[fact.record.to].territory;
            open.entry(territory).or_default().insert(fact.record.to);
        }
    }
    let inhabited = classes.territories.entries().filter(|(_, it)| !it.classes.is_empty());
    let mut ranked: Vec<(Reverse<(usize, usize)>, TerritoryId)> = inhabited
        .map(|(id, territory)| {
            let members = territory.classes.iter().map(|&it| classes.all[it].members.len()).sum();
            (Reverse((open.get(&id).map_or(0, BTreeSet::len), members)), id)
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, id)| id).collect()
}
