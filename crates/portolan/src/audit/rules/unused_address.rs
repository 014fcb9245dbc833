//! An Elastic IP address that leads nowhere.

use std::net::Ipv4Addr;

use crate::audit::idle::stands_still;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::Attachment;
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "unused-address",
    title: "An Elastic IP address leads nowhere",
    why: "It costs money, and rules and DNS names that still speak of it wait for whoever gets \
          it next, in this account or, once it is released, in another. One whose interface is \
          attached to nothing leads nowhere too.",
    fix: "Remove what names it (rules, DNS, allow-lists of partners), then release it.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let network = context.network;
    let found = network.unassociated_addresses().map(|address| {
        let public = Ipv4Addr::from_bits(address.public);
        let allocation = network.text(address.allocation);
        let mut about = About {
            kind: "address".to_owned(),
            id: if allocation.is_empty() { public.to_string() } else { allocation.to_owned() },
            name: public.to_string(),
            account: network.text(address.account).to_owned(),
            region: network.text(address.region).to_owned(),
            ..About::default()
        };
        context.stands(&mut about, address.place);
        let mut finding = context.finding(rule, &about);
        finding.attached = false;
        finding.title = format!("the Elastic IP address {public} leads nowhere");
        finding
    });
    found.chain(detached(context, rule)).collect()
}

/// Addresses of interfaces that are attached to nothing.
fn detached<'a>(context: &'a Context<'_>, rule: &'a Rule) -> impl Iterator<Item = Finding> + 'a {
    context.network.components.entries().flat_map(move |(id, component)| {
        let detached = component.interfaces.iter().filter(|interface| {
            stands_still(component, *interface) && interface.attachment() == Attachment::Detached
        });
        detached.filter_map(move |interface| {
            let public = interface.ipv4().iter().find_map(|held| held.public)?;
            let mut finding =
                context.finding(rule, &context.about_interface(id, interface.index()));
            finding.attached = false;
            finding.title = format!(
                "the Elastic IP address {} leads to {}, which is attached to nothing",
                Ipv4Addr::from_bits(public),
                called(&finding.about),
            );
            Some(finding)
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::check_all;

    #[test]
    fn an_address_that_nothing_uses_is_found() {
        check_all(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24
             interface a s 10.0.1.10 public=198.51.100.7
             address 198.51.100.7 holder=a private=10.0.1.10
             interface b s 10.0.1.11 public=198.51.100.9 detached
             interface c s 10.0.1.12 detached
             address 198.51.100.8 allocation=eipalloc-8",
            "unused-address",
            "low unused-address b unattached: the Elastic IP address 198.51.100.9 leads to b, which is attached to nothing
             low unused-address eipalloc-8 unattached: the Elastic IP address 198.51.100.8 leads nowhere",
        );
    }
}
