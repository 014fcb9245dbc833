//! How coarse a chart is: plans from the finest to the coarsest, of which the first
//! that fits is drawn.

use std::collections::BTreeSet;

use super::classes::Classes;
use super::seen::Facts;
use super::{ClassId, MARKS};
use crate::model::{ComponentId, NetworkInterfaceId};
use crate::record::chart::Level;

/// All levels, the finest first.
const LEVELS: [Level; 5] =
    [Level::Class, Level::Tier, Level::Region, Level::Account, Level::Estate];

/// How coarse what is drawn is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Plan {
    /// What the chart is about.
    pub(super) focus: Level,
    /// What reaches that, or is reached from it.
    pub(super) near: Level,
    /// All else.
    pub(super) rest: Level,
}

impl Plan {
    /// A handful of boxes: always fits.
    pub(super) const COARSEST: Self =
        Self { focus: Level::Estate, near: Level::Estate, rest: Level::Estate };
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
    pub(super) fn level(self, focus: Option<&Focus>, class: ClassId) -> Level {
        match focus {
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
        let same = |level| Plan { focus: level, near: level, rest: level };
        return LEVELS.into_iter().filter(fits).map(same).collect();
    }
    // What the chart is not about is drawn coarsely first.
    let coarser = || LEVELS.into_iter().skip(1);
    let rest = coarser().map(|rest| Plan { focus: Level::Class, near: Level::Class, rest });
    let near = coarser().map(|near| Plan { focus: Level::Class, near, rest: Level::Estate });
    let all = coarser().map(|focus| Plan { focus, near: Level::Estate, rest: Level::Estate });
    rest.chain(near).chain(all).collect()
}
