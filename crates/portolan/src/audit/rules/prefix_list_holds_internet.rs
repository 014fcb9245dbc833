//! A prefix list that holds everyone, named by rules that let in.

use std::collections::BTreeMap;

use crate::audit::alone::inbound_rules;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::{Component, Peer, PrefixListId, SecurityGroupId};
use crate::net::{Cidr, IpSet};
use crate::record::{About, Breadth, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "prefix-list-holds-internet",
    title: "A prefix list lets the whole internet in",
    why: "Rules that name the list look narrow, and each of them lets everyone in: an entry of the \
          list is `0.0.0.0/0`, or its entries add up to everyone. The list is edited elsewhere, \
          often by another team or account, and every rule that names it follows.\n\n\
          It is medium if a port is open to everyone by it, and low if nothing is yet.",
    fix: "Take the entry out of the list. What is meant for everyone gets a rule that says so.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    for component in context.network.components.iter() {
        let named = naming(component);
        for (list, rules) in named {
            let facts = &component.prefix_lists[list];
            let all: IpSet = facts.entries.iter().flat_map(|it| it.iter().copied()).collect();
            let public = all.intersection(&context.world.internet);
            if !context.is_everyone(&public) {
                continue;
            }
            let id = context.network.text(facts.id).to_owned();
            let mut about = About {
                kind: "prefix-list".to_owned(),
                id: id.clone(),
                name: context.network.text(facts.name).to_owned(),
                ..About::default()
            };
            context.stands(&mut about, facts.place);
            let mut finding = context.finding(rule, &about);
            let entries = facts.entries.iter().flat_map(|it| it.iter());
            let wide = entries
                .filter(|&&entry| {
                    context
                        .is_everyone(&IpSet::from_cidr(entry).intersection(&context.world.internet))
                })
                .map(Cidr::to_string);
            let wide: Vec<String> = wide.collect();
            let (wide, more) = wide.split_at(wide.len().min(3));
            let mut what = wide.join(", ");
            if wide.is_empty() {
                "together".clone_into(&mut what);
            }
            if !more.is_empty() {
                what = format!("{what} and {} more", more.len());
            }
            finding.title = format!(
                "The prefix list {} holds everyone on the internet ({what}), and {} {} it",
                called(&about),
                rules.len(),
                if rules.len() == 1 { "inbound rule names" } else { "inbound rules name" },
            );
            finding.severity = match opens(context, component, &rules, reached) {
                true => rule.severity,
                false => Severity::Low,
            };
            finding.breadth = Some(Breadth::Everyone);
            finding.sources = context.blocks(&public);
            finding.because = rules
                .iter()
                .map(|&(group, number)| context.cause_of_rule(component, group, number))
                .collect();
            // A list may be named in several components: one finding, the worst.
            match found.get_mut(&id) {
                Some(known) => {
                    known.severity = known.severity.max(finding.severity);
                    known.because.extend(finding.because);
                }
                None => drop(found.insert(id, finding)),
            }
        }
    }
    found.into_values().collect()
}

/// The inbound rules that name each list.
fn naming(component: &Component) -> BTreeMap<PrefixListId, Vec<(SecurityGroupId, usize)>> {
    let mut named: BTreeMap<PrefixListId, Vec<_>> = BTreeMap::new();
    let groups: Vec<SecurityGroupId> = component.security_groups.ids().collect();
    for (group, number, rule) in inbound_rules(component, &groups) {
        if let Peer::PrefixList(list) = rule.peer {
            named.entry(list).or_default().push((group, number));
        }
    }
    named
}

/// Whether everyone reaches what one of the rules opens, where it is worn.
fn opens(
    context: &Context<'_>,
    component: &Component,
    rules: &[(SecurityGroupId, usize)],
    reached: &Reached,
) -> bool {
    component.interfaces.iter().filter(|interface| interface.seen()).any(|interface| {
        let worn = &component.group_sets[interface.group_set()];
        let mut mine = rules.iter().filter(|(group, _)| worn.contains(group)).peekable();
        if mine.peek().is_none() {
            return false;
        }
        let open = reached.at(context.network.text(interface.id()));
        mine.any(|&(group, number)| {
            let rule = component.security_groups[group].rules.get(number);
            rule.is_some_and(|rule| open.iter().any(|open| open.meets_rule(rule.traffic)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_code, of_code, web};

    #[test]
    fn an_entry_for_everyone_is_found() {
        let text = web("list pl 203.0.113.0/24 0.0.0.0/0
             group g v1 in tcp/22 list:pl; in tcp/23 list:pl");
        check_code(&text, RULE.code, "medium prefix-list-holds-internet pl");
        assert_eq!(
            of_code(&text, RULE.code)[0].title,
            "The prefix list pl holds everyone on the internet (0.0.0.0/0), \
             and 2 inbound rules name it"
        );
    }

    #[test]
    fn a_list_that_opens_nothing_is_low_and_a_narrow_one_is_none() {
        check_code(
            &web("list pl ::/1 8000::/1\ngroup g v1\ngroup h v1 in tcp/22 list:pl"),
            RULE.code,
            "low prefix-list-holds-internet pl",
        );
        check_code(
            &web(
                "list pl 203.0.113.0/24 10.0.0.0/8\ngroup g v1 in tcp/22 list:pl; out all list:pl",
            ),
            RULE.code,
            "",
        );
    }
}
