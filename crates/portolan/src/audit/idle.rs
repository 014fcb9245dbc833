//! What would be open if what stands still were in use.
//!
//! A stopped host and a detached interface have no open ports. Their groups,
//! ACLs and routes are there all the same, so they are judged in a copy of the
//! network in which every stopped host runs and every interface is attached.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Context;
use super::reached::{At, Exposed, Reached};
use super::rule::Check;
use super::rules::RULES;
use crate::model::{
    Attachment, Component, ComponentId, InstanceState, Interface, InterfaceKind, NetworkInterfaceId,
};
use crate::reach::exposure::{PortsOptions, SourcesMode, ports};
use crate::record::{Audience, Finding, Port};

/// Findings about what stands still; what it would open is noted in `reached`.
pub(super) fn findings(context: &Context<'_>, reached: &mut Reached) -> Vec<Finding> {
    let idle = idle(context);
    if idle.is_empty() {
        return Vec::new();
    }
    let mut network = context.network.clone();
    let components: BTreeSet<ComponentId> = idle.iter().map(|&(component, _)| component).collect();
    for id in components {
        let component = Arc::make_mut(&mut network.components[id]);
        for instance in component.instances.iter_mut() {
            if instance.state == InstanceState::Stopped {
                instance.state = InstanceState::Running;
            }
        }
        for &(_, interface) in idle.range((id, first())..).take_while(|(of, _)| *of == id) {
            component.interfaces.attach(interface);
        }
    }
    let options = PortsOptions {
        to: Some(idle),
        audiences: Some(BTreeSet::from([Audience::Internet])),
        sources: SourcesMode::Rules,
        ..PortsOptions::default()
    };
    let mut found = Vec::new();
    let judge = |records: Vec<Port>| {
        let exposed: Vec<Exposed<'_>> =
            records.iter().map(Exposed::of).filter(Exposed::everyone).collect();
        let mut found = Vec::new();
        for rule in RULES {
            if let Check::Idle(check) = rule.check {
                found.extend(check(context, rule, &exposed));
            }
        }
        let idle = exposed.iter().map(|it| it.traffic).collect();
        let interface = records.first().map_or_else(String::new, |it| it.interface.clone());
        (interface, At { idle, ..At::default() }, found)
    };
    ports(&network, context.locate, &options, &judge, &mut |(interface, at, findings)| {
        reached.add(&interface, at);
        found.extend(findings);
    });
    found
}

/// The interfaces of hosts behind which surely nothing is.
fn idle(context: &Context<'_>) -> BTreeSet<(ComponentId, NetworkInterfaceId)> {
    let mut idle = BTreeSet::new();
    for (id, component) in context.network.components.entries() {
        let still = component.interfaces.iter().filter(|&it| stands_still(component, it));
        idle.extend(still.map(|interface| (id, interface.index())));
    }
    idle
}

/// Whether an interface is a host's, and surely nothing is behind it.
pub(super) fn stands_still(component: &Component, interface: Interface<'_>) -> bool {
    let host = interface.seen() && !interface.contested();
    host && interface.kind() == InterfaceKind::Host
        && (interface.attachment() == Attachment::Detached || stopped(component, interface))
}

/// Whether an interface's host is stopped.
pub(super) fn stopped(component: &Component, interface: Interface<'_>) -> bool {
    let state = interface.instance().map(|id| component.instances[id].state);
    state == Some(InstanceState::Stopped)
}

fn first() -> NetworkInterfaceId {
    crate::model::Id::from_index(0)
}
